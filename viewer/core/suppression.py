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


def suppress(candidates: Boxes, thresholds: Thresholds, method: Suppression) -> Boxes:
    """Choose detections among candidates.

    Args:
        candidates: Best score first.
        thresholds: Limits to apply.
        method: Greedy suppression per class for dense heads, the same with the probabilistic IoU of oriented boxes,
            or none for heads trained one-to-one.

    Returns:
        Detections, best score first, at most `thresholds.max_det`.
    """
    keep = candidates.scores > thresholds.conf
    if thresholds.classes is not None:
        keep &= np.isin(candidates.labels, list(thresholds.classes))
    chosen = candidates.take(keep)
    if method is Suppression.GREEDY:
        chosen = chosen.take(_greedy(chosen, thresholds.iou))
    elif method is Suppression.ROTATED and chosen.xywhr is not None:
        chosen = chosen.take(_rotated(chosen.xywhr, chosen.labels, thresholds.iou))
    return chosen.take(np.arange(min(len(chosen), thresholds.max_det)))


def iou_matrix(a_xyxy: NDArray[np.float32], b_xyxy: NDArray[np.float32]) -> NDArray[np.float32]:
    """Intersection over union of every box of `a` with every box of `b`.

    Args:
        a_xyxy: (N, 4) float32 boxes.
        b_xyxy: (M, 4) float32 boxes in the same space.

    Returns:
        (N, M) float32 in 0..1; 0 where both boxes are empty.
    """
    left_top = np.maximum(a_xyxy[:, None, :2], b_xyxy[None, :, :2])
    right_bottom = np.minimum(a_xyxy[:, None, 2:], b_xyxy[None, :, 2:])
    sides = (right_bottom - left_top).clip(0)
    overlap = sides[..., 0] * sides[..., 1]
    union = _area(a_xyxy)[:, None] + _area(b_xyxy)[None] - overlap
    return np.divide(overlap, union, out=np.zeros_like(overlap), where=union > 0)


def _area(xyxy: NDArray[np.float32]) -> NDArray[np.float32]:
    return (xyxy[:, 2] - xyxy[:, 0]) * (xyxy[:, 3] - xyxy[:, 1])


def _greedy(boxes: Boxes, iou: float) -> list[int]:
    kept: list[int] = []
    for label in np.unique(boxes.labels):
        rows = np.flatnonzero(boxes.labels == label)
        xyxy = boxes.xyxy[rows]
        alive = np.ones(len(rows), bool)
        for position, row in enumerate(rows):
            if alive[position]:
                kept.append(int(row))
                rest = slice(position + 1, None)
                alive[rest] &= iou_matrix(xyxy[position : position + 1], xyxy[rest])[0] <= iou
    return sorted(kept)


def _rotated(xywhr: NDArray[np.float32], labels: NDArray[np.int32], iou: float) -> NDArray[np.intp]:
    """Keep a box unless a better one of its class overlaps it (fast NMS: a suppressed box still suppresses)."""
    overlap = probabilistic_iou(xywhr)
    better = np.triu(overlap >= iou, k=1) & (labels[:, None] == labels[None])
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
