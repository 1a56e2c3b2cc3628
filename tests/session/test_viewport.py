"""Zoom and pan keep what is under the pointer under the pointer."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.core import Rect
from viewer.session.state import Viewport
from viewer.session.viewport import MAX_ZOOM, clamped, panned, picture_fraction, picture_rect, source_point, zoomed

fractions = st.floats(0, 1)
viewports = st.builds(Viewport, st.floats(1, MAX_ZOOM), st.tuples(fractions, fractions)).map(clamped)
tiles = st.tuples(st.floats(50, 4000), st.floats(50, 4000))
images = st.tuples(st.integers(1, 4000), st.integers(1, 4000))
calm = settings(deadline=None)


@calm
@given(viewports, tiles, images, st.tuples(fractions, fractions), st.floats(1, 4))
def test_zooming_in_keeps_the_anchor(viewport, tile_wh, image_hw, anchor, factor):
    rect = picture_rect(viewport, tile_wh, image_hw)
    point = rect.x + anchor[0] * rect.width, rect.y + anchor[1] * rect.height

    closer = zoomed(viewport, factor, anchor)

    after = picture_rect(closer, tile_wh, image_hw)
    # Only where the anchor is in sight: one far outside could not stay without showing the picture's outside.
    margin = 0.5 / viewport.zoom
    if all(abs(a - c) <= margin for a, c in zip(anchor, viewport.centre_xy, strict=True)):
        assert after.x + anchor[0] * after.width == pytest.approx(point[0], abs=1e-6 * after.width + 1e-6)
        assert after.y + anchor[1] * after.height == pytest.approx(point[1], abs=1e-6 * after.height + 1e-6)


@calm
@given(viewports, tiles, images, st.tuples(st.floats(0, 4000), st.floats(0, 4000)))
def test_source_point_inverts_picture_rect(viewport, tile_wh, image_hw, point):
    rect = picture_rect(viewport, tile_wh, image_hw)
    x, y = source_point(viewport, tile_wh, image_hw, point)

    assert rect.x + x / image_hw[1] * rect.width == pytest.approx(point[0], abs=1e-6 * rect.width + 1e-6)
    assert rect.y + y / image_hw[0] * rect.height == pytest.approx(point[1], abs=1e-6 * rect.height + 1e-6)


@calm
@given(viewports, tiles, images)
def test_pixels_stay_square_and_the_centre_in_the_middle(viewport, tile_wh, image_hw):
    rect = picture_rect(viewport, tile_wh, image_hw)

    assert rect.width / image_hw[1] == pytest.approx(rect.height / image_hw[0])
    middle = picture_fraction(viewport, tile_wh, image_hw, (tile_wh[0] / 2, tile_wh[1] / 2))
    assert middle == pytest.approx(viewport.centre_xy, abs=1e-9)


@calm
@given(viewports, tiles, images)
def test_no_more_outside_is_shown_than_unzoomed(viewport, tile_wh, image_hw):
    whole, rect = picture_rect(Viewport(), tile_wh, image_hw), picture_rect(viewport, tile_wh, image_hw)

    assert rect.x <= whole.x + 1e-6 * rect.width
    assert rect.y <= whole.y + 1e-6 * rect.height
    assert rect.x + rect.width >= whole.x + whole.width - 1e-6 * rect.width
    assert rect.y + rect.height >= whole.y + whole.height - 1e-6 * rect.height


@calm
@given(viewports, st.floats(0.01, 100), st.tuples(fractions, fractions), st.floats(-2, 2), st.floats(-2, 2))
def test_results_are_always_within_bounds(viewport, factor, anchor, dx, dy):
    for result in (zoomed(viewport, factor, anchor), panned(viewport, dx, dy)):
        assert 1 <= result.zoom <= MAX_ZOOM
        for centre in result.centre_xy:
            assert 0.5 / result.zoom - 1e-12 <= centre <= 1 - 0.5 / result.zoom + 1e-12


def test_unzoomed_fits_and_is_centred():
    assert picture_rect(Viewport(), (400, 300), (100, 200)) == Rect(0, 50, 400, 200)


def test_zoom_one_cannot_be_panned():
    assert panned(Viewport(), 0.3, -0.3) == Viewport()


def test_panning_moves_by_fractions_of_the_picture():
    assert panned(Viewport(4.0), 0.125, -0.25) == Viewport(4.0, (0.625, 0.25))


def test_zooming_out_all_the_way_shows_the_whole_picture():
    assert zoomed(Viewport(4.0, (0.2, 0.8)), 0.01, (0.1, 0.9)) == Viewport()
