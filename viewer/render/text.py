"""Words in pictures: OpenCV's own scalable font, which looks the same on every machine."""

from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from viewer.render.plan import Rgb

REGULAR: Final = 400
SEMIBOLD: Final = 600

_SEPARATOR = " · "
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
def elided(text: str, width_px: int, size_px: int, weight: int = REGULAR) -> str:
    """The text, shortened by an ellipsis where it is too wide; empty where hardly a letter fits.

    A dotted path loses its start, for its end tells more; any other text its end.
    """
    if text_width(text, size_px, weight) <= width_px:
        return text
    is_path = "." in text and " " not in text
    for length in range(len(text) - 1, 1, -1):
        shorter = "…" + text[-length:].lstrip(".") if is_path else text[:length].rstrip() + "…"
        if text_width(shorter, size_px, weight) <= width_px:
            return shorter
    return ""


@lru_cache(maxsize=1024)
def leading_parts(text: str, width_px: int, size_px: int) -> str:
    """As many whole parts of `a · b · c` as there is room for: a number cut short would be another number."""
    parts = text.split(_SEPARATOR)
    while parts:
        shorter = _SEPARATOR.join(parts)
        if text_width(shorter, size_px) <= width_px:
            return shorter
        parts.pop()
    return ""


def baseline(top: int, height: int, size_px: int) -> int:
    """Baseline that centres capitals and digits in a strip."""
    # Capitals of the font are 0.7 of its size.
    return top + (height + round(0.7 * size_px)) // 2
