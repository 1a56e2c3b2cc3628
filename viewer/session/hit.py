"""Which box lies under a point of the picture: what a click or the pointer on it means."""

from viewer.render.plan import BoxPlan, Point, RenderPlan


def box_at(plan: RenderPlan, point: Point, slack_px: float = 0.0) -> BoxPlan | None:
    """The smallest box around a point, a detection before a candidate under the threshold.

    The smallest, because a large box would cover all that stand before it; so each can be reached.

    Args:
        plan: What is drawn.
        point: In source pixels.
        slack_px: How far beside a box still counts, in source pixels: small boxes are hard to meet.
    """
    for boxes in (plan.boxes, plan.under):
        around = [box for box in boxes if _contains(box, point, slack_px)]
        if around:
            return min(around, key=_area)
    return None


def _contains(box: BoxPlan, point: Point, slack_px: float) -> bool:
    x, y = point
    left, top, right, bottom = box.xyxy
    if not (left - slack_px <= x <= right + slack_px and top - slack_px <= y <= bottom + slack_px):
        return False
    if box.corners is None:
        return True
    sides = zip(box.corners, box.corners[1:] + box.corners[:1], strict=True)
    turns = [(bx - ax) * (y - ay) - (by - ay) * (x - ax) for (ax, ay), (bx, by) in sides]
    return min(turns) >= 0 or max(turns) <= 0


def _area(box: BoxPlan) -> float:
    left, top, right, bottom = box.xyxy
    return (right - left) * (bottom - top)
