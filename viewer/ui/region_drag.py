"""A rectangle drawn over the picture with the mouse, to ask about what lies in it."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from viewer.core.overlap import Xyxy
from viewer.render.palette import INK_DARK
from viewer.ui import tokens
from viewer.ui.painter import Place

_STILL_PX = 4
"""A hand that clicks moves the mouse that far."""


class RegionDrag:
    """What the pressed button draws, if it draws a rectangle."""

    def __init__(self) -> None:
        self._place: Place | None = None
        self._by_click = False
        self._begin = self._end = QPointF()

    @property
    def is_holding(self) -> bool:
        """Whether movements belong to it."""
        return self._place is not None

    def press(self, place: Place, point: QPointF, *, by_click: bool) -> None:
        """Begin at this point of a picture.

        Args:
            place: Where the picture lies.
            point: In pixels of the canvas.
            by_click: Whether a click without a movement means the point; else it means nothing here.
        """
        self._place, self._by_click = place, by_click
        self._begin = self._end = point

    def move(self, point: QPointF) -> None:
        """Draw it up to this point; it ends at the edge of the picture."""
        if self._place is not None:
            area = self._place.area
            x = min(max(point.x(), area.left()), area.right())
            y = min(max(point.y(), area.top()), area.bottom())
            self._end = QPointF(x, y)

    def release(self) -> Xyxy | None:
        """Let go: the rectangle in source pixels, or a point where the mouse stood still; None where none is meant."""
        place, self._place = self._place, None
        is_still = (self._end - self._begin).manhattanLength() < _STILL_PX
        if place is None or (is_still and not self._by_click):
            return None
        source, _ = place.transform.inverted()
        begin = source.map(self._begin)
        end = begin if is_still else source.map(self._end)
        return begin.x(), begin.y(), end.x(), end.y()

    def drop(self) -> None:
        """Let go without a rectangle."""
        self._place = None

    def paint(self, painter: QPainter) -> None:
        """Draw it."""
        if self._place is None:
            return
        rect = QRectF(self._begin, self._end).normalized()
        painter.save()
        painter.fillRect(rect, tokens.ink(tokens.ACCENT, 0.15))
        for pen in (QPen(QColor(*INK_DARK), 3), QPen(QColor(tokens.ACCENT), 1.5)):
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            painter.drawRect(rect)
        painter.restore()
