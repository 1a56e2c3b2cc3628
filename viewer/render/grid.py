"""Which places tiles have: at most as many as the user asked for, and no line that is left empty.

`viewer.render.layout` finds the best arrangement for any number of tiles; here are those the user chooses, and the one
way by which window and composed pictures ask for places.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from viewer.core.geometry import Rect
from viewer.render.answer_layout import answer_rects
from viewer.render.layout import tile_rects
from viewer.render.plan import RenderPlan
from viewer.render.views import Grid, MapView

_STRIP_SHARE = 0.24
"""Most of the area's height or width that a strip takes."""


_SIDES = {Grid.TWO: 2, Grid.THREE: 3, Grid.FOUR: 4}


def tile_areas(
    plan: RenderPlan, area_wh: tuple[float, float], image_hw: tuple[int, int], *, gap: int = 0, header: int = 0
) -> list[Rect]:
    """Place the tiles of a plan.

    Args:
        plan: What is shown, its pages cut already; a second tile that answers has more room than those after it.
        area_wh: Width and height of the area in pixels.
        image_hw: Height and width of the picture in source pixels.
        gap: Pixels between tiles.
        header: Pixels that each tile keeps above its picture.

    Returns:
        A rectangle a tile in area pixels, with whole-numbered sides, none over another; empty ones where the area is
        too small for any picture.
    """
    if not plan.tiles:
        return []
    first, *others = (_aspect(tile.view, image_hw) for tile in plan.tiles)
    rest = max(others, default=first)
    wh = int(area_wh[0]), int(area_wh[1])
    count = len(plan.tiles)
    if count > 2 and plan.grid is Grid.AUTO and plan.tiles[1].answers:
        tiles = answer_rects(count, area_wh, first, gap=gap, header=header, tap_aspect=rest)
        if tiles:
            return tiles
    if count == 1 or plan.grid is Grid.AUTO or plan.grid is Grid.ONE:
        return tile_rects(count, area_wh, first, gap=gap, header=header, tap_aspect=rest)
    if plan.grid is Grid.STRIP:
        return list(_strip(count, *wh, first, rest, gap, header))
    return list(_squares(count, _SIDES[plan.grid], *wh, max(first, rest), gap, header))


def _aspect(view: MapView, image_hw: tuple[int, int]) -> float:
    """Width over height of what a tile shows; frame and map side by side are two pictures."""
    height, width = image_hw
    return width / height * (2 if view is MapView.SIDE else 1)


def lines_used(areas: Sequence[Rect]) -> tuple[int, int]:
    """How many columns and rows tiles of one size stand in."""
    return len({area.x for area in areas}), len({area.y for area in areas})


@lru_cache(maxsize=64)
def _squares(count: int, side: int, width: int, height: int, aspect: float, gap: int, header: int) -> tuple[Rect, ...]:
    """All tiles alike, in reading order, in as many columns and rows as make them largest, up to `side` of each."""

    def tile(columns: int, rows: int) -> tuple[int, int]:
        room_w, room_h = (width - (columns - 1) * gap) // columns, (height - (rows - 1) * gap) // rows - header
        return _picture(aspect, room_w, room_h)

    # Of equally large ones the widest, for people read along rows.
    columns, rows = max(_lines(count, side), key=lambda lines: (tile(*lines)[0], lines[0]))
    tile_w, tile_h = tile(columns, rows)
    if not tile_w:
        return (Rect(0, 0, 0, 0),) * count
    step_x, step_y = tile_w + gap, tile_h + header + gap
    left, top = (width - columns * step_x + gap) // 2, (height - rows * step_y + gap) // 2
    return tuple(
        Rect(left + number % columns * step_x, top + number // columns * step_y, tile_w, tile_h + header)
        for number in range(count)
    )


def _lines(count: int, side: int) -> Iterator[tuple[int, int]]:
    """Columns and rows, up to `side` of each, that hold all tiles and would not do with one less."""
    for columns in range(1, side + 1):
        rows = -(-count // columns)
        if rows <= side and (columns - 1) * rows < count:
            yield columns, rows


@lru_cache(maxsize=64)
def _strip(count: int, width: int, height: int, first: float, rest: float, gap: int, header: int) -> tuple[Rect, ...]:
    """One tile large, the others in one line below it or right of it, whichever leaves the first one larger."""
    below = _strip_below(count, width, height, first, rest, gap, header)
    beside = _strip_beside(count, width, height, first, rest, gap, header)
    return max(below, beside, key=lambda tiles: (bool(tiles[-1].width), tiles[0].width))


def _strip_below(
    count: int, width: int, height: int, first: float, rest: float, gap: int, header: int
) -> tuple[Rect, ...]:
    others = count - 1
    tap_w, tap_h = _picture(rest, (width - (others - 1) * gap) // others, int(height * _STRIP_SHARE) - header)
    main_w, main_h = _picture(first, width, height - tap_h - 2 * header - gap)
    if not (tap_w and main_w):
        return (Rect(0, 0, 0, 0),) * count
    top = (height - main_h - tap_h - 2 * header - gap) // 2
    left = (width - others * (tap_w + gap) + gap) // 2
    y = top + main_h + header + gap
    taps = (Rect(left + number * (tap_w + gap), y, tap_w, tap_h + header) for number in range(others))
    return Rect((width - main_w) // 2, top, main_w, main_h + header), *taps


def _strip_beside(
    count: int, width: int, height: int, first: float, rest: float, gap: int, header: int
) -> tuple[Rect, ...]:
    others = count - 1
    tap_w, tap_h = _picture(rest, int(width * _STRIP_SHARE), (height - (others - 1) * gap) // others - header)
    main_w, main_h = _picture(first, width - tap_w - gap, height - header)
    if not (tap_w and main_w):
        return (Rect(0, 0, 0, 0),) * count
    left = (width - main_w - tap_w - gap) // 2
    step = tap_h + header + gap
    top = (height - others * step + gap) // 2
    x = left + main_w + gap
    taps = (Rect(x, top + number * step, tap_w, tap_h + header) for number in range(others))
    return Rect(left, (height - main_h - header) // 2, main_w, main_h + header), *taps


def _picture(aspect: float, width: int, height: int) -> tuple[int, int]:
    """Whole-numbered sides of the largest picture of an aspect; zeros where there is no room."""
    if width < 1 or height < 1:
        return 0, 0
    fitted = min(width, int(height * aspect))
    tall = round(fitted / aspect)
    return (fitted, tall) if fitted and tall else (0, 0)
