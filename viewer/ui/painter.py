"""One tile, painted from its plan: the frame, the map over it, boxes, and a header that says what it is.

Everything is placed through `place`, which maps source pixels to tile pixels, so a box, a map cell and the pixel under
them cannot come apart. The headless renderer paints the same plans with OpenCV; `tests/ui/test_alignment.py` holds
this one to the geometry.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPainterPath, QPen, QPolygonF, QTransform

from viewer.core.geometry import Rect
from viewer.render.palette import BAND_RGB, INK_DARK, INK_LIGHT
from viewer.render.plan import BoxPlan, OverlayPlan, Rgb, TilePlan
from viewer.render.shortening import whole_parts
from viewer.ui import tokens
from viewer.ui.paths import elided_path
from viewer.ui.scale_form import BAR_WIDTH, BETWEEN, GAP, ScaleForm, number_width, scale_form

_BANDS_WIDTH = 152
"""What the names of three bands usually take, with the space beside them."""
_LEAST_TITLE = 64
_SPOT = 8
"""Side of the spot of colour before the name of a band."""
_MOST_SMOOTH = 60
"""With more boxes in a frame, speed counts for more than smooth edges."""
_MASK_OPACITY = 0.35


@dataclass(frozen=True, slots=True)
class Place:
    """Where source pixels lie in the window.

    Attributes:
        area: What the tile may paint its picture on, in logical pixels of the canvas.
        picture: Where the whole frame lies, in the same pixels; parts may lie outside `area`.
        image_hw: Height and width of the frame in source pixels.
    """

    area: QRectF
    picture: QRectF
    image_hw: tuple[int, int]

    @property
    def transform(self) -> QTransform:
        """From source pixels to the canvas."""
        height, width = self.image_hw
        across, down = self.picture.width() / width, self.picture.height() / height
        return QTransform(across, 0, 0, down, self.picture.x(), self.picture.y())

    def rect(self, rect: Rect) -> QRectF:
        """Map a rectangle in source pixels to the canvas."""
        return self.transform.mapRect(QRectF(rect.x, rect.y, rect.width, rect.height))


def paint_overlay(painter: QPainter, overlay: OverlayPlan, place: Place) -> None:
    """Lay a map over the frame, smoothly scaled, cut off at the edge of the picture.

    Cell (row, column) covers its equal part of `overlay.rect`. Colours are mixed premultiplied, so a cell that is not
    finite fades to nothing instead of to black.
    """
    colours = _words(overlay)
    height, width = colours.shape
    image = QImage(colours.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
    painter.save()
    painter.setClipRect(place.area.intersected(place.picture))
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(place.rect(overlay.rect), image, QRectF(0, 0, width, height))
    painter.restore()


def paint_ground(painter: QPainter, overlay: OverlayPlan, place: Place) -> None:
    """Prepare for a map alone: hatched where cells are not finite, which no colour map looks like."""
    painter.fillRect(place.area, QColor(tokens.CANVAS))
    if overlay.has_broken:
        hatch = QBrush(QColor(tokens.INK_SOFT), Qt.BrushStyle.BDiagPattern)
        painter.fillRect(place.area.intersected(place.picture), hatch)


def _words(overlay: OverlayPlan) -> NDArray[np.uint32]:
    """(h, w) words of premultiplied ARGB."""
    words = premultiplied(overlay.lut)[overlay.codes]
    if not overlay.bands:
        return words
    # Each word is a grey of its band at the same opacity; where one band is not finite, none is drawn.
    red, green, blue = (words[:, :, band] for band in range(3))
    colours = (red & 0xFFFF0000) | (green & 0xFF00) | (blue & 0xFF)
    return np.where(overlay.codes.all(2), colours, 0).astype(np.uint32)


def premultiplied(lut: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Turn (256, 4) RGBA into (256,) words as Qt's premultiplied ARGB32 wants them."""
    return _premultiplied(lut.tobytes())


