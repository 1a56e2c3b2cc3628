"""What an occlusion sweep is asked and what it brings: which parts of a picture a detection needs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.core.overlap import Xyxy


@dataclass(frozen=True, slots=True)
class SweepWish:
    """A sweep of one frame for one detection; see `viewer.inference.sweep` for what is done.

    Attributes:
        xyxy: The detection in source pixels.
        label: Its class number.
        masks: How many masked pictures are run.
        grid: Cells of a mask along the longer side of the input, before it is scaled up.
        keep: Probability that a cell is left visible.
        seed: Of the masks.
    """

    xyxy: Xyxy
    label: int
    masks: int = 400
    grid: int = 16
    keep: float = 0.5
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class SweepMap:
    """How much each place of a picture matters for a detection, as far as is known.

    Attributes:
        wish: What was asked.
        index: Number of the frame.
        done: Masked pictures run so far.
        codes: (h, w) uint8, read-only, as of a `TapMap`: 1 to 255 stand for `limits` in equal steps.
        limits: Least and greatest mean similarity, 0..1.
    """

    wish: SweepWish
    index: int
    done: int
    codes: NDArray[np.uint8]
    limits: tuple[float, float]

    @property
    def fraction(self) -> float:
        """How far it is, 0..1."""
        return self.done / self.wish.masks

    @property
    def is_done(self) -> bool:
        """Whether all masked pictures were run."""
        return self.done >= self.wish.masks
