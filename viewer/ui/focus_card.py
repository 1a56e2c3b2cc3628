"""What is known of the object the user chose, over the table: there, or lost, in which frame and with which score."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from viewer.session import ViewState
from viewer.session.fate import lines_of, title_of
from viewer.session.follow import Fate
from viewer.ui import tokens
from viewer.ui.controls import IconButton
from viewer.ui.line import Line
from viewer.ui.tips import tip

_BUTTON = 26
"""The least that the look of buttons leaves room in for a word."""


class FocusCard(QFrame):
    """Three lines that stay in place, with buttons to copy, to go back to where it was lost, and to let go."""

    copy_wished = Signal()
    """Copy it as JSON."""
    frame_wished = Signal(int)
    """Go to the frame where it was last found."""
    clear_wished = Signal()
    """Follow it no more."""

    def __init__(self) -> None:
        super().__init__()
        self.title = Line(tokens.TEXT_BODY, strong=True)
        self.lines = (Line(tokens.TEXT_SMALL, height_px=_BUTTON), Line(tokens.TEXT_SMALL))
        self.copy = IconButton("copy", "Copy as JSON", "Copy this object as JSON  ( {copy_object} )", size=24)
        self.clear = IconButton("clear", "Let go", "Follow this object no more  ( Esc )", size=24)
        self.back = QPushButton()
        self.back.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        tip(self.back, "Go to the frame where it was last found  ( {frame_last_found} )")
        self.back.setAccessibleName("Go to the frame where it was last found")
        self._index = 0
        self.copy.clicked.connect(lambda _: self.copy_wished.emit())
        self.clear.clicked.connect(lambda _: self.clear_wished.emit())
        self.back.clicked.connect(lambda _: self.frame_wished.emit(self._index))
        self._lay_out()
        self.setVisible(False)

    def show_state(self, state: ViewState) -> None:
        """Tell of the chosen object; hidden where none is."""
        focus = state.focus
        self.setVisible(focus is not None)
        if focus is None:
            return
        self.title.say(title_of(focus), focus.rgb)
        lines = lines_of(focus, state.thresholds)
        for place, line in enumerate(self.lines):
            line.say(lines[place] if place < len(lines) else "")
        is_lost = focus.fate is not Fate.FOUND and focus.found is not None and focus.found.index != focus.index
        self.back.setVisible(is_lost)
        if focus.found is not None and is_lost:
            self._index = focus.found.index
            words = f"Frame {self._index}"
            if self.back.text() != words:
                self.back.setText(words)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * tokens.UNIT, tokens.UNIT // 2, tokens.UNIT + 4, tokens.UNIT)
        column.setSpacing(0)
        upper = QHBoxLayout()
        upper.setSpacing(4)
        upper.addWidget(self.title, 1)
        upper.addWidget(self.copy)
        upper.addWidget(self.clear)
        column.addLayout(upper)
        self.back.setFixedHeight(_BUTTON)
        middle = QHBoxLayout()
        middle.addWidget(self.lines[0], 1)
        middle.addWidget(self.back)
        column.addLayout(middle)
        column.addWidget(self.lines[1])
