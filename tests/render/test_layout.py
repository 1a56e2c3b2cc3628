"""Tiles never overlap, never leave the area and keep the picture's proportions."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.core import Rect
from viewer.render import fit_rect, tile_rects

areas = st.tuples(st.integers(1, 4000), st.integers(1, 3000))
aspects = st.floats(0.3, 4.0)


@settings(deadline=None)
@given(count=st.integers(1, 40), area=areas, aspect=aspects, gap=st.integers(0, 20), header=st.integers(0, 40))
def test_tiles_lie_inside_apart_and_in_proportion(count, area, aspect, gap, header):
    tiles = tile_rects(count, area, aspect, gap=gap, header=header)

    assert len(tiles) == count
    for tile in tiles:
        assert tile.x >= 0
        assert tile.y >= 0
        assert tile.x + tile.width <= area[0]
        assert tile.y + tile.height <= area[1]
        assert tile == Rect(int(tile.x), int(tile.y), int(tile.width), int(tile.height))
        if tile.width:
            assert tile.height - header == pytest.approx(tile.width / aspect, abs=0.5 + 1e-6)
    for first, second in combinations(tiles, 2):
        if first.width and second.width:
            apart_x = max(first.x, second.x) - min(first.x + first.width, second.x + second.width)
            apart_y = max(first.y, second.y) - min(first.y + first.height, second.y + second.height)
            assert max(apart_x, apart_y) >= gap


@settings(deadline=None)
@given(count=st.integers(2, 30), area=st.tuples(st.integers(400, 4000), st.integers(300, 3000)), aspect=aspects)
def test_first_tile_is_the_largest_and_taps_are_alike(count, area, aspect):
    main, *taps = tile_rects(count, area, aspect)

    assert main.width >= taps[0].width
    assert len({(tap.width, tap.height) for tap in taps}) == 1


@settings(deadline=None)
@given(count=st.integers(1, 12))
def test_a_usual_window_is_used_well(count):
    tiles = tile_rects(count, (1880, 1000), 16 / 9, gap=10, header=28)

    assert sum(tile.width * tile.height for tile in tiles) > 0.55 * 1880 * 1000


@pytest.mark.parametrize("area", [(728, 560), (1368, 830)])
@pytest.mark.parametrize("count", range(8, 17))
def test_many_maps_are_no_thumbnails_beside_the_frame(area, count):
    main, *taps = tile_rects(count, area, 16 / 9, gap=4, header=22)

    maps = len(taps) * taps[0].width * (taps[0].height - 22)
    assert 4.2 * taps[0].width >= main.width
    assert main.width >= 1.9 * taps[0].width
    assert maps >= 0.2 * area[0] * area[1]
    assert maps + main.width * (main.height - 22) >= 0.55 * area[0] * area[1]


def test_one_tile_fills_the_area():
    assert tile_rects(1, (1920, 1080), 16 / 9) == [Rect(0, 0, 1920, 1080)]


def test_no_tiles():
    assert tile_rects(0, (100, 100), 1.0) == []


@settings(deadline=None)
@given(
    hw=st.tuples(st.integers(1, 4000), st.integers(1, 4000)),
    wh=st.tuples(st.floats(1, 4000), st.floats(1, 4000)),
    xy=st.tuples(st.floats(-100, 100), st.floats(-100, 100)),
)
def test_fit_touches_two_sides_and_keeps_proportions(hw, wh, xy):
    rect = fit_rect(hw, Rect(*xy, *wh))

    assert rect.width / rect.height == pytest.approx(hw[1] / hw[0])
    assert rect.width == pytest.approx(wh[0]) or rect.height == pytest.approx(wh[1])
    assert rect.x + rect.width / 2 == pytest.approx(xy[0] + wh[0] / 2)
    assert rect.y + rect.height / 2 == pytest.approx(xy[1] + wh[1] / 2)
