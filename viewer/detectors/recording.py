"""Whether autograd may look at a forward: never, unless somebody explains what it finds.

Networks run in inference mode, which is the fastest, and whose tensors autograd refuses. An explanation needs gradients
of the very same forward, so the ones who drive a network say `inferring` where they would say `torch.inference_mode`,
and who wants gradients calls them within `recording`. Parameters require none, so nothing is recorded before a hook
puts a tensor that does in the place of an activation.

What a network or adapter worked out in inference mode and keeps (anchors, strides, positions) autograd refuses as well.
`renew_kept` puts copies in its place that autograd takes, before the first frame is recorded.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from threading import local
from typing import Any, ParamSpec, TypeVar

import torch
from torch import Tensor, nn

_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")


class _Mode(local):
    is_recording = False


_mode = _Mode()


def is_recording() -> bool:
    """Whether this thread is within `recording`."""
    return _mode.is_recording


@contextmanager
def recording() -> Iterator[None]:
    """A context in which what is called `inferring` records gradients instead; for this thread, and not nested."""
    _mode.is_recording = True
    try:
        with torch.inference_mode(mode=False), torch.enable_grad():
            yield
    finally:
        _mode.is_recording = False


def inferring(function: Callable[_Given, _Answer]) -> Callable[_Given, _Answer]:
    """Let a function run in inference mode, except within `recording`."""

    @wraps(function)
    def run(*given: _Given.args, **named: _Given.kwargs) -> _Answer:
        if _mode.is_recording:
            return function(*given, **named)
        with torch.inference_mode():
            return function(*given, **named)

    return run


def renew_kept(module: nn.Module) -> bool:
    """Give a network copies that can be recorded of the tensors it keeps beside its weights.

    Args:
        module: Whatever its parts keep under a name is looked through, in lists, tuples and dictionaries as well.

    Returns:
        Whether there were any that could not be.
    """
    has_renewed = False
    for part in module.modules():
        held = vars(part)
        for name, value in list(held.items()):
            renewed = recordable(value)
            if renewed is not value:
                held[name] = renewed
                has_renewed = True
    return has_renewed


def first_sentence(error: BaseException) -> str:
    """What autograd complains of, without the advice that follows."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].partition(". ")[0]


def recordable(value: Any) -> Any:
    """The same value with copies of the tensors in it that were made in inference mode; itself where there are none."""
    match value:
        case nn.Module():
            return value
        case Tensor():
            return value.clone() if value.is_inference() and not torch.is_inference_mode_enabled() else value
        case dict():
            made = {key: recordable(part) for key, part in value.items()}
            return made if any(made[key] is not value[key] for key in made) else value
        case list() | tuple():
            parts = [recordable(part) for part in value]
            is_same = all(one is other for one, other in zip(parts, value, strict=True))
            return value if is_same or type(value) not in (list, tuple) else type(value)(parts)
        case _:
            return value
