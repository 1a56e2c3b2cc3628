"""Everything the window can do, found by a few letters of its name: laid over the pictures by Ctrl+K."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from viewer.session.palette import Action, found
from viewer.ui.page import Page
from viewer.ui.rows import Row, Rows
from viewer.ui.steering import SteeringField

_WIDTH = 480
_MOST = 12


class CommandPalette(Page):
    """A field and the actions that what is typed there means; Enter does the marked one.

    Args:
        parent: What it lies over.
        actions: Everything there is to do now, asked for whenever it is brought.
    """

    def __init__(self, parent: QWidget, actions: Callable[[], Sequence[Action]]) -> None:
        super().__init__(parent, "Commands", _WIDTH)
        self._ask = actions
        self._all: Sequence[Action] = ()
        self._found: list[Action] = []
        self.rows = Rows("Commands", most=_MOST)
        self.rows.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        hint = "A few letters of what you want to do  ( ↑ ↓ choose, Enter does it )"
        self.field = SteeringField("Command", "What do you want to do?", hint, self.rows)
        self.column.addWidget(self.field)
        self.column.addWidget(self.rows)
        self.field.textChanged.connect(self._search)
        self.rows.picked.connect(self._do)

    @override
    def take_focus(self) -> None:
        self._all = self._ask()
        self.field.clear()
        self._search("")
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self.isVisible():
            # The theme that was put on is offered no longer, the one before is.
            self._all = self._ask()
            self._search(self.field.text())

    def _search(self, query: str) -> None:
        self._found = found(query, self._all)
        rows = [Row(action.text, action.group, action.keys) for action in self._found]
        self.rows.show_rows(rows or [Row("Nothing of that name")])
        self.rows.mark(0)
        self.place()

    def _do(self, row: int) -> None:
        if row < len(self._found):
            self.put_away()
            self._found[row].act()
