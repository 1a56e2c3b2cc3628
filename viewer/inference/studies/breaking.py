"""Breaking off a way back through a network: one takes seconds where a backbone is large and the device slow."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from torch import Tensor


@contextmanager
def breakable(scores: Tensor, go_on: Callable[[], None]) -> Generator[None]:
    """Context in which every way back from these scores asks before each of its steps whether it is to go on.

    What was recorded by the forward stays as it was, so that another way back can be gone later.

    Args:
        scores: Where the ways begin, of a forward that was recorded.
        go_on: Raises where it is not; what it raises ends the way and leaves the context.
    """

    def ask(_gradients: object) -> None:
        go_on()

    handles = [step.register_prehook(ask) for step in _steps(scores)]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _steps(scores: Tensor) -> list[Any]:
    """Every operation that gradients of these scores go through."""
    found: dict[Any, None] = {}
    ahead: list[Any] = [scores.grad_fn]
    while ahead:
        step = ahead.pop()
        if step is not None and step not in found:
            found[step] = None
            ahead += [before for before, _ in step.next_functions]
    return list(found)
