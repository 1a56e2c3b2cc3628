"""What a map says at one pixel of the source: the words under the crosshair.

Maps come as bytes, so a value is known to half a step of its limits; the words say how exact they are rather than show
digits that nobody measured.
"""

import math
from dataclasses import dataclass

from viewer.core.cell import CellGrid
from viewer.core.geometry import Rect
from viewer.core.many import Mosaic
from viewer.core.packet import NOT_FINITE, value_of
from viewer.render.plan import OverlayPlan, RenderPlan, TilePlan

_STEPS = 254
"""From code 1 to code 255."""
_MOST_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Reading:
    """One cell of a map.

    Attributes:
        row: Of the cell.
        column: Of the cell.
        value: In activation units; nan where it is not finite.
        within: Half a step of the limits: the true value is at most this far from `value`, in activation units.
        beyond: -1 or 1 where the value may lie beyond the first or last colour's, else 0.
    """

    row: int
    column: int
    value: float
    within: float
    beyond: int

    @property
    def text(self) -> str:
        """The value in words: `0.487 ± 0.003`, at the ends of the limits `≥ 1.31`, `not finite`."""
        if math.isnan(self.value):
            return "not finite"
        if self.beyond:
            return f"{'≤' if self.beyond < 0 else '≥'} {self.value:.3g}"
        if not self.within > 0:
            return f"{self.value:.3g}"
        within = f"{float(f'{self.within:.1g}'):g}"  # one digit, 50 and not 5e+01
        decimals = max(0, -math.floor(math.log10(self.within)))
        value = f"{self.value:.3g}" if decimals > _MOST_DECIMALS else f"{self.value:.{decimals}f}"
        return f"{value} ± {within}"


def reading_at(overlay: OverlayPlan, x: float, y: float) -> Reading | None:
    """The cell over a source pixel.

    Args:
        overlay: The map.
        x: In source pixels, from the left edge.
        y: In source pixels, from the upper edge.

    Returns:
        None where the map does not reach.
    """
    cell = cell_at(overlay, x, y)
    return None if cell is None else _read(cell, int(overlay.codes[cell].reshape(-1)[0]), _limits(overlay)[0])


def _read(cell: tuple[int, int], code: int, limits: tuple[float, float]) -> Reading:
    low, high = limits
    step = (high - low) / _STEPS
    if code == NOT_FINITE:
        return Reading(*cell, math.nan, step / 2, 0)
    beyond = -1 if code == NOT_FINITE + 1 else int(code == NOT_FINITE + 1 + _STEPS)
    return Reading(*cell, low + (code - NOT_FINITE - 1) * step, step / 2, beyond)


def words_at(overlay: OverlayPlan | None, x: float, y: float, *, here: bool) -> tuple[str, ...]:
    """What to write beside the crosshair, the most important first, so that a narrow tile drops the rest.

    Args:
        overlay: The tile's map; None where it shows none.
        x: In source pixels.
        y: In source pixels.
        here: Whether the pointer is over this tile, which then says everything; the others give their values alone.
    """
    pixel = f"pixel {math.floor(x)}, {math.floor(y)}"
    if overlay is None:
        return (pixel,) if here else ()
    if overlay.mosaic is not None:
        return _words_in_mosaic(overlay, overlay.mosaic, x, y) if here else ()
    reading = reading_at(overlay, x, y)
    if reading is None:
        return ("beside the map", pixel) if here else ("beside the map",)
    values = _words_of_bands(overlay, (reading.row, reading.column)) if overlay.bands else (reading.text,)
    if not here:
        return values
    row = f"row {reading.row}, column {reading.column}"
    return (*values, row, pixel, *_words_of_grid(overlay.grid), "8 bit")


def _words_of_bands(overlay: OverlayPlan, cell: tuple[int, int]) -> tuple[str, ...]:
    """The numbers of a cell by their names; three margins more would be too much to read at a glance."""
    codes = overlay.codes[cell].tolist()
    if NOT_FINITE in codes:
        return ("not finite",)
    named = zip(overlay.bands, codes, strict=True)
    return tuple(f"{band.name} {value_of(code, *band.limits):.3g}" for band, code in named)


def _words_in_mosaic(overlay: OverlayPlan, mosaic: Mosaic, x: float, y: float) -> tuple[str, ...]:
    """Which channel it is, and its value; a mosaic does not lie over the picture, so no pixel is told."""
    reading = reading_at(overlay, x, y)
    if reading is None:
        return ("beside the channels",)
    spot = mosaic.spot_at(reading.row, reading.column, overlay.codes.shape)
    if spot is None:
        return ("no channel here",)
    return f"channel {spot.channel}", reading.text, f"row {spot.row}, column {spot.column}", "8 bit"


def _limits(overlay: OverlayPlan) -> list[tuple[float, float]]:
    """Of each number a cell has."""
    return [band.limits for band in overlay.bands] or [overlay.limits]


def _words_of_grid(grid: CellGrid | None) -> tuple[str, ...]:
    if grid is None:
        return ()
    stride = f"stride {grid.stage.stride}"
    return (stride, f"sees {grid.field.words}") if grid.field is not None else (stride,)


def spots_at(tile: TilePlan, x: float, y: float) -> tuple[Rect, ...]:
    """The cell over a source pixel: its own pixels, and those it can depend on where that is not the whole picture."""
    grid = None if tile.overlay is None else tile.overlay.grid
    cell = None if grid is None else grid.cell_at(x, y)
    if grid is None or cell is None:
        return ()
    field = grid.field_rect(cell)
    return (grid.patch(cell),) if field is None else (grid.patch(cell), field)


def finest_cell(plan: RenderPlan) -> tuple[float, float]:
    """Width and height of the smallest cell of all maps that are shown, in source pixels; a pixel without maps."""
    maps = [tile.overlay for tile in plan.tiles if tile.overlay is not None and tile.overlay.mosaic is None]
    finest = max(maps, key=lambda overlay: overlay.codes.shape[:2], default=None)
    if finest is None:
        return 1.0, 1.0
    rows, columns = finest.codes.shape[:2]
    return finest.rect.width / columns, finest.rect.height / rows


def cell_at(overlay: OverlayPlan, x: float, y: float) -> tuple[int, int] | None:
    """Row and column of the cell of a map over a source pixel; None where it does not reach."""
    rect, (rows, columns) = overlay.rect, overlay.codes.shape[:2]
    row = math.floor((y - rect.y) / rect.height * rows)
    column = math.floor((x - rect.x) / rect.width * columns)
    return (row, column) if 0 <= row < rows and 0 <= column < columns else None
