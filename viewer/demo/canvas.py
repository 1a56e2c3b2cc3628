"""A picture and, under the same brush, the identity of what each pixel shows.

Ground truth boxes come from the second buffer, so they are right by construction: every stroke that covers an
object with something else also takes the pixel away from it.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from viewer.demo.camera import Camera

Colour = tuple[float, float, float]
Box = tuple[int, int, int, int]

NOTHING = 0
_SHIFT = 4
_UNIT = 1 << _SHIFT
_TURN = np.linspace(0.0, 2 * np.pi, 12, endpoint=False)
_ROUND = np.stack((np.cos(_TURN), np.sin(_TURN)), axis=-1)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Blend two colours; share 0 is the first, 1 the second."""
    keep = 1.0 - share
    return (
        first[0] * keep + second[0] * share,
        first[1] * keep + second[1] * share,
        first[2] * keep + second[2] * share,
    )


def scale(colour: Colour, factor: float) -> Colour:
    """Make a colour brighter or darker; each channel stays in 0..255."""
    return (min(255.0, colour[0] * factor), min(255.0, colour[1] * factor), min(255.0, colour[2] * factor))


class Canvas:
    """Two buffers seen through one camera: `rgb` (H, W, 3) uint8 and `labels` (H, W) uint8.

    `ident` is the label of every following stroke; 0 means no object, so that strokes of scenery hide objects.
    """

    def __init__(self, camera: Camera) -> None:
        shape = (camera.height_px, camera.width_px)
        self.camera = camera
        self.rgb: NDArray[np.uint8] = np.zeros((*shape, 3), np.uint8)
        self.labels: NDArray[np.uint8] = np.zeros(shape, np.uint8)
        self.ident = NOTHING

    def fill(self, outline: NDArray[np.floating] | None, colour: Colour) -> None:
        """Fill one polygon of (N, 2) pixels, antialiased."""
        if outline is None:
            return
        self._fill([_fixed(outline)], colour)

    def fill_each(self, outlines: NDArray[np.floating], colour: Colour) -> None:
        """Fill many polygons that do not overlap, (P, N, 2) pixels, with one colour."""
        if len(outlines):
            self._fill(list(_fixed(outlines)), colour)

    def face(self, points: NDArray[np.floating], colour: Colour) -> None:
        """Fill one world polygon, (N, 3) metres."""
        self.fill(self.camera.outline(points), colour)

    def hull(self, centres: NDArray[np.floating], radii: NDArray[np.floating], colour: Colour) -> None:
        """Fill the convex hull of discs: a limb from two, a trunk from four.

        Args:
            centres: (N, 2) pixels.
            radii: (N,) pixels.
            colour: RGB.
        """
        rim = (centres[:, None, :] + radii[:, None, None] * _ROUND[None]).reshape(-1, 2).astype(np.float32)
        self.fill(np.asarray(cv2.convexHull(rim)[:, 0, :], np.float32), colour)

    def disc(self, centre: Sequence[float], radius: float, colour: Colour) -> None:
        """Fill one disc; centre and radius in pixels."""
        at = (round(centre[0] * _UNIT), round(centre[1] * _UNIT))
        reach = max(1, round(radius * _UNIT))
        cv2.circle(self.rgb, at, reach, colour, -1, cv2.LINE_AA, _SHIFT)
        cv2.circle(self.labels, at, reach, self.ident, -1, cv2.LINE_8, _SHIFT)

    def stroke(self, points: NDArray[np.floating], colour: Colour, *, width_px: float, closed: bool = False) -> None:
        """Draw a line through (N, 2) pixels; thin lines fade in place of getting thinner than a pixel."""
        line = [_fixed(points)]
        width = max(1, round(width_px))
        cv2.polylines(self.rgb, line, closed, colour, width, cv2.LINE_AA, _SHIFT)
        cv2.polylines(self.labels, line, closed, self.ident, width, cv2.LINE_8, _SHIFT)

    def sprite(
        self,
        sprite: NDArray[np.uint8],
        box: tuple[float, float, float, float],
        tint: Colour,
        haze: Colour,
        share: float,
    ) -> None:
        """Paste a picture with transparency, scaled into a box.

        Args:
            sprite: (h, w, 4) RGBA uint8.
            box: x0, y0, x1, y1 in pixels.
            tint: factor per channel.
            haze: colour it fades to.
            share: how far it has faded, 0 to 1.
        """
        height, width = self.labels.shape
        x0, y0, x1, y1 = (round(edge) for edge in box)
        left, top, right, bottom = max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)
        if right - left < 1 or bottom - top < 1:
            return
        rows, columns = sprite.shape[:2]
        step_x, step_y = columns / (x1 - x0), rows / (y1 - y0)
        part = sprite[
            int((top - y0) * step_y) : int((bottom - y0) * step_y) + 1,
            int((left - x0) * step_x) : int((right - x0) * step_x) + 1,
        ]
        if part.size == 0:
            return
        small = right - left < part.shape[1]
        piece = cv2.resize(
            part, (right - left, bottom - top), interpolation=cv2.INTER_AREA if small else cv2.INTER_LINEAR
        )
        gain = np.array([tint], np.float32) * (1 - share)
        colour = piece[..., :3] * gain + np.array([haze], np.float32) * share
        alpha = piece[..., 3:].astype(np.float32) / 255
        window = self.rgb[top:bottom, left:right]
        window[:] = np.clip(window * (1 - alpha) + colour * alpha, 0, 255).astype(np.uint8)
        self.labels[top:bottom, left:right][piece[..., 3] > 127] = self.ident

    def glow(self, centre: Sequence[float], radius: float, colour: Colour, strength: float) -> None:
        """Add light that falls off from a centre; leaves the labels alone."""
        height, width = self.labels.shape
        reach = max(2, round(radius))
        u, v = round(centre[0]), round(centre[1])
        left, top, right, bottom = max(u - reach, 0), max(v - reach, 0), min(u + reach, width), min(v + reach, height)
        if right <= left or bottom <= top:
            return
        across = (np.arange(left, right, dtype=np.float32) - u) / reach
        down = (np.arange(top, bottom, dtype=np.float32) - v) / reach
        fall = np.clip(1 - np.sqrt(across[None] ** 2 + down[:, None] ** 2), 0, 1) ** 2 * strength
        window = self.rgb[top:bottom, left:right]
        window[:] = np.clip(window + fall[..., None] * np.array(colour, np.float32), 0, 255).astype(np.uint8)

    def count(self, ident: int, within: Box | None = None) -> tuple[int, Box | None]:
        """Count an object's pixels and bound them.

        Args:
            ident: its label.
            within: where to look; the whole picture by default.

        Returns:
            The number of pixels and x0, y0, x1, y1 with exclusive ends; None where it has none.
        """
        x0, y0, x1, y1 = within or (0, 0, self.labels.shape[1], self.labels.shape[0])
        mask = cv2.inRange(self.labels[y0:y1, x0:x1], ident, ident)
        left, top, width, height = cv2.boundingRect(mask)
        if not width:
            return 0, None
        pixels = cv2.countNonZero(mask[top : top + height, left : left + width])
        return pixels, (x0 + left, y0 + top, x0 + left + width, y0 + top + height)

    def _fill(self, polygons: list[NDArray[np.int32]], colour: Colour) -> None:
        cv2.fillPoly(self.rgb, polygons, colour, cv2.LINE_AA, _SHIFT)
        cv2.fillPoly(self.labels, polygons, self.ident, cv2.LINE_8, _SHIFT)


def _fixed(points: NDArray[np.floating]) -> NDArray[np.int32]:
    return np.rint(points * _UNIT).astype(np.int32)
