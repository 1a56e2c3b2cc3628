"""A field whose arrows and Enter act on the list below it, so that a hand that types need not leave it."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from typing_extensions import override

from viewer.ui.rows import Rows
from viewer.ui.ways_in import Field

_STEERING = (
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
)


class SteeringField(Field):
    """Types letters; what steers goes to the list.

    Args:
        name: What it is called.
        example: Shown while nothing is typed.
        tooltip: What it is for.
        rows: The list.
    """

    def __init__(self, name: str, example: str, tooltip: str, rows: Rows) -> None:
        super().__init__(name, example)
        self.setToolTip(tooltip)
        self._rows = rows

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _STEERING:
            self._rows.keyPressEvent(event)
        else:
            super().keyPressEvent(event)
