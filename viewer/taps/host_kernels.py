"""Taps on a CPU in one pass over the activation, compiled for the machine when they are first used.

Torch has no operation that sums magnitudes along channels in one pass: two operations read the activation, write it
and read it again, and each wakes the other cores on its own. And what follows, the limits, figures and 8-bit codes of
a map, is cheapest while the map is still in the nearest cache. So one call does it all for one tap, before its hook
returns. Measured on two cores with yolo11n at 640, six taps, in place: torch and numpy 0.53 ms a frame, one compiled
call a tap 0.19; split between both cores it takes as long, for waking one costs what it saves. What numba compiles is
kept on disk, so that only the first run on a machine waits for it.

Sums may be taken in any order but never assume that values are finite: one broken value breaks its cell's sum.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from viewer.taps.layout import Layout
from viewer.taps.reducers import Total

_ANY_ORDER = {"reassoc", "contract", "arcp", "nsz"}
_PLANE_BLOCK = 1024
"""Cells of a plane summed at a time, so that their sums stay in the first cache."""


Reduction = Callable[[NDArray[np.float32]], None]
"""Reduces one activation, laid out as `viewer.taps.layout.Layout` says, and finishes its map."""


class HostMap:
    """One tap's map on the host, with everything a frame writes.

    Args:
        values: (cells,) float32 of the reduced map.
        codes: (cells,) uint8, written: 1 to 255 for the limits, 0 for cells that are not finite.
        figures: (5,) float32, written: low, high, mean, max, nonfinite. The limits live in it from frame to frame.
        weight: (1,) float32, share of a new frame in the limits.
    """

    def __init__(
        self,
        values: NDArray[np.float32],
        codes: NDArray[np.uint8],
        figures: NDArray[np.float32],
        weight: NDArray[np.float32],
    ) -> None:
        self._written = (values, codes, figures, weight)

    def finish(self) -> None:
        """Compute limits, figures and codes of the present values."""
        _finish(*self._written)

    def reduction(self, layout: Layout, total: Total) -> Reduction:
        """The call that reduces activations of one kind and finishes their map.

        Args:
            layout: How they lie in memory.
            total: What is averaged over channels.
        """
        kernel = _reduce_planes if layout is Layout.PLANES else _reduce_cells
        # A plain number: an IntEnum would be another type to compile for.
        return partial(kernel, *self._written, int(total))


def _compiled(**options: Any) -> Any:
    return njit(cache=True, nogil=True, boundscheck=False, error_model="numpy", **options)


@_compiled(fastmath=_ANY_ORDER)
def _sum_cells(cells: Any, total: int, out: Any) -> None:
    """Means of the rows of (cells, C); roots of them where squares are summed."""
    channels = cells.shape[1]
    share = np.float32(1.0 / channels)
    for cell in range(len(cells)):
        summed = np.float32(0)
        if total == 0:
            for channel in range(channels):
                summed += abs(cells[cell, channel])
        elif total == 1:
            for channel in range(channels):
                summed += cells[cell, channel]
        else:
            for channel in range(channels):
                summed += cells[cell, channel] * cells[cell, channel]
        out[cell] = np.sqrt(summed * share) if total == 2 else summed * share


@_compiled(fastmath=_ANY_ORDER)
def _sum_planes(planes: Any, total: int, out: Any) -> None:
    """The same for the columns of (C, cells)."""
    channels, cells = planes.shape
    share = np.float32(1.0 / channels)
    for low in range(0, cells, _PLANE_BLOCK):
        high = min(low + _PLANE_BLOCK, cells)
        block = out[low:high]
        block[:] = 0
        for channel in range(channels):
            plane = planes[channel, low:high]
            if total == 0:
                for cell in range(high - low):
                    block[cell] += abs(plane[cell])
            elif total == 1:
                for cell in range(high - low):
                    block[cell] += plane[cell]
            else:
                for cell in range(high - low):
                    block[cell] += plane[cell] * plane[cell]
        for cell in range(high - low):
            block[cell] = np.sqrt(block[cell] * share) if total == 2 else block[cell] * share


@_compiled(fastmath={"reassoc"})
def _all_finite(values: Any) -> bool:
    nothing = np.float32(0)
    for cell in range(len(values)):
        nothing += values[cell] - values[cell]  # 0, or not a number where the value is not finite
    return nothing == 0


@_compiled(fastmath=True)
def _finish_finite(values: Any, codes: Any, figures: Any, weight: Any) -> None:
    least, most, summed = values[0], values[0], np.float32(0)
    for cell in range(len(values)):
        value = values[cell]
        least, most = min(least, value), max(most, value)
        summed += value
    low = figures[0] + weight[0] * (least - figures[0])
    high = figures[1] + weight[0] * (most - figures[1])
    figures[0], figures[1], figures[2] = low, high, summed / np.float32(len(values))
    figures[3], figures[4] = most, np.float32(0)
    scale = np.float32(254) / max(high - low, np.float32(1e-30))
    for cell in range(len(values)):
        # Halves round up: code 1 is exactly the low limit and 255 the high one.
        code = (values[cell] - low) * scale + np.float32(1.5)
        codes[cell] = np.uint8(min(max(code, np.float32(1)), np.float32(255)))


@_compiled()
def _finish_broken(values: Any, codes: Any, figures: Any, weight: Any) -> None:
    """The same with broken cells left out; a map without one sound cell leaves the limits as they were."""
    least, most = np.float32(np.inf), np.float32(-np.inf)
    summed, sound = np.float32(0), 0
    for value in values:
        if np.isfinite(value):
            least, most = min(least, value), max(most, value)
            summed += value
            sound += 1
    if sound:
        figures[0] += weight[0] * (least - figures[0])
        figures[1] += weight[0] * (most - figures[1])
    figures[2] = summed / np.float32(sound) if sound else np.float32(np.nan)
    figures[3], figures[4] = most, np.float32(len(values) - sound)
    scale = np.float32(254) / max(figures[1] - figures[0], np.float32(1e-30))
    for cell in range(len(values)):
        code = (values[cell] - figures[0]) * scale + np.float32(1.5)
        sane = np.uint8(min(max(code, np.float32(1)), np.float32(255))) if np.isfinite(values[cell]) else np.uint8(0)
        codes[cell] = sane


@_compiled()
def _finish(values: Any, codes: Any, figures: Any, weight: Any) -> None:
    if _all_finite(values):
        _finish_finite(values, codes, figures, weight)
    else:
        _finish_broken(values, codes, figures, weight)


@_compiled()
def _reduce_cells(values: Any, codes: Any, figures: Any, weight: Any, total: int, pixels: Any) -> None:
    _sum_cells(pixels.reshape(len(values), pixels.shape[3]), total, values)
    _finish(values, codes, figures, weight)


@_compiled()
def _reduce_planes(values: Any, codes: Any, figures: Any, weight: Any, total: int, activation: Any) -> None:
    _sum_planes(activation.reshape(activation.shape[1], len(values)), total, values)
    _finish(values, codes, figures, weight)
