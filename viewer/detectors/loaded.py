"""What every loaded network has, whoever made it: a device, stages, and an end after which it says so."""

from typing import Any

import torch
from torch import nn

from viewer.core.detector import DetectorInfo
from viewer.core.errors import DetectorError
from viewer.core.stage import Stage

RANDOM_WEIGHTS = "random weights"
"""`DetectorInfo.warning` of a network that nobody trained: its maps are real, what it finds is not."""


class LoadedNetwork:
    """The part of the `Detector` port that does not depend on the framework. Adapters derive from it.

    They set `_info` and `_stages` once their dry run told them.

    Args:
        network: In eval mode, without gradients, on `device`.
        name: Short name for messages.
        device: Where it lives.
        dtype: Floating type of its input.
    """

    _info: DetectorInfo
    _stages: tuple[Stage, ...]

    def __init__(self, network: nn.Module, *, name: str, device: torch.device, dtype: torch.dtype) -> None:
        self._network: Any = network
        self._name = name
        self._device = device
        self._dtype = dtype

    @property
    def info(self) -> DetectorInfo:
        """What is known of it."""
        return self._info

    @property
    def module(self) -> Any:
        """The network.

        Raises:
            DetectorError: If the detector is closed.
        """
        network = self._network  # read once: another thread may close it meanwhile
        if network is None:
            raise DetectorError(f"detector {self._name} is closed")
        return network

    @property
    def device(self) -> torch.device:
        """Where it lives."""
        return self._device

    @property
    def dtype(self) -> torch.dtype:
        """Floating type of its input."""
        return self._dtype

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Every tappable stage in the order of execution."""
        return self._stages

    def close(self) -> None:
        """Drop the weights; twice is harmless."""
        if self._network is None:
            return
        self._network = None
        if self._device.type == "cuda":
            torch.cuda.empty_cache()
