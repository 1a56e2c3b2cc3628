"""Moving and resizing what covers a part of the picture by keys, so that the mouse is not needed for it."""

from viewer.core.overlap import Xyxy

_LEAST_PX = 2.0
_FIRST_SHARE = 0.25
"""Of the picture's sides: of one that keys lay down, where there is none to move."""


def first_cover(image_hw: tuple[int, int]) -> Xyxy:
    """The rectangle that keys begin with, in the middle of a picture.

    Args:
        image_hw: Height and width of the picture in source pixels.

    Returns:
        Left, top, right and bottom in whole source pixels.
    """
    height, width = image_hw
    cover_w, cover_h = round(width * _FIRST_SHARE), round(height * _FIRST_SHARE)
    left, top = (width - cover_w) // 2, (height - cover_h) // 2
    return float(left), float(top), float(left + cover_w), float(top + cover_h)


def moved(xyxy: Xyxy, image_hw: tuple[int, int], dx_px: int, dy_px: int) -> Xyxy:
    """The rectangle that much further, as far as the picture goes; one that stands out of it is not drawn in.

    Args:
        xyxy: What is covered, in source pixels.
        image_hw: Height and width of the picture in source pixels.
        dx_px: To the right.
        dy_px: Down.
    """
    (left, top, right, bottom), (height, width) = xyxy, image_hw
    dx = min(max(dx_px, min(-left, 0.0)), max(width - right, 0.0))
    dy = min(max(dy_px, min(-top, 0.0)), max(height - bottom, 0.0))
    return left + dx, top + dy, right + dx, bottom + dy


def resized(xyxy: Xyxy, image_hw: tuple[int, int], dx_px: int, dy_px: int) -> Xyxy:
    """The rectangle with its right and bottom edge that much further, within the picture and never of no size.

    Args:
        xyxy: What is covered, in source pixels.
        image_hw: Height and width of the picture in source pixels.
        dx_px: Wider.
        dy_px: Higher.
    """
    (left, top, right, bottom), (height, width) = xyxy, image_hw
    wide = min(max(right + dx_px, left + _LEAST_PX), max(width, right))
    high = min(max(bottom + dy_px, top + _LEAST_PX), max(height, bottom))
    return left, top, wide, high
