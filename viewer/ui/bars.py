"""A few numbers as bars, one a line: what it is of, the bar, the number."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from viewer.session.why import Bar
from viewer.ui import tokens
from viewer.ui.tips import tip

_ROW = 20
_BAR = 6
_VALUE = 56
_NAME_SHARE = 0.42


class Bars(QWidget):
    """Paints bars; as high as there are any. One of a channel can be clicked, or chosen with arrows and Enter.

    Args:
        name: What they are called.
        tooltip: How the numbers were worked out, and their unit.
    """

    channel_wished = Signal(str, int)
    """Show this channel of the stage of this node."""

    def __init__(self, name: str, tooltip: str) -> None:
        super().__init__()
        self._name = name
        self._current = 0
        self._pointed = -1
        self.bars: tuple[Bar, ...] = ()
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        tip(self, tooltip)

    def show_bars(self, bars: Sequence[Bar]) -> None:
        """Show these from now on."""
        given = tuple(bars)
        if given != self.bars:
            is_as_high = len(given) == len(self.bars)
            self.bars = given
            leads_on = any(bar.channel is not None for bar in given)
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus if leads_on else Qt.FocusPolicy.NoFocus)
            self.setAccessibleDescription(", ".join(f"{bar.name} {bar.value}" for bar in given))
            if not is_as_high:
                self.updateGeometry()
            self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(self.width(), _ROW * len(self.bars))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(0, _ROW * len(self.bars))

    # --- hands ------------------------------------------------------------------------------------------------------

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._wish(self._row_at(event.position()))

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(self._row_at(event.position()))

    @override
    def leaveEvent(self, event: QEvent) -> None:
        self._point(-1)
        super().leaveEvent(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._wish(self._current)
        elif step is not None and self.bars and not event.modifiers():
            self._current = min(max(self._current + step, 0), len(self.bars) - 1)
            self.update()
        else:
            event.ignore()

    def _row_at(self, point: QPointF) -> int:
        """The row of a channel at a point; -1 where there is none."""
        row = int(point.y() // _ROW)
        return row if 0 <= row < len(self.bars) and self.bars[row].channel is not None else -1

    def _point(self, row: int) -> None:
        if row != self._pointed:
            self._pointed = row
            self.setCursor(Qt.CursorShape.ArrowCursor if row < 0 else Qt.CursorShape.PointingHandCursor)
            self.update()

    def _wish(self, row: int) -> None:
        channel = self.bars[row].channel if 0 <= row < len(self.bars) else None
        if channel is not None:
            self._current = row
            self.channel_wished.emit(*channel)

    # --- painting ---------------------------------------------------------------------------------------------------

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(tokens.font(tokens.TEXT_SMALL))
        for row, bar in enumerate(self.bars):
            room = QRectF(0, row * _ROW, self.width(), _ROW)
            if row == self._pointed or (self.hasFocus() and row == self._current and bar.channel is not None):
                painter.fillRect(room, QColor(tokens.HOVER))
            self._paint(painter, bar, room)
        painter.end()

    def _paint(self, painter: QPainter, bar: Bar, room: QRectF) -> None:
        name_px = round((room.width() - _VALUE) * _NAME_SHARE)
        name = QRectF(room.x(), room.y(), name_px - tokens.UNIT, room.height())
        painter.setPen(QColor(tokens.INK_SOFT))
        text = painter.fontMetrics().elidedText(bar.name, Qt.TextElideMode.ElideRight, int(name.width()))
        painter.drawText(name, Qt.AlignmentFlag.AlignVCenter, text)
        track = QRectF(name_px, room.center().y() - _BAR / 2, room.width() - _VALUE - name_px, _BAR)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.FIELD))
        painter.drawRoundedRect(track, _BAR / 2, _BAR / 2)
        filled = QRectF(track.x(), track.y(), track.width() * min(max(bar.share, 0.0), 1.0), _BAR)
        painter.setBrush(QColor(tokens.MEASURE) if bar.rgb is None else QColor(*bar.rgb))
        painter.drawRoundedRect(filled, _BAR / 2, _BAR / 2)
        painter.setPen(QColor(tokens.INK))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, bar.value)
