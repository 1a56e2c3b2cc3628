"""The channels of a cell as bars, the largest first: all of them as one outline, and below it each with its number.

Only the rows in sight are painted, so a thousand channels cost as much as ten.
"""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget
from typing_extensions import override

from viewer.ui import tokens
from viewer.ui.tips import tip
from viewer.ui.tooltips import wrapped

ROW = 18
_NUMBER = 44
_VALUE = 56
_MARGIN = 2 * tokens.UNIT
_PROFILE = 44


def value_text(value: float) -> str:
    """A value of an activation, short."""
    return f"{value:#.3g}".rstrip(".") if math.isfinite(value) else "not finite"


class ChannelBars(QAbstractScrollArea):
    """A row a channel; a click or Enter shows one."""

    channel_wished = Signal(int)
    """Show the channel of this number."""
    menu_wished = Signal(int, QPoint)
    """Offer what can be done to the channel of this number, at this point of the screen."""

    def __init__(self) -> None:
        super().__init__()
        self._order: NDArray[np.intp] = np.zeros(0, np.intp)
        self._values: NDArray[np.float32] = np.zeros(0, np.float32)
        self._span = (0.0, 1.0)
        self._shown: int | None = None
        self._pointed = -1
        self._current = 0
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMinimumHeight(6 * ROW)
        self.setAccessibleName("Channels of the cell")
        self.viewport().setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        tip(
            self,
            "Channels of the cell, the largest first: the value of each in activation units, as the network computed "
            "it\nClick one, or ↑ ↓ and Enter, to see its map  ( {next_channel} and {previous_channel} browse, Esc goes "
            "back )\nRight button, or the menu key: mute, solo or scale it",
        )

    def show_vector(self, order: NDArray[np.intp], values: NDArray[np.float32], shown: int | None) -> None:
        """Show these.

        Args:
            order: Numbers of the channels in order.
            values: Of all channels, by number, in activation units.
            shown: The channel whose map is seen; None if none is.
        """
        self._order, self._values, self._shown = order, values, shown
        self._span = span_of(values)
        self._scale()
        self.viewport().update()

    def rows(self) -> list[tuple[int, float]]:
        """Number and value of each channel, from the top."""
        return [(int(number), float(self._values[number])) for number in self._order]

    def reveal(self, row: int) -> None:
        """Scroll so that this row is in the middle."""
        self.verticalScrollBar().setValue(row * ROW - self.viewport().height() // 2)

    def _scale(self) -> None:
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, len(self._order) * ROW - self.viewport().height()))
        bar.setSingleStep(ROW)
        bar.setPageStep(self.viewport().height())

    def row_at(self, y: float) -> int:
        """The row at a height of the viewport; -1 below the last."""
        row = math.floor((y + self.verticalScrollBar().value()) / ROW)
        return row if 0 <= row < len(self._order) else -1

    # --- hands ------------------------------------------------------------------------------------------------------

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._scale()

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self.row_at(event.position().y())
        if event.button() == Qt.MouseButton.LeftButton and row >= 0:
            self._current = row
            self.channel_wished.emit(int(self._order[row]))

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        row = self.row_at(event.position().y())
        if row != self._pointed:
            self._pointed = row
            self.viewport().update()

    @override
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        row = self._current if by_key else self.row_at(event.pos().y())
        if 0 <= row < len(self._order):
            middle = QPoint(self.viewport().width() // 2, row * ROW + ROW // 2 - self.verticalScrollBar().value())
            point = self.viewport().mapToGlobal(middle) if by_key else event.globalPos()
            self.menu_wished.emit(int(self._order[row]), point)

    @override
    def leaveEvent(self, event: QEvent) -> None:
        self._pointed = -1
        self.viewport().update()
        super().leaveEvent(event)

    @override
    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            row = self.row_at(event.pos().y())
            if row >= 0:
                number = int(self._order[row])
                words = f"Channel {number}: {value_text(float(self._values[number]))} activation, place {row + 1}"
                QToolTip.showText(event.globalPos(), wrapped(f"{words} of {len(self._order)}\n{self.toolTip()}"), self)
                return True
        return super().viewportEvent(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        page = max(1, self.viewport().height() // ROW - 1)
        steps = {keys.Key_Up: -1, keys.Key_Down: 1, keys.Key_PageUp: -page, keys.Key_PageDown: page}
        step = steps.get(Qt.Key(event.key()))
        if event.key() in (keys.Key_Return, keys.Key_Enter) and len(self._order):
            self.channel_wished.emit(int(self._order[min(self._current, len(self._order) - 1)]))
        elif step is not None and len(self._order) and not event.modifiers():
            self._current = min(max(self._current + step, 0), len(self._order) - 1)
            self.reveal(self._current)
            self.viewport().update()
        else:
            event.ignore()

    # --- painting ---------------------------------------------------------------------------------------------------

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setFont(tokens.font(tokens.TEXT_SMALL))
        offset = self.verticalScrollBar().value()
        first = offset // ROW
        last = min(len(self._order), first + self.viewport().height() // ROW + 2)
        for row in range(first, last):
            self._paint_row(painter, row, QRectF(0, row * ROW - offset, self.width(), ROW))
        painter.end()

    def _paint_row(self, painter: QPainter, row: int, rect: QRectF) -> None:
        number = int(self._order[row])
        value = float(self._values[number])
        is_shown, is_current = number == self._shown, self.hasFocus() and row == self._current
        if is_shown or is_current or row == self._pointed:
            painter.fillRect(rect, QColor(tokens.HOVER if is_shown or is_current else tokens.RAISED))
        if is_shown:
            painter.fillRect(QRectF(rect.left(), rect.top(), 3, rect.height()), QColor(tokens.ACCENT))
        middle, right = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignRight
        painter.setPen(QColor(tokens.INK_SOFT))
        painter.drawText(QRectF(rect.left(), rect.top(), _NUMBER, ROW), middle | right, str(number))
        painter.setPen(QColor(tokens.INK))
        painter.drawText(QRectF(0, rect.top(), rect.width() - _MARGIN, ROW), middle | right, value_text(value))
        if math.isfinite(value):
            room = QRectF(_NUMBER + 8, rect.top() + 4, rect.width() - _NUMBER - _VALUE - _MARGIN - 8, ROW - 8)
            painter.fillRect(_bar(room, value, self._span), QColor(tokens.ACCENT if is_shown else tokens.MEASURE))


class ChannelProfile(QWidget):
    """All channels side by side, the largest first; a click finds the place in the list."""

    place_wished = Signal(int)
    """Show the row of this place in the order."""

    def __init__(self) -> None:
        super().__init__()
        self._sorted: NDArray[np.float32] = np.zeros(0, np.float32)
        self._numbers: NDArray[np.intp] = np.zeros(0, np.intp)
        self._shown: int | None = None
        self.setFixedHeight(_PROFILE)
        self.setMouseTracking(True)
        self.setAccessibleName("All channels of the cell")
        tip(
            self,
            "All channels of the cell, the largest left, in activation units; a click finds the place in the list "
            "below  ( with keys: F6, then PgUp and PgDown in the list )",
        )

    def show_vector(self, order: NDArray[np.intp], values: NDArray[np.float32], shown: int | None) -> None:
        """Show these; arguments as of `ChannelBars`."""
        self._numbers, self._sorted, self._shown = order, values[order], shown
        self.update()

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position().x())
        if place is not None:
            self.place_wished.emit(place)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(event.position().x())
        if place is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self.place_wished.emit(place)

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self._place_at(event.pos().x())
            if place is not None:
                words = f"Channel {int(self._numbers[place])}: {value_text(float(self._sorted[place]))} activation"
                QToolTip.showText(event.globalPos(), wrapped(f"{words}\n{self.toolTip()}"), self)
                return True
        return super().event(event)

    def _place_at(self, x: float) -> int | None:
        count = len(self._sorted)
        room = self.width() - 2 * _MARGIN
        return min(max(math.floor((x - _MARGIN) / room * count), 0), count - 1) if count else None

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(_MARGIN, 2, self.width() - 2 * _MARGIN, self.height() - 4)
        finite = self._sorted[np.isfinite(self._sorted)]
        if len(finite):
            span = span_of(finite)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.MEASURE))
            painter.drawPolygon(_outline(room, finite, len(self._sorted), span))
            zero = _height(room, 0.0, span)
            painter.fillRect(QRectF(room.left(), zero, room.width(), 1), QColor(tokens.LINE))
            self._paint_shown(painter, room)
        painter.end()

    def _paint_shown(self, painter: QPainter, room: QRectF) -> None:
        places = np.flatnonzero(self._numbers == self._shown) if self._shown is not None else ()
        for place in places:
            x = room.left() + (int(place) + 0.5) / len(self._sorted) * room.width()
            painter.fillRect(QRectF(x - 1, room.top(), 2, room.height()), QColor(tokens.INK))


def span_of(values: NDArray[np.float32]) -> tuple[float, float]:
    """From the smallest to the largest finite value, zero always among them."""
    finite = values[np.isfinite(values)]
    low, high = (min(0.0, float(finite.min())), max(0.0, float(finite.max()))) if len(finite) else (0.0, 1.0)
    return (low, high) if low < high else (0.0, 1.0)


def _bar(room: QRectF, value: float, span: tuple[float, float]) -> QRectF:
    low, high = span
    ends = [room.left() + (end - low) / (high - low) * room.width() for end in (0.0, value)]
    return QRectF(min(ends), room.top(), max(1.0, abs(ends[1] - ends[0])), room.height())


def _height(room: QRectF, value: float, span: tuple[float, float]) -> float:
    low, high = span
    return room.bottom() - (value - low) / (high - low) * room.height()


def _outline(room: QRectF, values: NDArray[np.float32], count: int, span: tuple[float, float]) -> QPolygonF:
    """Steps from zero to each value; of more values than pixels, those at the pixels' edges."""
    places = np.unique(np.linspace(0, len(values) - 1, min(len(values), round(room.width()) * 2)).astype(int))
    zero = _height(room, 0.0, span)
    points = [QPointF(room.left(), zero)]
    for number, place in enumerate(places.tolist()):
        end = places[number + 1] if number + 1 < len(places) else len(values)
        y = _height(room, float(values[place]), span)
        points += [QPointF(room.left() + edge / count * room.width(), y) for edge in (place, int(end))]
    return QPolygonF([*points, QPointF(points[-1].x(), zero)])
