"""Tiles of a fixed arrangement stand apart, inside, and in proportion, and panes cut them without a rest."""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.core import Rect
from viewer.render import RenderPlan, TilePlan
from viewer.render.grid import lines_used, tile_areas
from viewer.render.panes import panes
from viewer.render.views import Grid, MapView


def plan_of(views, grid):
    tiles = tuple(TilePlan(str(n), "", "", None, "", None, show_boxes=False, view=view) for n, view in enumerate(views))
    return RenderPlan(None, tiles, (), grid=grid)


@settings(deadline=None)
@given(
    grid=st.sampled_from(Grid),
    views=st.lists(st.sampled_from([MapView.OVERLAY, MapView.SIDE]), min_size=1, max_size=16),
    area=st.tuples(st.integers(1, 3000), st.integers(1, 2000)),
    image_hw=st.tuples(st.integers(100, 1000), st.integers(100, 1000)),
)
def test_tiles_lie_inside_and_apart(grid, views, area, image_hw):
    plan = plan_of(views[: grid.places], grid)

    tiles = tile_areas(plan, area, image_hw, gap=4, header=24)

    assert len(tiles) == len(plan.tiles)
    for tile in tiles:
        assert tile == Rect(int(tile.x), int(tile.y), int(tile.width), int(tile.height))
        assert min(tile.x, tile.y) >= 0
        assert tile.x + tile.width <= area[0]
        assert tile.y + tile.height <= area[1]
    for first, second in combinations(tiles, 2):
        if first.width and second.width:
            apart_x = max(first.x, second.x) - min(first.x + first.width, second.x + second.width)
            apart_y = max(first.y, second.y) - min(first.y + first.height, second.y + second.height)
            assert max(apart_x, apart_y) >= 4


@pytest.mark.parametrize(("grid", "side"), [(Grid.TWO, 2), (Grid.THREE, 3), (Grid.FOUR, 4)])
def test_a_full_square_grid_has_as_many_columns_as_rows(grid, side):
    full = tile_areas(plan_of([MapView.OVERLAY] * side**2, grid), (1280, 720), (360, 640), gap=4, header=24)

    assert len({(tile.width, tile.height) for tile in full}) == 1
    assert lines_used(full) == (side, side)


@pytest.mark.parametrize(
    ("count", "grid", "area", "lines"),
    [
        (7, Grid.FOUR, (1280, 720), (3, 3)),
        (6, Grid.FOUR, (1280, 720), (3, 2)),
        (6, Grid.FOUR, (700, 1200), (2, 3)),
        (8, Grid.FOUR, (1600, 500), (4, 2)),
        (2, Grid.TWO, (700, 1200), (1, 2)),
        (2, Grid.TWO, (1600, 500), (2, 1)),
        (13, Grid.FOUR, (1280, 720), (4, 4)),
        (1, Grid.THREE, (1280, 720), (1, 1)),
    ],
)
def test_lines_of_a_square_grid_that_would_be_empty_are_given_up(count, grid, area, lines):
    tiles = tile_areas(plan_of([MapView.OVERLAY] * count, grid), area, (360, 640), gap=4, header=24)

    assert lines_used(tiles) == lines
    assert len({(tile.width, tile.height) for tile in tiles}) == 1


def test_few_tiles_of_a_large_grid_are_larger_than_its_places():
    def width(count):
        return tile_areas(plan_of([MapView.OVERLAY] * count, Grid.FOUR), (1280, 720), (360, 640), header=24)[0].width

    assert width(7) > 1.25 * width(16)


@pytest.mark.parametrize("area", [(1280, 720), (700, 1200)])
def test_a_strip_leaves_the_first_tile_most_of_the_room(area):
    first, *others = tile_areas(plan_of([MapView.OVERLAY] * 7, Grid.STRIP), area, (360, 640), gap=4, header=24)

    assert first.width > 2.5 * others[0].width
    assert len({tile.x for tile in others}) == 1 or len({tile.y for tile in others}) == 1


def test_frame_and_map_side_by_side_get_a_tile_of_two_pictures():
    tiles = tile_areas(plan_of([MapView.OVERLAY] + [MapView.SIDE] * 4, Grid.AUTO), (1200, 800), (360, 640), header=24)

    assert tiles[0].width / (tiles[0].height - 24) == pytest.approx(16 / 9, rel=0.02)
    assert tiles[1].width / (tiles[1].height - 24) == pytest.approx(32 / 9, rel=0.02)


AREA = Rect(10, 20, 300, 200)


def test_over_one_another_or_alone_is_one_pane():
    for view, frame in ((MapView.OVERLAY, True), (MapView.MAP, False)):
        (pane,) = panes(view, AREA)
        assert (pane.area, pane.whole, pane.frame, pane.map) == (AREA, AREA, frame, True)


def test_side_by_side_panes_are_alike_and_have_pictures_of_their_own():
    left, right = panes(MapView.SIDE, AREA, gap=2)

    assert (left.frame, left.map, right.frame, right.map) == (True, False, False, True)
    assert (left.area.width, left.area.x) == (right.area.width, 10)
    assert right.area.x + right.area.width == 310
    assert (left.whole, right.whole) == (left.area, right.area)


@given(st.floats(-0.5, 1.5))
def test_a_swipe_parts_one_picture(divider):
    left, right = panes(MapView.SWIPE, AREA, divider)

    assert left.whole == right.whole == AREA
    assert left.area.x + left.area.width == right.area.x
    assert replace(left.area, width=left.area.width + right.area.width) == AREA


def test_views_go_round():
    seen = [MapView.OVERLAY]
    for _ in range(4):
        seen.append(seen[-1].after())

    assert seen == [MapView.OVERLAY, MapView.MAP, MapView.SIDE, MapView.SWIPE, MapView.OVERLAY]
