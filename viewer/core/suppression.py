"""Thresholds and non-maximum suppression on the host, over the few candidates a frame brings down.

It runs on numpy alone so that the window can move a threshold over kept candidates without the network, and without
torch.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from viewer.core.boxes import Boxes

_BLOCK = 64


class Suppression(StrEnum):
    """What a head still needs after its scores."""

    GREEDY = "greedy"
    ROTATED = "rotated"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What turns candidates into detections.

    Attributes:
        conf: Least score, 0..1; a score equal to it is left out, as ultralytics does.
        iou: Boxes of one class that overlap more than this are one object, 0..1.
        max_det: Most detections a frame.
        classes: Class numbers to keep; None keeps all.
    """

    conf: float = 0.25
    iou: float = 0.7
    max_det: int = 300
    classes: frozenset[int] | None = None


def suppress(
    candidates: Boxes, thresholds: Thresholds, method: Suppression, *, image_hw: tuple[int, int] | None = None
) -> Boxes:
    """Choose detections among candidates.

    Overlap is that of whole boxes: what lies outside the picture counts too, as it does in ultralytics' own
    suppression (ultralytics/utils/nms.py, 8.4). So its candidates come unclipped and only the detections are clipped;
    adapters of frameworks that clip first do the same.

    Args:
        candidates: Best score first.
        thresholds: Limits to apply.
        method: Greedy suppression per class for dense heads, the same with the probabilistic IoU of oriented boxes,
            or none for heads trained one-to-one.
        image_hw: Height and width of the picture in pixels, to which `xyxy` is clipped; None leaves it as it is.

    Returns:
        Detections, best score first, at most `thresholds.max_det`.
    """
    chosen = candidates.take(kept_rows(candidates, thresholds, method, image_hw=image_hw))
    return chosen if image_hw is None else chosen.clipped(image_hw)


def kept_rows(
    candidates: Boxes, thresholds: Thresholds, method: Suppression, *, image_hw: tuple[int, int] | None = None
) -> NDArray[np.intp]:
    """Which candidates `suppress` makes detections, for whoever keeps more than a box by row.

    Args:
        candidates: Best score first.
        thresholds: Limits to apply.
        method: What the candidates still need.
        image_hw: Height and width of the picture in pixels; boxes that cover nothing of it, such as those in the
            letterbox's padding, are left out. None leaves none out.

    Returns:
        Rows of `candidates`, best score first, at most `thresholds.max_det`.
    """
    keep = candidates.scores > thresholds.conf
    if thresholds.classes is not None:
        keep &= np.isin(candidates.labels, list(thresholds.classes))
    rows = np.flatnonzero(keep)
    chosen = candidates.take(rows)
    if method is Suppression.GREEDY:
        rows = rows[_greedy(chosen, thresholds.iou, thresholds.max_det)]
    elif method is Suppression.ROTATED and chosen.xywhr is not None:
        rows = rows[_rotated(chosen.xywhr, chosen.labels, thresholds.iou)]
    if image_hw is not None:  # only now, since they suppress others as they do in ultralytics
        rows = rows[_covers_something(candidates.take(rows).clipped(image_hw).xyxy)]
    return rows[: thresholds.max_det]


