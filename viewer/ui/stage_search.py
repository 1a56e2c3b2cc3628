"""The field above the stages: what is typed narrows the list at once."""

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QWidget
from typing_extensions import override

from viewer.ui import tokens
from viewer.ui.controls import IconButton
from viewer.ui.tips import tip


class StageSearch(QWidget):
    """A line, and a button that empties it; Escape empties and leaves it, a click elsewhere leaves it."""

    changed = Signal(str)
    """Show what is meant by this."""
    entered = Signal()
    """Enter or the down key: the list has the keys from now on."""
    left = Signal()
    """The keys belong to somebody else."""
    turned_away = Signal()
    """They do because something else was clicked, which may take them itself."""

    def __init__(self) -> None:
        super().__init__()
        self.line = _Line()
        self.clear = IconButton("clear", "Clear the search", "Show all stages again  ( Esc )", size=24)
        self.clear.setVisible(False)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.line, 1)
        row.addWidget(self.clear)
        self.line.textChanged.connect(self._follow)
        self.line.down.connect(self.entered)
        self.line.escaped.connect(self._escape)
        self.line.turned_away.connect(self.turned_away)
        self.clear.clicked.connect(self.line.clear)

    def ask(self) -> None:
        """Take the keys, ready to type something else."""
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.line.selectAll()

    def _follow(self, text: str) -> None:
        self.clear.setVisible(bool(text))
        self.changed.emit(text)

    def _escape(self) -> None:
        self.line.clear()
        self.left.emit()


class _Line(QLineEdit):
    down = Signal()
    escaped = Signal()
    turned_away = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText("Search stages")
        self.setAccessibleName("Search stages")
        tip(self, "Name, node, kind, role or stride, such as P3, conv neck or s16  ( {search} )")
        self.setMinimumHeight(tokens.ROW)

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:  # else its own menu closed, under which it still listens
            _application().installEventFilter(self)

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            _application().removeEventFilter(self)
        super().focusOutEvent(event)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        is_press = event.type() == QEvent.Type.MouseButtonPress
        if is_press and isinstance(watched, QWidget) and watched is not self and watched.window() is self.window():
            self.turned_away.emit()
        return super().eventFilter(watched, event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        if event.key() == keys.Key_Escape:
            self.escaped.emit()
        elif event.key() in (keys.Key_Down, keys.Key_Return, keys.Key_Enter):
            self.down.emit()
        else:
            super().keyPressEvent(event)


def _application() -> QCoreApplication:
    app = QApplication.instance()
    if app is None:
        raise RuntimeError("a widget without an application")
    return app
