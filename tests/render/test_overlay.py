"""A cell lies over exactly the source pixels that the letterbox says, at any zoom."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.core import Letterbox, Rect
from viewer.render import OverlayPlan, lut
from viewer.render.overlay import draw_overlay

OPAQUE_GRAY = lut("gray", 1.0)
INK = 90


def drawn(codes, letterbox, picture, tile_hw, table=OPAQUE_GRAY):
    tile = np.full((*tile_hw, 3), INK, np.uint8)
    draw_overlay(tile, OverlayPlan(codes, table, letterbox.map_rect), picture, letterbox.image_hw)
    return tile


def centroid_xy(values):
    """Centre of mass in continuous pixel coordinates."""
    y, x = np.mgrid[0 : values.shape[0], 0 : values.shape[1]] + 0.5
    return (x * values).sum() / values.sum(), (y * values).sum() / values.sum()


@settings(max_examples=60, deadline=None)
@given(
    image_hw=st.tuples(st.integers(200, 700), st.integers(200, 700)),
    stride=st.sampled_from([8, 16, 32]),
    rectangular=st.booleans(),
    zoom=st.floats(0.4, 2.5),
    shift=st.tuples(st.floats(0, 40), st.floats(0, 40)),
    place=st.tuples(st.floats(0.3, 0.7), st.floats(0.3, 0.7)),
)
def test_a_hot_cell_is_centred_on_its_source_pixels(image_hw, stride, rectangular, zoom, shift, place):
    letterbox = Letterbox.fit(image_hw, (320, 320), rectangular=rectangular)
    map_hw = letterbox.input_hw[0] // stride, letterbox.input_hw[1] // stride
    cell = letterbox.cell_at(image_hw[1] * place[1], image_hw[0] * place[0], map_hw)
    codes = np.ones(map_hw, np.uint8)
    codes[cell] = 255
    picture = Rect(*shift, image_hw[1] * zoom, image_hw[0] * zoom)

    tile = drawn(codes, letterbox, picture, (int(picture.height) + 80, int(picture.width) + 80))

    rect = letterbox.map_rect
    source_x = rect.x + (cell[1] + 0.5) * rect.width / map_hw[1]
    source_y = rect.y + (cell[0] + 0.5) * rect.height / map_hw[0]
    inside = np.where(tile[..., 0] == INK, 0, tile[..., 0]).astype(float)
    window = np.zeros_like(inside)
    x, y = picture.x + source_x * zoom, picture.y + source_y * zoom
    reach_x, reach_y = rect.width / map_hw[1] * zoom, rect.height / map_hw[0] * zoom
    top, left = max(0, int(y - reach_y)), max(0, int(x - reach_x))
    bottom, right = int(y + reach_y) + 1, int(x + reach_x) + 1
    window[top:bottom, left:right] = inside[top:bottom, left:right]
    # The tent of a cell is cut by the picture's edge where the cell is large; look where it is whole.
    whole = (
        left > picture.x
        and top > picture.y
        and right < picture.x + picture.width
        and bottom < picture.y + picture.height
    )
    if whole:
        assert centroid_xy(window) == (pytest.approx(x, abs=0.3), pytest.approx(y, abs=0.3))


@pytest.mark.parametrize("zoom", [1.0, 2.0, 3.7])
def test_the_value_at_a_cell_centre_is_the_cells_own(zoom):
    letterbox = Letterbox.fit((240, 320), (320, 320))
    codes = np.random.default_rng(0).integers(1, 256, (8, 10), np.uint8)

    tile = drawn(codes, letterbox, Rect(0, 0, 320 * zoom, 240 * zoom), (round(240 * zoom), round(320 * zoom)))

    rect = letterbox.map_rect
    for row in range(8):
        for column in range(10):
            x = (rect.x + (column + 0.5) * rect.width / 10) * zoom
            y = (rect.y + (row + 0.5) * rect.height / 8) * zoom
            if 0 < y < 240 * zoom:
                # Half a pixel off centre changes the value by at most that share of the step to the next cell.
                assert int(tile[int(y), int(x), 0]) == pytest.approx(
                    int(codes[row, column]), abs=255 * 0.6 / (30 * zoom) * 2
                )


def test_padding_never_shows_outside_the_picture():
    letterbox = Letterbox.fit((100, 320), (320, 320), rectangular=False)

    tile = drawn(np.full((10, 10), 255, np.uint8), letterbox, Rect(20, 50, 320, 100), (200, 360))

    covered = (tile == 255).all(axis=-1)
    assert covered[50:150, 20:340].all()
    assert covered.sum() == 100 * 320


def test_pixels_are_covered_by_their_centres():
    letterbox = Letterbox.stretch((100, 100), (100, 100))

    tile = drawn(np.full((10, 10), 255, np.uint8), letterbox, Rect(10.6, 10.4, 50, 50), (80, 80))

    rows, columns = np.nonzero((tile == 255).all(axis=-1))
    assert (columns.min(), columns.max()) == (11, 60)
    assert (rows.min(), rows.max()) == (10, 59)


@pytest.mark.parametrize("picture", [Rect(-500, -500, 100, 100), Rect(200, 0, 50, 50), Rect(0, 0, 0.2, 0.2)])
def test_a_picture_out_of_sight_changes_nothing(picture):
    letterbox = Letterbox.stretch((100, 100), (100, 100))

    assert (drawn(np.full((4, 4), 9, np.uint8), letterbox, picture, (80, 80)) == INK).all()


def test_broken_cells_are_bare_and_do_not_darken_their_neighbours():
    letterbox = Letterbox.stretch((100, 100), (100, 100))
    codes = np.full((10, 10), 200, np.uint8)
    codes[4, 6] = 0

    tile = drawn(codes, letterbox, Rect(0, 0, 100, 100), (100, 100))

    assert (tile[40:50, 60:70] == INK).all()
    tile[40:50, 60:70] = OPAQUE_GRAY[200, :3]
    assert (tile == OPAQUE_GRAY[200, :3]).all()


def test_a_map_without_any_finite_cell_leaves_the_picture_alone():
    letterbox = Letterbox.stretch((100, 100), (100, 100))

    assert (drawn(np.zeros((5, 5), np.uint8), letterbox, Rect(0, 0, 100, 100), (100, 100)) == INK).all()


def test_opacity_mixes_picture_and_colour():
    letterbox = Letterbox.stretch((100, 100), (100, 100))
    table = lut("gray", 0.4)

    tile = drawn(np.full((5, 5), 255, np.uint8), letterbox, Rect(0, 0, 100, 100), (100, 100), table)

    assert tile == pytest.approx(np.full_like(tile, round(INK * 0.6 + 255 * 0.4)), abs=1)


def test_a_table_with_rising_opacity_is_followed():
    letterbox = Letterbox.stretch((100, 100), (100, 100))
    table = OPAQUE_GRAY.copy()
    table[1:, 3] = np.arange(1, 256)
    codes = np.full((5, 5), 128, np.uint8)

    tile = drawn(codes, letterbox, Rect(0, 0, 100, 100), (100, 100), table)

    expected = INK + (int(table[128, 0]) - INK) * 128 / 255
    assert tile[50, 50, 0] == pytest.approx(expected, abs=1)
