"""One tile, painted from its plan: the frame, the map over it, boxes, and a header that says what it is.

Everything is placed through `place`, which maps source pixels to tile pixels, so a box, a map cell and the pixel under
them cannot come apart. The headless renderer paints the same plans with OpenCV; `tests/ui/test_alignment.py` holds
this one to the geometry.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen, QPolygonF

from viewer.core.geometry import Rect
from viewer.render.labels import ink_on
from viewer.render.plan import BoxPlan, OverlayPlan, TilePlan
from viewer.ui import tokens

_BAR_WIDTH = 48


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

    def point(self, x: float, y: float) -> QPointF:
        """Map a point in source pixels to the canvas."""
        along_x, along_y = x / self.image_hw[1], y / self.image_hw[0]
        return QPointF(
            self.picture.x() + along_x * self.picture.width(), self.picture.y() + along_y * self.picture.height()
        )

    def rect(self, rect: Rect) -> QRectF:
        """Map a rectangle in source pixels to the canvas."""
        along_x = self.picture.width() / self.image_hw[1]
        along_y = self.picture.height() / self.image_hw[0]
        return QRectF(
            self.picture.x() + rect.x * along_x,
            self.picture.y() + rect.y * along_y,
            rect.width * along_x,
            rect.height * along_y,
        )


def paint_overlay(painter: QPainter, overlay: OverlayPlan, place: Place) -> None:
    """Lay a map over the frame, smoothly scaled, cut off at the edge of the picture.

    Cell (row, column) covers its equal part of `overlay.rect`. Colours are mixed premultiplied, so a cell that is not
    finite fades to nothing instead of to black.
    """
    colours = premultiplied(overlay.lut)[overlay.codes]
    height, width = overlay.codes.shape
    image = QImage(colours.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
    painter.save()
    painter.setClipRect(place.area.intersected(place.picture))
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(place.rect(overlay.rect), image, QRectF(0, 0, width, height))
    painter.restore()


def premultiplied(lut: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Turn (256, 4) RGBA into (256,) words as Qt's premultiplied ARGB32 wants them."""
    wide = lut.astype(np.uint32)
    alpha = wide[:, 3]
    red, green, blue = ((wide[:, channel] * alpha + 127) // 255 for channel in range(3))
    return ((alpha << 24) | (red << 16) | (green << 8) | blue).astype(np.uint32)


def paint_boxes(painter: QPainter, boxes: Sequence[BoxPlan], place: Place, *, labelled: bool) -> None:
    """Draw boxes, the last on top, and what they are if `labelled`."""
    shown = place.area.intersected(place.picture)
    painter.save()
    painter.setClipRect(shown)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    rects = [place.rect(_rect(box)) for box in boxes]
    for box, rect in zip(boxes, rects, strict=True):
        painter.setPen(QPen(QColor(*box.rgb), 2.0 if labelled else 1.5))
        if box.corners is None:
            painter.drawRect(rect)
        else:
            painter.drawPolygon(QPolygonF([place.point(x, y) for x, y in box.corners]))
    if labelled:
        visible = [(box, rect) for box, rect in zip(boxes, rects, strict=True) if rect.intersects(shown)]
        _paint_labels(painter, visible[::-1], shown)
    painter.restore()


def _rect(box: BoxPlan) -> Rect:
    left, top, right, bottom = box.xyxy
    return Rect(left, top, right - left, bottom - top)


def _paint_labels(painter: QPainter, boxes: Sequence[tuple[BoxPlan, QRectF]], shown: QRectF) -> None:
    """Write what boxes are, the best first: over its box, under it or in it, wherever no better label stands.

    One that finds no place is left out; half a label under another is read as something else.
    """
    font = tokens.font(tokens.TEXT_SMALL, strong=True)
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    height = round(metrics.height()) + 2
    taken: list[QRectF] = []
    for box, rect in boxes:
        width = round(metrics.horizontalAdvance(box.text)) + 8
        left = round(max(shown.left(), min(rect.left() - 1, shown.right() - width)))
        inside = max(rect.top(), shown.top())
        for top in (rect.top() - height, rect.bottom() + 1, inside):
            label = QRectF(left, round(top), width, height)
            if label.top() >= shown.top() and label.bottom() <= shown.bottom() and not _overlaps(label, taken):
                taken.append(label)
                painter.fillRect(label, QColor(*box.rgb))
                painter.setPen(QColor(*ink_on(box.rgb)))
                painter.drawText(label, Qt.AlignmentFlag.AlignCenter, box.text)
                break


def _overlaps(label: QRectF, taken: Sequence[QRectF]) -> bool:
    return any(label.intersects(other) for other in taken)


def paint_header(painter: QPainter, tile: TilePlan, area: QRectF, *, current: bool) -> None:
    """Head a tile: title, what it is, a badge where something is wrong, and the scale of its colours.

    Args:
        painter: Stands on the canvas.
        tile: What to say.
        area: Where, in logical pixels.
        current: Whether this tile is the maximised one.
    """
    painter.fillRect(area, QColor(tokens.PANEL))
    inner = area.adjusted(tokens.UNIT, 0, -tokens.UNIT, 0)
    painter.setFont(tokens.font(tokens.TEXT_BODY, strong=True))
    painter.setPen(QColor(tokens.ACCENT if current else tokens.INK))
    used = painter.fontMetrics().horizontalAdvance(tile.title)
    middle = Qt.AlignmentFlag.AlignVCenter
    painter.drawText(inner, middle | Qt.AlignmentFlag.AlignLeft, tile.title)
    left, right = inner.left() + used + tokens.UNIT, inner.right()
    painter.setFont(tokens.font(tokens.TEXT_SMALL))
    if tile.limits_text is not None:
        right = _paint_scale(painter, tile, inner, left)
    if tile.warning:
        right = _paint_badge(painter, tile.warning, QRectF(left, inner.top(), right - left, inner.height()))
    painter.setPen(QColor(tokens.INK_FAINT))
    room = QRectF(left, inner.top(), max(0.0, right - left), inner.height())
    text = shortened(tile.subtitle, lambda words: painter.fontMetrics().horizontalAdvance(words) <= room.width())
    painter.drawText(room, middle | Qt.AlignmentFlag.AlignLeft, text)


def shortened(subtitle: str, fits: Callable[[str], bool]) -> str:
    """As many whole parts of `a · b · c` as fit; half a word helps nobody."""
    parts = subtitle.split(" · ")
    while parts and not fits(" · ".join(parts)):
        parts.pop()
    return " · ".join(parts)


def _paint_scale(painter: QPainter, tile: TilePlan, inner: QRectF, left: float) -> float:
    """Draw `low [colours] high` at the right edge, as far as it fits right of `left`; returns where it begins."""
    low, high = tile.limits_text or ("", "")
    metrics = painter.fontMetrics()
    # The widest usual number keeps the colours in place while the limits run.
    digits = metrics.horizontalAdvance("00.00")
    high_width = max(digits, metrics.horizontalAdvance(high))
    low_width = max(digits, metrics.horizontalAdvance(low))
    bar = QRectF(inner.right() - high_width - 4 - _BAR_WIDTH, inner.center().y() - 3, _BAR_WIDTH, 6)
    begin = bar.left() - 4 - low_width
    if begin < left:
        return inner.right()
    painter.setPen(QColor(tokens.INK_SOFT))
    middle = Qt.AlignmentFlag.AlignVCenter
    painter.drawText(
        QRectF(bar.right() + 4, inner.top(), high_width, inner.height()), middle | Qt.AlignmentFlag.AlignLeft, high
    )
    painter.drawText(QRectF(begin, inner.top(), low_width, inner.height()), middle | Qt.AlignmentFlag.AlignRight, low)
    if tile.overlay is not None:
        painter.drawImage(bar, colour_strip(tile.overlay.lut))
    else:
        painter.fillRect(bar, QColor(tokens.RAISED))
    return begin - tokens.UNIT


def colour_strip(lut: NDArray[np.uint8]) -> QImage:
    """The colours of a map without their opacity, first to last, as a picture one pixel high."""
    opaque = lut[1:].astype(np.uint32)
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
