"""A tile that answers has more room than the other maps, and all stand in one block as they do without it."""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.core import Rect
from viewer.render import RenderPlan, TilePlan
from viewer.render.grid import tile_areas
from viewer.render.views import Grid

HEADER, GAP = 24, 4


def plan_of(count: int, *, answer: int | None = 1, grid: Grid = Grid.AUTO) -> RenderPlan:
    tiles = tuple(
        TilePlan(str(number), "", "", None, "", None, show_boxes=False, answers=number == answer)
        for number in range(count)
    )
    return RenderPlan(None, tiles, (), grid=grid)


def areas(plan: RenderPlan, area: tuple[int, int], image_hw: tuple[int, int] = (360, 640)) -> list[Rect]:
    return tile_areas(plan, area, image_hw, gap=GAP, header=HEADER)


@settings(deadline=None)
@given(
    count=st.integers(3, 16),
    area=st.tuples(st.integers(1, 3000), st.integers(1, 2000)),
    image_hw=st.tuples(st.integers(100, 1000), st.integers(100, 1000)),
)
def test_tiles_lie_inside_and_apart_and_their_pictures_fill_them(count, area, image_hw):
    tiles = areas(plan_of(count), area, image_hw)
    assert len(tiles) == count
    for tile in tiles:
        assert tile == Rect(int(tile.x), int(tile.y), int(tile.width), int(tile.height))
        assert min(tile.x, tile.y) >= 0
        assert tile.x + tile.width <= area[0]
        assert tile.y + tile.height <= area[1]
        if tile.width:
            spare = abs((tile.height - HEADER) - tile.width * image_hw[0] / image_hw[1])
            assert spare <= 0.5 * max(1.0, image_hw[0] / image_hw[1]) + 1e-6
    for first, second in combinations(tiles, 2):
        if first.width and second.width:
            apart_x = max(first.x, second.x) - min(first.x + first.width, second.x + second.width)
            apart_y = max(first.y, second.y) - min(first.y + first.height, second.y + second.height)
            assert max(apart_x, apart_y) >= GAP
    assert len({(tile.width, tile.height) for tile in tiles[2:]}) == 1


@pytest.mark.parametrize("area", [(728, 606), (728, 540), (1366, 880), (620, 900), (1600, 500)])
@pytest.mark.parametrize("count", [4, 5, 8, 11])
def test_the_answer_is_much_larger_than_other_maps_and_flush_with_them(area, count):
    main, answer, *others = areas(plan_of(count), area)
    before = areas(plan_of(count, answer=None), area)[1]
    assert answer.width > 1.8 * others[0].width
    assert answer.width > 1.2 * before.width
    block = (answer, *others)
    edges = [
        (min(tile.x for tile in block), max(tile.x + tile.width for tile in block)),
        (min(tile.y for tile in block), max(tile.y + tile.height for tile in block)),
    ]
    is_below = (main.x, main.x + main.width) == edges[0]
    assert is_below or (main.y, main.y + main.height) == edges[1]


def test_it_stands_as_others_do_where_the_user_moved_it_or_chose_an_arrangement():
    area = (1366, 880)
    assert areas(plan_of(8, answer=4), area) == areas(plan_of(8, answer=None), area)
    for grid in (Grid.THREE, Grid.STRIP):
        assert areas(plan_of(8, grid=grid), area) == areas(plan_of(8, answer=None, grid=grid), area)
    assert areas(plan_of(2), area) == areas(plan_of(2, answer=None), area)


def test_more_answers_are_tiles_like_others():
    plan = plan_of(8)
    both = replace(plan, tiles=(*plan.tiles[:2], replace(plan.tiles[2], answers=True), *plan.tiles[3:]))
    assert areas(both, (1366, 880)) == areas(plan, (1366, 880))
