"""Which pixels of the model's input a cell can depend on: its receptive field, as the network is built.

This is the theoretical field: a pixel outside it cannot change the cell, whatever the weights. How much one inside it
does is another question; most of the effect comes from the middle (Luo et al., "Understanding the Effective Receptive
Field in Deep Convolutional Neural Networks", 2016).
"""

import math
from dataclasses import dataclass

_ROUNDING = 1e-6
"""By so much a third times three may differ from a whole pixel."""


@dataclass(frozen=True, slots=True)
class Span:
    """Along one side, cell i depends on input pixels `step * i + first` to `step * i + last`, both included.

    Attributes:
        step: Input pixels from one cell to the next.
        first: First pixel of cell 0; below 0 where padding reaches over the edge.
        last: Last pixel of cell 0.
    """

    step: float = 1.0
    first: float = 0.0
    last: float = 0.0

    @property
    def size(self) -> int:
        """Pixels that a cell depends on, as long as the input has that many."""
        return math.floor(self.last + _ROUNDING) - math.ceil(self.first - _ROUNDING) + 1

    def of(self, cell: int) -> tuple[float, float]:
        """Where the field of a cell begins and ends, in input pixels; its last pixel lies before the end."""
        begin = self.step * cell
        return math.ceil(begin + self.first - _ROUNDING), math.floor(begin + self.last + _ROUNDING) + 1

    def through(self, *, step: float = 1.0, first: float = 0.0, last: float = 0.0) -> "Span":
        """The span of cells that read these, each cell i from `step * i + first` to `step * i + last` of them.

        With a kernel k, a stride s, a padding p and a dilation d: s, -p, d * (k - 1) - p. Applied layer by layer this
        is the recurrence of Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks",
        2019, equations 2 and 4.
        """
        return Span(self.step * step, self.first + self.step * first, self.last + self.step * last)

    def with_(self, other: "Span", cells: int) -> "Span":
        """The smallest span around both, where so many cells are made of either."""
        drift = (other.step - self.step) * (cells - 1)
        first, last = other.first + min(0.0, drift), other.last + max(0.0, drift)
        return Span(self.step, min(self.first, first), max(self.last, last))


@dataclass(frozen=True, slots=True)
class ReceptiveField:
    """What the cells of one stage can depend on.

    Attributes:
        node: The stage.
        rows: Along the height; None where every cell depends on the whole input, or nobody knows.
        columns: Along the width; likewise.
        unknown: The operation on the way that could not be followed; empty where all could.
    """

    node: str
    rows: Span | None
    columns: Span | None
    unknown: str = ""

    @property
    def words(self) -> str:
        """Its size, in words for a user: `115x115 px`."""
        if self.unknown:
            return "not known"
        if self.rows is None or self.columns is None:
            return "the whole input"
        return f"{self.columns.size}\N{MULTIPLICATION SIGN}{self.rows.size} px"
