"""Boxes, masks and poses on a picture, readable on any background."""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from viewer.core.geometry import Rect
from viewer.render.palette import INK_DARK, INK_LIGHT
from viewer.render.plan import DASHES_PX, BoxPlan, PosePlan, Rgb

SHIFT = 4
"""OpenCV draws at sixteenths of a pixel."""

_DOT_PX = 2
_GAP_PX = 3

MASK_OPACITY = 0.35
"""Of the colour laid over what belongs to a mask."""


def draw_boxes(
    tile: NDArray[np.uint8],
    boxes: tuple[BoxPlan, ...],
    picture: Rect,
    image_hw: tuple[int, int],
    *,
    line_px: int = 2,
    filled: bool = True,
) -> None:
    """Draw boxes in the order given, each with its mask and pose, so that later ones lie on top.

    Args:
        tile: (H, W, 3) uint8 RGB, changed in place.
        boxes: In source pixels.
        picture: Where the whole picture lies, in tile pixels.
        image_hw: Height and width of the picture in source pixels.
        line_px: Width of the lines.
        filled: Whether masks are filled; else only their outlines are drawn, for what lies beneath matters more.
    """
    scale = np.array([picture.width / image_hw[1], picture.height / image_hw[0]])
    offset = np.array([picture.x, picture.y])
    if filled:
        _fill_masks(tile, boxes, scale, offset)
    for box in boxes:
        _outline(tile, _corners(box) * scale + offset, box.rgb, 2 * line_px if box.fate else line_px)
        if box.rings:
            rings = [fixed_points(np.asarray(ring) * scale + offset) for ring in box.rings]
            cv2.polylines(tile, rings, True, box.rgb, 1, cv2.LINE_AA, SHIFT)
        if box.pose is not None:
            _draw_pose(tile, box.pose, box.rgb, scale, offset, line_px)


def draw_dotted(tile: NDArray[np.uint8], boxes: tuple[BoxPlan, ...], picture: Rect, image_hw: tuple[int, int]) -> None:
    """Dot the outlines of candidates that are no detections.

    Args:
        tile: (H, W, 3) uint8 RGB, changed in place.
        boxes: In source pixels.
        picture: Where the whole picture lies, in tile pixels.
        image_hw: Height and width of the picture in source pixels.
    """
    scale = np.array([picture.width / image_hw[1], picture.height / image_hw[0]])
    offset = np.array([picture.x, picture.y])
    for box in boxes:
        for dots in broken_lines(_corners(box) * scale + offset, _DOT_PX, _GAP_PX):
            cv2.polylines(tile, dots, False, box.rgb, 1, cv2.LINE_AA, SHIFT)


def draw_gone(
    tile: NDArray[np.uint8],
    boxes: tuple[BoxPlan, ...],
    picture: Rect,
    image_hw: tuple[int, int],
    *,
    line_px: int = 2,
) -> None:
    """Draw dashed what vanished since something was altered, in the order given.

    Args:
        tile: (H, W, 3) uint8 RGB, changed in place.
        boxes: In source pixels.
        picture: Where the whole picture lies, in tile pixels.
        image_hw: Height and width of the picture in source pixels.
        line_px: Width of the lines.
    """
    scale = np.array([picture.width / image_hw[1], picture.height / image_hw[0]])
    offset = np.array([picture.x, picture.y])
    for box in boxes:
        corners = _corners(box) * scale + offset
        for dashes in broken_lines(corners, *DASHES_PX):
            cv2.polylines(tile, dashes, False, INK_DARK, line_px + 1, cv2.LINE_AA, SHIFT)
            cv2.polylines(tile, dashes, False, box.rgb, line_px, cv2.LINE_AA, SHIFT)


def broken_lines(corners: NDArray[np.float64], dot_px: int, gap_px: int) -> Iterator[list[NDArray[np.int32]]]:
    """The pieces of each side of an outline that is drawn with gaps, as OpenCV takes them."""
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        dots = _dots(start, end, dot_px, gap_px)
        if len(dots):
            yield list(fixed_points(dots))


