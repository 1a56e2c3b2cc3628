"""How an activation lies in memory, as far as it matters to whoever reads all of it once."""

from collections.abc import Callable
from enum import Enum

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

View = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""Takes (1, C, H, W) and gives the same memory with its axes in another order."""


class Layout(Enum):
    """What lies together."""

    PLANES = "planes"
    CELLS = "cells"

    @property
    def view(self) -> View:
        """Takes (1, C, H, W) and gives the same memory as it lies: (1, C, H, W), or (1, H, W, C) for cells."""
        return as_it_is if self is Layout.PLANES else _channels_last


def as_it_is(activation: NDArray[np.float32]) -> NDArray[np.float32]:
    """The activation itself: it lies in memory as its axes are numbered."""
    return activation


def _channels_last(activation: NDArray[np.float32]) -> NDArray[np.float32]:
    return activation.transpose(0, 2, 3, 1)


def layout_of(activation: Tensor) -> Layout | None:
    """The layout of one picture's activation.

    Args:
        activation: (N, C, H, W).

    Returns:
        Planes of one channel each (contiguous), or cells of all channels each (channels-last); None for other
        strides, other types than float32, other devices than the CPU, and batches.
    """
    if activation.dtype != torch.float32 or activation.device.type != "cpu" or len(activation) != 1:
        return None
    if activation.is_contiguous():
        return Layout.PLANES
    return Layout.CELLS if activation.is_contiguous(memory_format=torch.channels_last) else None
