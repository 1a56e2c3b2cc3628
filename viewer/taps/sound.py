"""An activation as a table of cells, and which of them are finite: what reducers that compare cells begin with."""

from typing import NamedTuple

import torch
from torch import Tensor

from viewer.taps.reducers import may_look


class Cells(NamedTuple):
    """The cells of an activation.

    Attributes:
        kept: (C, N) float32, 0 in cells that do not count.
        sound: (N,) bool, whether every channel of a cell is finite.
        all_sound: Whether it is known that all are, which saves steps.
    """

    kept: Tensor
    sound: Tensor
    all_sound: bool

    def centred(self, values: Tensor) -> Tensor:
        """Values (..., N) less their mean over the cells that count; 0 where a cell does not."""
        if self.all_sound:
            return values - values.mean(-1, keepdim=True)
        mean = (values * self.sound).sum(-1, keepdim=True) / self.sound.sum().clamp_min(1)
        return torch.where(self.sound, values - mean, 0.0)

    def marked(self, values: Tensor) -> Tensor:
        """Values (..., N) with nan where a cell does not count."""
        return values if self.all_sound else torch.where(self.sound, values, torch.nan)


def cells_of(activation: Tensor) -> Cells:
    """Lay an activation (C, H, W) out as cells; they are not copied where it is float32 and all of it is finite."""
    cells = activation.flatten(1).float()
    return _sorted_out(cells, cells.sum(0).isfinite())


def cells_and_lengths(activation: Tensor) -> tuple[Cells, Tensor]:
    """The same with the length of each cell, (N,), in one pass less; cells whose length is no number do not count."""
    cells = activation.flatten(1).float()
    lengths = torch.linalg.vector_norm(cells, dim=0)
    return _sorted_out(cells, lengths.isfinite()), lengths


def _sorted_out(cells: Tensor, sound: Tensor) -> Cells:
    if may_look(cells) and sound.all():
        return Cells(cells, sound, all_sound=True)
    return Cells(torch.where(sound, cells, 0.0), sound, all_sound=False)


def unit(vector: Tensor) -> tuple[Tensor, Tensor]:
    """A vector of length 1 in the same direction, and whether it has none."""
    length = torch.linalg.vector_norm(vector)
    has_none = ~(length.isfinite() & (length > 0))
    return vector / length, has_none
