"""Where tiles go while the second of them answers a question: it has more room than the other maps, for it is read.

A map of a stage is glanced at, and six of them compared; what speaks for one object is a few cells of such a map, which
nobody finds in a tile of that size. So the answer is as high as all rows of maps below the main tile, or as wide as
all their columns beside it, and the block stays flush with the main tile as it is without a question.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from viewer.core.geometry import Rect
from viewer.render.layout import Sizes, widest

_MOST_LINES = 4


def answer_rects(
    count: int, area_wh: tuple[float, float], aspect: float, *, gap: int, header: int, tap_aspect: float
) -> list[Rect]:
    """Place tiles in an area.

    Args:
        count: Number of tiles, 3 or more: the main one, the answer and others.
        area_wh: Width and height of the area in pixels.
        aspect: Width over height of what the main tile shows.
        gap: Pixels between tiles.
        header: Pixels that each tile keeps above its picture.
        tap_aspect: Width over height of what all other tiles show.

    Returns:
        As `viewer.render.layout.tile_rects` does, but the answer about twice as wide as those after it or more; none
        where the area is too small for that, and where no two others are there to be smaller.
    """
    width, height = int(area_wh[0]), int(area_wh[1])
    return list(_arrange(count - 2, Sizes(width, height, aspect, tap_aspect, gap, header)))


@dataclass(frozen=True, slots=True)
class _Block:
    """The answer with the others right of it or below it, beside the main tile.

    Attributes:
        main: Width of the main tile.
        answer: Width of the answer.
        tap: Width of each other tile.
        columns: Of those.
        rows: Of those.
        below: Whether all stand below the main tile, the others right of the answer; else right of it and below.
    """

    main: int
    answer: int
    tap: int
    columns: int
    rows: int
    below: bool

    def size(self, grid: Sizes) -> tuple[int, int]:
        """Width and height of all tiles together."""
        main, taps = grid.tile_height(self.main), grid.span(self.rows, grid.tap_height(self.tap))
        if self.below:
            return self.main, main + grid.gap + taps
        return self.main + grid.gap + self.answer, max(main, grid.tap_height(self.answer) + grid.gap + taps)

    def tiles(self, others: int, grid: Sizes) -> list[Rect]:
        """All tiles, the main one at the origin."""
        main, tap, answer = (
            grid.tile_height(self.main),
            grid.tap_height(self.tap),
            grid.tap_height(self.answer),
        )
        if self.below:
            answer = grid.span(self.rows, tap)
            corner, beside = (0, main + grid.gap), (self.answer + grid.gap, main + grid.gap)
        else:
            corner = self.main + grid.gap, 0
            beside = corner[0], answer + grid.gap
        places = (divmod(number, self.columns) for number in range(others))
        return [
            Rect(0, 0, self.main, main),
            Rect(*corner, self.answer, answer),
            *(
                Rect(beside[0] + column * (self.tap + grid.gap), beside[1] + row * (tap + grid.gap), self.tap, tap)
                for row, column in places
            ),
        ]


@lru_cache(maxsize=64)
def _arrange(others: int, grid: Sizes) -> tuple[Rect, ...]:
    """All three kinds of tiles count alike."""
    best = max(_blocks(others, grid), key=lambda block: float(block.main) * block.answer * block.tap, default=None)
    if best is None:
        return ()
    width, height = best.size(grid)
    left, top = (grid.width - width) // 2, (grid.height - height) // 2
    return tuple(Rect(tile.x + left, tile.y + top, tile.width, tile.height) for tile in best.tiles(others, grid))


def _blocks(others: int, grid: Sizes) -> Iterator[_Block]:
    """The largest block of each form that fits and leaves no line empty."""
    for lines in range(2, _MOST_LINES + 1):
        along = -(-others // lines)
        if (lines - 1) * along >= others:
            continue
        for make in (_below, _beside):
            tap = widest(lambda tap: make(tap, lines, along, grid).size(grid), grid)  # noqa: B023 - called here
            if tap and grid.tap_height(tap) > grid.header:
                yield make(tap, lines, along, grid)


def _below(tap: int, rows: int, columns: int, grid: Sizes) -> _Block:
    answer = round((grid.span(rows, grid.tap_height(tap)) - grid.header) * grid.tap_aspect)
    return _Block(answer + grid.gap + grid.span(columns, tap), answer, tap, columns, rows, below=True)


def _beside(tap: int, columns: int, rows: int, grid: Sizes) -> _Block:
    answer = grid.span(columns, tap)
    height = grid.tap_height(answer) + grid.gap + grid.span(rows, grid.tap_height(tap))
    return _Block(round((height - grid.header) * grid.aspect), answer, tap, columns, rows, below=False)
