"""Floating types by the words a user has for them, and how memory is laid out for them."""

from typing import TypeVar

import torch
from torch import nn

from viewer.core.errors import DeviceError
from viewer.detectors.request import LoadRequest, Precision

N = TypeVar("N", bound=nn.Module)

DTYPES = {Precision.FP32: torch.float32, Precision.FP16: torch.float16, Precision.BF16: torch.bfloat16}
"""The `torch.dtype` of each precision."""


def precision_of(dtype: torch.dtype) -> str:
    """The word for a floating type; types that have none keep torch's name."""
    return next((str(word) for word, known in DTYPES.items() if known == dtype), str(dtype).removeprefix("torch."))


def laid_out(network: N, request: LoadRequest, *, by_default: bool) -> N:
    """The network with the memory format that was asked for.

    Args:
        network: On its device.
        request: What was asked.
        by_default: Whether channels lie together unless something else was asked.
    """
    channels_last = by_default if request.channels_last is None else request.channels_last
    return network.to(memory_format=torch.channels_last) if channels_last else network


def check_precision(precision: Precision, device: torch.device) -> None:
    """Refuse what a device cannot run at any useful speed.

    Raises:
        DeviceError: For 16-bit floats on a CPU.
    """
    if precision == Precision.FP16 and device.type == "cpu":
        raise DeviceError("half precision needs a GPU; leave it out on the CPU")
