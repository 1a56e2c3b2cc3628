"""The quiet card at the foot of the frame: where something was saved, how far an export is.

It floats over the pictures instead of pushing them, and good news leaves by itself. It keeps to the frame's own tile,
which is the largest, and leaves every map beside it free.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QEnterEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from viewer.session.taking import Outcome, Running, Taking
from viewer.ui import tokens
from viewer.ui.tips import tip

if TYPE_CHECKING:
    from pathlib import Path

_STAY_MS = 8000
_MOST_WIDTH = 600
_WRAPPED = Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextWrapAnywhere
_LEAST_WIDTH = 336
"""What the buttons need; over a narrower tile the card reaches past both its sides."""
_ABOVE_FOOT = 8
"""Low, because an export can take minutes and what it covers is a part of the pictures."""


class TakingStrip(QFrame):
    """Up to two rows: the export that runs, and what ended last.

    Args:
        parent: The pictures.
        frame: Where the tile of the frame lies in them; an empty rectangle where there is none.
    """

    dismiss_wished = Signal()
    cancel_wished = Signal()
    open_wished = Signal(object)
    """Open the folder of this path."""
    copy_wished = Signal(object)
    """Put this path into the clipboard."""

    def __init__(self, parent: QWidget, frame: Callable[[], QRect]) -> None:
        super().__init__(parent)
        self._ground, self._frame = parent, frame
        self._path: Path | None = None
        self._said: Outcome | None = None
        self._stands_in = QRect()
        self.running = _Line("Export")
        self.said = _Line("Saved")
        self.cancel = _button("Cancel", "End the export; nothing of it is left  ( {cancel_export} )")
        self.open = _button("Open folder", "Show the folder it is in")
        self.copy = _button("Copy path", "Put its path into the clipboard")
        self.dismiss = _button("Dismiss", "Hide this message  ( {escape} )")
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(2 * tokens.UNIT, 4, 4, 4)
        column.setSpacing(4)
        self._rows = (
            _Row(self.running, self.cancel),
            _Row(self.said, self.open, self.copy, self.dismiss),
        )
        for row in self._rows:
            column.addWidget(row)
        self._leave = QTimer(self)
        self._leave.setSingleShot(True)
        self._leave.setInterval(_STAY_MS)
        self._leave.timeout.connect(self.dismiss_wished)
        self.cancel.clicked.connect(self.cancel_wished)
        self.dismiss.clicked.connect(self.dismiss_wished)
        self.open.clicked.connect(lambda: self.open_wished.emit(self._path))
        self.copy.clicked.connect(lambda: self.copy_wished.emit(self._path))
        self.setVisible(False)
        parent.installEventFilter(self)

    def show_taking(self, taking: Taking) -> None:
        """Say what holds, or nothing."""
        self._show_running(taking.running)
        if taking.outcome is not self._said:
            self._show_outcome(taking.outcome)
        self.setVisible(taking.running is not None or taking.outcome is not None)
        self._place()

    def keep_place(self) -> None:
        """Follow the frame's tile, which may lie elsewhere by now."""
        if self.isVisible() and self._stands_in != self._room():
            self._place()

    def _show_running(self, running: Running | None) -> None:
        self._rows[0].setVisible(running is not None)
        if running is not None:
            self.running.say(running.text, running.fraction)

    def _show_outcome(self, outcome: Outcome | None) -> None:
        self._said = outcome
        self._rows[1].setVisible(outcome is not None)
        self._leave.stop()
        if outcome is None:
            return
        self._path = outcome.path
        self.said.say(outcome.text, failed=outcome.failed, tooltip="" if outcome.path is None else str(outcome.path))
        self.open.setVisible(outcome.path is not None)
        self.copy.setVisible(outcome.path is not None)
        self._leave_later()

    def _place(self) -> None:
        room = self._stands_in = self._room()
        ground = self._ground.width()
        width = min(_MOST_WIDTH, max(room.width() - 4 * tokens.UNIT, _LEAST_WIDTH), ground)
        margins = self._column.contentsMargins()
        for row in self._rows:
            row.fit(width - margins.left() - margins.right())
        self._column.invalidate()  # rows that were hidden just now count with what they were before
        height = self._column.totalHeightForWidth(width)
        top = max(0, room.bottom() + 1 - _ABOVE_FOOT - height)
        left = room.left() + (room.width() - width) // 2
        self.setGeometry(min(max(left, 0), ground - width), top, width, height)
        self.raise_()

    def _room(self) -> QRect:
        frame = self._frame()
        return self._ground.rect() if frame.isEmpty() else frame

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    @override
    def enterEvent(self, event: QEnterEvent) -> None:
        # Whoever reaches for a button finds it there.
        self._leave.stop()
        super().enterEvent(event)

    @override
    def leaveEvent(self, event: QEvent) -> None:
        self._leave_later()
        super().leaveEvent(event)

    def _leave_later(self) -> None:
        if self._said is not None and not self._said.failed and not self._said.stays:
            self._leave.start()

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(tokens.RAISED))
        painter.setPen(QPen(QColor(tokens.HOVER), 1))
        painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()


class _Line(QWidget):
    """Words, wrapped where they do not fit into one line, with a bar under them while something runs."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.text = ""
        self._fraction: float | None = None
        self._failed = False
        self.setAccessibleName(name)
        self.setFont(tokens.font())
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def say(self, text: str, fraction: float | None = None, *, failed: bool = False, tooltip: str = "") -> None:
        """Show this."""
        self.text, self._fraction, self._failed = text, fraction, failed
        self.setToolTip(tooltip or text)
        self.setAccessibleDescription(text)
        self.updateGeometry()
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(160, tokens.ROW)

    @override
    def heightForWidth(self, width: int) -> int:
        wrapped = self.fontMetrics().boundingRect(QRect(0, 0, width, 1000), _WRAPPED, self.text)
        return max(tokens.ROW, wrapped.height() + 4)

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QColor(tokens.BAD if self._failed else tokens.INK))
        painter.drawText(self.rect(), _WRAPPED | Qt.AlignmentFlag.AlignVCenter, self.text)
        if self._fraction is not None:
            groove = QRectF(0, self.height() - 2, self.width(), 2)
            painter.fillRect(groove, QColor(tokens.HOVER))
            painter.fillRect(QRectF(0, groove.top(), self._fraction * self.width(), 2), QColor(tokens.ACCENT))
        painter.end()


def _button(text: str, tooltip: str) -> QPushButton:
    button = QPushButton(text)
    tip(button, tooltip)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


class _Row(QWidget):
    """A line and its buttons, side by side where there is room for both."""

    def __init__(self, line: _Line, *buttons: QWidget) -> None:
        super().__init__()
        self._line, self._buttons = line, buttons
        right = QHBoxLayout()
        right.setSpacing(tokens.UNIT)
        right.addStretch(1)
        for button in buttons:
            right.addWidget(button)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(tokens.UNIT)
        self._box.addWidget(line, 1)
        self._box.addLayout(right)
        self.setVisible(False)

    def fit(self, width: int) -> None:
        """Put the buttons under words that would have to wrap beside them."""
        words = self._line.fontMetrics().horizontalAdvance(self._line.text)
        taken = sum(button.sizeHint().width() + tokens.UNIT for button in self._buttons if not button.isHidden())
        directions = QBoxLayout.Direction
        self._box.setDirection(directions.LeftToRight if words + taken <= width else directions.TopToBottom)
        self._box.invalidate()
        self.updateGeometry()
