"""Extruded solids: a side profile swept across a width, which is enough to build any road vehicle.

Local axes of a solid: x to its right, y up from the road, z towards its front; metres.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from viewer.demo.camera import NEAR_M
from viewer.demo.canvas import Canvas, Colour
from viewer.demo.light import Light


@dataclass(frozen=True)
class Brush:
    """A canvas, the light on it, and the place and heading of what is being drawn."""

    canvas: Canvas
    light: Light
    x: float
    z: float
    heading: float
    distance_m: float

    @cached_property
    def _rotation(self) -> NDArray[np.float64]:
        cos, sin = math.cos(self.heading), math.sin(self.heading)
        return np.array(((cos, 0.0, -sin), (0.0, 1.0, 0.0), (sin, 0.0, cos)))

    @cached_property
    def _origin(self) -> NDArray[np.float64]:
        return np.array((self.x, 0.0, self.z))

    @property
    def metre_px(self) -> float:
        """Length of a metre at the object's distance, in pixels."""
        return self.canvas.camera.focal_px / max(self.distance_m, 0.5)

    def world(self, local: NDArray[np.floating]) -> NDArray[np.float64]:
        """Turn and move local points (..., 3) into the world."""
        return local @ self._rotation + self._origin

    def outline(self, local: NDArray[np.floating]) -> NDArray[np.float64] | None:
        """Project a local polygon (N, 3) to pixels; None where it is out of the picture."""
        return self.canvas.camera.outline(self.world(local))

    def spot(self, local: tuple[float, float, float]) -> tuple[float, float] | None:
        """Pixel of a local point; None where it lies behind the lens."""
        camera = self.canvas.camera
        view = camera.to_view(self.world(np.array(local)))
        if view[2] < NEAR_M:
            return None
        u, v = camera.view_to_px(view)
        return float(u), float(v)

    def turn(self, normal: tuple[float, float, float]) -> tuple[float, float, float]:
        """Turn a local direction into the world."""
        cos, sin = math.cos(self.heading), math.sin(self.heading)
        return normal[0] * cos + normal[2] * sin, normal[1], normal[2] * cos - normal[0] * sin

    def shade(self, colour: Colour, normal: tuple[float, float, float]) -> Colour:
        """Lit and hazed colour of a local facing."""
        return self.light.shade(colour, self.turn(normal), self.distance_m)

    def flat(self, colour: Colour, level: float = 1.0) -> Colour:
        """Lit and hazed colour where facing does not matter."""
        return self.light.flat(colour, self.distance_m, level)

    def sees(self, normal: tuple[float, float, float], local: tuple[float, float, float]) -> bool:
        """Whether a face with this local normal, through this local point, is turned to the lens."""
        facing = self.turn(normal)
        point = self.world(np.array(local))
        camera = self.canvas.camera
        return bool(
            facing[0] * (camera.x - point[0])
            + facing[1] * (camera.height - point[1])
            + facing[2] * (camera.z - point[2])
            > 0
        )


@dataclass(frozen=True, slots=True)
class Profile:
    """Side view of a solid: (N,) heights, positions and half widths, from the front's foot over the top to the rear's.

    Between neighbours lies one strip of the skin.
    """

    z: tuple[float, ...]
    y: tuple[float, ...]
    half: tuple[float, ...]

    def side(self, sign: int) -> NDArray[np.float64]:
        """The outline of one side, (N, 3); sign +1 is the right."""
        return np.array([(sign * half, y, z) for z, y, half in zip(self.z, self.y, self.half, strict=True)])

    def normal(self, index: int) -> tuple[float, float, float]:
        """Outward normal of the strip between points index and index + 1."""
        dz, dy = self.z[index + 1] - self.z[index], self.y[index + 1] - self.y[index]
        length = math.hypot(dz, dy) or 1.0
        return 0.0, -dz / length, dy / length

    def strip(self, index: int, *, inset: float = 0.0, low: float = 0.0, high: float = 1.0) -> NDArray[np.float64]:
        """The quad between points index and index + 1, (4, 3).

        Args:
            index: of the first point.
            inset: metres left out at either side.
            low: share of the way at which the quad begins.
            high: share of the way at which it ends.
        """
        ends: list[tuple[float, float, float]] = []
        for share in (low, high):
            z, y, half = (line[index] + (line[index + 1] - line[index]) * share for line in (self.z, self.y, self.half))
            ends.append((max(half - inset, 0.01), y, z))
        (half0, y0, z0), (half1, y1, z1) = ends
        return np.array([(-half0, y0, z0), (half0, y0, z0), (half1, y1, z1), (-half1, y1, z1)])

    def visible_strips(self, brush: Brush) -> list[int]:
        """Strips turned to the lens, far ones first."""
        strips = range(len(self.z) - 1)
        seen = [index for index in strips if brush.sees(self.normal(index), (0.0, self.y[index], self.z[index]))]
        away = -1 if math.cos(brush.heading) > 0 else 1
        return sorted(seen, key=lambda index: away * (self.z[index] + self.z[index + 1]))


def circle(
    centre: tuple[float, float, float],
    radius: float,
    *,
    count: int = 18,
    start: float = 0.0,
    sweep: float = 2 * math.pi,
) -> NDArray[np.float64]:
    """Points (count, 3) on a circle in the plane of a solid's side."""
    angles = start + sweep * np.arange(count) / (count if sweep > 6.28 else count - 1)
    return np.stack(
        (np.full(count, centre[0]), centre[1] + radius * np.sin(angles), centre[2] + radius * np.cos(angles)), axis=-1
    )