@lru_cache(maxsize=8)
def _premultiplied(table: bytes) -> NDArray[np.uint32]:
    # Six tiles a frame have the same table; comparing its thousand bytes is cheaper than doing it over.
    wide = np.frombuffer(table, np.uint8).reshape(-1, 4).astype(np.uint32)
    alpha = wide[:, 3]
    red, green, blue = ((wide[:, channel] * alpha + 127) // 255 for channel in range(3))
    return ((alpha << 24) | (red << 16) | (green << 8) | blue).astype(np.uint32)


@dataclass(frozen=True, slots=True, eq=False)
class Outlines:
    """The boxes of a frame in source pixels, sorted by colour once for all tiles, which then draw each colour at once.

    Attributes:
        boxes: As the plan has them, the worst first.
        upright: Rectangles by colour.
        turned: Polygons of oriented boxes by colour.
        masks: Outlines of masks with the colour of each, a path a mask.
        is_part: Whether some boxes of the frame are left out.
    """

    boxes: Sequence[BoxPlan]
    upright: Mapping[Rgb, list[QRectF]]
    turned: Mapping[Rgb, list[QPolygonF]]
    masks: Sequence[tuple[Rgb, QPainterPath]] = ()
    is_part: bool = False

    @classmethod
    def of(cls, boxes: Sequence[BoxPlan]) -> "Outlines":
        """Sort the boxes of a plan."""
        upright: dict[Rgb, list[QRectF]] = {}
        turned: dict[Rgb, list[QPolygonF]] = {}
        for box in boxes:
            if box.corners is None:
                left, top, right, bottom = box.xyxy
                upright.setdefault(box.rgb, []).append(QRectF(left, top, right - left, bottom - top))
            else:
                turned.setdefault(box.rgb, []).append(QPolygonF([QPointF(x, y) for x, y in box.corners]))
        masks = [(box.rgb, _mask_path(box)) for box in boxes if box.rings]
        return cls(boxes, upright, turned, masks)

    def without(self, others: Sequence[BoxPlan]) -> "Outlines":
        """Those that are none of these."""
        if not others:
            return self
        left = [box for box in self.boxes if not any(box.is_same(other) for other in others)]
        return self if len(left) == len(self.boxes) else replace(Outlines.of(left), is_part=True)


def _mask_path(box: BoxPlan) -> QPainterPath:
    """The rings of a mask; inside an odd number of them is inside, which is how a path fills by itself."""
    path = QPainterPath()
    for ring in box.rings:
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in ring]))
        path.closeSubpath()
    return path


def paint_boxes(
    painter: QPainter,
    outlines: Outlines,
    place: Place,
    *,
    labelled: bool,
    filled: bool = True,
) -> None:
    """Draw the boxes of a frame with their masks and poses, bolder where they are `labelled`.

    Masks are filled only where nothing beneath them matters more; else their outlines are drawn.
    """
    painter.save()
    shown = place.area.intersected(place.picture)
    painter.setClipRect(shown)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    smooth = labelled and len(outlines.boxes) <= _MOST_SMOOTH
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, smooth)
    painter.setTransform(place.transform, True)
    for rgb, path in outlines.masks:
        painter.setPen(_outline(rgb, labelled=False))
        painter.setBrush(_mask_colour(rgb) if filled else Qt.BrushStyle.NoBrush)
        painter.drawPath(path)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # upright lines are crisp without, and half the work
    for rgb, rects in outlines.upright.items():
        painter.setPen(_outline(rgb, labelled))
        painter.drawRects(rects)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, smooth)
    for rgb, polygons in outlines.turned.items():
        painter.setPen(_outline(rgb, labelled))
        for polygon in polygons:
            painter.drawPolygon(polygon)
    painter.restore()
    _paint_poses(painter, outlines.boxes, place, shown, labelled=labelled)


def _mask_colour(rgb: Rgb) -> QColor:
    colour = QColor(*rgb)
    colour.setAlphaF(_MASK_OPACITY)
    return colour


