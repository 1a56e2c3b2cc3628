"""Floating types by the words a user has for them."""

import torch

from viewer.core.errors import DeviceError
from viewer.detectors.request import Precision

DTYPES = {Precision.FP32: torch.float32, Precision.FP16: torch.float16, Precision.BF16: torch.bfloat16}
"""The `torch.dtype` of each precision."""


def precision_of(dtype: torch.dtype) -> str:
    """The word for a floating type; types that have none keep torch's name."""
    return next((str(word) for word, known in DTYPES.items() if known == dtype), str(dtype).removeprefix("torch."))


def check_precision(precision: Precision, device: torch.device) -> None:
    """Refuse what a device cannot run at any useful speed.

    Raises:
        DeviceError: For 16-bit floats on a CPU.
    """
    if precision == Precision.FP16 and device.type == "cpu":
        raise DeviceError("half precision needs a GPU; leave it out on the CPU")
