"""Which activations speak for a detection: the question, and a class activation map as its answer.

The map is LayerCAM (Jiang et al., "LayerCAM: Exploring Hierarchical Class Activation Maps for Localization", TIP 2021,
equations 6 and 7): of each cell the sum over channels of the activation, weighted by the gradient of the class score
where that is positive, and of this sum what is positive. So a cell's value is in units of the score: by about so much
the score would fall were the cell empty.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from viewer.core.overlap import Xyxy
from viewer.core.region import Region
from viewer.core.stage import Stage
from viewer.core.suppression import Thresholds

MOST_MERGED = 16
"""Most objects whose maps are merged, the best ones: each costs a way back through the head."""


@dataclass(frozen=True, slots=True)
class Waypoint:
    """Where an object was in a frame.

    Attributes:
        index: Frame number.
        pts_s: Its media time in seconds.
        xyxy: Corners in source pixels.
    """

    index: int
    pts_s: float
    xyxy: Xyxy


@dataclass(frozen=True, slots=True)
class CamTarget:
    """Whose score is explained: any candidate, whether thresholds make it a detection or not.

    Attributes:
        label: Class number; None takes any class.
        xyxy: Where it was seen last, corners in source pixels. It is followed from there from frame to frame, by class
            and overlap among the candidates. None takes the best candidate of each frame, wherever it is.
        least_score: What it must score at least, 0..1. Who must have a detection gives the confidence threshold; who
            wants to know why there is none gives 0, and the best candidate is taken, however little it scores.
        sure_score: Above it a candidate counts as found while an object is followed, 0..1: the confidence threshold
            that held when it was chosen.
        region: Where something was missed, instead of `xyxy`: what is meant there by `viewer.core.pointed` is taken in
            each frame anew, among the candidates that are kept.
        stride: With `label` the level of the candidate that the user picked there; None where he picked none.
        path: With `xyxy`, where it is known to have been, in the order of frames: there the candidate at that place is
            taken, before the first it is not there yet, and after each it is followed from there. Empty where it is
            followed from `xyxy` on, whichever frame comes first.
    """

    label: int | None = None
    xyxy: Xyxy | None = None
    least_score: float = 0.0
    sure_score: float = 0.25
    region: Region | None = None
    stride: int | None = None
    path: tuple[Waypoint, ...] = ()

    def last_known(self, index: int) -> Waypoint | None:
        """Where it is known to have been last before a frame; None where nothing is known so early."""
        return max((known for known in self.path if known.index < index), key=lambda known: known.index, default=None)


@dataclass(frozen=True, slots=True)
class CamQuestion:
    """Which map is wanted.

    Attributes:
        target: Whose score.
        node: Stage at which the map is taken; empty takes the stages that enter the head, and of these the one of the
            level that made the box, where the head tells.
        merged: Instead of the target, the maps of all that these thresholds make detections, at most `MOST_MERGED`,
            or of the best candidate where they leave none. Each is divided by its own largest value and the largest of
            all is taken, as ultralytics' `visualize=True` does (ultralytics/utils/plotting.py, 8.4).
    """

    target: CamTarget
    node: str = ""
    merged: Thresholds | None = None


class Lost(StrEnum):
    """Why a frame has nothing to explain."""

    NOWHERE = "nowhere"
    """No candidate continues it."""
    BEFORE = "before"
    """The frame is before the first in which it is known to have been."""
    FAR = "far"
    """The frame is too long after or before the one in which it was last seen."""
    NONE = "none"
    """No candidate at all scores that much."""
    OVERTAKEN = "overtaken"
    """Something else was asked before it was worked out."""


@dataclass(frozen=True, slots=True)
class CamWork:
    """How far a merged map is that takes a way back for each object.

    Attributes:
        done: Ways that were gone.
        total: Of all objects.
    """

    done: int
    total: int


@dataclass(frozen=True, slots=True, eq=False)
class CamMap:
    """A map over the frame.

    Attributes:
        stage: Where it was taken; of merged maps of several levels, the finest.
        stride: Input pixels for each cell of `codes`.
        codes: (h, w) uint8, read-only, as in `viewer.core.packet.TapMap`: 0 not finite, 1 to 255 the limits.
        limits: The values of codes 1 and 255: 0 and the largest, in units of the score; of merged maps 0 and 1.
        reach_hw: Rows and columns of cells that the gradient reaches, whatever its sign; (0, 0) for merged maps.
        nonfinite: Number of cells that are not finite.
    """

    stage: Stage
    stride: int
    codes: NDArray[np.uint8]
    limits: tuple[float, float]
    reach_hw: tuple[int, int] = (0, 0)
    nonfinite: int = 0

    def __post_init__(self) -> None:
        self.codes.setflags(write=False)


@dataclass(frozen=True, slots=True)
class Explained:
    """A candidate whose score is explained.

    Attributes:
        label: Class number.
        score: 0..1.
        xyxy: Corners in source pixels, not clipped.
        stride: Of the head level that made it; 0 where the head does not say.
        cell: Row and column of the cell that made it, at that level; None where the head does not say.
        classes: Class number and score of the classes that score most in that cell, best first; empty likewise.
    """

    label: int
    score: float
    xyxy: Xyxy
    stride: int
    cell: tuple[int, int] | None = None
    classes: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Cam:
    """What was found in a frame.

    Attributes:
        question: What was asked; an answer may come after another question.
        map: The map; None where nothing was found.
        objects: What it explains, best first: one, or those whose maps are merged.
        lost: Why nothing was found; None where something was.
        channels: Number and evidence of the channels that speak most for the object at the stage, best first: the sum
            over cells of activation times positive gradient, in units of the score. None for merged maps.
        evidence: The same of all channels together that speak for it.
    """

    question: CamQuestion
    map: CamMap | None = None
    objects: tuple[Explained, ...] = ()
    lost: Lost | None = None
    channels: tuple[tuple[int, float], ...] = ()
    evidence: float = 0.0
