"""Maps in colour and mosaics, in composed pictures."""

from dataclasses import replace

import numpy as np
import pytest

from viewer.core import Letterbox, Rect
from viewer.core.many import Band, mosaic_of
from viewer.render import OverlayPlan, lut
from viewer.render.compose import compose
from viewer.render.overlay import draw_ground, draw_overlay
from viewer.render.palette import BAND_RGB, CANVAS
from viewer.render.views import MapView

LETTERBOX = Letterbox.stretch((40, 60), (40, 60))
WHOLE = Rect(0, 0, 60, 40)
BANDS = (Band("PC1", (0.0, 1.0)), Band("PC2", (0.0, 1.0)), Band("PC3", (0.0, 1.0)))


def coloured(codes, *, alpha: float = 1.0) -> OverlayPlan:
    return OverlayPlan(np.array(codes, np.uint8), lut("gray", alpha), WHOLE, bands=BANDS)


def drawn(overlay: OverlayPlan, ink: int = 0) -> np.ndarray:
    tile = np.full((40, 60, 3), ink, np.uint8)
    draw_overlay(tile, overlay, WHOLE, LETTERBOX.image_hw)
    return tile


def test_the_three_codes_are_red_green_and_blue():
    tile = drawn(coloured([[[255, 1, 128]]]))
    assert tile[20, 30].tolist() == [255, 0, 128]


def test_a_colour_is_blended_at_the_overlays_opacity():
    assert drawn(coloured([[[255, 1, 255]]], alpha=0.5), ink=100)[20, 30].tolist() == pytest.approx(
        [178, 50, 178], abs=1
    )


def test_a_cell_that_is_not_finite_shows_the_frame_and_spoils_no_neighbour():
    tile = drawn(coloured([[[255, 1, 1], [0, 0, 0], [255, 1, 1]]]), ink=77)
    assert (tile[:, 21:39] == 77).all()
    assert (tile[:, 5:15] == (255, 0, 0)).all()
    ground = np.zeros((40, 60, 3), np.uint8)
    draw_ground(ground, coloured([[[255, 1, 1], [0, 0, 0], [255, 1, 1]]]), WHOLE)
    assert len(np.unique(ground.reshape(-1, 3), axis=0)) == 2  # hatched


def mosaic(channels: tuple[int, ...], hw: tuple[int, int] = (4, 6)) -> OverlayPlan:
    arranged = mosaic_of(channels)
    codes = np.zeros((arranged.rows * hw[0], arranged.columns * hw[1]), np.uint8)
    for place in range(len(channels)):
        row, column = divmod(place, arranged.columns)
        codes[row * hw[0] : (row + 1) * hw[0], column * hw[1] : (column + 1) * hw[1]] = 50 + 40 * place
    return OverlayPlan(codes, lut("gray", 1.0), WHOLE, mosaic=arranged)


def test_the_parts_of_a_mosaic_tell_their_channels_and_empty_places_are_no_broken_cells():
    overlay = mosaic((7, 3, 9))
    assert [(rect, channel) for rect, channel in overlay.parts()] == [
        (Rect(0, 0, 30, 20), 7),
        (Rect(30, 0, 30, 20), 3),
        (Rect(0, 20, 30, 20), 9),
        (Rect(30, 20, 30, 20), None),
    ]
    assert not overlay.has_broken
    overlay.codes[1, 1] = 0
    assert overlay.has_broken


def test_a_composed_mosaic_is_parted_by_lines_and_bands_are_named_by_their_colours(make_plan):
    plan = make_plan(taps=1)
    tile = plan.tiles[1]
    image_hw = plan.frame.image_hw
    parts = replace(mosaic((7, 3, 9)), rect=Rect(0, 0, image_hw[1], image_hw[0]))
    shown = replace(tile, overlay=parts, view=MapView.MAP, show_boxes=False)
    picture = compose(replace(plan, tiles=(shown,)), (640, 400))
    second = (picture == lut("gray", 1.0)[90, 0]).all(2)
    rows, columns = np.nonzero(second.sum(1) > 40)[0], np.nonzero(second.sum(0) > 40)[0]
    assert len(rows) > 60
    assert (picture[rows[5] : rows[-5], columns[0] - 60 : columns[0]] == CANVAS).all(2).any(1).all()
    coloured_tile = replace(tile, limits_text=None, bands=("PC1", "PC2", "PC3"))
    picture = compose(replace(plan, tiles=(coloured_tile,)), (640, 400))
    assert all((picture[:40] == rgb).all(2).any() for rgb in BAND_RGB)
