"""The field above the stages: what is typed narrows the list at once."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget
from typing_extensions import override

from viewer.ui import tokens
from viewer.ui.controls import IconButton
from viewer.ui.tips import tip


class StageSearch(QWidget):
    """A line, and a button that empties it; Escape empties it first and leaves it then."""

    changed = Signal(str)
    """Show what is meant by this."""
    entered = Signal()
    """Enter or the down key: the list has the keys from now on."""
    left = Signal()
    """The keys belong to somebody else."""

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
        self.clear.clicked.connect(self.line.clear)

    def ask(self) -> None:
        """Take the keys, ready to type something else."""
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.line.selectAll()

    def _follow(self, text: str) -> None:
        self.clear.setVisible(bool(text))
        self.changed.emit(text)

    def _escape(self) -> None:
        if self.line.text():
            self.line.clear()
        else:
            self.left.emit()


class _Line(QLineEdit):
    down = Signal()
    escaped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText("Search stages")
        self.setAccessibleName("Search stages")
        tip(self, "Name, node, kind, role or stride, such as P3, conv neck or s16  ( {search} )")
        self.setMinimumHeight(tokens.ROW)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        if event.key() == keys.Key_Escape:
            self.escaped.emit()
        elif event.key() in (keys.Key_Down, keys.Key_Return, keys.Key_Enter):
            self.down.emit()
        else:
            super().keyPressEvent(event)
