"""How much arithmetic a forward is, counted while it runs: no table of layers knows what a network really does."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
from torch.utils.flop_counter import flop_registry
from typing_extensions import override

from viewer.core.errors import ViewerError
from viewer.core.protocols import Detector
from viewer.detectors.watching import EagerWatch


def count_gflops(
    detector: Detector,
    image_hw: tuple[int, int],
    *,
    beside: Callable[[torch.Tensor], AbstractContextManager[object]] = lambda _: nullcontext(),
) -> float:
    """Floating-point operations of a forward, in thousands of millions.

    Convolutions, products of matrices and attention are counted, a multiplication and an addition as two operations;
    the rest is small beside them.

    Args:
        detector: Without taps on it.
        image_hw: Height and width of the frames to come.
        beside: Given the picture, a context in which something else watches the same forward.

    Returns:
        0 where the network cannot be counted.
    """
    letterbox = detector.letterbox(image_hw)
    images = torch.zeros((1, 3, *letterbox.input_hw), dtype=detector.dtype, device=detector.device)
    images = images.to(memory_format=torch.channels_last)
    counter = _Count()
    try:
        with torch.inference_mode(), _attention_in_parts(), counter, beside(images):
            detector.forward(images)
    except (ViewerError, RuntimeError, TypeError):
        return 0.0  # a number to know, not a reason to open nothing
    return counter.operations / 1e9


class _Count(EagerWatch):
    """Adds up PyTorch's own formulas; what has none is looked into, as far as it is made of other operations."""

    def __init__(self) -> None:
        super().__init__()
        self.operations = 0

    @override
    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        formula = flop_registry.get(func.overloadpacket)
        if formula is None:
            with self:
                parts = func.decompose(*args, **kwargs)
            return func(*args, **kwargs) if parts is NotImplemented else parts
        out = func(*args, **kwargs)
        self.operations += formula(*args, **kwargs, out_val=out)
        return out


@contextmanager
def _attention_in_parts() -> Iterator[None]:
    """Keep PyTorch from running attention as one operation of its own, which no counter looks into."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)
