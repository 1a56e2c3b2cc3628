"""What a user asks of every frame beside its boxes and maps, and what was found.

An `Inquiry` goes to whoever runs the network and stands until another takes its place; each packet made meanwhile
carries the `Findings`. What is not asked is not computed, and with nothing asked a frame takes the shortest way.
"""

from dataclasses import dataclass

from viewer.core.cam import Cam, CamQuestion
from viewer.core.region import Region, RegionScores, ScoreMap


@dataclass(frozen=True, slots=True)
class Inquiry:
    """The questions that stand; each has a module of its own in `core` that says what it means.

    Attributes:
        region: Where something was missed.
        score_map: Number of the class whose scores are wanted of every cell.
        cam: Whose score is explained, and at which stage.
    """

    region: Region | None = None
    score_map: int | None = None
    cam: CamQuestion | None = None

    def __bool__(self) -> bool:
        return self != NOTHING


NOTHING = Inquiry()
"""Asks nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """The answers for one frame, a field for each question; what was not asked is empty.

    Attributes:
        refusals: Why a question has no answer for this network or this frame, one line each.
        region: The best candidates there.
        score_map: What the head says of that class.
        cam: Which activations speak for it.
    """

    refusals: tuple[str, ...] = ()
    region: RegionScores | None = None
    score_map: ScoreMap | None = None
    cam: Cam | None = None
