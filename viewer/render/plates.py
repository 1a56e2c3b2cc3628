"""Labels of boxes in a composed picture: their words on a ground of their class's colour, none over another."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from viewer.core.geometry import Rect
from viewer.render.fill import fill
from viewer.render.labels import ink_on
from viewer.render.palette import INK_DARK
from viewer.render.placing import Sides, outstanding_place, standing_places, words_aside
from viewer.render.plan import BoxPlan, Rgb
from viewer.render.text import SEMIBOLD, baseline, draw_text, elided, text_width


@dataclass(frozen=True, slots=True)
class Plate:
    """A label where it stands.

    Attributes:
        text: What it says, shortened where it would not fit into the picture.
        rgb: Colour of its class: of its ground, or of its words and edge where it is hollow.
        sides: Its edges in tile pixels, whole ones.
        hollow: Whether it is of a candidate that is no detection, so that nobody takes it for one.
    """

    text: str
    rgb: Rgb
    sides: Sides
    hollow: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """Where a picture lies in a tile.

    Attributes:
        tile_hw: Height and width of the tile in pixels.
        picture: The whole picture, in tile pixels; parts of it may lie outside.
        image_hw: Height and width of the picture in source pixels.
    """

    tile_hw: tuple[int, int]
    picture: Rect
    image_hw: tuple[int, int]

    @property
    def shown(self) -> Sides:
        """What is seen of the picture, in tile pixels."""
        rect, (height, width) = self.picture, self.tile_hw
        right, bottom = min(width, rect.x + rect.width), min(height, rect.y + rect.height)
        return max(0.0, rect.x), max(0.0, rect.y), right, bottom

    def sides(self, xyxy: Sides) -> Sides:
        """Edges of a box in tile pixels."""
        across, down = self.picture.width / self.image_hw[1], self.picture.height / self.image_hw[0]
        left, top, right, bottom = xyxy
        x, y = self.picture.x, self.picture.y
        return x + left * across, y + top * down, x + right * across, y + bottom * down


def plate_of(box: BoxPlan, view: View, text_px: int, *, labelled: bool = True) -> Plate | None:
    """The label of the box that stands out; None where nothing of the box is seen, or no word has room.

    Args:
        box: The box.
        view: Where the picture lies.
        text_px: Height of the font.
        labelled: Whether boxes carry their labels there; else it is brief where the picture is small.
    """
    shown, sides = view.shown, view.sides(box.xyxy)
    if sides[0] >= shown[2] or sides[2] <= shown[0] or sides[1] >= shown[3] or sides[3] <= shown[1]:
        return None
    text, size = _words(box, shown, text_px)
    if not labelled:
        text = words_aside(box.caption, box.brief, shown[2] - shown[0], lambda words: _size(words, text_px)[0])
        size = _size(text, text_px)
    if not text:
        return None
    return _plate(box, text, size, outstanding_place(sides, size, shown))


def plates_of(
    boxes: Sequence[BoxPlan], view: View, text_px: int, *, chosen: BoxPlan | None = None, written: Plate | None = None
) -> list[Plate]:
    """The labels of boxes, as many as find a place.

    Args:
        boxes: The best first.
        view: Where the picture lies.
        text_px: Height of the font.
        chosen: The box that stands out, which no label covers.
        written: Its own label, which none covers either.
    """
    others = [box for box in boxes if not box.is_same(chosen)]
    words: dict[int, tuple[str, tuple[int, int]]] = {}

    def size(number: int) -> tuple[int, int]:
        words[number] = _words(others[number], view.shown, text_px)
        return words[number][1]

    taken = [] if chosen is None else [view.sides(chosen.xyxy)]
    taken += [] if written is None else [written.sides]
    places = standing_places([view.sides(box.xyxy) for box in others], size, view.shown, taken)
    return [_plate(others[number], *words[number], (x, y)) for number, x, y in places]


def draw_plates(tile: NDArray[np.uint8], plates: Sequence[Plate], text_px: int) -> None:
    """Draw labels where they stand.

    Args:
        tile: (H, W, 3) uint8 RGB, changed in place.
        plates: What to draw.
        text_px: Height of the font.
    """
    for plate in plates:
        left, top, right, bottom = map(int, plate.sides)
        ground = tile[max(0, top) : bottom, max(0, left) : right]
        if not ground.size:
            continue
        fill(ground, INK_DARK if plate.hollow else plate.rgb)
        if plate.hollow:
            edge = max(0, left), max(0, top), min(tile.shape[1], right) - 1, min(tile.shape[0], bottom) - 1
            cv2.rectangle(tile, edge[:2], edge[2:], plate.rgb, 1)
        at_xy = _pad(text_px), baseline(0, bottom - top, text_px)
        rgb = plate.rgb if plate.hollow else ink_on(plate.rgb)
        draw_text(ground, plate.text, at_xy, size_px=text_px, rgb=rgb, weight=SEMIBOLD)


def _words(box: BoxPlan, shown: Sides, text_px: int) -> tuple[str, tuple[int, int]]:
    """What a label says, and its width and height."""
    pad = _pad(text_px)
    text = elided(box.caption, int(shown[2] - shown[0]) - 2 * pad, text_px, SEMIBOLD)
    return text, _size(text, text_px)


def _size(text: str, text_px: int) -> tuple[int, int]:
    """Width and height of a label."""
    return text_width(text, text_px, SEMIBOLD) + 2 * _pad(text_px), round(text_px * 1.35)


def _plate(box: BoxPlan, text: str, size: tuple[int, int], at_xy: tuple[float, float]) -> Plate:
    left, top = at_xy
    return Plate(text, box.rgb, (left, top, left + size[0], top + size[1]), hollow=box.under)


def _pad(text_px: int) -> int:
    return max(2, text_px // 4)
