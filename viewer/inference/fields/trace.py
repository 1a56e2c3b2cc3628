"""Which input pixels the cells of one tensor depend on, and where its rows and columns lie."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod

from viewer.core.field import Span


@dataclass(frozen=True, slots=True)
class Trace:
    """Of a tensor whose cells depend on some pixels only.

    Attributes:
        rows: Along the input's height.
        columns: Along its width.
        hw: Cells along both.
        axes: Which dimensions of the tensor they are, counted from the last one, -1; both the same where they lie in
            one, row by row.
    """

    rows: Span
    columns: Span
    hw: tuple[int, int]
    axes: tuple[int, int] = (-2, -1)

    @property
    def is_flat(self) -> bool:
        """Whether rows and columns lie in one dimension."""
        return self.axes[0] == self.axes[1]

    def with_(self, other: "Trace") -> "Trace | Lost":
        """What is made of both, cell by cell."""
        if (self.axes, self.hw) != (other.axes, other.hw):
            return Lost("a combination of maps that lie differently")
        return replace(
            self,
            rows=self.rows.with_(other.rows, self.hw[0]),
            columns=self.columns.with_(other.columns, self.hw[1]),
        )


@dataclass(frozen=True, slots=True)
class Everything:
    """Of a tensor in which every value depends on the whole input."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Of a tensor that came out of something unknown.

    Attributes:
        operation: Which.
    """

    operation: str


Known = Trace | Everything | Lost


def joined(known: Sequence[Known]) -> Known:
    """What is made of several tensors, cell by cell."""
    if any(isinstance(one, Everything) for one in known):
        return Everything()
    whole: Known = known[0]
    for one in known[1:]:
        if isinstance(whole, Trace):
            whole = whole.with_(one) if isinstance(one, Trace) else one
    return whole


def relocated(trace: Trace, before: Sequence[int], after: Sequence[int]) -> Trace | None:
    """Find rows and columns again after a view that keeps the order of all values.

    Args:
        trace: Of the tensor before.
        before: Its shape.
        after: The shape of the view.

    Returns:
        None where they are torn apart.
    """
    height, width = trace.hw
    inner = prod(before[len(before) + trace.axes[1] + 1 :])
    outer = inner * width if trace.is_flat else prod(before[len(before) + trace.axes[0] + 1 :])
    column = _dimension(after, width, inner)
    row = _dimension(after, height, outer)
    if row is not None and column is not None:
        return replace(trace, axes=(row, column))
    flat = _dimension(after, height * width, inner)
    return replace(trace, axes=(flat, flat)) if flat is not None and outer == inner * width else None


def _dimension(shape: Sequence[int], size: int, inner: int) -> int | None:
    """The dimension of this size behind which so many values lie, counted from the last one."""
    behind = 1
    for place in range(-1, -len(shape) - 1, -1):
        if behind == inner and shape[place] == size:
            return place
        behind *= shape[place]
    return None
