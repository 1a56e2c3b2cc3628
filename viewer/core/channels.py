"""Single channels of a stage: one as a map, and many as small pictures, the most telling first."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from viewer.core.stage import Stage
from viewer.core.tapping import Limits

PAGE = 24
"""Channels on one page of a gallery."""

Shares = tuple[float, float, float, float]
"""A rectangle as shares of an activation's width and height: left, top, right, bottom."""


@dataclass(frozen=True, slots=True)
class OneChannel:
    """Asks for one channel of a stage as a map, whatever the taps show.

    Attributes:
        node: Of the stage.
        number: Of the channel, from 0.
        limits: Which values get the first and the last colour.
    """

    node: str
    number: int
    limits: Limits = field(default_factory=Limits)


class RankBy(StrEnum):
    """What puts channels in order, the largest first."""

    MEAN = "mean"
    VARIANCE = "variance"
    BOX = "box"


@dataclass(frozen=True, slots=True)
class Gallery:
    """Asks for a page of a stage's channels as small pictures.

    Attributes:
        node: Of the stage.
        by: What puts them in order: the mean over the cells, their variance, or the correlation with a box: Pearson's,
            over the cells, between the channel and the share of each cell that the box covers.
        page: Which page of `PAGE` channels, from 0; beyond the last one, the last.
        box: The box as shares of the activation; needed for `RankBy.BOX` alone.
    """

    node: str
    by: RankBy = RankBy.MEAN
    page: int = 0
    box: Shares | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Thumbnails:
    """A page of a gallery.

    Attributes:
        stage: Whose channels.
        by: What put them in order.
        page: Which page it is.
        channels: (n,) int32, their numbers, the first in order first.
        scores: (n,) float32, what they were put in order by: in activation units, their square (then float64, for
            float32 does not hold what activations above 1e19 give), or -1..1; -inf where that is no finite number.
        codes: (n, h, w) uint8 as in `viewer.core.packet.TapMap.codes`, each between limits of its own.
        limits: (n, 2) float32, values of codes 1 and 255, in activation units.
    """

    stage: Stage
    by: RankBy
    page: int
    channels: NDArray[np.int32]
    scores: NDArray[np.float32] | NDArray[np.float64]
    codes: NDArray[np.uint8]
    limits: NDArray[np.float32]

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return -(-self.stage.channels // PAGE)
