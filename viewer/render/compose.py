"""The window's pictures without a window: a plan as one image, for video files and snapshots."""

import threading

import cv2
import numpy as np
from numpy.typing import NDArray

from viewer.core.frame import Frame
from viewer.core.geometry import Rect
from viewer.render.boxes import draw_boxes, draw_dotted, draw_gone
from viewer.render.chosen import draw_beside, draw_chosen, draw_ghost
from viewer.render.fill import fill
from viewer.render.grid import tile_areas
from viewer.render.header import draw_footer, draw_header
from viewer.render.layout import snug_rect
from viewer.render.mosaic import draw_mosaic
from viewer.render.overlay import draw_ground, draw_overlay
from viewer.render.palette import CANVAS, SURFACE, TEXT
from viewer.render.panes import Pane, panes
from viewer.render.plan import RenderPlan, TilePlan
from viewer.render.plates import View, draw_plates, plate_of, plates_of
from viewer.render.scale import Scale
from viewer.render.views import MapView

_NO_FRAME_HW = (9, 16)
_LINES_FROM_PX = 560
"""Tiles at least this wide get lines of two pixels."""

_local = threading.local()


def compose(plan: RenderPlan, size_wh: tuple[int, int] = (1920, 1080)) -> NDArray[np.uint8]:
    """Draw a plan.

    Safe to call from several threads; each keeps the buffers of its last size.

    Args:
        plan: What to draw.
        size_wh: Width and height of the image in pixels.

    Returns:
        (H, W, 3) uint8 RGB, the caller's own.
    """
    composer: Composer | None = getattr(_local, "composer", None)
    if composer is None or composer.size_wh != size_wh:
        composer = _local.composer = Composer(size_wh)
    return composer.compose(plan)


