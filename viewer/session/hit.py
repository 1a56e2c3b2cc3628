"""Which box lies under a point of the picture: what a click or the pointer on it means."""

from math import hypot

from viewer.render.plan import BoxPlan, Point, RenderPlan

_NEARLY_EQUAL = 0.05
"""Scores that far apart say nothing about which box is meant; the smaller one is harder to meet."""

_SMALL_REACHES = 4
"""A box is small whose shorter side is no longer than that many times the reach of a hand."""


def boxes_at(plan: RenderPlan, point: Point, slack_px: float = 0.0, reach_px: float = 0.0) -> tuple[BoxPlan, ...]:
    """The boxes around a point, the one that is meant first: detections before candidates, then the best score.

    Under the threshold an object has dozens of candidates over each other, and of these the best is the one that tells
    why it was missed. Of nearly equal scores the smallest box comes first, for a large one covers all before it.

    Args:
        plan: What is drawn.
        point: In source pixels.
        slack_px: How far beside a box still counts, in source pixels: small boxes are hard to meet.
        reach_px: How far beside a small box counts where nothing else is meant, in source pixels; of several the
            nearest one. Large boxes have none of it, or there would be no ground left to click on beside them.
    """
    around = ([box for box in boxes if _contains(box, point, slack_px)] for boxes in (plan.boxes, plan.under))
    met = tuple(box for boxes in around for box in _ranked(boxes))
    return met or _within_reach((*plan.boxes, *plan.under), point, reach_px)


def _within_reach(boxes: tuple[BoxPlan, ...], point: Point, reach_px: float) -> tuple[BoxPlan, ...]:
    small = (box for box in boxes if min(box.size_px) <= _SMALL_REACHES * reach_px)
    near = min(small, key=lambda box: _distance(box, point), default=None)
    return (near,) if near is not None and _distance(near, point) <= reach_px else ()


def _distance(box: BoxPlan, point: Point) -> float:
    (x, y), (left, top, right, bottom) = point, box.xyxy
    return hypot(max(left - x, 0.0, x - right), max(top - y, 0.0, y - bottom))


def box_after(boxes: tuple[BoxPlan, ...], chosen: BoxPlan | None) -> BoxPlan | None:
    """What another click at the same place means: the box after the chosen one, round the end; else the first."""
    places = [place for place, box in enumerate(boxes) if box.is_same(chosen)]
    return boxes[((places[0] if places else -1) + 1) % len(boxes)] if boxes else None


def _ranked(boxes: list[BoxPlan]) -> list[BoxPlan]:
    rest: list[BoxPlan] = boxes
    ranked: list[BoxPlan] = []
    while rest:
        best = max(box.score for box in rest)
        ranked.append(min((box for box in rest if box.score >= best - _NEARLY_EQUAL), key=_area))
        rest = [box for box in rest if box is not ranked[-1]]
    return ranked


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
