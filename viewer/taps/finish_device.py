"""Limits, figures and codes of all maps on a GPU: a fixed number of small operations, captured or not.

Everything is batched over the taps and nothing waits for the device. What the user changes live is a device buffer.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor


class DeviceFinish:
    """Batched arithmetic with torch.

    Args:
        sizes: Cells of each tap's map.
        values: (cells,) float32, maps one after the other.
        codes: (cells,) uint8, written.
        figures: (taps, 5) float32, written: low, high, mean, max, nonfinite.
    """

    def __init__(self, sizes: list[int], values: Tensor, codes: Tensor, figures: Tensor) -> None:
        device = values.device
        self._values, self._codes, self._figures = values, codes, figures
        self.maps: tuple[Any, ...] = ()  # nothing is finished before the frame is
        self._tap_of_cell = torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(sizes)).to(device)
        self._cells_of_tap = _gather_index(sizes).to(device)
        self._member = torch.nn.functional.one_hot(self._tap_of_cell, len(sizes)).T.float().contiguous()
        self._sizes = torch.tensor(sizes, dtype=torch.float32, device=device)
        self._limits = torch.zeros(2, len(sizes), dtype=torch.float32, device=device)
        self._weight = torch.ones((), dtype=torch.float32, device=device)

    def set_limits(self, low: float, high: float) -> None:
        """Put the limits of all taps at these values."""
        self._limits[0], self._limits[1] = low, high

    def set_weight(self, weight: float) -> None:
        """Say what share a new frame has in the limits, 0..1."""
        self._weight.fill_(weight)

    def run(self, finished: Sequence[bool] = ()) -> None:  # noqa: ARG002 - see `HostFinish.run`
        """Compute limits, figures and codes of the present values."""
        values, limits = self._values, self._limits
        bad = (values - values).ne(0)  # infinities and nan give nan, which differs from 0
        shape = self._cells_of_tap.shape
        low = values.masked_fill(bad, torch.inf).index_select(0, self._cells_of_tap.flatten())
        high = values.masked_fill(bad, -torch.inf).index_select(0, self._cells_of_tap.flatten())
        new = torch.stack((low.view(shape).amin(1), high.view(shape).amax(1)))
        # A map without one finite cell leaves the limits as they were.
        limits.lerp_(torch.where(new.isinf(), limits, new), self._weight)
        sums = torch.mv(self._member, values.masked_fill(bad, 0.0))
        bads = torch.mv(self._member, bad.float())
        torch.stack((limits[0], limits[1], sums / (self._sizes - bads), new[1], bads), 1, out=self._figures)
        scale = 254.0 / (limits[1] - limits[0]).clamp_min(1e-30)
        shifted = values - limits[0].index_select(0, self._tap_of_cell)
        # Halves round up: code 1 is exactly the low limit and 255 the high one.
        codes = (shifted * scale.index_select(0, self._tap_of_cell) + 1.5).clamp_(1.0, 255.0).masked_fill_(bad, 0.0)
        self._codes.copy_(codes)


def _gather_index(sizes: list[int]) -> Tensor:
    """(taps, longest) cell numbers; short rows repeat their first cell, which changes no minimum or maximum."""
    starts = np.cumsum([0, *sizes[:-1]])
    index = np.repeat(starts[:, None], max(sizes), axis=1)
    for row, (start, size) in enumerate(zip(starts, sizes, strict=True)):
        index[row, :size] = np.arange(start, start + size)
    return torch.from_numpy(index)
