"""Errors that are nobody's fault: memory that ran out, and work that cannot be recorded into a graph."""

import torch

_FULL = ("out of memory", "not enough memory", "can't allocate memory")
"""What torch says in a plain RuntimeError where a backend has no error type of its own for it: MPS and the CPU."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory ran out, in any of the ways in which it is said."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(text in str(error) for text in _FULL)


def is_capturing() -> bool:
    """Whether work is being recorded into a CUDA graph now; an error then means that it cannot be, and runs eagerly."""
    return torch.cuda.is_initialized() and torch.cuda.is_current_stream_capturing()  # the second alone may raise
