"""Pictures as screens store them, so that a window can show them without touching every pixel first.

Qt paints on 32-bit pixels. Bringing an RGB picture of 1280x720 to that form and halving it took the window's thread
1.4 ms a frame; OpenCV does both in 0.5 ms, on the way into shared memory, where every pixel is copied anyway.
"""

import numpy as np
from numpy.typing import NDArray

MOST_WIDE = 960
"""A wider level is followed by one of half its size, for a window rarely shows so many pixels."""


def level_shapes(image_hw: tuple[int, int]) -> tuple[tuple[int, int, int], ...]:
    """Shapes of the levels of a picture, (H, W, 4) first, each half of the one before.

    Args:
        image_hw: Height and width of the picture in pixels.
    """
    height, width = image_hw
    shapes = [(height, width, 4)]
    while width > MOST_WIDE and min(height, width) >= 2:
        height, width = height // 2, width // 2
        shapes.append((height, width, 4))
    return tuple(shapes)


def rgb_of(level: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The RGB picture in a level: a view, (H, W, 3), not contiguous."""
    return level[:, :, 2::-1]
