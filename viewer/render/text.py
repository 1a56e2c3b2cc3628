"""Words in pictures: OpenCV's own scalable font, which looks the same on every machine."""

from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from viewer.render.plan import Rgb
from viewer.render.shortening import whole_parts
from viewer.render.stage_paths import shortened_path

REGULAR: Final = 400
SEMIBOLD: Final = 600

_SANS = cv2.FontFace("sans")


def draw_text(
    picture: NDArray[np.uint8], text: str, at_xy: tuple[int, int], *, size_px: int, rgb: Rgb, weight: int = REGULAR
) -> None:
    """Write one line, antialiased, cut at the picture's edges.

    Args:
        picture: (H, W, 3) uint8 RGB, changed in place.
        text: One line.
        at_xy: Left end of the baseline.
        size_px: Height of the font.
        rgb: Colour.
        weight: 400 regular, 600 semibold.
    """
    # An explicit range keeps a long line from being wrapped to a second one.
    cv2.putText(picture, text, at_xy, rgb, _SANS, size_px, weight, 0, (-(1 << 14), 1 << 14))


@lru_cache(maxsize=4096)
def text_width(text: str, size_px: int, weight: int = REGULAR) -> int:
    """Width of a line in pixels."""
    x, _, width, _ = cv2.getTextSize((0, 0), text, (0, 0), _SANS, size_px, weight, 0, (-(1 << 14), 1 << 14))
    return x + width


@lru_cache(maxsize=1024)
def elided(text: str, width_px: int, size_px: int, weight: int = REGULAR, others: tuple[str, ...] = ()) -> str:
    """The text, shortened where it is too wide, see `viewer.render.shortening`.

    Args:
        text: One line.
        width_px: Room for it.
        size_px: Height of the font.
        weight: 400 regular, 600 semibold.
        others: Paths that it is to be told from, where it is one.
    """
    return shortened_path(text, others, lambda words: text_width(words, size_px, weight) <= width_px)


@lru_cache(maxsize=1024)
def leading_parts(text: str, width_px: int, size_px: int) -> str:
    """As many whole parts of `a · b · c` as there is room for."""
    return whole_parts(text, lambda words: text_width(words, size_px) <= width_px)


def baseline(top: int, height: int, size_px: int) -> int:
    """Baseline that centres capitals and digits in a strip."""
    # Capitals of the font are 0.7 of its size.
    return top + (height + round(0.7 * size_px)) // 2
