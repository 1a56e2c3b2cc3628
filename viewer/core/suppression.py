"""Thresholds and non-maximum suppression on the host, over the few candidates a frame brings down.

It runs on numpy alone so that the window can move a threshold over kept candidates without the network, and without
torch.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from viewer.core.boxes import Boxes


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
    chosen = candidates.take(kept_rows(candidates, thresholds, method))
    return chosen if image_hw is None else chosen.clipped(image_hw)


def kept_rows(candidates: Boxes, thresholds: Thresholds, method: Suppression) -> NDArray[np.intp]:
    """Which candidates `suppress` makes detections, for whoever keeps more than a box by row.

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
    return rows[: thresholds.max_det]


def _greedy(boxes: Boxes, iou: float, limit: int) -> list[int]:
    """Rows of the best boxes, leaving out what overlaps a better one of its class.

    One row of overlaps at a time: a whole matrix costs seven times as much for a thousand candidates.
    """
    xyxy, labels = boxes.xyxy, boxes.labels
    area = (xyxy[:, 2] - xyxy[:, 0]) * (xyxy[:, 3] - xyxy[:, 1])
    rest = np.arange(len(boxes))
    kept: list[int] = []
    while rest.size and len(kept) < limit:
        best, rest = int(rest[0]), rest[1:]
        kept.append(best)
        others = xyxy[rest]
        sides = np.minimum(others[:, 2:], xyxy[best, 2:]) - np.maximum(others[:, :2], xyxy[best, :2])
        overlap = sides.clip(0).prod(axis=1)
        union = area[rest] + area[best] - overlap
        clashes = (overlap > 0) & (overlap > iou * union) & (labels[rest] == labels[best])
        rest = rest[~clashes]
    return kept


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
