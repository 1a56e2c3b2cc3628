"""What is read under the crosshair is the cell that is drawn there, and no more exact than its byte."""

import math

import numpy as np
import pytest

from viewer.core import Letterbox, Rect
from viewer.core.many import Band, mosaic_of
from viewer.render import OverlayPlan, RenderPlan, TilePlan, lut
from viewer.session.probe import finest_cell, reading_at, words_at


def overlay(codes, rect=None, limits=(0.0, 2.54)):
    return OverlayPlan(np.array(codes, np.uint8), lut("gray", 1.0), rect or Rect(0, 0, 40, 20), limits)


def test_a_cell_is_read_where_it_is_drawn():
    shown = overlay([[1, 51, 101, 151], [201, 255, 0, 2]])

    assert [(reading_at(shown, x, 5).row, reading_at(shown, x, 5).column) for x in (0, 9.9, 10, 39.9)] == [
        (0, 0),
        (0, 0),
        (0, 1),
        (0, 3),
    ]
    reading = reading_at(shown, 15, 5)
    assert (reading.value, reading.within) == pytest.approx((0.5, 0.005))
    assert reading.text == "0.500 ± 0.005"


def test_the_ends_of_the_limits_and_broken_cells_say_so():
    shown = overlay([[1, 255, 0]], Rect(0, 0, 30, 10), (-1.0, 3.0))

    assert reading_at(shown, 5, 5).text == "≤ -1"
    assert reading_at(shown, 15, 5).text == "≥ 3"
    assert reading_at(shown, 25, 5).text == "not finite"
    assert math.isnan(reading_at(shown, 25, 5).value)


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        ((0, 25400), "12700 ± 50"),
        ((0, 2.54e-7), "1.27e-07 ± 5e-10"),
        ((1, 1), "1"),
        ((100, 100.254), "100.1270 ± 0.0005"),
    ],
)
def test_digits_follow_the_step(limits, text):
    assert reading_at(overlay([[128]], Rect(0, 0, 1, 1), limits), 0.5, 0.5).text == text


def test_beside_the_map_nothing_is_read():
    shown = overlay([[7]], Rect(10, 10, 10, 10))

    assert reading_at(shown, 9, 15) is None
    assert words_at(shown, 9, 15, here=False) == ("beside the map",)


def test_the_tile_under_the_pointer_says_everything():
    shown = overlay([[101]], Rect(0, 0, 40, 20))

    assert words_at(shown, 12.7, 3.2, here=True) == ("1.000 ± 0.005", "row 0, column 0", "pixel 12, 3", "8 bit")
    assert words_at(shown, 12.7, 3.2, here=False) == ("1.000 ± 0.005",)
    assert words_at(None, 12.7, 3.2, here=True) == ("pixel 12, 3",)
    assert words_at(None, 12.7, 3.2, here=False) == ()


def test_cells_agree_with_the_letterbox():
    letterbox = Letterbox.fit((360, 640), (640, 640))
    map_hw = (48, 80)
    codes = np.arange(48 * 80, dtype=np.uint32).reshape(map_hw) % 254 + 1
    shown = overlay(codes, letterbox.rect_of_map(map_hw, 8))

    for x, y in ((3.5, 7.2), (639.0, 359.0), (320.0, 180.0)):
        reading = reading_at(shown, x, y)
        assert (reading.row, reading.column) == letterbox.cell_at(x, y, map_hw)


def test_keys_move_by_cells_of_the_finest_map():
    coarse, fine = overlay([[1, 2]]), overlay([[1, 2, 3, 4], [5, 6, 7, 8]])
    tiles = [TilePlan("", "", "", None, "", shown, show_boxes=False) for shown in (coarse, None, fine)]

    assert finest_cell(RenderPlan(None, tuple(tiles), ())) == (10, 10)
    assert finest_cell(RenderPlan(None, (), ())) == (1, 1)


BANDS = (Band("PC1", (0.0, 2.54)), Band("PC2", (-1.27, 1.27)), Band("PC3", (0.0, 0.0)))


def test_a_map_in_colour_tells_its_three_numbers_by_their_names():
    codes = np.array([[[101, 1, 1], [0, 0, 0]]], np.uint8)
    shown = OverlayPlan(codes, lut("gray", 1.0), Rect(0, 0, 20, 10), bands=BANDS)
    assert words_at(shown, 5, 5, here=False) == ("PC1 1", "PC2 -1.27", "PC3 0")
    assert words_at(shown, 5, 5, here=True)[3:] == ("row 0, column 0", "pixel 5, 5", "8 bit")
    assert words_at(shown, 15, 5, here=False) == ("not finite",)


def test_a_mosaic_tells_its_channel_and_nothing_of_the_picture():
    codes = np.full((4, 6), 101, np.uint8)
    mosaic = OverlayPlan(codes, lut("gray", 1.0), Rect(0, 0, 60, 40), (0.0, 2.54), mosaic=mosaic_of((7, 3, 9)))
    assert words_at(mosaic, 45, 15, here=True) == ("channel 3", "1.000 ± 0.005", "row 1, column 1", "8 bit")
    assert words_at(mosaic, 45, 35, here=True) == ("no channel here",)
    assert words_at(mosaic, 61, 35, here=True) == ("beside the channels",)
    assert words_at(mosaic, 45, 15, here=False) == ()
    tile = TilePlan("a", "a", "", None, "", mosaic, show_boxes=False)
    assert finest_cell(RenderPlan(None, (tile,), ())) == (1.0, 1.0)
