"""Two handles on the colours of the maps: which value gets the first one and which the last."""

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from viewer.ui import tokens

_HANDLE = 12
_BAR = 8
_STEPS = 100
"""Key presses from one end to the other; with Shift a tenth of them."""


class RangeBar(QWidget):
    """A span with a low and a high handle; Left and Right move the one in use, Up and Down take the other."""

    moved = Signal(float, float)
    """The user put the handles at these values, low before high."""

    def __init__(self, name: str, tooltip: str) -> None:
        super().__init__()
        self._span = (0.0, 1.0)
        self._values = [0.0, 1.0]
        self._active = 1
        self._held = False
        self._colours = QImage()
        self.setFixedHeight(tokens.ROW)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(name)
        self.setToolTip(tooltip)

    def show_range(self, span: tuple[float, float], low: float, high: float, colours: QImage) -> None:
        """Show these values; while a handle is held, the span stays as it was, so that nothing slips away under it.

        Args:
            span: Values at the two ends.
            low: Value of the first colour.
            high: Value of the last colour.
            colours: One pixel high, first to last.
        """
        self._colours = colours
        self._values = [low, high]
        if not self._held:
            self._span = span
        self.update()

    def x_of(self, value: float) -> float:
        """Where a value lies, in pixels of this widget."""
        low, high = self._span
        return _HANDLE / 2 + (value - low) / (high - low) * (self.width() - _HANDLE)

    def _value_at(self, x: float) -> float:
        low, high = self._span
        share = (x - _HANDLE / 2) / max(1, self.width() - _HANDLE)
        return low + min(max(share, 0.0), 1.0) * (high - low)

    def _put(self, value: float) -> None:
        """Move the handle in use, up to a step from the other one and no further than the span."""
        low, high = self._span
        step = (high - low) / _STEPS
        other = self._values[1 - self._active]
        value = max(value, other + step) if self._active else min(value, other - step)
        self._values[self._active] = float(f"{value:.3g}")
        if self._values[0] < self._values[1]:
            self.update()
            self.moved.emit(*self._values)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            x = event.position().x()
            distances = [abs(x - self.x_of(value)) for value in self._values]
            self._active = 0 if distances[0] < distances[1] else 1
            self._held = True
            self._put(self._value_at(x))

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held:
            self._put(self._value_at(event.position().x()))

    @override
    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._held = False

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        tenth = 0.1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
        step = (self._span[1] - self._span[0]) / _STEPS * tenth
        if event.key() in (keys.Key_Left, keys.Key_Right):
            self._put(self._values[self._active] + (step if event.key() == keys.Key_Right else -step))
        elif event.key() in (keys.Key_Up, keys.Key_Down):
            self._active = 1 - self._active
            self.update()
        else:
            event.ignore()

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()
        super().focusInEvent(event)

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()
        super().focusOutEvent(event)

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        top = (self.height() - _BAR) / 2
        low, high = (min(max(self.x_of(value), 0.0), float(self.width())) for value in self._values)
        whole = QRectF(_HANDLE / 2, top, self.width() - _HANDLE, _BAR)
        painter.fillRect(whole, QColor(tokens.HOVER))
        if not self._colours.isNull():
            painter.drawImage(QRectF(low, top, high - low, _BAR), self._colours)
            # Beyond the handles everything has the colour of the end.
            last = self._colours.width() - 1
            painter.setOpacity(0.35)
            painter.fillRect(QRectF(whole.left(), top, low - whole.left(), _BAR), self._colours.pixelColor(0, 0))
            painter.fillRect(QRectF(high, top, whole.right() - high, _BAR), self._colours.pixelColor(last, 0))
            painter.setOpacity(1.0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, x in enumerate((low, high)):
            is_used = self.hasFocus() and number == self._active
            painter.setPen(QPen(QColor(tokens.CANVAS), 1))
            painter.setBrush(QColor(tokens.ACCENT if is_used else tokens.INK))
            painter.drawEllipse(QPointF(x, self.height() / 2), _HANDLE / 2 - 0.5, _HANDLE / 2 - 0.5)
        painter.end()
