"""A map laid over a picture: each cell over exactly the pixels it stands for, at any zoom.

Codes are interpolated between cell centres and coloured afterwards, so a smooth picture shows only colours that stand
for values in between. Cells that are not finite take no part: their own area stays bare, and their neighbours look as
if they were not there.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from viewer.core.geometry import Rect
from viewer.core.packet import NOT_FINITE
from viewer.render.fill import fill
from viewer.render.palette import CANVAS, TEXT_MUTED
from viewer.render.plan import OverlayPlan

_HATCH_PX = 6


def draw_ground(part: NDArray[np.uint8], overlay: OverlayPlan, picture: Rect) -> None:
    """Prepare a part of a tile for a map alone: hatched where cells are not finite, which no colour map looks like.

    Args:
        part: (H, W, 3) uint8 RGB, changed in place.
        overlay: The map that is drawn onto it next.
        picture: Where the whole picture lies, in pixels of the part.
    """
    fill(part, CANVAS)
    if overlay.has_broken:
        left, top = max(0, round(picture.x)), max(0, round(picture.y))
        inside = part[top : round(picture.y + picture.height), left : round(picture.x + picture.width)]
        rows, columns = np.indices(inside.shape[:2])
        inside[(rows + columns) % _HATCH_PX == 0] = TEXT_MUTED


def draw_overlay(tile: NDArray[np.uint8], overlay: OverlayPlan, picture: Rect, image_hw: tuple[int, int]) -> None:
    """Blend a map onto a tile that shows the picture already.

    Args:
        tile: (H, W, 3) uint8 RGB, changed in place.
        overlay: The map and where it lies in source pixels.
        picture: Where the whole picture lies, in tile pixels; may reach beyond the tile.
        image_hw: Height and width of the picture in source pixels.
    """
    window = _window(tile.shape[:2], picture, image_hw, overlay.rect)
    if window is None:
        return
    view = tile[window.top : window.bottom, window.left : window.right]
    codes = overlay.codes
    broken = (codes == NOT_FINITE).reshape(*codes.shape[:2], -1).any(2)
    any_broken = bool(broken.any())
    if any_broken:
        codes = _filled(codes, broken)
    size_wh = (view.shape[1], view.shape[0])
    matrix = window.to_cells(codes.shape)
    smooth = _warp(codes, matrix, size_wh, cv2.INTER_LINEAR)
    if overlay.bands:
        colours = _bytes(cv2.LUT(smooth, np.ascontiguousarray(overlay.lut[:, 0])))
        smooth = np.ascontiguousarray(smooth[:, :, 0])  # one opacity for all
    else:
        colours = _bytes(cv2.applyColorMap(smooth, np.ascontiguousarray(overlay.lut[:, None, :3])))
    opacity = overlay.lut[:, 3]
    if not any_broken and opacity[1] == opacity[1:].min() == opacity[1:].max():
        share = int(opacity[1]) / 255
        cv2.addWeighted(view, 1 - share, colours, share, 0, dst=view)
        return
    weights = cv2.LUT(smooth, np.ascontiguousarray(opacity)).astype(np.float32) / 255
    if any_broken:
        weights[_warp(broken.astype(np.uint8), matrix, size_wh, cv2.INTER_NEAREST) > 0] = 0
    view[:] = cv2.blendLinear(colours, view, weights, 1 - weights)


@dataclass(frozen=True, slots=True)
class _Window:
    """The whole pixels of a tile whose centres lie in both the picture and the map."""

    left: int
    top: int
    right: int
    bottom: int
    map_rect: Rect
    """Where the whole map lies, in tile pixels."""

    def to_cells(self, map_hw: tuple[int, ...]) -> NDArray[np.float64]:
        """Affine matrix (2, 3) from pixels of the window to cells, both counted between centres as OpenCV does."""
        per_x, per_y = map_hw[1] / self.map_rect.width, map_hw[0] / self.map_rect.height
        return np.array(
            [
                [per_x, 0, (self.left + 0.5 - self.map_rect.x) * per_x - 0.5],
                [0, per_y, (self.top + 0.5 - self.map_rect.y) * per_y - 0.5],
            ]
        )


def _window(tile_hw: tuple[int, ...], picture: Rect, image_hw: tuple[int, int], rect: Rect) -> _Window | None:
    scale_x, scale_y = picture.width / image_hw[1], picture.height / image_hw[0]
    left, top = picture.x + rect.x * scale_x, picture.y + rect.y * scale_y
    placed = Rect(left, top, rect.width * scale_x, rect.height * scale_y)
    columns = _pixels((picture.x, picture.x + picture.width), (left, left + placed.width), tile_hw[1])
    rows = _pixels((picture.y, picture.y + picture.height), (top, top + placed.height), tile_hw[0])
    if columns[0] >= columns[1] or rows[0] >= rows[1]:
        return None
    return _Window(columns[0], rows[0], columns[1], rows[1], placed)


def _pixels(picture: tuple[float, float], placed: tuple[float, float], limit: int) -> tuple[int, int]:
    """First and one past the last of the tile's pixels whose centres lie in both spans."""
    start, stop = max(picture[0], placed[0]), min(picture[1], placed[1])
    return max(0, math.ceil(start - 0.5)), min(limit, math.ceil(stop - 0.5))


def _warp(
    codes: NDArray[np.uint8], matrix: NDArray[np.float64], size_wh: tuple[int, int], how: int
) -> NDArray[np.uint8]:
    flags = how | cv2.WARP_INVERSE_MAP
    return _bytes(cv2.warpAffine(codes, matrix, size_wh, flags=flags, borderMode=cv2.BORDER_REPLICATE))


def _filled(codes: NDArray[np.uint8], broken: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The map with each broken cell set to the mean of the sound ones around it.

    A pixel is interpolated between at most its own cell and the next ones, so one ring is enough.
    """
    if codes.ndim == 3:
        return np.stack([_filled(codes[:, :, band], broken) for band in range(codes.shape[2])], axis=2)
    sound = (~broken).astype(np.float32)
    around = cv2.blur(sound, (3, 3), borderType=cv2.BORDER_CONSTANT)
    total = cv2.blur(codes.astype(np.float32) * sound, (3, 3), borderType=cv2.BORDER_CONSTANT)
    mean = np.divide(total, around, out=np.ones_like(total), where=around > 1e-6)
    return np.where(broken, np.rint(mean).clip(1, 255), codes).astype(np.uint8)


def _bytes(array: object) -> NDArray[np.uint8]:
    """OpenCV's stubs do not tell the kind of the numbers; here they are bytes whenever the input's are."""
    return np.asarray(array, np.uint8)
