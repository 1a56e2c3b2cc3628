"""A small field that appears on G: type a frame number or a time and press Enter."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent, Qt
from PySide6.QtWidgets import QLineEdit
from typing_extensions import override

from viewer.core.errors import ConfigError
from viewer.session import parse_timecode
from viewer.ui.tips import tip


class GotoField(QLineEdit):
    """Hidden until asked for; hides again on Enter, Escape or when it is left."""

    frame_wished = Signal(int)
    time_wished = Signal(float)
    came = Signal()
    """The field is there, and needs room."""
    left = Signal()
    """The field is gone; the keys belong to somebody else."""

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText("frame or m:ss")
        self.setAccessibleName("Go to a frame or time")
        tip(self, "A frame number such as 250, or a time such as 1:02.5  ( {goto} )")
        self.setFixedWidth(112)
        self.setVisible(False)
        self.returnPressed.connect(self._go)

    def ask(self) -> None:
        """Show the field, ready to type."""
        self.clear()
        self.came.emit()
        self.setVisible(True)
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _go(self) -> None:
        text = self.text().strip()
        if text.isascii() and text.isdigit():
            self.frame_wished.emit(int(text))
        else:
            try:
                self.time_wished.emit(parse_timecode(text))
            except ConfigError:
                # What cannot be read stays in the field, marked, to be mended.
                self.selectAll()
                return
        self.setVisible(False)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.setVisible(False)
        else:
            super().keyPressEvent(event)

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.left.emit()

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.setVisible(False)
