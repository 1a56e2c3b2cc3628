"""Composed pictures against golden ones, and what no golden picture shows.

`FEATSCOPE_UPDATE_GOLDEN=1 pytest tests/render/test_compose.py` writes the golden pictures anew; look at them before
they are committed.
"""

import os
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from viewer.core import Frame, Letterbox
from viewer.render import BoxPlan, OverlayPlan, RenderPlan, TilePlan, lut
from viewer.render.compose import Composer, compose, resized
from viewer.render.grid import tile_areas
from viewer.render.layout import tile_rects
from viewer.render.scale import Scale
from viewer.render.text import SEMIBOLD, elided, leading_parts, text_width
from viewer.render.views import Grid, MapView

GOLDEN = Path(__file__).parents[1] / "golden"

CASES = {
    "detections_only": ({"taps": 0}, (960, 540)),
    "three_taps_broken": ({"taps": 3, "broken": True}, (960, 540)),
    "six_taps": ({"taps": 6}, (1280, 720)),
    "portrait": ({"taps": 2, "image_hw": (400, 300)}, (540, 720)),
    "narrow_tiles": ({"taps": 10}, (640, 360)),
    "maps_alone": ({"taps": 3, "broken": True, "view": MapView.MAP, "grid": Grid.TWO}, (960, 540)),
    "side_by_side": ({"taps": 4, "view": MapView.SIDE}, (960, 540)),
    "swiped": ({"taps": 2, "view": MapView.SWIPE, "grid": Grid.STRIP}, (960, 540)),
    "faded": ({"taps": 1, "fade": True}, (960, 540)),
}


@pytest.mark.parametrize("name", CASES)
def test_golden(name, make_plan):
    how, size_wh = CASES[name]
    image = compose(make_plan(**how), size_wh)
    path = GOLDEN / f"compose_{name}.png"
    if os.environ.get("FEATSCOPE_UPDATE_GOLDEN"):
        cv2.imwrite(str(path), cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_PNG_COMPRESSION, 9])

    golden = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)

    assert image.shape == golden.shape
    difference = np.abs(image.astype(int) - golden)
    # Other processors round differently here and there; a line or word in another place is far above this.
    assert difference.mean() < 0.3
    assert (difference.max(axis=-1) > 24).mean() < 0.0005


def test_before_the_first_frame(make_plan):
    plan = replace(make_plan(), frame=None, boxes=())

    image = compose(plan, (640, 360))

    assert image.shape == (360, 640, 3)
    assert image.max() > 200  # the titles are there


def test_every_call_returns_an_image_of_its_own(make_plan):
    first = compose(make_plan(taps=1), (640, 360))
    kept = first.copy()

    compose(make_plan(taps=4), (640, 360))

    assert (first == kept).all()


def test_a_composer_draws_into_the_callers_image_and_leaves_no_trace_of_the_last(make_plan):
    composer, out = Composer((640, 360)), np.empty((360, 640, 3), np.uint8)
    composer.compose(make_plan(taps=10, boxes=4), out)

    assert composer.compose(make_plan(taps=1, boxes=0), out) is out
    assert (out == compose(make_plan(taps=1, boxes=0), (640, 360))).all()


def test_the_plan_is_left_alone(make_plan):
    plan = make_plan(broken=True)
    rgb, codes = plan.frame.rgb.copy(), plan.tiles[1].overlay.codes.copy()
    plan.frame.rgb.setflags(write=False)
    plan.tiles[1].overlay.codes.setflags(write=False)

    compose(plan, (640, 360))

    assert (plan.frame.rgb == rgb).all()
    assert (plan.tiles[1].overlay.codes == codes).all()


@pytest.mark.parametrize("image_hw", [(540, 960), (300, 500), (500, 300), (333, 777)])
@pytest.mark.parametrize("size_wh", [(1280, 720), (777, 555)])
def test_square_map_and_box_fall_on_the_same_pixels_in_every_tile(image_hw, size_wh):
    """A white square in the picture, the cells over it hot, the box around it: one place in each tile."""
    letterbox = Letterbox.fit(image_hw, (640, 640))
    row, column, stride = 8, 9, 16
    map_hw = letterbox.input_hw[0] // stride, letterbox.input_hw[1] // stride
    input_xyxy = np.array([[column * stride, row * stride, (column + 2) * stride, (row + 2) * stride]], np.float32)
    box = letterbox.to_image(input_xyxy)[0]
    rgb = np.zeros((*image_hw, 3), np.uint8)
    left, top, right, bottom = np.rint(box).astype(int)
    rgb[top:bottom, left:right] = 255
    codes = np.ones(map_hw, np.uint8)
    codes[row : row + 2, column : column + 2] = 255
    overlay = OverlayPlan(codes, lut("gray", 1.0), letterbox.map_rect)
    tiles = (
        TilePlan("detections", "Detections", "", None, "", None, show_boxes=False),
        TilePlan("model.1", "P3", "", ("0", "1"), "", overlay, show_boxes=False),
        TilePlan("boxes", "Boxes", "", None, "", None, show_boxes=True, show_labels=False),
    )
    boxes = (BoxPlan(tuple(box.tolist()), "sign 1.00", (0, 255, 0)),)
    blank = np.zeros_like(rgb)

    image = compose(RenderPlan(Frame(rgb, 0, 0.0, 0.0), tiles, ()), size_wh)
    outline = compose(RenderPlan(Frame(blank, 0, 0.0, 0.0), tiles, boxes), size_wh)

    scale = Scale.of(size_wh)
    area = size_wh[0] - 2 * scale.margin, size_wh[1] - 2 * scale.margin - scale.footer
    rects = tile_rects(3, area, image_hw[1] / image_hw[0], gap=scale.gap, header=scale.header)
    pictures = [outline if number == 2 else image for number in range(3)]
    for rect, source in zip(rects, pictures, strict=True):
        x, y = scale.margin + int(rect.x), scale.margin + int(rect.y) + scale.header
        view = source[y : y + int(rect.height) - scale.header, x : x + int(rect.width), 1].astype(float)
        ys, xs = np.mgrid[0 : view.shape[0], 0 : view.shape[1]] + 0.5
        centre = (xs * view).sum() / view.sum() / view.shape[1], (ys * view).sum() / view.sum() / view.shape[0]
        expected = (box[0] + box[2]) / 2 / image_hw[1], (box[1] + box[3]) / 2 / image_hw[0]
        assert centre[0] * view.shape[1] == pytest.approx(expected[0] * view.shape[1], abs=0.6)
        assert centre[1] * view.shape[0] == pytest.approx(expected[1] * view.shape[0], abs=0.6)


