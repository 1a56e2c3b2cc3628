"""The bar of time across the window: where playing stands, and a place to put it by mouse."""

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from viewer.core import Link
from viewer.session import ViewState, timecode
from viewer.ui import tokens

_SIDE = 2 * tokens.UNIT
_HEIGHT = 40
_GROOVE_Y = 27
_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)


class Timeline(QWidget):
    """Scrubs through a source that has an end; says so where it has none."""

    fraction_wished = Signal(float)
    """Go to this part of the whole, 0..1."""

    def __init__(self) -> None:
        super().__init__()
        self._count = 0
        self._duration_s = 0.0
        self._index = -1
        self._note = ""
        self._hover: float | None = None
        self._scrub: float | None = None
        self.setFixedHeight(_HEIGHT)
        self.setMouseTracking(True)
        self.setToolTip("Click or drag to go to a time · 0 to 9 jump to a tenth")
        self.setAccessibleName("Timeline")

    def show_state(self, state: ViewState) -> None:
        """Move to where playing stands."""
        source = state.source
        count = (source.frame_count or 0) if source and not source.is_live else 0
        rate = float(source.fps) if source and source.fps else 0.0
        duration_s = (source.duration_s or (count / rate if rate else 0.0)) if source else 0.0
        lost = state.report is not None and state.report.status.link is Link.LOST
        note = ("No signal" if lost else "Live") if source and source.is_live else ""
        shown = (count, duration_s, state.transport.index, note)
        if shown != (self._count, self._duration_s, self._index, self._note):
            self._count, self._duration_s, self._index, self._note = shown
            self.setEnabled(count > 1)
            self.update()

    def point_of(self, fraction: float) -> QPointF:
        """Where a part of the whole lies in this widget."""
        return QPointF(_SIDE + fraction * (self.width() - 2 * _SIDE), _GROOVE_Y)

    def _fraction_at(self, x: float) -> float:
        return min(max((x - _SIDE) / max(1, self.width() - 2 * _SIDE), 0.0), 1.0)

    # --- painting ---------------------------------------------------------------------------------------------------

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(tokens.font(tokens.TEXT_SMALL))
        left, right = self.point_of(0), self.point_of(1)
        groove = QRectF(left.x(), _GROOVE_Y - 2, right.x() - left.x(), 4)
        _bar(painter, groove, tokens.HOVER)
        if self._count > 1:
            self._paint_ticks(painter)
            self._paint_position(painter, groove)
        elif self._note:
            painter.setBrush(QColor(tokens.GOOD if self._note == "Live" else tokens.WARN))
            painter.drawEllipse(QPointF(_SIDE + 4, 12), 3.5, 3.5)
            painter.setPen(QColor(tokens.INK_SOFT))
            painter.drawText(QRectF(_SIDE + 14, 4, 120, 16), Qt.AlignmentFlag.AlignVCenter, self._note)
        painter.end()

    def _paint_ticks(self, painter: QPainter) -> None:
        if self._duration_s <= 0:
            return
        room = self.width() - 2 * _SIDE
        step = next((step for step in _STEPS_S if step / self._duration_s * room >= 84), self._duration_s)
        moment = 0.0
        while moment <= self._duration_s:
            x = round(self.point_of(moment / self._duration_s).x()) + 0.5
            painter.setPen(QPen(QColor(tokens.HOVER), 1))
            painter.drawLine(QPointF(x, 14), QPointF(x, 20))
            painter.setPen(QColor(tokens.INK_FAINT))
            text = short_time(moment, step)
            if x + 4 + painter.fontMetrics().horizontalAdvance(text) <= self.width() - 4:
                painter.drawText(QPointF(x + 4, 19), text)
            moment += step

    def _paint_position(self, painter: QPainter, groove: QRectF) -> None:
        fraction = self._scrub if self._scrub is not None else max(0, self._index) / (self._count - 1)
        head = self.point_of(min(fraction, 1.0))
        _bar(painter, QRectF(groove.left(), groove.top(), head.x() - groove.left(), groove.height()), tokens.ACCENT)
        if self._hover is not None:
            self._paint_hover(painter, self._hover)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.INK))
        painter.drawEllipse(head, 6.5, 6.5)

    def _paint_hover(self, painter: QPainter, fraction: float) -> None:
        x = self.point_of(fraction).x()
        painter.fillRect(QRectF(round(x), _GROOVE_Y - 6, 1, 12), QColor(tokens.INK_SOFT))
        index = round(fraction * (self._count - 1))
        # The time at which that frame begins, not that under the pointer: both speak of one picture.
        text = f"{timecode(index * self._duration_s / self._count)}   frame {index}"
        metrics = painter.fontMetrics()
        width = metrics.horizontalAdvance(text) + 12
        left = min(max(x - width / 2, 4.0), self.width() - width - 4.0)
        label = QRectF(round(left), 3, width, 18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.RAISED))
        painter.drawRoundedRect(label, 3, 3)
        painter.setPen(QColor(tokens.INK))
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, text)

    # --- mouse ------------------------------------------------------------------------------------------------------

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._count > 1:
            self._go(event)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover = self._fraction_at(event.position().x())
        if self._scrub is not None:
            self._go(event)
        self.update()

    @override
    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._scrub = None
        self.update()

    @override
    def leaveEvent(self, _event: QEvent) -> None:
        self._hover = None
        self.update()

    def _go(self, event: QMouseEvent) -> None:
        fraction = self._fraction_at(event.position().x())
        if fraction != self._scrub:
            self._scrub = fraction
            self.fraction_wished.emit(fraction)
            self.update()


def _bar(painter: QPainter, rect: QRectF, colour: str) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawRoundedRect(rect, 2, 2)


def short_time(seconds: float, step: float) -> str:
    """A tick's time, as short as its step allows: `4.5`, `0:07`, `1:02:00`."""
    if step < 1:
        return f"{seconds:.1f} s"
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"
