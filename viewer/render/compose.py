"""The window's pictures without a window: a plan as one image, for video files and snapshots."""

import threading

import cv2
import numpy as np
from numpy.typing import NDArray

from viewer.core.frame import Frame
from viewer.core.geometry import Rect
from viewer.render.boxes import draw_boxes, draw_dotted
from viewer.render.fill import fill
from viewer.render.header import draw_footer, draw_header
from viewer.render.layout import tile_rects
from viewer.render.overlay import draw_overlay
from viewer.render.palette import CANVAS, SURFACE
from viewer.render.plan import RenderPlan, TilePlan
from viewer.render.scale import Scale

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
        aspect = image_hw[1] / image_hw[0]
        rects = tile_rects(len(plan.tiles), area_wh, aspect, gap=scale.gap, header=scale.header)
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
        draw_header(canvas[top : top + scale.header, left:right], tile, scale)
        view = canvas[top + scale.header : bottom, left:right]
        if plan.frame is None:
            fill(view, SURFACE)
            return
        size_wh = (view.shape[1], view.shape[0])
        if size_wh not in fresh:
            fresh[size_wh] = resized(plan.frame, size_wh, self._pictures.get(size_wh))
        view[:] = fresh[size_wh]
        whole = Rect(0, 0, *size_wh)
        if tile.overlay is not None:
            draw_overlay(view, tile.overlay, whole, plan.frame.image_hw)
        if tile.show_boxes:
            text_px = scale.label if tile.show_labels else None
            line_px = 2 if size_wh[0] >= _LINES_FROM_PX else 1
            filled = tile.overlay is None
            draw_dotted(view, plan.under, whole, plan.frame.image_hw)
            draw_boxes(view, plan.boxes, whole, plan.frame.image_hw, text_px=text_px, line_px=line_px, filled=filled)


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
