"""Channels summed up on a CPU in one pass, compiled for the machine when they are first used.

Torch reads the activation once for each number and writes as much each time: on one core, for the six stages that
yolo11n is tapped at, 25 ms a frame, as long as the network itself takes.

Nearly all activations are finite, and what is finite can be summed in any order; so that is looked for first, and the
careful way, one value after the other, is taken only where it is needed. Values are summed as distances to the first
of their channel, for the deviation of what is far from 0 would drown in rounding.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from viewer.taps.layout import Layout

_LARGEST = np.float32(np.finfo(np.float32).max)


def sum_channels(values: NDArray[np.float32], layout: Layout, epsilon: float, sums: NDArray[np.float32]) -> None:
    """Fill in the rows of `viewer.inference.studies.channel_sums.Row`.

    Args:
        values: (1, C, H, W) for planes, (1, H, W, C) for cells; contiguous.
        layout: Which of the two.
        epsilon: Values of this magnitude or less count as near zero.
        sums: (8, C), written.
    """
    if layout is Layout.PLANES:
        _sum_planes(values.reshape(values.shape[1], -1), np.float32(epsilon), sums)
    else:
        _sum_cells(values.reshape(-1, values.shape[3]), np.float32(epsilon), sums)


def _compiled(**options: Any) -> Any:
    return njit(cache=True, nogil=True, boundscheck=False, error_model="numpy", **options)


@_compiled(fastmath={"reassoc"})
def _is_calm(values: Any) -> bool:
    """Whether all values are finite, and so far from the end of their type that sums of squared distances are."""
    nothing, most = np.float32(0), np.float32(4.0 * values.size)
    for value in values.reshape(-1):
        square = value * value * most
        nothing += square - square
    return nothing == 0


@_compiled(fastmath=True)
def _sum_calm_cells(values: Any, epsilon: Any, sums: Any) -> None:
    cells, channels = values.shape
    first = values[0].copy()
    sums[:] = 0
    mean, square, low, high, zeros, near = sums[0], sums[1], sums[2], sums[3], sums[4], sums[5]
    low[:] = first
    high[:] = first
    for cell in range(cells):
        row = values[cell]
        for channel in range(channels):
            value = row[channel]
            apart = value - first[channel]
            mean[channel] += apart
            square[channel] += apart * apart
            low[channel] = min(low[channel], value)
            high[channel] = max(high[channel], value)
            magnitude = abs(value)
            zeros[channel] += np.float32(1) if magnitude == 0 else np.float32(0)
            near[channel] += np.float32(1) if magnitude <= epsilon else np.float32(0)
    share = np.float32(1.0 / cells)
    for channel in range(channels):
        apart = mean[channel] * share
        square[channel] = np.sqrt(max(square[channel] * share - apart * apart, np.float32(0)))
        mean[channel] = first[channel] + apart


@_compiled(fastmath=True)
def _sum_calm_plane(plane: Any, epsilon: Any, sums: Any, channel: int) -> None:
    first = plane[0]
    total, square, low, high = np.float32(0), np.float32(0), first, first
    zeros, near = np.float32(0), np.float32(0)
    for value in plane:
        apart = value - first
        total += apart
        square += apart * apart
        low, high = min(low, value), max(high, value)
        magnitude = abs(value)
        zeros += np.float32(1) if magnitude == 0 else np.float32(0)
        near += np.float32(1) if magnitude <= epsilon else np.float32(0)
    share = np.float32(1.0 / len(plane))
    apart = total * share
    sums[0, channel], sums[1, channel] = first + apart, np.sqrt(max(square * share - apart * apart, np.float32(0)))
    sums[2, channel], sums[3, channel], sums[4, channel], sums[5, channel] = low, high, zeros, near
    sums[6, channel] = sums[7, channel] = 0


@_compiled()
def _sum_broken(plane: Any, epsilon: Any, sums: Any, channel: int) -> None:
    """One channel, whatever is in it."""
    total = square = 0.0
    low, high = np.float32(np.inf), np.float32(-np.inf)
    zeros = near = saturated = bad = 0
    for value in plane:
        magnitude = abs(value)
        saturated += magnitude >= _LARGEST
        if not np.isfinite(value):
            bad += 1
            continue
        exact = np.float64(value)
        total += exact
        square += exact * exact
        low, high = min(low, value), max(high, value)
        zeros += magnitude == 0
        near += magnitude <= epsilon
    mean = total / len(plane)
    sums[0, channel], sums[1, channel] = mean, np.sqrt(max(square / len(plane) - mean * mean, 0.0))
    sums[2, channel], sums[3, channel], sums[4, channel], sums[5, channel] = low, high, zeros, near
    sums[6, channel], sums[7, channel] = saturated, bad


@_compiled()
def _sum_cells(values: Any, epsilon: Any, sums: Any) -> None:
    if _is_calm(values):
        _sum_calm_cells(values, epsilon, sums)
        return
    for channel in range(values.shape[1]):
        _sum_broken(values[:, channel], epsilon, sums, channel)


@_compiled()
def _sum_planes(values: Any, epsilon: Any, sums: Any) -> None:
    calm = _is_calm(values)
    for channel in range(len(values)):
        if calm:
            _sum_calm_plane(values[channel], epsilon, sums, channel)
        else:
            _sum_broken(values[channel], epsilon, sums, channel)
