"""Why a candidate is a detection, or is none.

It is told by the very suppression that chose, with the box that took its place and how far the two overlap.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from viewer.core.boxes import Boxes
from viewer.core.suppression import (
    Suppression,
    Thresholds,
    clashes,
    kept_rows,
    probabilistic_iou,
    shared_and_whole,
)


class Outcome(StrEnum):
    """What became of a candidate."""

    FOUND = "found"
    CLASS_OFF = "class off"
    UNDER = "under the threshold"
    SUPPRESSED = "suppressed"
    CUT_OFF = "cut off"
    OUTSIDE = "outside the picture"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of a candidate, and by which.

    Attributes:
        outcome: In a word.
        by: Row of the candidate that suppressed it; None where none did.
        place: Which detection that one is, 1 for the best; of a detection, which it is itself; 0 for what is none.
            Suppression of oriented boxes lets a box that is suppressed itself still suppress others.
        iou: How far the two overlap, 0..1, by the measure that suppression compares; 0 where none did.
    """

    outcome: Outcome
    by: int | None = None
    place: int = 0
    iou: float = 0.0


class Judge:
    """Tells what became of the candidates of one frame.

    Args:
        candidates: Best score first.
        thresholds: What chose the detections.
        method: The suppression that did.
        image_hw: Height and width of the picture in pixels.
    """

    def __init__(
        self, candidates: Boxes, thresholds: Thresholds, method: Suppression, image_hw: tuple[int, int]
    ) -> None:
        self._candidates, self._thresholds, self._method = candidates, thresholds, method
        found = kept_rows(candidates, thresholds, method, image_hw=image_hw)
        unlimited = replace(thresholds, max_det=max(1, len(candidates)))
        self._places = {int(row): place for place, row in enumerate(found, start=1)}
        self._kept = kept_rows(candidates, unlimited, method)
        self._seen = frozenset(kept_rows(candidates, unlimited, method, image_hw=image_hw).tolist())

    @property
    def detections(self) -> int:
        """How many there are."""
        return len(self._places)

    def of(self, row: int) -> Judgement:
        """What became of the candidate in this row."""
        thresholds = self._thresholds
        if row in self._places:
            return Judgement(Outcome.FOUND, place=self._places[row])
        if thresholds.classes is not None and int(self._candidates.labels[row]) not in thresholds.classes:
            return Judgement(Outcome.CLASS_OFF)
        if not self._candidates.scores[row] > thresholds.conf:  # in single precision, as suppression compares them
            return Judgement(Outcome.UNDER)
        if row in self._seen:
            return Judgement(Outcome.CUT_OFF)
        by = self._suppressor(row)
        if by is None:
            return Judgement(Outcome.OUTSIDE)
        return Judgement(Outcome.SUPPRESSED, by[0], self._places.get(by[0], 0), by[1])

    def _suppressor(self, row: int) -> tuple[int, float] | None:
        """The first box that took its place, and their overlap."""
        if self._method is Suppression.NONE:
            return None
        candidates = self._candidates
        if self._method is Suppression.GREEDY:
            rivals = self._kept  # what is suppressed itself suppresses nothing
        else:
            rivals = np.flatnonzero(candidates.scores > self._thresholds.conf)
        rivals = rivals[(rivals < row) & (candidates.labels[rivals] == candidates.labels[row])]
        overlaps, clashing = self._overlaps(rivals, row)
        first = np.flatnonzero(clashing)[:1]
        return (int(rivals[first[0]]), float(overlaps[first[0]])) if first.size else None

    def _overlaps(self, rivals: NDArray[np.intp], row: int) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """How far boxes overlap one, and whether that is too far."""
        boxes, limit = self._candidates, self._thresholds.iou
        if self._method is Suppression.ROTATED:
            if boxes.xywhr is None:
                return np.zeros(len(rivals), np.float32), np.zeros(len(rivals), np.bool_)
            overlaps = probabilistic_iou(boxes.xywhr[np.append(rivals, row)])[:-1, -1]
            return overlaps, overlaps > limit
        theirs, its = boxes.xyxy[rivals].T, boxes.xyxy[[row]].T
        shared, whole = shared_and_whole(theirs, its)
        shares = np.divide(shared, whole, out=np.zeros_like(shared), where=whole > 0)
        return shares[:, 0], clashes(theirs, its, limit)[:, 0]
