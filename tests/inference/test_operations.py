"""Arithmetic of a forward, against a network whose sum is done by hand."""

from collections.abc import Iterator

import pytest
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
        self.network: nn.Module = nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False)

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


class Attention(nn.Module):
    """Every pixel looks at every other, in eight channels: four products with weights, two of pixels with pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.look = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        pixels = images[:, :1, :8, :8].flatten(2).mT.expand(-1, -1, 8)
        return self.look(pixels, pixels, pixels, need_weights=False)[0]


@pytest.fixture
def restored() -> Iterator[None]:
    before = torch.backends.mha.get_fastpath_enabled()
    yield
    torch.backends.mha.set_fastpath_enabled(before)


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize("fast", [True, False])
def test_attention_is_counted_and_runs_afterwards_as_before(fast: bool) -> None:
    detector = OneConvolution()
    detector.network = Attention().eval()
    torch.backends.mha.set_fastpath_enabled(fast)
    assert count_gflops(detector, (64, 64)) == (4 * 2 * 64 * 8 * 8 + 2 * 2 * 64 * 64 * 8) / 1e9
    with pytest.raises(ZeroDivisionError):
        count_gflops(OneConvolution(ZeroDivisionError()), (48, 64))
    assert torch.backends.mha.get_fastpath_enabled() is fast
