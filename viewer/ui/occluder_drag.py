"""The rectangle that covers a part of the picture, drawn, moved and resized with the mouse while somebody holds it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent
from typing_extensions import override

from viewer.core.overlap import Xyxy
from viewer.ui.canvas import Canvas

if TYPE_CHECKING:
    from viewer.ui.painter import Place

Grip = tuple[int, int]
"""What of a rectangle moves: -1 its left or top edge, 1 its right or bottom one, 0 neither; (0, 0) all of it."""

_REACH_PX = 6.0
_SHAPES = Qt.CursorShape
_CURSORS: dict[Grip | None, Qt.CursorShape] = {
    None: _SHAPES.CrossCursor,
    (0, 0): _SHAPES.SizeAllCursor,
    (-1, 0): _SHAPES.SizeHorCursor,
    (1, 0): _SHAPES.SizeHorCursor,
    (0, -1): _SHAPES.SizeVerCursor,
    (0, 1): _SHAPES.SizeVerCursor,
    (-1, -1): _SHAPES.SizeFDiagCursor,
    (1, 1): _SHAPES.SizeFDiagCursor,
    (-1, 1): _SHAPES.SizeBDiagCursor,
    (1, -1): _SHAPES.SizeBDiagCursor,
}


class OccluderDrag(QObject):
    """Turns drags over the pictures into rectangles.

    A drag that begins at an edge or corner of the rectangle moves that, one that begins within moves all of it, others
    draw another. It looks at the mouse before the canvas does, and leaves it alone while it is not held.

    Args:
        canvas: Where the pictures are.
    """

    wished = Signal(object)
    """Cover this, left, top, right, bottom in source pixels; None covers nothing."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._is_held = False
        self._rect: Xyxy | None = None
        self._place: Place | None = None
        self._begin = QPointF()
        self._before: Xyxy | None = None
        self._grip: Grip | None = None
        canvas.installEventFilter(self)

    def show(self, rect: Xyxy | None, *, held: bool) -> None:
        """Know what is covered, and whether drags belong to it."""
        self._rect = rect
        if held != self._is_held:
            self._is_held, self._place = held, None
            self._canvas.show_tool(_SHAPES.CrossCursor if held else None)

    def drop(self) -> bool:
        """Let what is covered be as it was before the drag that is under way; tells whether there is one."""
        if self._place is None:
            return False
        self._place = None
        self.wished.emit(self._before)
        return True

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
            case QEvent.Type.MouseMove:
                self._canvas.show_tool(_CURSORS[self._grip_at(event.position())])
                return False
            case QEvent.Type.MouseButtonRelease if self._place is not None:
                self._place = None
                return True
            case _:
                return False

    def _press(self, point: QPointF) -> bool:
        self._grip = self._grip_at(point)
        self._place = self._canvas.place_at(point)
        if self._place is None:
            return False
        self._begin, self._before = self._source(point), self._rect
        return True

    def _grip_at(self, point: QPointF) -> Grip | None:
        """What a drag from here would move; None where it would draw another."""
        place = self._canvas.place_at(point)
        if place is None or self._rect is None:
            return None
        edge = place.transform.mapRect(_as_rect(self._rect))
        if not edge.adjusted(-_REACH_PX, -_REACH_PX, _REACH_PX, _REACH_PX).contains(point):
            return None
        return _end(point.x(), edge.left(), edge.right()), _end(point.y(), edge.top(), edge.bottom())

    def _drag(self, point: QPointF) -> None:
        here, grip = self._source(point), self._grip
        moved = here - self._begin
        if grip is None or self._before is None:
            rect = QRectF(self._begin, here)
        elif grip == (0, 0):
            rect = _as_rect(self._before).translated(moved)
        else:
            left, top, right, bottom = self._before
            dx, dy = moved.x(), moved.y()
            corner = QPointF(left + dx * (grip[0] < 0), top + dy * (grip[1] < 0))
            rect = QRectF(corner, QPointF(right + dx * (grip[0] > 0), bottom + dy * (grip[1] > 0)))
        rect = rect.normalized()
        self.wished.emit((rect.left(), rect.top(), rect.right(), rect.bottom()))

    def _source(self, point: QPointF) -> QPointF:
        """A point of the canvas in source pixels, whole ones, within the picture."""
        if self._place is None:
            return QPointF()
        source, _ = self._place.transform.inverted()
        height, width = self._place.image_hw
        where = source.map(point)
        return QPointF(round(min(max(where.x(), 0), width)), round(min(max(where.y(), 0), height)))


def _end(at: float, low: float, high: float) -> int:
    """Which end of a side a place is at; neither in the middle, of which a short side keeps a third."""
    reach = min(_REACH_PX, (high - low) / 3)
    return -1 if at <= low + reach else 1 if at >= high - reach else 0


def _as_rect(xyxy: Xyxy) -> QRectF:
    left, top, right, bottom = xyxy
    return QRectF(left, top, right - left, bottom - top)
