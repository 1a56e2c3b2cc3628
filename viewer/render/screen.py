"""Fills the levels of `viewer.core.screen` from a picture."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray


def fill_levels(rgb: NDArray[np.uint8], levels: Sequence[NDArray[np.uint8]]) -> None:
    """Write a picture as screens store it, then each level as the mean of four pixels of the one before.

    Args:
        rgb: (H, W, 3) uint8, RGB.
        levels: Contiguous and writable, of the shapes that `level_shapes` tells for the picture; get blue, green, red
            and 255.
    """
    before, *smaller = levels
    cv2.cvtColor(rgb, cv2.COLOR_RGB2BGRA, dst=before)
    for level in smaller:
        height, width = level.shape[:2]
        cv2.resize(before, (width, height), dst=level, interpolation=cv2.INTER_AREA)
        before = level
