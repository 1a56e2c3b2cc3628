"""Which candidate is meant by a place that was pointed at: one rule for what is told of it and for what explains it."""

import numpy as np
from numpy.typing import NDArray

from viewer.core.boxes import Boxes
from viewer.core.overlap import pairwise_iou
from viewer.core.region import Region


def best_rows(region: Region, boxes: Boxes) -> NDArray[np.intp]:
    """The best candidate of each class and level that lies in a region.

    Args:
        region: The place, in source pixels.
        boxes: Candidates in source pixels, best score first.

    Returns:
        (N,) rows, best score first.
    """
    there = np.flatnonzero(region.holds(boxes.xyxy))
    pairs = np.stack([boxes.labels[there], boxes.strides[there]], 1)
    first = np.sort(np.unique(pairs, axis=0, return_index=True)[1])
    return there[first]


def pointed_at(region: Region, boxes: Boxes, wanted: tuple[int, int] | None = None) -> int | None:
    """The candidate that is meant: the wanted one, else the best of its class, else what fits the place best.

    What fits best is the best score, weighed by how far the box is what was pointed at. Who draws a rectangle around a
    car does not mean the person in front of it, and who clicks on a cyclist does not mean the truck behind, whose box
    has the point at its edge.

    Args:
        region: The place, in source pixels.
        boxes: What lies there, one a class and level, best score first.
        wanted: Class number and stride of the one that the user picked.

    Returns:
        Its row; None where there is none.
    """
    if not len(boxes):
        return None
    if wanted is not None:
        label, stride = wanted
        of_class = boxes.labels == label
        for fits in (of_class & (boxes.strides == stride), of_class):
            if fits.any():
                return int(fits.argmax())
    place = np.array([region.xyxy], np.float32)
    fit = _middleness(boxes.xyxy, region) if region.is_point else pairwise_iou(place, boxes.xyxy)[0]
    return int((boxes.scores * fit).argmax())


def share_covered(region: Region, xyxy: NDArray[np.float32]) -> float:
    """The share of a rectangle's area, 0..1, that a box (4,) covers."""
    left, top, right, bottom = region.xyxy
    width = min(right, float(xyxy[2])) - max(left, float(xyxy[0]))
    height = min(bottom, float(xyxy[3])) - max(top, float(xyxy[1]))
    return max(0.0, width) * max(0.0, height) / max((right - left) * (bottom - top), 1e-6)


def _middleness(xyxy: NDArray[np.float32], region: Region) -> NDArray[np.float32]:
    """How far in the middle of each of (N, 4) boxes a point lies: 1 there, 0 at an edge."""
    point = np.array(region.xyxy[:2], np.float32)
    begin, end = xyxy[:, :2], xyxy[:, 2:]
    nearest = np.minimum(point - begin, end - point)
    return (2 * nearest / np.maximum(end - begin, 1e-6)).min(axis=1).clip(0, 1)
