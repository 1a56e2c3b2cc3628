"""What a user asks of every frame beside its boxes and maps, and what was found.

An `Inquiry` goes to whoever runs the network and stands until another takes its place; each packet made meanwhile
carries the `Findings`. What is not asked is not computed, and with nothing asked a frame takes the shortest way.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from viewer.core.alteration import UNALTERED, Alteration, Unaltered
from viewer.core.cam import Cam, CamQuestion
from viewer.core.cell import Cell, CellVector
from viewer.core.channels import Gallery, OneChannel, Thumbnails
from viewer.core.health import HealthCheck, StageHealth
from viewer.core.region import Region, RegionScores, ScoreMap

if TYPE_CHECKING:
    from viewer.core.packet import TapMap


@dataclass(frozen=True, slots=True)
class Inquiry:
    """The questions that stand; each has a module of its own in `core` that says what it means.

    Attributes:
        cell: What all channels of a stage say at one place.
        channel: One channel of a stage as a map.
        gallery: A page of a stage's channels as small pictures.
        region: Where something was missed.
        score_map: Number of the class whose scores are wanted of every cell.
        health: How stages are.
        cam: Whose score is explained, and at which stage.
        alteration: What is changed in the network and in the picture.
    """

    cell: Cell | None = None
    channel: OneChannel | None = None
    gallery: Gallery | None = None
    region: Region | None = None
    score_map: int | None = None
    health: HealthCheck | None = None
    cam: CamQuestion | None = None
    alteration: Alteration = UNALTERED

    def __bool__(self) -> bool:
        return self != NOTHING


NOTHING = Inquiry()
"""Asks nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """The answers for one frame, a field for each question; what was not asked is empty.

    Attributes:
        refusals: Why a question has no answer for this network or this frame, one line each.
        cell: The channels of the cell that was asked for.
        channel: The channel that was asked for.
        gallery: The page that was asked for.
        region: The best candidates there.
        score_map: What the head says of that class.
        health: How each stage was that was asked about.
        cam: Which activations speak for it.
        alteration: What was found before anything was altered.
        refused: Which question each of the refusals is about, by its field.
        no_gradient_at: The stage that no frame of this network is explained at, empty for those that enter the head;
            None where nothing is known against it.
    """

    refusals: tuple[str, ...] = ()
    cell: CellVector | None = None
    channel: "TapMap | None" = None
    gallery: Thumbnails | None = None
    region: RegionScores | None = None
    score_map: ScoreMap | None = None
    health: tuple[StageHealth, ...] = ()
    cam: Cam | None = None
    alteration: Unaltered | None = None
    refused: tuple[str, ...] = ()
    no_gradient_at: str | None = None

    def why_not(self, *questions: str) -> str:
        """Why questions have no answer, a line each; empty where they have, or were not asked."""
        lines = zip(self.refused, self.refusals, strict=True)
        return "\n".join(line for question, line in lines if question in questions)
