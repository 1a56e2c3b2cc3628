"""What makes a mosaic of channels readable: lines between its parts, and in each its number where there is room."""

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter

from viewer.render.plan import OverlayPlan
from viewer.ui import tokens
from viewer.ui.painter import Place

_GAP = 2.0
"""Between parts, in logical pixels."""
_LEAST_WIDTH = 72
"""Parts narrower than this carry no number; the pointer tells it."""


def paint_mosaic(painter: QPainter, overlay: OverlayPlan, place: Place) -> None:
    """Part a mosaic that is painted already."""
    painter.save()
    painter.setClipRect(place.area.intersected(place.picture))
    painter.setFont(tokens.font(tokens.TEXT_SMALL))
    for rect, channel in overlay.parts():
        part = place.rect(rect)
        if channel is None:
            painter.fillRect(part, QColor(tokens.CANVAS))
            continue
        _paint_edges(painter, part)
        if part.width() >= _LEAST_WIDTH:
            _paint_number(painter, part, channel)
    painter.restore()


def _paint_edges(painter: QPainter, part: QRectF) -> None:
    ground = QColor(tokens.CANVAS)
    half = _GAP / 2
    for edge in (
        QRectF(part.left(), part.top(), part.width(), half),
        QRectF(part.left(), part.bottom() - half, part.width(), half),
        QRectF(part.left(), part.top(), half, part.height()),
        QRectF(part.right() - half, part.top(), half, part.height()),
    ):
        painter.fillRect(edge, ground)


def _paint_number(painter: QPainter, part: QRectF, channel: int) -> None:
    text, metrics = str(channel), painter.fontMetrics()
    plate = QRectF(part.left() + 3, part.top() + 3, metrics.horizontalAdvance(text) + 8, metrics.height())
    painter.fillRect(plate, tokens.ink(tokens.CANVAS, 0.72))
    painter.setPen(QColor(tokens.INK))
    painter.drawText(QPointF(plate.left() + 4, plate.top() + metrics.ascent()), text)
