"""Houses along the street: walls, rows of windows, shop fronts with awnings, cornices."""

import math

import numpy as np
from numpy.typing import NDArray

from viewer.demo.canvas import Canvas, Colour, mix, scale
from viewer.demo.light import Light
from viewer.demo.world import FACADE_M, Building, Street

_GROUND_M = 3.6
_DETAIL_M = 135.0
_GLASS: Colour = (70, 86, 104)
_LAMP: Colour = (255, 206, 128)


def paint_building(canvas: Canvas, light: Light, street: Street, house: Building) -> None:
    """Draw the end that faces the camera, then the facade along the street."""
    camera = canvas.camera
    x, z = street.place(house.along + house.length, house.side * FACADE_M)
    if camera.depth(x, z) < 2.0:
        return
    near_x, near_z = street.place(house.along, house.side * FACADE_M)
    near = camera.depth(near_x, near_z)
    if near > 1.0:
        end = _Wall(
            canvas,
            light,
            np.array((near_x, 0.0, near_z)),
            np.array((house.side * 1.0, 0.0, 0.0)),
            (0.0, 0.0, -1.0),
            near,
        )
        end.panel(0.0, house.depth, 0.0, house.height, scale(house.wall, 0.94))
        if house.depth > 20:
            end.windows(house, house.depth, _GROUND_M)
    along = np.array((x - near_x, 0.0, z - near_z))
    wall = _Wall(
        canvas,
        light,
        np.array((near_x, 0.0, near_z)),
        along / np.linalg.norm(along),
        (-house.side * 1.0, 0.0, 0.0),
        max(near, 4.0),
    )
    length = float(np.linalg.norm(along))
    # Long walls fade in pieces, so that the air's colour changes along them.
    pieces = max(1, min(5, math.ceil(length / 5))) if near < 80 else 1
    for piece in range(pieces):
        low, high = length * piece / pieces, length * (piece + 1) / pieces
        wall.panel(low, high, 0.0, house.height, house.wall)
    if near > _DETAIL_M:
        return
    wall.shop_front(house, length)
    wall.windows(house, length, _GROUND_M)
    for level, tall in ((house.height - 0.1, 0.45), (_GROUND_M - 0.15, 0.2)):
        wall.panel(0.0, length, level, level + tall, house.trim)


