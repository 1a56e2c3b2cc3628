"""A place in the picture where something was missed, and what the head says there of every class at every level."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.boxes import Boxes

LEAST_SCORE = 0.01
"""Below it a score tells nothing: a head gives some such score to every class everywhere."""


@dataclass(frozen=True, slots=True)
class Region:
    """Asks for the best candidates at a place.

    A candidate lies in a rectangle if the middle of its box does: boxes of a neighbour reach into it, but are meant for
    something else. It lies at a point if its box contains it.

    Attributes:
        xyxy: Corners in source pixels; a point where both corners are the same.
    """

    xyxy: tuple[float, float, float, float]

    @property
    def is_point(self) -> bool:
        """Whether it is a single point."""
        left, top, right, bottom = self.xyxy
        return (left, top) == (right, bottom)

    def holds(self, xyxy: Any) -> Any:
        """Which boxes lie there.

        Args:
            xyxy: (..., 4) corners in the pixels of the region; an array or a tensor, for both reckon alike.

        Returns:
            (...) truths of the same kind.
        """
        left, top, right, bottom = self.xyxy
        x1, y1, x2, y2 = (xyxy[..., side] for side in range(4))
        if self.is_point:
            return (x1 <= left) & (left <= x2) & (y1 <= top) & (top <= y2)
        x, y = (x1 + x2) / 2, (y1 + y2) / 2
        return (left <= x) & (x <= right) & (top <= y) & (y <= bottom)


@dataclass(frozen=True, slots=True, eq=False)
class RegionScores:
    """The best of each class and level in a region, before thresholds and suppression.

    Attributes:
        region: What was asked.
        head: Which head the scores are of, in words, where all its cells were looked at; empty where only the
            candidates that are kept of a frame were.
        boxes: One a class and level at most, best score first, in source pixels, not clipped.
        rows: (N,) int32, which of the frame's candidates each is; -1 where it is none of them.
        cells: (N, 2) int32, row and column of its cell; -1 where the head has none.
        rivals: (N,) int32, the class that scores best in that very cell (and at that anchor); its own where none is
            better, or where the candidate scores less than all that are kept of the frame.
        rival_scores: (N,) float32, what that one scores there.
    """

    region: Region
    head: str
    boxes: Boxes
    rows: NDArray[np.int32]
    cells: NDArray[np.int32]
    rivals: NDArray[np.int32]
    rival_scores: NDArray[np.float32]

    def __post_init__(self) -> None:
        for array in (self.rows, self.cells, self.rivals, self.rival_scores):
            array.setflags(write=False)

    def __len__(self) -> int:
        return len(self.boxes)


@dataclass(frozen=True, slots=True, eq=False)
class ScoreLevel:
    """What a head says of one class at one level.

    Attributes:
        stride: Input pixels for each cell.
        scores: (h, w) float32, 0..1, the best of each cell's anchors; not a number where the head gave none.
    """

    stride: int
    scores: NDArray[np.float32]

    def __post_init__(self) -> None:
        self.scores.setflags(write=False)


@dataclass(frozen=True, slots=True, eq=False)
class ScoreMap:
    """What a head says of one class everywhere, before thresholds and suppression.

    Attributes:
        label: Class number.
        head: Which head, in words.
        levels: Finest first.
    """

    label: int
    head: str
    levels: tuple[ScoreLevel, ...]
