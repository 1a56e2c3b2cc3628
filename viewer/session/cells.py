"""The cell the user pinned, in words and pictures: where it lies, what its channels say, and where its map stands."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.core.cell import Cell, CellGrid, CellVector
from viewer.core.geometry import Rect
from viewer.core.packet import NOT_FINITE, FramePacket, TapMap
from viewer.render.plan import RenderPlan, TilePlan
from viewer.session.probe import cell_at as cell_of_map
from viewer.session.state import ViewState

BINS = 51
"""Of the histogram: five codes each, of the 255 that finite cells have."""
SIMILARITY = "similarity:"
_PATCH = "Of the source: left and upper edge of the cell, and its width \N{MULTIPLICATION SIGN} height there"


@dataclass(frozen=True, slots=True)
class CellMark:
    """What stands out of a cell in every tile.

    Attributes:
        node: Of the stage.
        patch: The cell's own pixels of the source.
        field: The pixels it can depend on; None where that is the whole picture, or not known.
    """

    node: str
    patch: Rect
    field: Rect | None

    def spots(self, *, whole: bool) -> tuple[Rect, ...]:
        """What to frame in a tile: the cell, and what it can depend on where there is to be the whole of it."""
        return (self.patch,) if self.field is None or not whole else (self.patch, self.field)


@dataclass(frozen=True, slots=True, eq=False)
class MapValues:
    """How the cells of the map that is shown are spread, and where the pinned one stands.

    Attributes:
        counts: (BINS,) finite cells of equal parts of the limits, the lowest first.
        limits: Values at both ends, in activation units.
        value: Of the cell; nan where it is not finite.
        reducer: What made the map.
    """

    counts: NDArray[np.intp]
    limits: tuple[float, float]
    value: float
    reducer: str


def grid_at(tile: TilePlan) -> CellGrid | None:
    """The cells behind a tile; None where it shows none of a stage."""
    return None if tile.overlay is None else tile.overlay.grid


def cell_at(plan: RenderPlan, key: str, x: float, y: float) -> Cell | None:
    """The cell that a tile shows at a source pixel; None beside its map, or where it has none."""
    grid = next((grid_at(tile) for tile in plan.tiles if tile.key == key), None)
    return None if grid is None else grid.cell_at(x, y)


def channel_at(plan: RenderPlan, key: str, x: float, y: float) -> int | None:
    """The channel that a tile shows at a source pixel among others side by side; None where it does not."""
    overlay = next((tile.overlay for tile in plan.tiles if tile.key == key), None)
    if overlay is None or overlay.mosaic is None:
        return None
    place = cell_of_map(overlay, x, y)
    spot = None if place is None else overlay.mosaic.spot_at(*place, overlay.codes.shape)
    return None if spot is None else spot.channel


def vector_of(state: ViewState, packet: FramePacket | None) -> CellVector | None:
    """What was found of the cell that is pinned; None before that, and for another cell."""
    found = None if packet is None else packet.findings.cell
    return found if found is not None and found.cell == state.pinned else None


def grid_of(state: ViewState, packet: FramePacket | None) -> CellGrid | None:
    """Where the cells around the pinned one lie."""
    found = vector_of(state, packet)
    if found is None or packet is None or packet.letterbox is None:
        return None
    field = None if state.detector is None else state.detector.field_of(found.stage.node)
    return CellGrid(found.stage, found.map_hw, packet.letterbox, field)


def mark_of(state: ViewState, packet: FramePacket | None) -> CellMark | None:
    """What stands out of the pinned cell, while it is asked for."""
    grid = grid_of(state, packet) if state.inquiry.cell is not None else None
    if grid is None or state.pinned is None:
        return None
    return CellMark(grid.stage.node, grid.patch(state.pinned), grid.field_rect(state.pinned))


def centre_of(state: ViewState, packet: FramePacket | None) -> tuple[float, float] | None:
    """The source pixel in the middle of the pinned cell; of one in the padding, the nearest in the picture."""
    grid = grid_of(state, packet)
    if grid is None or state.pinned is None:
        return None
    patch, (height, width) = grid.patch(state.pinned), grid.letterbox.image_hw
    x, y = patch.x + patch.width / 2, patch.y + patch.height / 2
    return min(max(x, 0.0), width - 0.5), min(max(y, 0.0), height - 0.5)


def in_order(vector: CellVector) -> NDArray[np.intp]:
    """Numbers of the channels, the largest value first; those that are not finite last."""
    return np.argsort(-np.where(np.isfinite(vector.values), vector.values, -np.inf), kind="stable")


def map_values(vector: CellVector, maps: Sequence[TapMap]) -> MapValues | None:
    """How the map of a cell's stage is spread.

    Args:
        vector: Of the cell.
        maps: Those that are shown.

    Returns:
        None where the stage has none, or it has no limits, or three numbers a cell.
    """
    tap = next((tap for tap in maps if tap.stage.node == vector.stage.node), None)
    if (
        tap is None
        or tap.codes.ndim != 2
        or tap.is_broken
        or tap.nothing_yet
        or not all(map(math.isfinite, tap.limits))
    ):
        return None
    finite = tap.codes[tap.codes != NOT_FINITE].astype(np.intp) - NOT_FINITE - 1
    counts = np.bincount(np.minimum(finite * BINS // 255, BINS - 1), minlength=BINS)
    return MapValues(counts, tap.limits, _value(tap, vector), tap.reducer)


def _value(tap: TapMap, vector: CellVector) -> float:
    """Of the cell of the map, which may have fewer, that the cell lies in."""
    row, column = (
        min(place * shown // whole, shown - 1)
        for place, shown, whole in zip(
            (vector.cell.row, vector.cell.column), tap.codes.shape, vector.map_hw, strict=True
        )
    )
    return tap.value_at(row, column)


@dataclass(frozen=True, slots=True)
class Fact:
    """A line about a cell.

    Attributes:
        name: What it is.
        value: With its unit.
        hint: How it comes about.
    """

    name: str
    value: str
    hint: str


def facts_of(state: ViewState, packet: FramePacket | None) -> tuple[Fact, ...]:
    """Where the pinned cell is and what it can see; empty before anything is known of it."""
    grid, cell = grid_of(state, packet), state.pinned
    if grid is None or cell is None:
        return ()
    rows, columns = grid.map_hw
    patch = grid.patch(cell)
    left, top = max(0, math.floor(patch.x)), max(0, math.floor(patch.y))
    size = f"{patch.width:.3g}\N{MULTIPLICATION SIGN}{patch.height:.3g} px"
    return (
        Fact("Cell", f"row {cell.row}, column {cell.column}", f"Of {rows} rows and {columns} columns, counted from 0"),
        Fact("Pixel", f"{left}, {top} · {size}", _PATCH),
        Fact("Stride", f"{grid.stage.stride} px", "Pixels of the model's input from one cell to the next"),
        Fact("Sees", _sees(grid), field_hint(grid)),
    )


def _sees(grid: CellGrid) -> str:
    return "not looked for" if grid.field is None else grid.field.words


def field_hint(grid: CellGrid) -> str:
    """What the size of a receptive field means, and how it was found."""
    how = (
        "The receptive field, width \N{MULTIPLICATION SIGN} height in pixels of the model's input: what lies outside "
        "cannot change the cell, whatever the weights. Found by following every operation of one forward; the "
        "middle of it counts most"
    )
    if grid.field is not None and grid.field.unknown:
        return f"{how}. Here {grid.field.unknown} could not be followed"
    if grid.field is not None and grid.field.rows is None:
        return f"{how}. Attention or an average over the whole map lies on the way to this stage"
    return how


def is_similarity(state: ViewState) -> bool:
    """Whether the maps show how alike cells are to one that was picked."""
    return state.taps.reducer.startswith(SIMILARITY)