class _Wall:
    """A vertical plane of the world with its own two axes: metres along it and metres up."""

    def __init__(
        self,
        canvas: Canvas,
        light: Light,
        origin: NDArray[np.float64],
        along: NDArray[np.float64],
        normal: tuple[float, float, float],
        distance_m: float,
    ) -> None:
        self._canvas = canvas
        self._light = light
        self._origin = origin
        self._along = along
        self._normal = normal
        self._distance_m = distance_m

    def quads(self, boxes: NDArray[np.float64]) -> NDArray[np.float64]:
        """World corners (P, 4, 3) of boxes (P, 4) given as start, end, low, high."""
        along = boxes[:, [0, 1, 1, 0]]
        up = boxes[:, [2, 2, 3, 3]]
        points = self._origin + along[..., None] * self._along
        points[..., 1] += up
        return points

    def distance(self, along: float) -> float:
        slope = float(self._along[2])
        return max(1.0, self._distance_m + slope * along)

    def panel(self, start: float, end: float, low: float, high: float, colour: Colour) -> None:
        quad = self.quads(np.array([(start, end, low, high)]))[0]
        middle = self.distance((start + end) / 2)
        self._canvas.face(quad, self._light.shade(colour, self._normal, middle))

    def batch(self, boxes: list[tuple[float, float, float, float]], colour: Colour, *, lit: bool = False) -> None:
        if not boxes:
            return
        table = np.array(boxes)
        quads = self._canvas.camera.outlines(self.quads(table))
        middle = self.distance(float(table[:, :2].mean()))
        light = self._light
        self._canvas.fill_each(quads, light.far(colour, middle) if lit else light.shade(colour, self._normal, middle))

    def windows(self, house: Building, length: float, base: float) -> None:
        """Rows of windows with frames, sills and a paler upper half that mirrors the sky."""
        rng = np.random.default_rng(house.seed)
        columns = max(1, int((length - 0.8) / house.window_m))
        rows = max(1, int((house.height - base - 0.7) / house.storey_m))
        margin = (length - columns * house.window_m) / 2
        wide, tall = house.window_m * 0.5, house.storey_m * 0.56
        glass, sky, frame, sill, burning = [], [], [], [], []
        for row in range(rows):
            for column in range(columns):
                start = margin + column * house.window_m + (house.window_m - wide) / 2
                low = base + 0.55 + row * house.storey_m
                frame.append((start - 0.09, start + wide + 0.09, low - 0.09, low + tall + 0.09))
                box = (start, start + wide, low, low + tall)
                # Each window has its own hour, so that a street lights up one by one.
                lamp = rng.random() < 0.45 * min(1.0, max(0.0, self._light.lamps - 0.25) / 0.5)
                mirrored = float(rng.uniform(0.45, 1.0))
                (burning if lamp else glass).append(box)
                if not lamp:
                    sky.append((start, start + wide * mirrored, low + tall * 0.45, low + tall))
                sill.append((start - 0.16, start + wide + 0.16, low - 0.22, low - 0.09))
        near = self.distance(0.0) < 70
        dark = mix(_GLASS, self._light.zenith, 0.15)
        if near:
            self.batch(frame, house.trim)
            self.batch(sill, scale(house.trim, 0.82))
        self.batch(glass, dark)
        if near:
            self.batch(sky, mix(dark, self._light.horizon, 0.35))
        self.batch(burning, _LAMP, lit=True)

    def shop_front(self, house: Building, length: float) -> None:
        """A ground floor with plinth, panes, a sign board and, on some houses, an awning."""
        rng = np.random.default_rng(house.seed + 1)
        self.panel(0.0, length, 0.0, 0.5, scale(house.wall, 0.62))
        if rng.random() < 0.3:
            bays = max(1, int(length / 3.2))
            step = length / bays
            boxes = [(step * bay + 0.8, step * bay + step - 0.8, 0.9, 2.7) for bay in range(bays)]
            self.batch(boxes, (58, 66, 76))
            return
        self.panel(0.5, length - 0.5, 0.12, 3.0, scale(house.shop, 0.55))
        bays = max(2, int(length / 2.6))
        step = (length - 1.2) / bays
        boxes = [(0.6 + step * bay + 0.15, 0.6 + step * (bay + 1) - 0.1, 0.55, 2.55) for bay in range(bays)]
        panes = self._light.shade((88, 100, 110), self._normal, 0.0)
        burning = min(1.0, max(0.0, self._light.lamps - 0.15) / 0.4)
        self.batch(boxes, mix(panes, _LAMP, burning), lit=True)
        if burning < 0.5:
            upper = [(start, start + (end - start) * 0.5, 1.4, 2.55) for start, end, _, _ in boxes]
            self.batch(upper, mix((96, 108, 120), self._light.horizon, 0.3))
        self.panel(0.5, length - 0.5, 2.62, 3.2, house.shop)
        self.batch([(length * 0.3, length * 0.62, 2.8, 3.02)], (240, 236, 224))
        if rng.random() < 0.5:
            self._awning(house, length)

    def _awning(self, house: Building, length: float) -> None:
        out = np.array(self._normal) * 1.0
        stripes = max(4, int(length / 0.9))
        step = (length - 1.4) / stripes
        for parity, colour in ((0, house.shop), (1, (242, 238, 228))):
            table = np.array([(0.7 + step * i, 0.7 + step * (i + 1), 2.55, 2.95) for i in range(parity, stripes, 2)])
            quads = self.quads(table)
            quads[:, :2] += out
            outlines = self._canvas.camera.outlines(quads)
            tone = self._light.flat(colour, self.distance(length / 2), 0.95)
            self._canvas.fill_each(outlines, tone)
