"""What stands out in a composed picture: the object that is followed, as the window marks it.

White over a dark rim is no colour of a class and stands out on any picture.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from viewer.render.boxes import SHIFT, broken_lines, fixed_points
from viewer.render.palette import INK_DARK, INK_LIGHT
from viewer.render.placing import Sides
from viewer.render.plan import BoxPlan
from viewer.render.plates import View

_RIM_PX = 2
_ASIDE_PX = 3
"""How far corners keep off a box whose map is looked at."""
_CORNER_PX = 14
_DOTS = (2.0, 2.5)
"""Dash and gap of a line that is broken, in widths of the line."""


def draw_chosen(tile: NDArray[np.uint8], box: BoxPlan, view: View, line_px: int) -> None:
    """Outline the box that stands for the object; one that is no detection is dotted.

    Args:
        tile: (H, W, 3) uint8 RGB, changed in place.
        box: In source pixels.
        view: Where the picture lies.
        line_px: Width of the lines of other boxes.
    """
    _outline(tile, _corners(box.xyxy, view, box.corners), line_px + 1, dotted=box.under)


def draw_beside(tile: NDArray[np.uint8], box: BoxPlan, view: View) -> None:
    """Mark the box by thin corners beside it, for what is in it is the answer.

    Args:
        tile: (H, W, 3) uint8 RGB, changed in place.
        box: In source pixels.
        view: Where the picture lies.
    """
    left, top, right, bottom = view.sides(box.xyxy)
    left, top, right, bottom = left - _ASIDE_PX, top - _ASIDE_PX, right + _ASIDE_PX, bottom + _ASIDE_PX
    along, down = min(_CORNER_PX, (right - left) / 3), min(_CORNER_PX, (bottom - top) / 3)
    ends = ((left, top, along, down), (right, top, -along, down), (left, bottom, along, -down))
    corners = [((x + dx, y), (x, y), (x, y + dy)) for x, y, dx, dy in (*ends, (right, bottom, -along, -down))]
    lines = [fixed_points(np.array(corner, np.float64)) for corner in corners]
    for rgb, line_px in ((INK_DARK, 1 + _RIM_PX), (INK_LIGHT, 1)):
        cv2.polylines(tile, lines, False, rgb, line_px, cv2.LINE_AA, SHIFT)


def draw_ghost(tile: NDArray[np.uint8], xyxy: Sides, view: View, line_px: int) -> None:
    """Dot the outline of where the object was last seen.

    Args:
        tile: (H, W, 3) uint8 RGB, changed in place.
        xyxy: Corners in source pixels.
        view: Where the picture lies.
        line_px: Width of the lines of other boxes.
    """
    _outline(tile, _corners(xyxy, view), line_px, dotted=True)


def _corners(xyxy: Sides, view: View, turned: tuple[tuple[float, float], ...] | None = None) -> NDArray[np.float64]:
    left, top, right, bottom = xyxy
    points = turned or ((left, top), (right, top), (right, bottom), (left, bottom))
    return np.array([view.sides((x, y, x, y))[:2] for x, y in points], np.float64)


def _outline(tile: NDArray[np.uint8], corners: NDArray[np.float64], line_px: int, *, dotted: bool) -> None:
    points = fixed_points(corners)
    cv2.polylines(tile, [points], True, INK_DARK, line_px + _RIM_PX, cv2.LINE_AA, SHIFT)
    if not dotted:
        cv2.polylines(tile, [points], True, INK_LIGHT, line_px, cv2.LINE_AA, SHIFT)
        return
    for dots in broken_lines(corners, *(round(part * line_px) for part in _DOTS)):
        cv2.polylines(tile, dots, False, INK_LIGHT, line_px, cv2.LINE_AA, SHIFT)
