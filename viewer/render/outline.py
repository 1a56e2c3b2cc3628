"""From the cells of a mask to the rings around it, in source pixels."""

import cv2
import numpy as np
from numpy.typing import NDArray

from viewer.core.geometry import Rect

_PER_CELL = 8
_MOST_PX = 512
"""Masks are traced on this many points a cell, as long as that makes no more points a side than this."""
_TOLERANCE_PX = 0.5
_LEAST_CORNERS = 3


def trace_mask(
    values: NDArray[np.float32], level: float, rect: Rect, within: tuple[float, float, float, float]
) -> list[NDArray[np.float32]]:
    """Find the rings around a mask that is known at the centres of cells.

    Between centres it is interpolated, beyond the outermost it goes on as it is there. Rings leave out corners that
    change them by less than half a source pixel.

    Args:
        values: (h, w) float32, at least one cell.
        level: What is greater than this is inside.
        rect: Where the cells lie, all together, in source pixels.
        within: Left, top, right and bottom in source pixels; nothing outside belongs to the mask.

    Returns:
        Rings of (n, 2) float32 in source pixels, outer ones and holes; none if nothing is inside.
    """
    rows, columns = values.shape
    size_wh = min(columns * _PER_CELL, max(columns, _MOST_PX)), min(rows * _PER_CELL, max(rows, _MOST_PX))
    fine = np.asarray(cv2.resize(values, size_wh, interpolation=cv2.INTER_LINEAR), np.float32)
    inside = (fine > level).astype(np.uint8)
    per_px = size_wh[0] / rect.width, size_wh[1] / rect.height
    contours, _ = cv2.findContours(inside, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    rings: list[NDArray[np.float32]] = []
    for contour in contours:
        points = _moved_to_level(np.asarray(contour, np.int32).reshape(-1, 2), fine, level)
        # OpenCV counts from the centres of points.
        edge = ((points + 0.5) / per_px + (rect.x, rect.y)).clip(within[:2], within[2:]).astype(np.float32)
        corners = np.asarray(cv2.approxPolyDP(edge, _TOLERANCE_PX, True), np.float32).reshape(-1, 2)
        if len(corners) >= _LEAST_CORNERS:
            rings.append(corners)
    return rings


def _moved_to_level(points: NDArray[np.int32], fine: NDArray[np.float32], level: float) -> NDArray[np.float32]:
    """Move the outermost points inside a region to its edge, which lies up to one point further out.

    One step of Newton's method down the slope.
    """
    x, y = points.T
    height, width = fine.shape
    slope = np.stack(
        [
            fine[y, np.minimum(x + 1, width - 1)] - fine[y, np.maximum(x - 1, 0)],
            fine[np.minimum(y + 1, height - 1), x] - fine[np.maximum(y - 1, 0), x],
        ],
        axis=1,
    )
    slope /= 2
    steepness = np.hypot(*slope.T)
    far = np.minimum((fine[y, x] - level) / np.maximum(steepness, 1e-12), 1.0)
    moved = points - slope * (far / np.maximum(steepness, 1e-12))[:, None]
    # Where the region goes on to the border nothing is crossed.
    moved[x == 0, 0], moved[x == width - 1, 0] = -0.5, width - 0.5
    moved[y == 0, 1], moved[y == height - 1, 1] = -0.5, height - 0.5
    return moved.astype(np.float32)
