"""What makes a mosaic of channels readable: lines between its parts, and in each its number where there is room."""

import cv2
import numpy as np
from numpy.typing import NDArray

from viewer.core.geometry import Rect
from viewer.render.fill import fill
from viewer.render.palette import CANVAS, TEXT
from viewer.render.plan import OverlayPlan
from viewer.render.text import baseline, draw_text, text_width

_LEAST_WIDTHS = 6
"""Parts narrower than so many heights of a letter carry no number."""


def draw_mosaic(
    part: NDArray[np.uint8], overlay: OverlayPlan, picture: Rect, image_hw: tuple[int, int], *, text_px: int
) -> None:
    """Part a mosaic that is drawn already.

    Args:
        part: (H, W, 3) uint8 RGB, changed in place.
        overlay: The mosaic.
        picture: Where the whole picture lies, in pixels of the part.
        image_hw: Height and width of the picture in source pixels.
        text_px: Height of the font.
    """
    across, down = picture.width / image_hw[1], picture.height / image_hw[0]
    for rect, channel in overlay.parts():
        left, top = round(picture.x + rect.x * across), round(picture.y + rect.y * down)
        right = round(picture.x + (rect.x + rect.width) * across)
        bottom = round(picture.y + (rect.y + rect.height) * down)
        inside = part[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
        if not inside.size:
            continue
        if channel is None:
            fill(inside, CANVAS)
            continue
        cv2.rectangle(part, (left, top), (right - 1, bottom - 1), CANVAS, 1)
        if right - left >= _LEAST_WIDTHS * text_px:
            _draw_number(inside, str(channel), text_px)


def _draw_number(inside: NDArray[np.uint8], text: str, text_px: int) -> None:
    pad = text_px // 3
    plate = inside[2 : 2 + text_px + pad, 2 : 2 + text_width(text, text_px) + 2 * pad]
    plate[:] = plate // 4 + np.array(CANVAS, np.uint8) * 3 // 4
    draw_text(plate, text, (pad, baseline(0, plate.shape[0], text_px)), size_px=text_px, rgb=TEXT)
