"""The loop on the timeline: two handles over the lanes, and what lies outside of them dimmed."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from viewer.core.looprange import LoopRange
from viewer.ui import tokens

_REACH_PX = 6
_GRIP_PX = 7


def handle_at(x: float, begin_x: float, end_x: float) -> str:
    """Which handle a pointer is on.

    Returns:
        `begin`, `end`, or nothing. Of two that lie together each is taken from its own side.
    """
    near = {"begin": abs(x - begin_x), "end": abs(x - end_x)}
    if min(near.values()) > _REACH_PX:
        return ""
    return "begin" if near["begin"] < near["end"] or (near["begin"] == near["end"] and x < begin_x) else "end"


def moved(span: LoopRange, handle: str, index: int) -> LoopRange:
    """The loop with one handle at another frame; it stops at the other handle."""
    if handle == "begin":
        return LoopRange(min(index, span.end), span.end)
    return LoopRange(span.begin, max(index, span.begin))


def paint_loop(painter: QPainter, lanes: QRectF, begin_x: float, end_x: float, *, on: bool) -> None:
    """Draw handles and dim what is not played.

    Args:
        painter: Of the timeline.
        lanes: Where the lanes lie.
        begin_x: Of the first frame.
        end_x: Of the last frame.
        on: Whether it loops; else the handles are faint and nothing is dimmed.
    """
    if on:
        shade = tokens.ink(tokens.PANEL, 0.66)
        painter.fillRect(QRectF(lanes.left(), lanes.top(), begin_x - lanes.left(), lanes.height()), shade)
        painter.fillRect(QRectF(end_x, lanes.top(), lanes.right() - end_x, lanes.height()), shade)
    colour = QColor(tokens.INK if on else tokens.INK_FAINT)
    for x, inward in ((begin_x, 1), (end_x, -1)):
        painter.setPen(QPen(colour, 1.5))
        painter.drawLine(QPointF(x, lanes.top() - 1), QPointF(x, lanes.bottom() + 1))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        tip = QPointF(x + inward * _GRIP_PX, lanes.top() - 1)
        painter.drawPolygon(QPolygonF([QPointF(x, lanes.top() - 1), tip, QPointF(x, lanes.top() - 1 + _GRIP_PX)]))
