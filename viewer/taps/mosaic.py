"""The strongest channels of a stage side by side, each as it is.

Which are the strongest changes with every frame, and a mosaic whose parts change places is unreadable. So a channel
that is shown keeps its place until another one is clearly stronger, and that one takes the place which became free.
"""

import math
from typing import Self

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from viewer.core.many import mosaic_of
from viewer.core.reducer_names import STRONGEST
from viewer.core.stage import Stage
from viewer.taps.reducers import WithMemory, may_look

MOST_CELLS = 320
"""A mosaic is at most this wide and high: 16 channels of a stage 80 cells wide at their own size. Twice what one map
may be, for it is read channel by channel, enlarged."""
_CLEARLY = 1.25
"""How many times as strong a channel must be to take the place of one that is shown."""


class Strongest(WithMemory):
    """The channels with the largest mean magnitude, in their own values, strongest first when a stage is first seen.

    Places without a channel are nan. Cells that are not finite do not count for the strength.

    Args:
        count: How many channels; a stage with fewer shows all.
    """

    warm_up_frames = 0
    most_cells = MOST_CELLS

    def __init__(self, count: int = STRONGEST) -> None:
        super().__init__()
        self.count = count
        self.name = "strongest" if count == STRONGEST else f"strongest:{count}"
        self._shown: Tensor | None = None  # (K,) int64, the channel in each place
        self.legend: Tensor | None = None

    def for_stage(self, stage: Stage) -> Self:  # noqa: ARG002 - every stage has channels of its own
        """Follow one stage."""
        return type(self)(self.count)

    def map_shape(self, activation: Tensor) -> tuple[int, ...]:
        """Rows and columns of the whole mosaic."""
        (rows, columns), (height, width) = self._grid(activation), self._part_hw(activation)
        return rows * height, columns * width

    def reduce(self, activation: Tensor, out: Tensor) -> None:
        """Write the mosaic, and which channels it shows into `legend`."""
        count = min(self.count, len(activation))
        if self._shown is None or self._switch is None or self.legend is None or len(self._shown) != count:
            self._shown = torch.arange(count, device=activation.device)
            self._switch = torch.zeros((), dtype=torch.float32, device=activation.device)
            self.legend = torch.zeros(count, dtype=torch.float32, device=activation.device)
        strengths = strengths_of(activation)
        self._shown.copy_(replaced(self._shown, strengths, has_shown=self._switch > 0))
        self._switch.fill_(1.0)
        self.legend.copy_(self._shown)
        parts = adaptive_avg_pool2d(activation.index_select(0, self._shown).float(), self._part_hw(activation))
        (rows, columns), (height, width) = self._grid(activation), parts.shape[1:]
        places = parts.new_full((rows * columns, height, width), torch.nan)
        places[:count] = parts
        out.copy_(places.view(rows, columns, height, width).transpose(1, 2).reshape(out.shape))

    def _grid(self, activation: Tensor) -> tuple[int, int]:
        """Rows and columns of places."""
        arranged = mosaic_of(tuple(range(min(self.count, len(activation)))))
        return arranged.rows, arranged.columns

    def _part_hw(self, activation: Tensor) -> tuple[int, int]:
        """Rows and columns of one channel, averaged down by a whole factor where the mosaic would be too large."""
        (rows, columns), (height, width) = self._grid(activation), activation.shape[1:]
        factor = max(math.ceil(height / (MOST_CELLS // rows)), math.ceil(width / (MOST_CELLS // columns)))
        return math.ceil(height / factor), math.ceil(width / factor)


def strengths_of(activation: Tensor) -> Tensor:
    """(C,) float32 mean magnitude of each channel of (C, H, W) over its finite cells; 0 where there is none."""
    magnitudes = activation.flatten(1).float().abs()
    strengths = magnitudes.mean(1)
    if may_look(activation) and strengths.isfinite().all():
        return strengths
    finite = magnitudes.isfinite()
    return torch.where(finite, magnitudes, 0.0).sum(1) / finite.sum(1).clamp_min(1)


def replaced(shown: Tensor, strengths: Tensor, *, has_shown: Tensor) -> Tensor:
    """Which channels stand in the places of a mosaic after a frame.

    Args:
        shown: (K,) int64, those of the frame before.
        strengths: (C,) float32, of this frame, C >= K.
        has_shown: Bool, whether there was a frame before.

    Returns:
        (K,) int64. Those that stay keep their places; the others' are filled, the strongest first.
    """
    was_shown = torch.zeros_like(strengths, dtype=torch.bool).index_fill(0, shown, value=True) & has_shown
    wanted = torch.where(was_shown, strengths * _CLEARLY, strengths).topk(len(shown)).indices
    is_wanted = torch.zeros_like(was_shown).index_fill(0, wanted, value=True)
    stays = (is_wanted & was_shown).index_select(0, shown)
    coming = torch.where(is_wanted & ~was_shown, strengths, -1.0).topk(len(shown)).indices
    place_among_free = (~stays).cumsum(0) - 1
    return torch.where(stays, shown, coming.index_select(0, place_among_free.clamp_min(0)))
