"""A cell on the pictures: its own pixels framed, and dashed around them those that it can depend on."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from viewer.core.geometry import Rect
from viewer.render.palette import INK_DARK, INK_LIGHT
from viewer.ui.painter import Place

_LEAST_PX = 5.0
"""A cell that would be smaller on the screen is framed this large."""


def paint_cell(painter: QPainter, spots: Sequence[Rect], place: Place, *, strong: bool) -> None:
    """Frame a cell.

    Args:
        painter: Of the canvas.
        spots: Source rectangles: its own pixels, then those it can depend on, if they are known.
        place: Where the picture lies.
        strong: Whether it is one that was pinned, rather than the one under the pointer.
    """
    painter.save()
    painter.setClipRect(place.area.intersected(place.picture))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for number, rect in enumerate(_outlines(spots, place)):
        is_field = number > 0
        _frame(painter, rect, 2 if strong and not is_field else 1, dashed=is_field)
    painter.restore()


def strips(spots: Sequence[Rect], place: Place) -> tuple[QRect, ...]:
    """What of the canvas the frames cover: four strips each, for what is inside stays as it is."""
    covered: list[QRect] = []
    area = place.area.toAlignedRect()
    for outline in _outlines(spots, place):
        rect = outline.toAlignedRect().adjusted(-3, -3, 3, 3)
        left, top, width, height = rect.x(), rect.y(), rect.width(), rect.height()
        covered += [
            QRect(left, top, width, 6),
            QRect(left, rect.bottom() - 6, width, 8),
            QRect(left, top, 6, height),
            QRect(rect.right() - 6, top, 8, height),
        ]
    return tuple(strip.intersected(area) for strip in covered)


def _outlines(spots: Sequence[Rect], place: Place) -> list[QRectF]:
    return [_at_least(place.rect(spot), _LEAST_PX) for spot in spots]


def _at_least(rect: QRectF, least: float) -> QRectF:
    wider, higher = max(0.0, least - rect.width()) / 2, max(0.0, least - rect.height()) / 2
    return rect.adjusted(-wider, -higher, wider, higher)


def _frame(painter: QPainter, rect: QRectF, width: int, *, dashed: bool) -> None:
    """Light over a dark rim, so that it is seen on any map and any frame."""
    for colour, wide in ((QColor(*INK_DARK), width + 2), (QColor(*INK_LIGHT), width)):
        pen = QPen(colour, wide)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        if dashed:
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            pen.setDashPattern([4.0 / wide * 1.5, 4.0 / wide * 1.5])
        painter.setPen(pen)
        painter.drawRect(rect)
