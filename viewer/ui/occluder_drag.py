"""The rectangle that covers a part of the picture, drawn and moved with the mouse while somebody holds it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent
from typing_extensions import override

from viewer.core.perturbation import Xyxy
from viewer.ui.tile_view import TileView

if TYPE_CHECKING:
    from viewer.ui.painter import Place


class OccluderDrag(QObject):
    """Turns drags over the pictures into rectangles: one that begins in the rectangle moves it, others draw another.

    It looks at the mouse before the canvas does, and leaves it alone while it is not held.

    Args:
        canvas: Where the pictures are.
    """

    wished = Signal(object)
    """Cover this, left, top, right, bottom in source pixels."""

    def __init__(self, canvas: TileView) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._is_held = False
        self._rect: Xyxy | None = None
        self._place: Place | None = None
        self._begin = QPointF()
        self._carried: Xyxy | None = None
        canvas.installEventFilter(self)

    def show(self, rect: Xyxy | None, *, held: bool) -> None:
        """Know what is covered, and whether drags belong to it."""
        self._rect = rect
        if held != self._is_held:
            self._is_held, self._place = held, None
            self._canvas.setCursor(Qt.CursorShape.CrossCursor if held else Qt.CursorShape.ArrowCursor)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not self._is_held or not isinstance(event, QMouseEvent):
            return False
        match event.type():
            case QEvent.Type.MouseButtonPress if event.button() == Qt.MouseButton.LeftButton:
                return self._press(event.position())
            case QEvent.Type.MouseMove if self._place is not None:
                self._drag(event.position())
                return True
            case QEvent.Type.MouseButtonRelease if self._place is not None:
                self._place = None
                return True
            case _:
                return False

    def _press(self, point: QPointF) -> bool:
        self._place = self._canvas.place_at(point)
        if self._place is None:
            return False
        self._begin = self._source(point)
        inside = self._rect is not None and _as_rect(self._rect).contains(self._begin)
        self._carried = self._rect if inside else None
        return True

    def _drag(self, point: QPointF) -> None:
        here = self._source(point)
        if self._carried is None:
            rect = QRectF(self._begin, here).normalized()
        else:
            rect = _as_rect(self._carried).translated(here - self._begin)
        self.wished.emit((rect.left(), rect.top(), rect.right(), rect.bottom()))

    def _source(self, point: QPointF) -> QPointF:
        """A point of the canvas in source pixels, whole ones, within the picture."""
        if self._place is None:
            return QPointF()
        source, _ = self._place.transform.inverted()
        height, width = self._place.image_hw
        where = source.map(point)
        return QPointF(round(min(max(where.x(), 0), width)), round(min(max(where.y(), 0), height)))


def _as_rect(xyxy: Xyxy) -> QRectF:
    left, top, right, bottom = xyxy
    return QRectF(left, top, right - left, bottom - top)
