"""A cell of a stage: where it lies in the picture, and what all channels say there.

Cells are counted on the activation itself, not on the map that is shown, which may have been averaged down.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.core.errors import ConfigError
from viewer.core.field import ReceptiveField
from viewer.core.geometry import Letterbox, Rect
from viewer.core.stage import Stage


@dataclass(frozen=True, slots=True)
class Cell:
    """One place of an activation; as a question, what its channels are.

    Attributes:
        node: Of the stage, or its short name.
        row: Counted from 0 at the top.
        column: Counted from 0 at the left.
    """

    node: str
    row: int
    column: int

    @classmethod
    def parse(cls, text: str) -> "Cell":
        """Read `NODE:ROW,COLUMN`, as in `P3:20,31`.

        Raises:
            ConfigError: If it is written otherwise.
        """
        node, colon, place = text.rpartition(":")
        row, comma, column = (part.strip() for part in place.partition(","))
        if not (node and colon and comma and row.isdecimal() and column.isdecimal()):
            raise ConfigError(f"cell {text!r} not understood; give STAGE:ROW,COLUMN such as P3:20,31")
        return cls(node, int(row), int(column))


def extent_words(rows: int, columns: int) -> str:
    """How far something reaches in cells, named, because pixels are told width first."""
    down, across = (
        f"{count}\N{NO-BREAK SPACE}{word}{'' if count == 1 else 's'}"
        for count, word in ((rows, "row"), (columns, "column"))
    )
    return f"{down}\N{NO-BREAK SPACE}\N{MULTIPLICATION SIGN} {across}"  # a narrow page breaks it here alone


@dataclass(frozen=True, slots=True, eq=False)
class CellVector:
    """What a stage says at a cell.

    Attributes:
        cell: Which; its node is that of the stage.
        stage: Whose activation it is.
        map_hw: Rows and columns of the activation.
        values: (C,) float32, read-only, in activation units; a channel each.
    """

    cell: Cell
    stage: Stage
    map_hw: tuple[int, int]
    values: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class CellGrid:
    """Where the cells of an activation lie in the picture.

    Attributes:
        stage: Whose.
        map_hw: Rows and columns of the activation.
        letterbox: Where the picture lies in the model's input.
        field: What its cells depend on; None where that was not looked for.
    """

    stage: Stage
    map_hw: tuple[int, int]
    letterbox: Letterbox
    field: ReceptiveField | None = None

    @classmethod
    def of_map(
        cls, stage: Stage, shown_hw: tuple[int, int], letterbox: Letterbox, field: ReceptiveField | None = None
    ) -> "CellGrid":
        """The grid behind a map that is shown, which has fewer cells where it was averaged down.

        Args:
            stage: Whose map.
            shown_hw: Its rows and columns.
            letterbox: Of the frame.
            field: As in the attributes.
        """
        whole = tuple(math.ceil(side / stage.stride) for side in letterbox.input_hw)
        averaged = whole[0] >= 2 * shown_hw[0] - 1 > 1 or whole[1] >= 2 * shown_hw[1] - 1 > 1
        return cls(stage, (whole[0], whole[1]) if averaged else shown_hw, letterbox, field)

    @property
    def rect(self) -> Rect:
        """The source rectangle of all cells."""
        return self.letterbox.rect_of_map(self.map_hw, self.stage.stride)

    def cell_at(self, x: float, y: float) -> Cell | None:
        """The cell over a source pixel; None beside the activation."""
        rect, (rows, columns) = self.rect, self.map_hw
        row = math.floor((y - rect.y) / rect.height * rows)
        column = math.floor((x - rect.x) / rect.width * columns)
        return Cell(self.stage.node, row, column) if 0 <= row < rows and 0 <= column < columns else None

    def patch(self, cell: Cell) -> Rect:
        """The source rectangle that is this cell's own: stride by stride pixels of the input."""
        rect, (rows, columns) = self.rect, self.map_hw
        width, height = rect.width / columns, rect.height / rows
        return Rect(rect.x + cell.column * width, rect.y + cell.row * height, width, height)

    def field_rect(self, cell: Cell) -> Rect | None:
        """The source rectangle it can depend on; parts may lie outside the picture. None where that is all of it."""
        if self.field is None or self.field.rows is None or self.field.columns is None:
            return None
        (top, bottom), (left, right) = self.field.rows.of(cell.row), self.field.columns.of(cell.column)
        corners = np.array([[left, top, right, bottom]], np.float32)
        x0, y0, x1, y1 = self.letterbox.to_image(corners, clip=False)[0].tolist()
        return Rect(x0, y0, x1 - x0, y1 - y0)

    def share(self, xyxy: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """A source rectangle as shares of the activation's width and height: left, top, right, bottom."""
        rect, (left, top, right, bottom) = self.rect, xyxy
        return (
            (left - rect.x) / rect.width,
            (top - rect.y) / rect.height,
            (right - rect.x) / rect.width,
            (bottom - rect.y) / rect.height,
        )