def _covers_something(xyxy: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which of (N, 4) corners have an area."""
    left, top, right, bottom = xyxy.T
    return (right > left) & (bottom > top)


def _greedy(boxes: Boxes, iou: float, limit: int) -> NDArray[np.intp]:
    """Rows of the best boxes, leaving out what overlaps a better one of its class."""
    if not len(boxes):
        return np.zeros(0, np.intp)
    of_classes = [np.flatnonzero(boxes.labels == label) for label in np.unique(boxes.labels)]
    kept = [rows[_greedy_in_class(boxes.xyxy[rows], iou, limit)] for rows in of_classes]
    return np.sort(np.concatenate(kept))[:limit]


def _greedy_in_class(xyxy: NDArray[np.float32], iou: float, limit: int) -> list[int]:
    """The same among boxes of one class, best first.

    A block of boxes at a time is compared with itself, row by row, and what it keeps with all that follow, at once: a
    thousand boxes that overlap little take 1.1 ms, where comparing one box at a time took 6 and a whole matrix more.
    """
    sides = np.ascontiguousarray(xyxy.T)
    alive = np.ones(len(xyxy), np.bool_)
    kept: list[int] = []
    for start in range(0, len(xyxy), _BLOCK):
        stop = start + _BLOCK
        block = start + np.flatnonzero(alive[start:stop])
        clashing = clashes(sides[:, block], sides[:, block], iou)
        gone = np.zeros(len(block), np.bool_)
        chosen: list[int] = []
        for row in range(len(block)):
            if not gone[row]:
                chosen.append(int(block[row]))
                gone |= clashing[row]
        kept += chosen
        if len(kept) >= limit:
            break
        later = stop + np.flatnonzero(alive[stop:])
        if later.size and chosen:
            alive[later[clashes(sides[:, chosen], sides[:, later], iou).any(axis=0)]] = False
    return kept


def clashes(one: NDArray[np.float32], other: NDArray[np.float32], iou: float) -> NDArray[np.bool_]:
    """Which boxes overlap too much: (4, N) against (4, M) corners give (N, M).

    Without a division, whose rounding tells some at the very limit otherwise; who explains a suppression asks here.
    """
    overlap, union = shared_and_whole(one, other)
    return (overlap > 0) & (overlap > iou * union)


def shared_and_whole(
    one: NDArray[np.float32], other: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Intersection and union of boxes in square pixels: (4, N) against (4, M) corners give (N, M) each."""
    left, top, right, bottom = one[:, :, None]
    width = np.minimum(right, other[2]) - np.maximum(left, other[0])
    height = np.minimum(bottom, other[3]) - np.maximum(top, other[1])
    overlap = np.maximum(width, 0) * np.maximum(height, 0)
    union = (right - left) * (bottom - top) + (other[2] - other[0]) * (other[3] - other[1]) - overlap
    return overlap, union


def _rotated(xywhr: NDArray[np.float32], labels: NDArray[np.int32], iou: float) -> NDArray[np.intp]:
    """Keep a box unless a better one of its class overlaps it (fast NMS: a suppressed box still suppresses)."""
    overlap = probabilistic_iou(xywhr)
    better = np.triu(overlap > iou, k=1) & (labels[:, None] == labels[None])
    return np.flatnonzero(~better.any(axis=0))


def probabilistic_iou(xywhr: NDArray[np.float32], epsilon: float = 1e-7) -> NDArray[np.float32]:
    """Overlap of oriented boxes taken as Gaussians.

    Source: Llerena et al., "Gaussian Bounding Boxes and Probabilistic Intersection-over-Union for Object Detection",
    arXiv 2106.06072, equations 10 to 15 (Bhattacharyya coefficient, then one minus the Hellinger distance).

    Args:
        xywhr: (N, 5) float32 centre, size in pixels, rotation in radians.
        epsilon: Guards divisions and roots.

    Returns:
        (N, N) float32 in 0..1.
    """
    boxes = xywhr.astype(np.float64)
    x, y = boxes[:, 0], boxes[:, 1]
    along, across = boxes[:, 2] ** 2 / 12, boxes[:, 3] ** 2 / 12
    cos, sin = np.cos(boxes[:, 4]), np.sin(boxes[:, 4])
    a, b, c = along * cos**2 + across * sin**2, along * sin**2 + across * cos**2, (along - across) * cos * sin
    sum_a, sum_b, sum_c = (v[:, None] + v[None] for v in (a, b, c))
    dx, dy = x[None] - x[:, None], y[None] - y[:, None]
    determinant = sum_a * sum_b - sum_c**2
    t1 = (sum_a * dy**2 + sum_b * dx**2) / (determinant + epsilon) / 4
    t2 = sum_c * dx * -dy / (determinant + epsilon) / 2
    single = (a * b - c**2).clip(0)
    t3 = np.log(determinant / (4 * np.sqrt(single[:, None] * single[None]) + epsilon) + epsilon) / 2
    distance = (t1 + t2 + t3).clip(epsilon, 100)
    return (1 - np.sqrt(1 - np.exp(-distance) + epsilon)).astype(np.float32)
