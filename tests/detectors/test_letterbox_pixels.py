"""Pixels that enter the model are those ultralytics would feed it, written into a buffer that is reused."""

import numpy as np
import pytest

from viewer.core import Letterbox
from viewer.detectors.ultralytics.quiet import load_library
from viewer.render.letterbox import letterbox_image

SHAPES = [(720, 1280), (1283, 721), (721, 1283), (375, 500), (640, 640), (384, 640), (30, 50), (1, 3000)]


def picture(image_hw):
    return np.random.default_rng(0).integers(0, 256, (*image_hw, 3), dtype=np.uint8)


@pytest.mark.parametrize("image_hw", SHAPES)
@pytest.mark.parametrize("mode", ["rectangular", "square", "stretched"])
def test_same_pixels_as_ultralytics(image_hw, mode):
    load_library()
    from ultralytics.data.augment import LetterBox

    if mode == "stretched":
        letterbox = Letterbox.stretch(image_hw, (640, 640))
    else:
        letterbox = Letterbox.fit(image_hw, (640, 640), rectangular=mode == "rectangular")
    theirs = LetterBox((640, 640), auto=mode == "rectangular", scale_fill=mode == "stretched", stride=32)
    rgb = picture(image_hw)
    np.testing.assert_array_equal(letterbox_image(rgb, letterbox), theirs(image=rgb))


@pytest.mark.parametrize("image_hw", SHAPES)
def test_a_buffer_is_written_in_place_and_whole(image_hw):
    letterbox = Letterbox.fit(image_hw, (640, 640))
    buffer = np.full((*letterbox.input_hw, 3), 7, np.uint8)
    result = letterbox_image(picture(image_hw), letterbox, buffer)
    assert result is buffer
    np.testing.assert_array_equal(buffer, letterbox_image(picture(image_hw), letterbox))


def test_read_only_views_are_fine():
    rgb = picture((90, 160))[:, ::-1]
    rgb.setflags(write=False)
    letterbox = Letterbox.fit((90, 160), (64, 64))
    np.testing.assert_array_equal(letterbox_image(rgb, letterbox), letterbox_image(rgb.copy(), letterbox))


def test_sizes_must_fit():
    letterbox = Letterbox.fit((90, 160), (64, 64))
    with pytest.raises(ValueError, match=r"picture is \(80, 160\)"):
        letterbox_image(picture((80, 160)), letterbox)
    with pytest.raises(ValueError, match=r"out is \(3, 3, 3\)"):
        letterbox_image(picture((90, 160)), letterbox, np.zeros((3, 3, 3), np.uint8))