def test_labels_stay_inside_their_tile(make_plan):
    plan = make_plan(taps=0, boxes=0)
    bare = compose(plan, (640, 360))
    width, height = 480, 270
    corners = [(-50, -40, 10, 10), (width - 5, -5, width + 90, 40), (width - 8, height - 4, width + 9, height + 50)]
    boxes = tuple(BoxPlan(xyxy, "a rather long name 0.99", (255, 120, 0)) for xyxy in corners)

    image = compose(replace(plan, boxes=boxes), (640, 360))

    scale = Scale.of((640, 360))
    area = 640 - 2 * scale.margin, 360 - 2 * scale.margin - scale.footer
    (rect,) = tile_rects(1, area, width / height, header=scale.header)
    changed = (image != bare).any(axis=-1)
    left, top = scale.margin + int(rect.x), scale.margin + int(rect.y) + scale.header
    inside = np.zeros_like(changed)
    inside[top : top + int(rect.height) - scale.header, left : left + int(rect.width)] = True
    assert changed.any()
    assert not (changed & ~inside).any()


@pytest.mark.parametrize("size_wh", [(100, 60), (37, 21), (480, 270), (960, 540)])
def test_resizing_keeps_places(size_wh):
    rgb = np.zeros((270, 480, 3), np.uint8)
    rgb[90:180, 120:240] = 255

    small = resized(Frame(rgb, 0, 0.0, 0.0), size_wh)[..., 0].astype(float)

    ys, xs = np.mgrid[0 : small.shape[0], 0 : small.shape[1]] + 0.5
    assert (xs * small).sum() / small.sum() / size_wh[0] == pytest.approx(180 / 480, abs=0.25 / size_wh[0])
    assert (ys * small).sum() / small.sum() / size_wh[1] == pytest.approx(135 / 270, abs=0.25 / size_wh[1])


def test_long_words_are_shortened_where_they_say_least():
    assert elided("a pedestrian 0.87", 80, 14).endswith("0.87")
    assert "…" in elided("a pedestrian 0.87", 80, 14)
    assert elided("anything", 1, 14) == ""
    layers = ("Detections", "backbone.body.layer3", "backbone.body.layer4")
    room = text_width("…layer3", 14)
    assert [elided(layer, room, 14, others=layers) for layer in layers[1:]] == ["…layer3", "…layer4"]
    assert leading_parts("model.16 · neck · stride 8", text_width("model.16 · neck · str", 14), 14) == "model.16 · neck"
    assert text_width("wide", 14, SEMIBOLD) > text_width("wide", 14) > 0


def test_headers_of_tiles_with_like_paths_are_told_apart(make_plan):
    paths = ("backbone.body.layer3.2.bottleneck.conv1", "backbone.body.layer4.2.bottleneck.conv1")

    def header(titles):
        plan = make_plan(taps=2)
        tiles = [replace(tile, subtitle="", limits_text=None) for tile in plan.tiles]
        tiles[1:] = [replace(tile, title=title) for tile, title in zip(tiles[1:], titles, strict=True)]
        plan = replace(plan, tiles=tuple(tiles), grid=Grid.TWO)
        area = tile_areas(plan, (344, 176), plan.frame.image_hw, header=20)[1]
        assert area.width < text_width(paths[0], 14)
        return compose(plan, (360, 240))

    assert (header(paths) != header((paths[0], paths[0]))).any()
    assert (header(paths) != header((paths[1], paths[1]))).any()


def test_candidates_are_dotted_in_their_colour():
    blank = np.zeros((200, 400, 3), np.uint8)
    tile = TilePlan("detections", "Detections", "", None, "", None, show_boxes=True)
    box = BoxPlan((100, 50, 300, 150), "car 0.10", (0, 255, 0), under=True)
    plan = RenderPlan(Frame(blank, 0, 0.0, 0.0), (tile,), (), (box,))

    drawn = compose(plan, (800, 480)).astype(int) - compose(replace(plan, under=()), (800, 480))

    rows = np.flatnonzero(drawn.any(axis=(1, 2)))
    across = drawn[rows[0] : rows[0] + 2, :, 1].sum(axis=0)
    inked = np.flatnonzero(across > 0)
    # Gaps wider than the dots: between first and last ink less than two thirds of the side is drawn.
    assert 0.2 < len(inked) / (inked[-1] - inked[0] + 1) < 0.9
    assert not drawn[..., [0, 2]].clip(0).any()
