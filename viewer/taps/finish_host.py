"""Limits, figures and codes of all maps on a CPU, by numpy over the tensors' own memory.

The same arithmetic as `finish_device`, which a test holds it to. On a CPU an operation of torch costs several times
what one of numpy does on arrays this small, and the check whether any cell is broken can be asked first.
"""

import math

import numpy as np
from numpy.typing import NDArray
from torch import Tensor


class HostFinish:
    """Segment arithmetic with numpy.

    Args:
        sizes: Cells of each tap's map.
        values: (cells,) float32 on the CPU, maps one after the other.
        codes: (cells,) uint8, written.
        figures: (5, taps) float32, written: low, high, mean, max, nonfinite.
    """

    def __init__(self, sizes: list[int], values: Tensor, codes: Tensor, figures: Tensor) -> None:
        self._values, self._codes, self._figures = values.numpy(), codes.numpy(), figures.numpy()
        self._sizes = np.array(sizes)
        self._starts = np.cumsum([0, *sizes[:-1]])
        self._cells_float = np.array(sizes, np.float32)
        self._limits = np.zeros((2, len(sizes)), np.float32)
        self._new = np.zeros((2, len(sizes)), np.float32)
        self._sums = np.zeros(len(sizes), np.float32)
        self._weight = np.float32(1)
        self._work = np.empty(sum(sizes), np.float32)

    def set_limits(self, low: float, high: float) -> None:
        """Put the limits of all taps at these values."""
        self._limits[0], self._limits[1] = low, high

    def set_weight(self, weight: float) -> None:
        """Say what share a new frame has in the limits, 0..1."""
        self._weight = np.float32(weight)

    def run(self) -> None:
        """Compute limits, figures and codes of the present values."""
        # Called once a frame with cold caches, where each call of numpy counts more than the cells it touches.
        values, starts, new, sums, figures = self._values, self._starts, self._new, self._sums, self._figures
        np.add.reduceat(values, starts, out=sums)
        if math.isfinite(sums.sum()):  # one broken cell breaks the sum of its tap, and that the sum of all
            np.minimum.reduceat(values, starts, out=new[0])
            np.maximum.reduceat(values, starts, out=new[1])
            broken = None
            step = new - self._limits
            figures[2] = sums / self._cells_float
            figures[4] = 0
        else:
            broken = ~np.isfinite(values)
            step = self._measure_the_finite(broken)
        step *= self._weight
        self._limits += step
        figures[:2] = self._limits
        figures[3] = new[1]
        low, high = self._limits
        scale = 254 / np.maximum(high - low, np.float32(1e-30))
        # Halves round up: code 1 is exactly the low limit and 255 the high one.
        work = np.subtract(values, low.repeat(self._sizes), out=self._work)
        work *= scale.repeat(self._sizes)
        work += 1.5
        np.maximum(work, 1, out=work)
        np.minimum(work, 255, out=work)
        if broken is not None:
            work[broken] = 0
        np.copyto(self._codes, work, casting="unsafe")

    def _measure_the_finite(self, broken: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Fill sums, extremes and figures leaving broken cells out; returns how far the limits are from the extremes.

        Args:
            broken: (cells,) mask of cells that are not finite.
        """
        values, starts, new, figures = self._values, self._starts, self._new, self._figures
        np.minimum.reduceat(np.where(broken, np.float32(np.inf), values), starts, out=new[0])
        np.maximum.reduceat(np.where(broken, np.float32(-np.inf), values), starts, out=new[1])
        np.add.reduceat(broken.astype(np.float32), starts, out=figures[4])
        sums = np.add.reduceat(np.where(broken, np.float32(0), values), starts)
        with np.errstate(invalid="ignore"):  # no finite cell at all: the mean is nan, which is what it is
            figures[2] = sums / (self._cells_float - figures[4])
        # A map without one finite cell leaves the limits as they were.
        return np.where(np.isinf(new), self._limits, new) - self._limits
