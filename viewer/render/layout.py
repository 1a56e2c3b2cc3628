"""Where the tiles go: the detections large, a smaller tile for every tap around them, as little left empty as can be.

The window and composed pictures use the same arrangement, so a film shows what the window showed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from viewer.core.geometry import Rect

_NEARLY_PX = 2.5
_WIDER = 6
"""From so many taps on, they may reach further than the main tile."""
_MANY = 7
"""From so many taps on, a main tile flush with them would leave them thumbnails beside it."""
_LEAST_LEAD = 2.0
"""How many taps wide the main tile is then at least."""
_WORTH_IT = 1.02
"""What taps that reach further must gain: edges that nearly line up look crooked."""


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


def snug_rect(image_hw: tuple[int, int], area: Rect) -> Rect:
    """The same, but all of an area that has the picture's proportions to a pixel or two.

    Tiles have whole-numbered sides, and a picture that leaves a part of a pixel free shows a dark line there.

    Args:
        image_hw: Height and width of the picture in pixels.
        area: In tile or canvas pixels.
    """
    fitted = fit_rect(image_hw, area)
    is_snug = area.width - fitted.width < _NEARLY_PX and area.height - fitted.height < _NEARLY_PX
    return area if is_snug else fitted


def tile_rects(
    count: int,
    area_wh: tuple[float, float],
    aspect: float,
    *,
    gap: int = 0,
    header: int = 0,
    tap_aspect: float | None = None,
) -> list[Rect]:
    """Place tiles in an area.

    Args:
        count: Number of tiles; the first is the main one.
        area_wh: Width and height of the area in pixels.
        aspect: Width of the picture over its height.
        gap: Pixels between tiles.
        header: Pixels that each tile keeps above its picture.
        tap_aspect: Width over height of what all tiles but the main one show, where that is not `aspect`.

    Returns:
        `count` rectangles in area pixels with whole-numbered sides, none over another, all taps of one size. A
        picture of this aspect fills each below its header to half a pixel. Empty rectangles where the area is too
        small for any picture.
    """
    if count < 1:
        return []
    width, height = int(area_wh[0]), int(area_wh[1])
    return list(_arrange(count, width, height, aspect, tap_aspect or aspect, gap, header))


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes that one search for places shares, all in pixels of the area.

    Attributes:
        width: Of the area.
        height: The same.
        aspect: Width over height of what the main tile shows.
        tap_aspect: The same of all others.
        gap: Between tiles.
        header: What each tile keeps above its picture.
    """

    width: int
    height: int
    aspect: float
    tap_aspect: float
    gap: int
    header: int

    def largest(self) -> int:
        """Width of a tile that has the area for itself; 0 where no picture fits."""
        fitting = max(0, min(self.width, int((self.height - self.header) * self.aspect)))
        return fitting if self.tile_height(fitting) > self.header else 0

    def tile_height(self, width: int) -> int:
        """Height of a main tile of a width."""
        return round(width / self.aspect) + self.header

    def tap_height(self, width: int) -> int:
        """Height of any other tile of a width."""
        return round(width / self.tap_aspect) + self.header

    def span(self, tiles: int, size: int) -> int:
        """Length of some tiles of a size in a line."""
        return tiles * (size + self.gap) - self.gap


@dataclass(frozen=True, slots=True)
class _Tiling:
    """Taps in rows below the main tile or in columns right of it, flush with it on both sides as long as they are few.

    A block whose edges line up is read as one picture; packing taps around two sides of the main tile wastes less but
    looks like an accident. Many taps reach further than the main tile, which stands in their middle then.
    """

    main: int
    tap: int
    columns: int
    rows: int
    below: bool

    def size(self, grid: Sizes) -> tuple[int, int]:
        main_height = grid.tile_height(self.main)
        taps_wh = grid.span(self.columns, self.tap), grid.span(self.rows, grid.tap_height(self.tap))
        if self.below:
            return max(self.main, taps_wh[0]), main_height + grid.gap + taps_wh[1]
        return self.main + grid.gap + taps_wh[0], max(main_height, taps_wh[1])

    def score(self, taps: int) -> float:
        """How good it is: frame and map count alike, for maps are what people come for; many maps count for more."""
        return float(self.main) * self.tap ** (2 if taps >= _MANY else 1)