def _paint_poses(painter: QPainter, boxes: Sequence[BoxPlan], place: Place, shown: QRectF, *, labelled: bool) -> None:
    """Draw limbs with a dark rim, then bright joints, in pixels of the window so that they keep their size."""
    poses = [(box.rgb, box.pose) for box in boxes if box.pose is not None]
    if not poses:
        return
    painter.save()
    painter.setClipRect(shown)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, len(poses) <= _MOST_SMOOTH)
    to_canvas = place.transform
    width = 2.0 if labelled else 1.5
    for rgb, pose in poses:
        limbs = [QLineF(to_canvas.map(QPointF(*a)), to_canvas.map(QPointF(*b))) for a, b in pose.lines]
        painter.setPen(QPen(QColor(*INK_DARK), width + 1.5))
        painter.drawLines(limbs)
        painter.setPen(QPen(QColor(*rgb), width))
        painter.drawLines(limbs)
        painter.setPen(QPen(QColor(*INK_DARK), 1.0))
        painter.setBrush(QColor(*INK_LIGHT))
        for joint in pose.dots:
            painter.drawEllipse(to_canvas.map(QPointF(*joint)), width + 0.5, width + 0.5)
    painter.restore()


@lru_cache(maxsize=256)
def _outline(rgb: Rgb, labelled: bool) -> QPen:
    pen = QPen(QColor(*rgb), 2.0 if labelled else 1.0)
    pen.setCosmetic(True)
    return pen


def paint_header(
    painter: QPainter,
    tile: TilePlan,
    area: QRectF,
    *,
    current: bool,
    titles: Sequence[str] = (),
    form: ScaleForm | None = None,
) -> None:
    """Head a tile: title, what it is, a badge where something is wrong, and the scale of its colours.

    Args:
        painter: Stands on the canvas.
        tile: What to say.
        area: Where, in logical pixels.
        current: Whether this tile is the maximised one.
        titles: Of all tiles, from which a long one is to be told.
        form: What is drawn of the scale, for which there is room; None draws as much as fits into this tile.
    """
    if form is None:
        form = scale_form((tile,), area.width())
    painter.fillRect(area, QColor(tokens.PANEL))
    inner = area.adjusted(tokens.UNIT, 0, -tokens.UNIT, 0)
    painter.setFont(tokens.font(tokens.TEXT_BODY, strong=True))
    painter.setPen(QColor(tokens.ACCENT if current else tokens.INK))
    # A network's own paths can be long, and the scale matters more than what they have in common.
    spare = inner.width() - (_BANDS_WIDTH if tile.bands else 0)
    if tile.limits_text is not None:
        spare = inner.width() - form.width(*tile.limits_text)
    elif spare < _LEAST_TITLE:
        # No room for both: what the tile shows comes first.
        spare = inner.width()
    title = elided_path(tile.title, titles, painter.fontMetrics(), spare)
    used = painter.fontMetrics().horizontalAdvance(title)
    middle = Qt.AlignmentFlag.AlignVCenter
    painter.drawText(inner, middle | Qt.AlignmentFlag.AlignLeft, title)
    left, right = inner.left() + used + tokens.UNIT, inner.right()
    painter.setFont(tokens.font(tokens.TEXT_SMALL))
    if tile.limits_text is not None:
        right = _paint_scale(painter, tile, tile.limits_text, inner, form)
    elif tile.bands:
        right = _paint_bands(painter, tile.bands, inner, left)
    if tile.warning:
        right = _paint_badge(painter, tile.warning, QRectF(left, inner.top(), right - left, inner.height()))
    painter.setPen(QColor(tokens.INK_FAINT))
    room = QRectF(left, inner.top(), max(0.0, right - left), inner.height())
    text = whole_parts(tile.subtitle, lambda words: painter.fontMetrics().horizontalAdvance(words) <= room.width())
    painter.drawText(room, middle | Qt.AlignmentFlag.AlignLeft, text)


