"""What is summed up of each channel of an activation, on the device it lies on: all that a study of channels needs.

One set of numbers a channel, so that they can come down together and a thousand channels are a few kilobytes.
"""

from enum import IntEnum

import numpy as np
import torch
from torch import Tensor

from viewer.taps.compiled import host_kernels
from viewer.taps.layout import layout_of

_LARGE = 1e15
"""Magnitude from which squares, summed over a map, may be more than float32 can hold."""
_MOST = torch.finfo(torch.float32).max


class Row(IntEnum):
    """What a row of `channel_sums` holds for each channel.

    Mean and deviation take 0 in the place of values that are not finite; `LOW` and `HIGH` leave those out, and are +inf
    and -inf where nothing is left. The last four count values. It is the deviation and not the variance, which float32
    cannot hold of values above 1e19.
    """

    MEAN = 0
    DEVIATION = 1
    LOW = 2
    HIGH = 3
    ZEROS = 4
    NEAR_ZEROS = 5
    SATURATED = 6
    NONFINITE = 7


def channel_sums(activation: Tensor, epsilon: float) -> Tensor:
    """Sum an activation up by channels.

    Args:
        activation: (C, H, W) of any floating type.
        epsilon: Values of this magnitude or less count as near zero.

    Returns:
        (8, C) float32 on the same device, a `Row` each; nothing waits for the device.
    """
    layout = layout_of(activation[None])
    if layout is not None and host_kernels() is not None:
        from viewer.inference.studies.channel_kernels import sum_channels

        sums = np.empty((len(Row), len(activation)), np.float32)
        sum_channels(layout.view(activation[None].numpy()), layout, epsilon, sums)
        return torch.from_numpy(sums)
    return _summed(activation, epsilon)


def _summed(activation: Tensor, epsilon: float) -> Tensor:
    """The same in a fixed number of operations, for any device and type."""
    largest = torch.finfo(activation.dtype).max
    values = activation.float().flatten(1)
    bad = (values - values).ne(0)  # infinities and nan give nan, which differs from 0
    low, high = values.masked_fill(bad, torch.inf).amin(1), values.masked_fill(bad, -torch.inf).amax(1)
    finite = values.masked_fill(bad, 0.0)
    if activation.dtype is torch.float16:  # none of whose squares are too large
        deviation, mean = torch.std_mean(finite, 1, correction=0)
    else:
        peak = torch.maximum(low.abs(), high.abs()).clamp(max=_MOST)
        scale = torch.where(peak > _LARGE, peak, 1.0)
        deviation, mean = (each * scale for each in torch.std_mean(finite.div_(scale[:, None]), 1, correction=0))
    magnitude = values.abs()
    counted = [magnitude.eq(0), magnitude.le(epsilon), magnitude.ge(largest), bad]
    counts = [each.sum(1).float() for each in counted]
    return torch.stack((mean, deviation, low, high, *counts))
