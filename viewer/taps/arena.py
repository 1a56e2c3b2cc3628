"""One flat array for the maps of all taps, and the arithmetic that turns it into codes, limits and statistics.

Operations are what taps cost, on a GPU as launches and on a CPU as dispatches; so everything after the reducers works
on all maps at once. Cells of one tap lie together; short index arrays, made once a layout, say which tap a cell
belongs to and where the cells of a tap are. Settings that change while frames run (how fast limits follow) are device
buffers, so that a captured graph needs no new capture for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from viewer.core.tapping import Limits, LimitsMode

RUNNING_WEIGHT = 0.06
"""Share of a new frame in running limits: a step is followed to 80 % within 26 frames, about a second of video."""

_FIGURES = 5  # low, high, mean, max, nonfinite
_ALIGNMENT = 16  # bytes; views of other types into the packed buffer need it


@dataclass(frozen=True, slots=True, eq=False)
class TapFigures:
    """What came down for one tap.

    Attributes:
        codes: (h, w) uint8 as in `viewer.core.packet.TapMap`.
        limits: Values of code 1 and 255.
        mean: Mean of the finite cells; nan if there is none.
        max: Largest finite cell; nan if there is none.
        nonfinite: Number of cells that are not finite.
    """

    codes: NDArray[np.uint8]
    limits: tuple[float, float]
    mean: float
    max: float
    nonfinite: int


class Arena:
    """Storage and arithmetic for maps of these shapes.

    Args:
        shapes_hw: Rows and columns of each tap's map, at least one tap.
        extra_floats: Float32 numbers to keep room for in the same packed buffer (the candidates).
        device: The model's device.
    """

    def __init__(self, shapes_hw: Sequence[tuple[int, int]], *, extra_floats: int, device: torch.device) -> None:
        self.shapes_hw = tuple(shapes_hw)
        sizes = [rows * columns for rows, columns in shapes_hw]
        self._ends = np.cumsum(sizes, dtype=np.int64) if sizes else np.zeros(0, np.int64)
        cells, taps = sum(sizes), len(sizes)
        self._cells = cells
        self._values = torch.zeros(cells, dtype=torch.float32, device=device)
        self._tap_of_cell = torch.repeat_interleave(torch.arange(taps), torch.tensor(sizes, dtype=torch.int64)).to(
            device
        )
        self._cells_of_tap = self._gather_index(sizes).to(device)
        self._member = torch.nn.functional.one_hot(self._tap_of_cell, max(taps, 1)).T.float().contiguous()
        self._sizes = torch.tensor(sizes, dtype=torch.float32, device=device)
        self.limits = torch.zeros(2, taps, dtype=torch.float32, device=device)
        self._weight = torch.ones((), dtype=torch.float32, device=device)
        self._fresh = True
        self._mode = Limits(LimitsMode.FRAME)
        # One buffer comes down a frame: codes, then figures, then whatever else travels along.
        code_bytes = -(-cells // _ALIGNMENT) * _ALIGNMENT
        figure_bytes = -(-taps * _FIGURES * 4 // _ALIGNMENT) * _ALIGNMENT
        self.packed = torch.zeros(code_bytes + figure_bytes + extra_floats * 4, dtype=torch.uint8, device=device)
        self._figures_at, self._extra_at = code_bytes, code_bytes + figure_bytes
        self._codes = self.packed[:cells]
        self._figures = self.packed[code_bytes : code_bytes + taps * _FIGURES * 4].view(torch.float32)
        self._figures = self._figures.view(_FIGURES, taps)
        self.extra = self.packed[self._extra_at :].view(torch.float32)

    @staticmethod
    def _gather_index(sizes: list[int]) -> Tensor:
        """(taps, longest) cell numbers; short rows repeat their first cell, which changes no minimum or maximum."""
        starts = np.cumsum([0, *sizes[:-1]]) if sizes else np.zeros(0, int)
        index = np.zeros((len(sizes), max(sizes, default=0)), np.int64)
        for row, (start, size) in enumerate(zip(starts, sizes, strict=True)):
            index[row] = start
            index[row, :size] = np.arange(start, start + size)
        return torch.from_numpy(index)

    def slot(self, tap: int) -> Tensor:
        """Where tap number `tap` writes its map: (h, w) float32 view on the device."""
        start = int(self._ends[tap - 1]) if tap else 0
        return self._values[start : int(self._ends[tap])].view(self.shapes_hw[tap])

    def set_limits(self, limits: Limits) -> None:
        """Change how limits follow, from the next frame on, without touching the arithmetic."""
        if limits == self._mode and not self._fresh:
            return
        self._mode = limits
        if limits.mode is LimitsMode.FIXED:
            self.limits[0], self.limits[1] = limits.low, limits.high
        self._weight.fill_({LimitsMode.FIXED: 0.0, LimitsMode.FRAME: 1.0, LimitsMode.RUNNING: 1.0}[limits.mode])
        self._fresh = True

    def finish(self) -> None:
        """Compute limits, figures and codes of the maps in the slots into `packed`; waits for nothing."""
        if not self.shapes_hw:
            return
        values = self._values
        bad = (values - values).ne(0)  # infinities and nan give nan, which differs from 0
        low = values.masked_fill(bad, torch.inf).index_select(0, self._cells_of_tap.flatten())
        high = values.masked_fill(bad, -torch.inf).index_select(0, self._cells_of_tap.flatten())
        new = torch.stack((low.view_as(self._cells_of_tap).amin(1), high.view_as(self._cells_of_tap).amax(1)))
        # A map without one finite cell leaves the limits as they were.
        new_limits = torch.where(new.isinf(), self.limits, new)
        self.limits.lerp_(new_limits, self._weight)
        sums = torch.mv(self._member, values.masked_fill(bad, 0.0))
        bads = torch.mv(self._member, bad.float())
        torch.stack((self.limits[0], self.limits[1], sums / (self._sizes - bads), new[1], bads), out=self._figures)
        scale = 254.0 / (self.limits[1] - self.limits[0]).clamp_min(1e-30)
        shifted = values - self.limits[0].index_select(0, self._tap_of_cell)
        # Halves round up: code 1 is exactly the low limit and 255 the high one.
        codes = (shifted * scale.index_select(0, self._tap_of_cell) + 1.5).clamp_(1.0, 255.0).masked_fill_(bad, 0.0)
        self._codes.copy_(codes)
        if self._fresh:
            self._fresh = False
            if self._mode.mode is LimitsMode.RUNNING:
                self._weight.fill_(RUNNING_WEIGHT)

    def read(self, packed: NDArray[np.uint8]) -> tuple[list[TapFigures], NDArray[np.float32]]:
        """Take a downloaded copy of `packed` apart.

        Args:
            packed: (bytes,) uint8 on the host, owned by the caller; the results are views of it.

        Returns:
            Figures of every tap and the (extra_floats,) numbers that travelled along.
        """
        taps = len(self.shapes_hw)
        figures = packed[self._figures_at : self._figures_at + taps * _FIGURES * 4].view(np.float32)
        read: list[TapFigures] = []
        start = 0
        for tap, (rows, columns) in enumerate(self.shapes_hw):
            low, high, mean, largest, nonfinite = (float(v) for v in figures.reshape(_FIGURES, taps)[:, tap])
            codes = packed[start : start + rows * columns].reshape(rows, columns)
            start += rows * columns
            broken = nonfinite >= rows * columns
            read.append(TapFigures(codes, (low, high), mean, float("nan") if broken else largest, round(nonfinite)))
        return read, packed[self._extra_at :].view(np.float32)
