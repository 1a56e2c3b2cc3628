"""Limits, figures and codes of all maps on a CPU, by numpy over the tensors' own memory.

The same arithmetic as `finish_device`, which a test holds it to. On a CPU an operation of torch costs several times
what one of numpy does on arrays this small, and the check whether any cell is broken can be asked first.
"""

import numpy as np
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
        self._limits = np.zeros((2, len(sizes)), np.float32)
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
        values, limits, starts = self._values, self._limits, self._starts
        with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
            sums = np.add.reduceat(values, starts)
            broken = None if np.isfinite(sums).all() else ~np.isfinite(values)  # one broken cell breaks its sum
            if broken is None:
                low, high = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
                bads = np.zeros_like(sums)
            else:
                low = np.minimum.reduceat(np.where(broken, np.inf, values), starts)
                high = np.maximum.reduceat(np.where(broken, -np.inf, values), starts)
                sums = np.add.reduceat(np.where(broken, 0, values), starts)
                bads = np.add.reduceat(broken.astype(np.float32), starts)
            new = np.stack((low, high))
            # A map without one finite cell leaves the limits as they were.
            limits += np.where(np.isinf(new), 0, new - limits) * self._weight
            self._figures[:] = limits[0], limits[1], sums / (self._sizes - bads), high, bads
            scale = 254 / np.maximum(limits[1] - limits[0], 1e-30)
            work = np.subtract(values, np.repeat(limits[0], self._sizes), out=self._work)
            work *= np.repeat(scale, self._sizes)
        work += 1.5  # halves round up: code 1 is exactly the low limit and 255 the high one
        np.clip(work, 1, 255, out=work)
        if broken is not None:
            work[broken] = 0
        np.copyto(self._codes, work, casting="unsafe")
