"""Arithmetic of a forward, against a network whose sum is done by hand."""

import torch
from torch import nn

from viewer.core import Letterbox
from viewer.core.errors import DetectorError
from viewer.inference.operations import count_gflops


class OneConvolution:
    """As much of a detector as is counted: 3 to 8 channels, 3 by 3, at half the size of the input."""

    device, dtype = torch.device("cpu"), torch.float32

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.network = nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False)

    def letterbox(self, image_hw: tuple[int, int]) -> Letterbox:
        return Letterbox.fit(image_hw, (64, 64))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        if self.error is not None:
            raise self.error
        return self.network(images)


def test_a_multiplication_and_an_addition_are_two() -> None:
    assert count_gflops(OneConvolution(), (48, 64)) == 2 * 3 * 8 * 9 * 32 * 32 / 1e9


def test_what_cannot_be_counted_opens_all_the_same() -> None:
    for error in (DetectorError("no"), RuntimeError("no"), torch.OutOfMemoryError("no")):
        assert count_gflops(OneConvolution(error), (48, 64)) == 0
