"""A film whose tiles lie as in the window, with nothing left empty beside them."""

from dataclasses import replace

import pytest

from viewer.render.film import FILM_WH, film_size
from viewer.render.grid import tile_areas
from viewer.render.scale import Scale
from viewer.render.views import Grid

WINDOWS = [(728, 608), (1368, 912), (1000, 900), (500, 1000), (1600, 500), (960, 540)]


def film_tiles(plan, size_wh):
    """Where a composed picture has its tiles, and the room that it has for them."""
    scale = Scale.of(size_wh)
    area_wh = size_wh[0] - 2 * scale.margin, size_wh[1] - 2 * scale.margin - scale.footer
    return tile_areas(plan, area_wh, plan.frame.image_hw, gap=scale.gap, header=scale.header), area_wh


def arrangement(tiles, grid):
    """Which column and row each tile begins in; of a strip, which stands in the middle, whether it lies beside."""
    if grid is Grid.STRIP:
        return [tile.x >= tiles[0].x + tiles[0].width for tile in tiles]
    lefts, tops = sorted({tile.x for tile in tiles}), sorted({tile.y for tile in tiles})
    return [(lefts.index(tile.x), tops.index(tile.y)) for tile in tiles]


@pytest.mark.parametrize("window_wh", WINDOWS)
@pytest.mark.parametrize("grid", [Grid.AUTO, Grid.TWO, Grid.STRIP])
@pytest.mark.parametrize("taps", [0, 3, 6])
def test_tiles_lie_as_in_the_window_and_reach_the_edges(make_plan, window_wh, grid, taps):
    if grid is Grid.TWO and taps > 3:
        taps = 2
    plan = make_plan(taps=taps, grid=grid)
    size_wh = film_size(plan, window_wh)
    tiles, area_wh = film_tiles(plan, size_wh)
    in_window = tile_areas(plan, window_wh, plan.frame.image_hw, gap=4, header=24)
    assert arrangement(tiles, grid) == arrangement(in_window, grid)
    assert all(side % 2 == 0 and side <= most for side, most in zip(size_wh, FILM_WH, strict=True))
    assert any(side >= most - 2 for side, most in zip(size_wh, FILM_WH, strict=True))
    empty_wh = (
        area_wh[0] - max(tile.x + tile.width for tile in tiles) + min(tile.x for tile in tiles),
        area_wh[1] - max(tile.y + tile.height for tile in tiles) + min(tile.y for tile in tiles),
    )
    assert max(empty_wh) <= 0.02 * max(size_wh)


def test_before_the_first_frame_a_film_is_as_large_as_it_can_be(make_plan):
    assert film_size(replace(make_plan(), frame=None), (728, 608)) == FILM_WH