class Composer:
    """Draws plans at one size and keeps what does not change between them. One thread at a time.

    Args:
        size_wh: Width and height of the images in pixels.
    """

    def __init__(self, size_wh: tuple[int, int]) -> None:
        self.size_wh = size_wh
        self._scale = Scale.of(size_wh)
        self._pictures: dict[tuple[int, int], NDArray[np.uint8]] = {}
        # Copying a filled canvas is ten times as fast as filling one with a colour of three numbers.
        self._blank = np.full((size_wh[1], size_wh[0], 3), CANVAS, np.uint8)

    def compose(self, plan: RenderPlan, out: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
        """Draw a plan.

        Args:
            plan: What to draw.
            out: (H, W, 3) uint8 to draw into; a new image where it is None.

        Returns:
            (H, W, 3) uint8 RGB; `out` if that was given.
        """
        width, height = self.size_wh
        canvas = np.empty_like(self._blank) if out is None else out
        np.copyto(canvas, self._blank)
        image_hw = plan.frame.image_hw if plan.frame else _NO_FRAME_HW
        scale = self._scale
        area_wh = (width - 2 * scale.margin, height - 2 * scale.margin - scale.footer)
        rects = tile_areas(plan, area_wh, image_hw, gap=scale.gap, header=scale.header)
        fresh: dict[tuple[int, int], NDArray[np.uint8]] = {}
        for tile, rect in zip(plan.tiles, rects, strict=True):
            if rect.width and rect.height:
                self._draw_tile(canvas, plan, tile, rect, fresh)
        self._pictures = fresh
        draw_footer(canvas[height - scale.footer :], plan.frame, scale)
        return canvas

    def _draw_tile(
        self,
        canvas: NDArray[np.uint8],
        plan: RenderPlan,
        tile: TilePlan,
        rect: Rect,
        fresh: dict[tuple[int, int], NDArray[np.uint8]],
    ) -> None:
        scale = self._scale
        left, top = scale.margin + round(rect.x), scale.margin + round(rect.y)
        right, bottom = left + round(rect.width), top + round(rect.height)
        titles = tuple(other.title for other in plan.tiles)
        draw_header(canvas[top : top + scale.header, left:right], tile, scale, titles)
        view = canvas[top + scale.header : bottom, left:right]
        if plan.frame is None:
            fill(view, SURFACE)
            return
        parts = panes(tile.view, Rect(0, 0, view.shape[1], view.shape[0]), plan.divider)
        for pane in parts:
            self._draw_pane(view, plan, tile, pane, fresh)
        if tile.view is MapView.SWIPE:
            cut = round(parts[1].area.x)
            fill(view[:, max(0, cut - 1) : cut + 1], TEXT)

    def _draw_pane(
        self,
        view: NDArray[np.uint8],
        plan: RenderPlan,
        tile: TilePlan,
        pane: Pane,
        fresh: dict[tuple[int, int], NDArray[np.uint8]],
    ) -> None:
        left, top = round(pane.area.x), round(pane.area.y)
        part = view[top : top + round(pane.area.height), left : left + round(pane.area.width)]
        if plan.frame is None or not part.size:
            return
        image_hw = plan.frame.image_hw
        picture = _picture(image_hw, pane.whole)
        placed = Rect(picture.x - left, picture.y - top, picture.width, picture.height)
        if pane.frame:
            size_wh = (round(picture.width), round(picture.height))
            if size_wh not in fresh:
                fresh[size_wh] = resized(plan.frame, size_wh, self._pictures.get(size_wh))
            _lay(part, fresh[size_wh], round(placed.x), round(placed.y))
        has_map = pane.map and tile.overlay is not None
        if tile.overlay is not None and has_map:
            if not pane.frame:
                draw_ground(part, tile.overlay, placed)
            draw_overlay(part, tile.overlay, placed, image_hw)
            if tile.overlay.mosaic is not None:
                draw_mosaic(part, tile.overlay, placed, image_hw, text_px=self._scale.small)
        if tile.show_boxes:
            line_px = 2 if picture.width >= _LINES_FROM_PX else 1
            draw_dotted(part, plan.under, placed, image_hw)
            draw_gone(part, plan.gone, placed, image_hw, line_px=line_px)
            boxes = tuple(box for box in plan.boxes if not (tile.answers and box.is_same(plan.chosen)))
            draw_boxes(part, boxes, placed, image_hw, line_px=line_px, filled=not has_map)
            self._draw_words(part, plan, tile, View(part.shape[:2], placed, image_hw), line_px)

    def _draw_words(self, part: NDArray[np.uint8], plan: RenderPlan, tile: TilePlan, view: View, line_px: int) -> None:
        """Labels after all outlines, so that no line runs through a word; what is followed over all of them."""
        text_px, chosen = self._scale.label, plan.chosen
        # In a tile that answers, its title says what is asked about.
        is_named = chosen is not None and (tile.show_labels or not tile.answers)
        written = None
        if chosen is not None and is_named:
            written = plate_of(chosen, view, text_px, labelled=tile.show_labels)
        if tile.show_labels:
            draw_plates(part, plates_of(plan.ranked, view, text_px, chosen=chosen, written=written), text_px)
        if plan.ghost is not None:
            draw_ghost(part, plan.ghost, view, line_px)
        if chosen is not None and tile.answers:
            draw_beside(part, chosen, view)
        elif chosen is not None:
            draw_chosen(part, chosen, view, line_px)
        if written is not None:
            draw_plates(part, [written], text_px)


def _picture(image_hw: tuple[int, int], area: Rect) -> Rect:
    """Where the whole picture lies, in whole pixels; all of an area that has its proportions to a pixel or two."""
    fitted = snug_rect(image_hw, area)
    return area if fitted == area else Rect(*map(round, (fitted.x, fitted.y, fitted.width, fitted.height)))


def _lay(part: NDArray[np.uint8], picture: NDArray[np.uint8], x: int, y: int) -> None:
    """Copy what of a picture falls on a part of a tile; the rest of the part is left as it is."""
    left, top = max(0, x), max(0, y)
    right, bottom = min(part.shape[1], x + picture.shape[1]), min(part.shape[0], y + picture.shape[0])
    if left < right and top < bottom:
        part[top:bottom, left:right] = picture[top - y : bottom - y, left - x : right - x]


def resized(frame: Frame, size_wh: tuple[int, int], out: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
    """The whole picture at another size.

    Halving exactly and interpolating the rest is nearly as good as averaging areas of any size, and ten times as fast.

    Args:
        frame: The picture.
        size_wh: Width and height in pixels.
        out: Buffer of that size to use again.
    """
    rgb = frame.rgb
    while True:
        height, width = rgb.shape[:2]
        if height % 2 or width % 2 or width < 2 * size_wh[0] or height < 2 * size_wh[1]:
            break
        rgb = np.asarray(cv2.resize(rgb, (width // 2, height // 2), interpolation=cv2.INTER_AREA), np.uint8)
    far = rgb.shape[1] > 2 * size_wh[0]
    return np.asarray(
        cv2.resize(rgb, size_wh, dst=out, interpolation=cv2.INTER_AREA if far else cv2.INTER_LINEAR), np.uint8
    )
