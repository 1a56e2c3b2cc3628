"""Whether autograd may look at a forward: never, unless somebody explains what it finds.

Networks run in inference mode, which is the fastest, and whose tensors autograd refuses. An explanation needs gradients
of the very same forward, so the ones who drive a network say `inferring` where they would say `torch.inference_mode`,
and who wants gradients calls them within `recording`. Parameters require none, so nothing is recorded before a hook
puts a tensor that does in the place of an activation.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from threading import local
from typing import ParamSpec, TypeVar

import torch

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
