"""An object followed from frame to frame among the candidates, by class and overlap, without any tracker.

The rules are those by which the window follows the object that the user chose (`viewer.session.follow`), so that both
mean the same object; here they work on candidates, because thresholds are the window's.
"""

import numpy as np
from numpy.typing import NDArray

from viewer.core.boxes import Boxes
from viewer.core.cam import CamTarget, Lost
from viewer.core.overlap import Xyxy, pairwise_iou
from viewer.core.pointed import best_rows, pointed_at
from viewer.core.region import Region
from viewer.core.suppression import Suppression, Thresholds, kept_rows

LEAST_OVERLAP = 0.3
"""IoU that continues an object from one frame to the next."""
SAME_PLACE = 0.5
"""IoU that is asked after a frame without it."""
SAME_OBJECT = 0.7
"""IoU from which a better candidate of the class is one of the same object, which suppression would keep instead."""
SAME_BOX = 0.9
"""IoU from which a candidate is the very box that was chosen."""
LEAST_SCORE = 0.01
"""Below it a candidate says nothing: a head gives some such score to every class everywhere."""
REACH_S = 2.0
"""Media time over which a lost object is looked for."""


class Chase:
    """Finds the candidate that is meant in each frame.

    Args:
        target: What is meant; `CamTarget.xyxy` is where it was seen last.
    """

    def __init__(self, target: CamTarget) -> None:
        self._target = target
        self._place = target.xyxy
        self._seen_s: float | None = None
        self._least = LEAST_OVERLAP
        self._path = {waypoint.index: waypoint for waypoint in target.path}

    def row(self, boxes: Boxes, pts_s: float, index: int = -1) -> int | Lost:
        """Row of the candidate in this frame, or why there is none.

        Args:
            boxes: Candidates in source pixels, best score first; clipped to the picture where an object is followed.
            pts_s: Media time of the frame in seconds.
            index: Its number; asked for where the target has a path.
        """
        if self._target.region is not None:
            return self._pointed_at(boxes, self._target.region)
        if self._place is None:
            rows = self._alike(boxes, self._target.least_score)
            return int(rows[0]) if rows.size else Lost.NONE
        if self._path:
            if index < self._target.path[0].index:
                return Lost.BEFORE
            self._recall(index)
        if self._seen_s is not None and abs(pts_s - self._seen_s) > REACH_S:
            return Lost.FAR
        row, is_sure = self._nearest(boxes, self._place)
        self._least = LEAST_OVERLAP if is_sure else SAME_PLACE
        if row is None:
            return Lost.NOWHERE
        self._place, self._seen_s = _corners(boxes, row), pts_s
        return row

    def _recall(self, index: int) -> None:
        """Stand where the object is known to have been: in this frame, or in the last before where nothing is."""
        if index in self._path:
            self._place, self._seen_s, self._least = self._path[index].xyxy, None, LEAST_OVERLAP
        elif self._seen_s is None:
            before = self._target.last_known(index)
            if before is not None:
                self._place, self._seen_s = before.xyxy, before.pts_s

    def _pointed_at(self, boxes: Boxes, region: Region) -> int | Lost:
        target = self._target
        rows = best_rows(region, boxes)
        wanted = None if target.label is None or target.stride is None else (target.label, target.stride)
        place = pointed_at(region, boxes.take(rows), wanted)
        return Lost.NONE if place is None else int(rows[place])

    def _alike(self, boxes: Boxes, least_score: float) -> NDArray[np.intp]:
        fits = boxes.scores >= least_score
        if self._target.label is not None:
            fits &= boxes.labels == self._target.label
        return np.flatnonzero(fits)

    def _nearest(self, boxes: Boxes, place: Xyxy) -> tuple[int | None, bool]:
        """The candidate that continues the object, None where there is none, and whether it counts as found."""
        rows = self._alike(boxes, max(self._target.least_score, LEAST_SCORE))
        shares = pairwise_iou([place], boxes.xyxy[rows])[0]
        is_sure = boxes.scores[rows] > self._target.sure_score
        if self._seen_s is None and rows.size:
            nearest = int(shares.argmax())
            if shares[nearest] >= SAME_BOX and not is_sure[nearest]:
                return int(rows[nearest]), False  # who chose that one does not mean a better one beside it
        # Of those that suppression would keep the one that overlaps most, however much a neighbour scores.
        found = rows[is_sure]
        found = found[
            kept_rows(boxes.take(found), Thresholds(0.0, SAME_OBJECT, max(1, len(found))), Suppression.GREEDY)
        ]
        found_shares = pairwise_iou([place], boxes.xyxy[found])[0]
        if found.size and found_shares.max() >= self._least:
            return int(found[found_shares.argmax()]), True
        near = rows[shares >= SAME_PLACE]
        return (int(near[0]) if near.size else None), False


def _corners(boxes: Boxes, row: int) -> Xyxy:
    left, top, right, bottom = boxes.xyxy[row].tolist()
    return left, top, right, bottom
