"""The letterbox is one invertible map, and rounds as ultralytics does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.core import Letterbox

sides = st.integers(1, 4000)
sizes = st.integers(1, 40).map(lambda n: 32 * n)


def box(*xyxy):
    return np.array([xyxy], np.float32)


@given(sides, sides, sizes, sizes, st.booleans())
def test_the_picture_lies_inside_the_input(height, width, input_h, input_w, rectangular):
    fit = Letterbox.fit((height, width), (input_h, input_w), rectangular=rectangular)
    assert fit.top >= 0
    assert fit.left >= 0
    assert fit.top + fit.resized_hw[0] <= fit.input_hw[0]
    assert fit.left + fit.resized_hw[1] <= fit.input_hw[1]
    below = fit.input_hw[0] - fit.resized_hw[0] - fit.top
    right = fit.input_hw[1] - fit.resized_hw[1] - fit.left
    assert below - fit.top in (0, 1)
    assert right - fit.left in (0, 1)
    if rectangular:
        assert fit.input_hw[0] % 32 == fit.input_hw[1] % 32 == 0
        assert fit.input_hw[0] - fit.resized_hw[0] < 32
        assert fit.input_hw[1] - fit.resized_hw[1] < 32
    else:
        assert fit.input_hw == (input_h, input_w)


@given(sides, sides, st.booleans(), st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_to_input_and_back(height, width, stretched, shares):
    fit = Letterbox.stretch if stretched else Letterbox.fit
    letterbox = fit((height, width), (640, 640))
    boxes = np.array([shares], np.float32) * np.array([width, height, width, height], np.float32)
    back = letterbox.to_image(letterbox.to_input(boxes))
    slack = 1e-3 * max(1.0, 1 / min(letterbox.scale_xy))
    np.testing.assert_allclose(back, boxes, atol=slack)


@pytest.mark.parametrize("rectangular", [True, False])
@pytest.mark.parametrize(
    "image_hw", [(720, 1280), (721, 1283), (1283, 721), (375, 500), (30, 50), (2, 3000), (640, 640)]
)
def test_corners_of_the_picture_map_to_corners_of_its_place(image_hw, rectangular):
    letterbox = Letterbox.fit(image_hw, (640, 640), rectangular=rectangular)
    height, width = letterbox.resized_hw
    place = box(letterbox.left, letterbox.top, letterbox.left + width, letterbox.top + height)
    np.testing.assert_allclose(letterbox.to_image(place), box(0, 0, image_hw[1], image_hw[0]), rtol=1e-6)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    "image_hw", [(720, 1280), (721, 1283), (1283, 721), (375, 500), (37, 53), (640, 640), (1080, 810)]
)
def test_agrees_with_scale_boxes(image_hw):
    from viewer.detectors.ultralytics.quiet import load_library

    load_library()
    from ultralytics.utils.ops import scale_boxes

    rng = np.random.default_rng(0)
    boxes = rng.uniform(-50, 700, (40, 4)).astype(np.float32)
    for rectangular in (True, False):
        letterbox = Letterbox.fit(image_hw, (640, 640), rectangular=rectangular)
        theirs = scale_boxes(letterbox.input_hw, boxes.copy(), image_hw)
        np.testing.assert_allclose(letterbox.to_image(boxes), theirs, atol=0.01)


def test_clipping_is_optional():
    letterbox = Letterbox.fit((100, 200), (640, 640))
    outside = letterbox.to_input(box(-20, -10, 260, 130))
    np.testing.assert_allclose(letterbox.to_image(outside), box(0, 0, 200, 100), atol=1e-3)
    np.testing.assert_allclose(letterbox.to_image(outside, clip=False), box(-20, -10, 260, 130), atol=1e-3)


@given(sides.filter(lambda n: n > 8), sides.filter(lambda n: n > 8), st.floats(0, 0.999), st.floats(0, 0.999))
def test_the_cell_over_a_pixel_holds_that_pixel(height, width, across, down):
    letterbox = Letterbox.fit((height, width), (640, 640))
    map_hw = letterbox.input_hw[0] // 8, letterbox.input_hw[1] // 8
    x, y = across * width, down * height
    cell = letterbox.cell_at(x, y, map_hw)
    assert cell is not None
    left, top, *_ = letterbox.to_input(box(x, y, x, y))[0]
    assert abs((cell[1] + 0.5) * 8 - left) <= 4.01
    assert abs((cell[0] + 0.5) * 8 - top) <= 4.01


def test_no_cell_outside_the_map():
    letterbox = Letterbox.fit((100, 200), (640, 640))
    assert letterbox.cell_at(-1, 50, (40, 80)) is None
    assert letterbox.cell_at(201, 50, (40, 80)) is None
    assert letterbox.cell_at(100, -1, (40, 80)) is None
    assert Letterbox.fit((100, 210), (640, 640)).cell_at(100, -1, (40, 80)) == (0, 38)  # the padding has cells too
