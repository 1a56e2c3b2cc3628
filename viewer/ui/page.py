"""A card over the pictures that takes the keyboard and lets the video play on: what dialogs are elsewhere.

Nothing here is modal: the pictures go on beneath, a click beside the card or Escape puts it away, and Tab walks the
controls of the card instead of the tiles.
"""

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QVBoxLayout, QWidget
from typing_extensions import override

from viewer.ui import tokens
from viewer.ui.controls import IconButton

_VEIL = 0.72
_MARGIN = 2 * tokens.UNIT
_CROSS = 24
_HANGS_AT = 8
"""Part of the room that is left above a card that grows."""


class Page(QWidget):
    """Covers its parent; what it holds lies on `card`.

    Args:
        parent: What it lies over.
        name: What it is called.
        width: Width of the card where there is room for it, in logical pixels.
        height: Its height; None where what it holds says how high it is.
        cross: Whether a button in its corner puts it away; without, one of its own does, or whoever is asked answers.
    """

    left = Signal()
    """It was put away; the keys belong to somebody else."""

    def __init__(
        self, parent: QWidget, name: str, width: int, *, height: int | None = None, cross: bool = False
    ) -> None:
        super().__init__(parent)
        self._width, self._height = width, height
        self.setAccessibleName(name)
        self.card = QFrame(self)
        self.card.setObjectName("card")
        self.column = QVBoxLayout(self.card)
        self.column.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        self.column.setSpacing(tokens.UNIT)
        self.card.installEventFilter(self)
        self.cross = IconButton("close", f"Close {name}", "Back to the pictures  ( {escape} )", size=_CROSS)
        self.cross.setParent(self.card)
        self.cross.setVisible(cross)
        self.cross.clicked.connect(lambda _: self.put_away())
        self.setVisible(False)

    def bring(self) -> None:
        """Show it and give it the keyboard."""
        self.setVisible(True)
        self.raise_()
        self.place()
        self.take_focus()

    def put_away(self) -> None:
        """Hide it; does nothing where it is hidden."""
        if not self.isHidden():
            self.setVisible(False)
            self.left.emit()

    def toggle(self) -> None:
        """Show or hide it."""
        if self.isHidden():
            self.bring()
        else:
            self.put_away()

    def take_focus(self) -> None:
        """Give the keyboard to what a user would use first."""
        self.focusNextPrevChild(True)

    def has_focus(self) -> bool:
        """Whether what is typed is meant for it."""
        return self.isVisible() and self.isAncestorOf(self.window().focusWidget() or self.window())

    def place(self) -> None:
        """Put the card in the middle, no wider and no higher than there is room."""
        width = min(self._width, self.width() - _MARGIN)
        height = min(self._height or self._needed(width), self.height() - _MARGIN)
        # One that grows with what it holds hangs from one place, or what is clicked would move under the hand.
        room = self.height() - height
        top = room // 2 if self._height else min(room // 2, self.height() // _HANGS_AT)
        self.card.setGeometry((self.width() - width) // 2, max(_MARGIN // 2, top), width, height)
        self.cross.move(width - _CROSS - tokens.UNIT - 4, _MARGIN)  # its lines end where what is under it does
        self.cross.raise_()

    def _needed(self, width: int) -> int:
        # Words that wrap need less height than Qt guesses without a width.
        wraps = self.column.hasHeightForWidth()
        return self.column.totalHeightForWidth(width) if wraps else self.card.sizeHint().height()

    @override
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        event.accept()  # what lies beneath is not meant

    @override
    def focusNextPrevChild(self, forward: bool) -> bool:
        stops = self._stops()
        if not stops:
            return False
        focused = self.window().focusWidget()  # the application has none while another window is in front
        place = stops.index(focused) if focused in stops else -1 if forward else 0
        reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
        stops[(place + (1 if forward else -1)) % len(stops)].setFocus(reason)
        return True

    def _stops(self) -> list[QWidget]:
        """Controls of the card that Tab stops at, as they are read: line by line, whenever they were made."""
        found: list[QWidget] = []
        widget = self.nextInFocusChain()
        while widget is not None and widget is not self:
            takes = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
            if takes and self.isAncestorOf(widget) and widget.isVisible() and widget.isEnabled():
                found.append(widget)
            widget = widget.nextInFocusChain()
        return sorted(found, key=self._line_and_column)

    def _line_and_column(self, widget: QWidget) -> tuple[int, int]:
        corner = widget.mapTo(self, QPoint(0, 0))
        return corner.y() // tokens.ROW, corner.x()

    # --- what lies under the page gets nothing ----------------------------------------------------------------------

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.put_away()
        elif event.key() == Qt.Key.Key_F6:
            self.focusNextPrevChild(not event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._press()
        else:
            super().keyPressEvent(event)

    def _press(self) -> None:
        """Press the button that has the focus; of itself Qt does so for Space only."""
        focused = self.window().focusWidget()
        if isinstance(focused, QAbstractButton) and self.isAncestorOf(focused):
            focused.click()

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.card.geometry().contains(event.position().toPoint()):
            self.put_away()

    @override
    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        pass

    @override
    def mouseMoveEvent(self, _event: QMouseEvent) -> None:
        pass

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        event.accept()

    # --- placing and painting ---------------------------------------------------------------------------------------

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.card and event.type() == QEvent.Type.LayoutRequest:
            self.place()  # what it holds became larger or smaller
        return super().eventFilter(watched, event)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.place()

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), tokens.ink(tokens.CANVAS, _VEIL))
        painter.end()
