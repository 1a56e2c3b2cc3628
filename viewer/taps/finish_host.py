"""Limits, figures and codes of all maps on a CPU, over the tensors' own memory.

The same arithmetic as `finish_device`, which a test holds it to. Most taps are finished by the call that reduces them;
this finishes those that are not.
"""

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from viewer.taps.host_kernels import HostMap


class HostFinish:
    """A compiled call a map.

    Args:
        sizes: Cells of each tap's map.
        values: (cells,) float32 on the CPU, maps one after the other.
        codes: (cells,) uint8, written.
        figures: (taps, 5) float32, written: low, high, mean, max, nonfinite.
    """

    def __init__(self, sizes: list[int], values: Tensor, codes: Tensor, figures: Tensor) -> None:
        self._figures = figures.numpy()
        self._weight = np.ones(1, np.float32)
        self.maps = tuple(
            HostMap(map_.numpy(), coded.numpy(), row, self._weight)
            for map_, coded, row in zip(values.split(sizes), codes.split(sizes), self._figures, strict=True)
        )

    def set_limits(self, low: float, high: float) -> None:
        """Put the limits of all taps at these values."""
        self._figures[:, :2] = low, high

    def set_weight(self, weight: float) -> None:
        """Say what share a new frame has in the limits, 0..1."""
        self._weight[0] = weight

    def run(self, finished: Sequence[bool]) -> None:
        """Compute limits, figures and codes of the maps that are not finished yet."""
        for map_, is_finished in zip(self.maps, finished, strict=True):
            if not is_finished:
                map_.finish()
