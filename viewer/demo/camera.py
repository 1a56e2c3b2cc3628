"""One pinhole camera over a ground plane, so that every drawn thing shares the same perspective.

World axes: x to the right of the street's start, y up from the road, z along the street; metres.
Image axes: u to the right, v down; pixels, (0, 0) at the top left corner.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

NEAR_M = 0.5
_FAR_PX = 9000.0


@dataclass(frozen=True)
class Camera:
    """A dashcam: level, at a height over the road, turned about the vertical axis.

    Pitch is a shift of the horizon row, which keeps verticals vertical.
    """

    x: float
    z: float
    height: float = 1.42
    yaw: float = 0.0
    horizon_px: float = 252.0
    focal_px: float = 610.0
    width_px: int = 960
    height_px: int = 540

    @cached_property
    def _turn(self) -> tuple[float, float]:
        return math.cos(self.yaw), math.sin(self.yaw)

    @cached_property
    def _rotation(self) -> NDArray[np.float64]:
        cos, sin = self._turn
        return np.array(((cos, 0.0, sin), (0.0, 1.0, 0.0), (-sin, 0.0, cos)))

    @cached_property
    def _offset(self) -> NDArray[np.float64]:
        return np.array((self.x, self.height, self.z)) @ self._rotation

    def to_view(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Move world points into the camera's frame.

        Args:
            points: (..., 3) world coordinates in metres.

        Returns:
            (..., 3) right, up and forward of the lens, in metres.
        """
        return points @ self._rotation - self._offset

    def view_to_px(self, view: NDArray[np.floating]) -> NDArray[np.float64]:
        """Project view-space points that lie in front of the near plane; (..., 3) metres to (..., 2) pixels."""
        scale = self.focal_px / view[..., 2]
        flat = np.empty((*view.shape[:-1], 2))
        flat[..., 0] = self.width_px / 2 + view[..., 0] * scale
        flat[..., 1] = self.horizon_px - view[..., 1] * scale
        np.maximum(flat, -_FAR_PX, out=flat)
        return np.minimum(flat, _FAR_PX, out=flat)

    def depth(self, x: float, z: float) -> float:
        """Distance of a ground point along the optical axis, in metres; negative behind the lens."""
        cos, sin = self._turn
        return (x - self.x) * sin + (z - self.z) * cos

    def outline(self, points: NDArray[np.floating]) -> NDArray[np.float64] | None:
        """Project one polygon, cut at the near plane.

        Args:
            points: (N, 3) world coordinates of its corners in order.

        Returns:
            (M, 2) pixels, or None where nothing of it can be in the picture.
        """
        view = self.to_view(points)
        forward = view[:, 2]
        if forward.min() < NEAR_M:
            view = _cut_near(view)
            if len(view) < 3:
                return None
        outline = self.view_to_px(view)
        return outline if self.in_picture(outline) else None

    def outlines(self, polygons: NDArray[np.floating]) -> NDArray[np.float64]:
        """Project many polygons of equal corner count, leaving out those that reach behind the near plane.

        Args:
            polygons: (P, N, 3) world coordinates.

        Returns:
            (Q, N, 2) pixels, Q <= P.
        """
        view = self.to_view(polygons)
        kept = view[(view[..., 2] > NEAR_M).all(axis=1)]
        flat = self.view_to_px(kept)
        u = flat[..., 0]
        return flat[(u.max(axis=1) > 0) & (u.min(axis=1) < self.width_px)] if len(flat) else flat

    def in_picture(self, outline: NDArray[np.floating]) -> bool:
        """Whether the bounding box of (N, 2) pixels meets the picture."""
        low, high = outline.min(axis=0), outline.max(axis=0)
        return bool(high[0] > 0 and high[1] > 0 and low[0] < self.width_px and low[1] < self.height_px)


def _cut_near(view: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sutherland-Hodgman against one plane: the part of a polygon in front of the lens."""
    kept: list[NDArray[np.float64]] = []
    for start, end in zip(view, np.roll(view, -1, axis=0), strict=True):
        if start[2] >= NEAR_M:
            kept.append(start)
        if (start[2] >= NEAR_M) != (end[2] >= NEAR_M):
            kept.append(start + (end - start) * (NEAR_M - start[2]) / (end[2] - start[2]))
    return np.array(kept).reshape(-1, 3)
