"""The one copy from device to host a frame makes, and the one event it waits for."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


class Download:
    """Brings a packed buffer to the host.

    On CUDA through pinned memory and an event, so that only this copy is waited for, never the whole device.

    Args:
        device: Where the buffer lies.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._host = torch.empty(0, dtype=torch.uint8)
        self._event = torch.cuda.Event() if device.type == "cuda" else None

    def start(self, packed: Tensor) -> None:
        """Begin to copy a buffer of (bytes,) uint8 on the device; on CUDA this returns before it is done."""
        if self._event is None:
            self._host = packed.cpu()
            return
        if self._host.shape != packed.shape:
            self._host = torch.empty_like(packed, device="cpu", pin_memory=True)
        self._host.copy_(packed, non_blocking=True)

    def wait(self) -> NDArray[np.uint8]:
        """Wait for the copy begun last.

        Returns:
            (bytes,) uint8 on the host, owned by the caller.
        """
        if self._event is not None:
            self._event.record()
            self._event.synchronize()
        return self._host.numpy().copy()