def _paint_scale(painter: QPainter, tile: TilePlan, limits: tuple[str, str], inner: QRectF, form: ScaleForm) -> float:
    """Draw `low [colours] high` at the right edge, or as much of it as `form` says; returns where it begins."""
    low, high = limits
    painter.setPen(QColor(tokens.INK_SOFT))
    middle = Qt.AlignmentFlag.AlignVCenter
    match form:
        case ScaleForm.NOTHING:
            return inner.right()
        case ScaleForm.NUMBERS:
            painter.drawText(inner, middle | Qt.AlignmentFlag.AlignRight, f"{low}{BETWEEN}{high}")
            return inner.right() - form.width(low, high)
        case ScaleForm.COLOURS:
            high_width, low_width = number_width(high), number_width(low)
    bar = QRectF(inner.right() - high_width - GAP - BAR_WIDTH, inner.center().y() - 3, BAR_WIDTH, 6)
    begin = bar.left() - GAP - low_width
    painter.drawText(
        QRectF(bar.right() + GAP, inner.top(), high_width, inner.height()), middle | Qt.AlignmentFlag.AlignLeft, high
    )
    painter.drawText(QRectF(begin, inner.top(), low_width, inner.height()), middle | Qt.AlignmentFlag.AlignRight, low)
    if tile.overlay is not None:
        painter.drawImage(bar, colour_strip(tile.overlay.lut))
    else:
        painter.fillRect(bar, QColor(tokens.HOVER))
    return begin - tokens.UNIT


def _paint_bands(painter: QPainter, bands: Sequence[str], inner: QRectF, left: float) -> float:
    """Say what is red, green and blue at the right edge, as far as it fits right of `left`; returns where it begins."""
    metrics = painter.fontMetrics()
    widths = [_SPOT + 4 + metrics.horizontalAdvance(name) for name in bands]
    begin = x = inner.right() - sum(widths) - tokens.UNIT * (len(bands) - 1)
    if begin < left:
        return inner.right()
    painter.setPen(QColor(tokens.INK_SOFT))
    for name, rgb, width in zip(bands, BAND_RGB, widths, strict=True):
        painter.fillRect(QRectF(x, inner.center().y() - _SPOT / 2, _SPOT, _SPOT), QColor(*rgb))
        words = QRectF(x + _SPOT + 4, inner.top(), width, inner.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
        x += width + tokens.UNIT
    return begin - tokens.UNIT


def colour_strip(lut: NDArray[np.uint8]) -> QImage:
    """The colours of a map without their opacity, first to last, as a picture one pixel high."""
    return _colour_strip(lut.tobytes())


@lru_cache(maxsize=16)
def _colour_strip(table: bytes) -> QImage:
    opaque = np.frombuffer(table, np.uint8).reshape(-1, 4)[1:].astype(np.uint32)
    words = (255 << 24) | (opaque[:, 0] << 16) | (opaque[:, 1] << 8) | opaque[:, 2]
    return QImage(words.data, len(words), 1, 4 * len(words), QImage.Format.Format_RGB32).copy()


def _paint_badge(painter: QPainter, text: str, room: QRectF) -> float:
    """Draw a warning at the right end of `room`, its dot alone where the words do not fit; returns where it begins."""
    metrics = painter.fontMetrics()
    shown = text if metrics.horizontalAdvance(text) + 22 <= room.width() else ""
    width = metrics.horizontalAdvance(shown) + 20 if shown else 16
    badge = QRectF(room.right() - width, room.center().y() - 8, width, 16)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(tokens.ink(tokens.WARN, 0.18))
    painter.drawRoundedRect(badge, 3, 3)
    painter.setBrush(QColor(tokens.WARN))
    painter.drawEllipse(QPointF(badge.left() + 8, badge.center().y()), 2.5, 2.5)
    painter.setPen(QColor(tokens.WARN))
    painter.drawText(badge.adjusted(15, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
    return badge.left() - tokens.UNIT
