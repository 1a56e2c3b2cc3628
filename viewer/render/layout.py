"""Where the tiles go: the detections large, a smaller tile for every tap around them, as little left empty as can be.

The window and composed pictures use the same arrangement, so a film shows what the window showed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from viewer.core.geometry import Rect

_STEPS = 96
"""Sizes of a tap's tile that are tried."""


def fit_rect(image_hw: tuple[int, int], area: Rect) -> Rect:
    """The largest rectangle of a picture's proportions in the middle of an area.

    Args:
        image_hw: Height and width of the picture in pixels.
        area: In tile or canvas pixels.

    Returns:
        In the same space, not rounded: overlays and boxes need the exact scale.
    """
    height, width = image_hw
    scale = min(area.width / width, area.height / height)
    fitted = width * scale, height * scale
    return Rect(area.x + (area.width - fitted[0]) / 2, area.y + (area.height - fitted[1]) / 2, *fitted)


def tile_rects(count: int, area_wh: tuple[float, float], aspect: float, *, gap: int = 0, header: int = 0) -> list[Rect]:
    """Place tiles in an area.

    Args:
        count: Number of tiles; the first is the main one.
        area_wh: Width and height of the area in pixels.
        aspect: Width of the picture over its height.
        gap: Pixels between tiles.
        header: Pixels that each tile keeps above its picture.

    Returns:
        `count` rectangles in area pixels with whole-numbered sides, none over another, all taps of one size. A
        picture of this aspect fills each below its header to half a pixel. Empty rectangles where the area is too
        small for any picture.
    """
    if count < 1:
        return []
    return list(_arrange(count, int(area_wh[0]), int(area_wh[1]), aspect, gap, header))


@dataclass(frozen=True, slots=True)
class _Grid:
    """Sizes that one search shares."""

    width: int
    height: int
    aspect: float
    gap: int
    header: int

    def largest(self, width: int, height: int) -> int:
        """Width of the largest tile in a space; 0 where no picture fits."""
        fitting = max(0, min(width, int((height - self.header) * self.aspect)))
        return fitting if self.tile_height(fitting) > self.header else 0

    def tile_height(self, width: int) -> int:
        return round(width / self.aspect) + self.header

    def fitting(self, size: int, space: int) -> int:
        """How many tiles of a size stand side by side in a space."""
        return max(0, (space + self.gap) // (size + self.gap))


@dataclass(frozen=True, slots=True)
class _Tiling:
    """The main tile at the top left, `columns` of taps right of it over the whole height, the other taps below it."""

    tap: int
    main: int
    columns: int
    per_column: int
    per_row: int

    @property
    def score(self) -> float:
        """How good it is: both kinds of tile should be large, the main one more so."""
        return float(self.main) ** 3 * float(self.tap) ** 2


@lru_cache(maxsize=64)
def _arrange(count: int, width: int, height: int, aspect: float, gap: int, header: int) -> tuple[Rect, ...]:
    grid = _Grid(width, height, aspect, gap, header)
    if count == 1:
        main = grid.largest(width, height)
        tiles = [Rect(0, 0, main, grid.tile_height(main))] if main else []
    else:
        best = max(_tilings(count - 1, grid), key=lambda tiling: tiling.score, default=None)
        tiles = [] if best is None else _place(best, count - 1, grid)
    if not tiles:
        return (Rect(0, 0, 0, 0),) * count
    left = (width - round(max(tile.x + tile.width for tile in tiles))) // 2
    top = (height - round(max(tile.y + tile.height for tile in tiles))) // 2
    return tuple(Rect(tile.x + left, tile.y + top, tile.width, tile.height) for tile in tiles)


def _tilings(taps: int, grid: _Grid) -> Iterator[_Tiling]:
    """Every arrangement worth a look that holds all taps."""
    for step in range(1, _STEPS):
        tap = grid.largest(grid.width, grid.height) * step // _STEPS
        tap_height = grid.tile_height(tap)
        if tap < 1 or tap_height <= grid.header:
            continue
        per_column = grid.fitting(tap_height, grid.height)
        for columns in range(grid.fitting(tap, grid.width)):
            beside = grid.width - columns * (tap + grid.gap)
            per_row = grid.fitting(tap, beside)
            below = max(0, taps - columns * per_column)
            if not per_row and below:
                continue
            rows = -(-below // per_row) if below else 0
            main = grid.largest(beside, grid.height - rows * (tap_height + grid.gap))
            if main >= tap:
                yield _Tiling(tap, main, columns, per_column, per_row)


def _place(tiling: _Tiling, taps: int, grid: _Grid) -> list[Rect]:
    """The main tile and its taps, packed to the top left; taps fill the columns first, then the rows."""
    tap, gap = tiling.tap, grid.gap
    main_height, tap_height = grid.tile_height(tiling.main), grid.tile_height(tap)
    beside = min(taps, tiling.columns * tiling.per_column)
    below = taps - beside
    row_width = min(below, tiling.per_row) * (tap + gap) - gap
    widest = max(tiling.main, row_width)
    right = widest + gap
    stack = 0 if below else min(beside, tiling.per_column) * (tap_height + gap) - gap
    tiles = [Rect((widest - tiling.main) // 2, max(0, stack - main_height) // 2, tiling.main, main_height)]
    for number in range(beside):
        column, row = divmod(number, tiling.per_column)
        tiles.append(Rect(right + column * (tap + gap), row * (tap_height + gap), tap, tap_height))
    for number in range(below):
        row, column = divmod(number, tiling.per_row)
        tiles.append(Rect(column * (tap + gap), main_height + gap + row * (tap_height + gap), tap, tap_height))
    return tiles