def _dots(start: NDArray[np.float64], end: NDArray[np.float64], dot_px: int, gap_px: int) -> NDArray[np.float64]:
    """(N, 2, 2) both ends of each dot of a side."""
    length = float(np.hypot(*(end - start)))
    begins = np.arange(0, length, dot_px + gap_px)[:, None]
    ends = np.minimum(begins + dot_px, length)
    along = (end - start) / max(length, 1e-9)
    return np.stack([start + begins * along, start + ends * along], axis=1)


def _corners(box: BoxPlan) -> NDArray[np.float64]:
    left, top, right, bottom = box.xyxy
    return np.array(box.corners or ((left, top), (right, top), (right, bottom), (left, bottom)), np.float64)


def fixed_points(points: NDArray[np.float64]) -> NDArray[np.int32]:
    """Sixteenths of pixels; OpenCV counts from pixel centres, plans from pixel edges."""
    return np.rint((points - 0.5) * (1 << SHIFT)).astype(np.int32)


def _fill_masks(
    tile: NDArray[np.uint8], boxes: tuple[BoxPlan, ...], scale: NDArray[np.float64], offset: NDArray[np.float64]
) -> None:
    """Lay each mask's colour over its pixels; only the part of the tile under it is touched."""
    height, width = tile.shape[:2]
    for box in boxes:
        if not box.rings:
            continue
        rings = [np.asarray(ring) * scale + offset for ring in box.rings]
        corners = np.concatenate(rings)
        left, top = np.floor(corners.min(axis=0)).astype(int).clip(0, (width, height)).tolist()
        right, bottom = (np.ceil(corners.max(axis=0)).astype(int) + 1).clip(0, (width, height)).tolist()
        if left >= right or top >= bottom:
            continue
        inside = np.zeros((bottom - top, right - left), np.uint8)
        cv2.fillPoly(inside, [fixed_points(ring - (left, top)) for ring in rings], 255, cv2.LINE_AA, SHIFT)
        view = tile[top:bottom, left:right]
        weights = inside.astype(np.float32) * (MASK_OPACITY / 255)
        view[:] = cv2.blendLinear(np.full_like(view, box.rgb), view, weights, 1 - weights)


def _draw_pose(
    tile: NDArray[np.uint8],
    pose: PosePlan,
    rgb: Rgb,
    scale: NDArray[np.float64],
    offset: NDArray[np.float64],
    line_px: int,
) -> None:
    """Limbs with a dark rim, then bright joints in the colour of the class."""
    limbs = [fixed_points(np.asarray(limb) * scale + offset) for limb in pose.lines]
    if limbs:
        cv2.polylines(tile, limbs, False, INK_DARK, line_px + 2, cv2.LINE_AA, SHIFT)
        cv2.polylines(tile, limbs, False, rgb, line_px, cv2.LINE_AA, SHIFT)
    for x, y in (fixed_points(np.asarray(dot) * scale + offset).tolist() for dot in pose.dots):
        cv2.circle(tile, (x, y), round((line_px + 2.5) * (1 << SHIFT)), INK_DARK, -1, cv2.LINE_AA, SHIFT)
        cv2.circle(tile, (x, y), round((line_px + 1.5) * (1 << SHIFT)), INK_LIGHT, -1, cv2.LINE_AA, SHIFT)


def _outline(tile: NDArray[np.uint8], corners: NDArray[np.float64], rgb: Rgb, line_px: int) -> None:
    points = fixed_points(corners)
    if line_px > 1:
        # A dark rim keeps a line apart from a background of its own colour.
        cv2.polylines(tile, [points], True, INK_DARK, line_px + 1, cv2.LINE_AA, SHIFT)
    cv2.polylines(tile, [points], True, rgb, line_px, cv2.LINE_AA, SHIFT)
