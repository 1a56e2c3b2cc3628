"""Which boxes vanished and which appeared between two sets of detections of one frame."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.core.boxes import Boxes
from viewer.core.overlap import pairwise_iou

SAME_IOU = 0.5
"""Boxes of one class that overlap at least this much are the same object."""


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """What became of detections.

    Attributes:
        gone: (n,) rows of those before that have no match after, best score first.
        new: (m,) rows of those after that have no match before, best score first.
    """

    gone: NDArray[np.intp]
    new: NDArray[np.intp]


def difference(before: Boxes, after: Boxes, *, iou: float = SAME_IOU) -> Difference:
    """Match boxes of one class by their overlap, the pair that overlaps most first, each box once.

    Args:
        before: Detections, in source pixels.
        after: Detections of the same frame.
        iou: Least intersection over union of a match.
    """
    overlap = pairwise_iou(before.xyxy, after.xyxy)
    overlap[before.labels[:, None] != after.labels[None]] = 0.0
    matched_before, matched_after = np.zeros(len(before), np.bool_), np.zeros(len(after), np.bool_)
    rows, columns = np.nonzero((overlap >= iou) & (overlap > 0))
    for place in np.argsort(-overlap[rows, columns], kind="stable"):
        row, column = rows[place], columns[place]
        if not matched_before[row] and not matched_after[column]:
            matched_before[row] = matched_after[column] = True
    return Difference(np.flatnonzero(~matched_before), np.flatnonzero(~matched_after))