@lru_cache(maxsize=64)
def _arrange(
    count: int, width: int, height: int, aspect: float, tap_aspect: float, gap: int, header: int
) -> tuple[Rect, ...]:
    grid = Sizes(width, height, aspect, tap_aspect, gap, header)
    if count == 1:
        main = grid.largest()
        tiles = [Rect(0, 0, main, grid.tile_height(main))] if main else []
    else:
        best = max(_tilings(count - 1, grid), key=lambda tiling: tiling.score(count - 1), default=None)
        tiles = [] if best is None else _place(best, count - 1, grid)
    if not tiles:
        return (Rect(0, 0, 0, 0),) * count
    left = (width - round(max(tile.x + tile.width for tile in tiles))) // 2
    top = (height - round(max(tile.y + tile.height for tile in tiles))) // 2
    return tuple(Rect(tile.x + left, tile.y + top, tile.width, tile.height) for tile in tiles)


def _tilings(taps: int, grid: Sizes) -> Iterator[_Tiling]:
    """The largest tiling of each arrangement that holds all taps without an empty line."""
    for lines in range(1, taps + 1):
        others = -(-taps // lines)
        if (others - 1) * lines >= taps or (lines - 1) * others >= taps:
            continue
        for below in (True, False):
            low = widest(lambda tap: _flush(tap, lines, others, below, grid).size(grid), grid)  # noqa: B023 - called here
            tiling = _flush(low, lines, others, below, grid)
            is_flush = low and tiling.main and grid.tap_height(low) > grid.header
            if is_flush:
                yield tiling
            if taps >= _WIDER:
                spread = _spread(lines, others, below, grid)
                gains = not is_flush or spread.score(taps) > _WORTH_IT * tiling.score(taps)
                if gains and grid.tap_height(spread.tap) > grid.header:
                    yield spread


def widest(size_of: Callable[[int], tuple[int, int]], grid: Sizes) -> int:
    """The largest width of a tap with which an arrangement fits.

    Args:
        size_of: Width and height of the arrangement with taps of a width, with which both grow.
        grid: Of the area.
    """
    low, high = 0, max(grid.width, grid.height)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _fits(size_of(middle), grid) else (low, middle - 1)
    return low


def _flush(tap: int, lines: int, others: int, below: bool, grid: Sizes) -> _Tiling:
    """The tiling whose main tile is as long as a line of its taps."""
    if below:
        return _Tiling(grid.span(others, tap), tap, others, lines, below=True)
    stack = grid.span(others, grid.tap_height(tap))
    least = round(tap * grid.aspect / grid.tap_aspect)
    return _Tiling(max(least, round((stack - grid.header) * grid.aspect)), tap, lines, others, below=False)


def _spread(lines: int, others: int, below: bool, grid: Sizes) -> _Tiling:
    """The tiling of the largest taps that leave the main tile its lead, and of the main tile as large as they leave."""
    lead = _LEAST_LEAD * grid.aspect / grid.tap_aspect
    columns, rows = (others, lines) if below else (lines, others)
    tap = widest(lambda tap: _Tiling(round(lead * tap), tap, columns, rows, below).size(grid), grid)
    if below:
        left = grid.height - grid.span(rows, grid.tap_height(tap)) - grid.gap - grid.header
        return _Tiling(min(grid.width, int(left * grid.aspect)), tap, columns, rows, below)
    left = grid.width - grid.span(columns, tap) - grid.gap
    return _Tiling(min(left, grid.largest()), tap, columns, rows, below)


def _fits(size: tuple[int, int], grid: Sizes) -> bool:
    return size[0] <= grid.width and size[1] <= grid.height


def _place(tiling: _Tiling, taps: int, grid: Sizes) -> list[Rect]:
    """The main tile above or left of the taps, in their middle where it is smaller; the taps in reading order."""
    main_height, tap_height = grid.tile_height(tiling.main), grid.tap_height(tiling.tap)
    spare_x = max(0, grid.span(tiling.columns, tiling.tap) - tiling.main) // 2 if tiling.below else 0
    spare_y = 0 if tiling.below else max(0, grid.span(tiling.rows, tap_height) - main_height) // 2
    x0, y0 = (0, main_height + grid.gap) if tiling.below else (tiling.main + grid.gap, 0)
    tiles = [Rect(spare_x, spare_y, tiling.main, main_height)]
    for number in range(taps):
        row, column = divmod(number, tiling.columns)
        x, y = x0 + column * (tiling.tap + grid.gap), y0 + row * (tap_height + grid.gap)
        tiles.append(Rect(x, y, tiling.tap, tap_height))
    return tiles
