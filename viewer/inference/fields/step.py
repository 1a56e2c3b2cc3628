"""One operation as a rule sees it, and what every rule does with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor

from viewer.core.field import Span
from viewer.inference.fields.trace import Known, Trace


@dataclass(frozen=True, slots=True)
class Step:
    """One operation.

    Attributes:
        name: Such as `convolution`.
        given: Its arguments by the names of its schema, defaults filled in.
        known: Of its operands that depend on the input, each with the tensor.
        made: One of its results.
        is_pointwise: Whether PyTorch says of it that it looks at each value alone.
    """

    name: str
    given: Mapping[str, Any]
    known: Sequence[tuple[Tensor, Known]]
    made: Tensor
    is_pointwise: bool


def trace_of(step: Step) -> Trace:
    """What is known of the first operand."""
    known = step.known[0][1]
    if not isinstance(known, Trace):
        raise TypeError(f"nothing to follow: {known}")  # `followed` has dealt with it
    return known


def resized(step: Step, trace: Trace, rows: Span, columns: Span) -> Trace:
    """The trace of a result with as many cells as that has."""
    shape = step.made.shape
    return replace(trace, rows=rows, columns=columns, hw=(shape[trace.axes[0]], shape[trace.axes[1]]))


def is_map(trace: Trace) -> bool:
    """Whether rows and columns are the last two dimensions."""
    return trace.axes == (-2, -1)
