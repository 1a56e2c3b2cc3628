"""A picture as screens store it: the same pixels, and halves of them."""

from itertools import pairwise

import numpy as np
import pytest

from viewer.core.screen import MOST_WIDE, level_shapes, rgb_of
from viewer.render.screen import fill_levels


@pytest.mark.parametrize("image_hw", [(540, 960), (720, 1280), (1081, 1923), (1, 4000)])
def test_levels_hold_the_picture_and_halves_of_it(image_hw) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (*image_hw, 3), dtype=np.uint8)
    levels = [np.zeros(shape, np.uint8) for shape in level_shapes(image_hw)]
    fill_levels(rgb, levels)
    assert np.array_equal(rgb_of(levels[0]), rgb)
    assert all((level[:, :, 3] == 255).all() for level in levels)
    assert levels[-1].shape[1] <= MOST_WIDE or min(levels[-1].shape[:2]) < 2
    for before, half in pairwise(levels):
        height, width = half.shape[:2]
        assert (height, width) == (before.shape[0] // 2, before.shape[1] // 2)
        blocks = before[: 2 * height, : 2 * width].reshape(height, 2, width, 2, 4).mean((1, 3))
        if before.shape[0] % 2 == 0 and before.shape[1] % 2 == 0:
            assert np.abs(half - blocks).max() <= 0.51
