"""What has become of a wish to open something: it is being opened, it was refused, or it asks whether it may run."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from viewer.session import ViewState
from viewer.session.wanted import RUNS_CODE, Wanted, short_name
from viewer.ui import tokens
from viewer.ui.words import sentence


class Outcome(QFrame):
    """Words, and buttons to answer or to give up."""

    allowed = Signal(int)
    """It may run: 0 for what was wished, 1 and on for what else its file can be opened as."""
    room_wished = Signal()
    """Let go of what is open, beside which there was no memory, and open it then."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[Wanted, ...] = ()
        self.title = QLabel()
        self.title.setFont(tokens.font(tokens.TEXT_TITLE, strong=True))
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.yes: list[QPushButton] = []
        self.no = QPushButton("Cancel")
        self.no.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.no.setToolTip("Leave everything as it was  ( Esc )")
        self.room = room_button()
        self.room.clicked.connect(lambda _: self.room_wished.emit())
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(tokens.UNIT)
        self._buttons.addStretch(1)
        self._buttons.addWidget(self.room)
        self._buttons.addWidget(self.no)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.UNIT)
        column.addWidget(self.title)
        column.addWidget(self.text)
        column.addLayout(self._buttons)
        self.show_state(ViewState())

    def show_state(self, state: ViewState) -> None:
        """Say what holds, or nothing."""
        text, colour = _words(state)
        self.text.setText(text)
        self.text.setObjectName(colour)
        self.text.style().polish(self.text)
        self.title.setText("" if state.asking is None else f"Run {_names(state.asking)}?")
        self.title.setVisible(state.asking is not None)
        self._offer(() if state.asking is None else (state.asking, *state.asking.instead))
        self.no.setVisible(state.asking is not None or state.opening is not None)
        is_refused = state.asking is None and state.opening is None and bool(state.refusal)
        self.room.setVisible(is_refused and state.wants_room)
        self.setVisible(bool(text))

    def _offer(self, choices: tuple[Wanted, ...]) -> None:
        """A button for each thing that can be run, the first in front."""
        if choices == self._shown:
            return
        self._shown = choices
        for button in self.yes:
            self._buttons.removeWidget(button)
            button.deleteLater()
        self.yes = [_button(wanted, alone=len(choices) == 1) for wanted in choices]
        for place, button in enumerate(self.yes):
            button.clicked.connect(lambda _, place=place: self.allowed.emit(place))
            self._buttons.insertWidget(1 + place, button)


def room_button() -> QPushButton:
    """Offers to let go of what is open, where there is no memory for two engines."""
    button = QPushButton("Close what is open first")
    button.setObjectName("primary")
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setToolTip("End the engine that runs and try again with its memory; if that fails too, it starts anew")
    return button


def _button(wanted: Wanted, *, alone: bool) -> QPushButton:
    reducer = (wanted.reducer or "").rpartition(":")[2]
    text = f"Run {_names(wanted)}" if alone else f"Run reducer {reducer}" if reducer else "Run as the model"
    button = QPushButton(text)
    button.setObjectName("primary")
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    deed = f"make maps with {reducer}" if reducer else "open what it builds"
    button.setToolTip(f"Run {_names(wanted)} and {deed}")
    return button


def _names(wanted: Wanted) -> str:
    return " and ".join(map(short_name, wanted.code))


def _words(state: ViewState) -> tuple[str, str]:
    """What to say and the style of its ink."""
    if state.asking is not None:
        places = ", ".join(str(Path(name).expanduser().absolute()) for name in state.asking.code)
        return f"{places}\n{RUNS_CODE}", "soft"
    if state.opening is not None:
        doing = state.opening.loading.text if state.opening.loading else "starting an engine"
        return f"Opening {state.opening.text}: {doing}", "soft"
    return sentence(state.refusal) or state.recents.note, "bad" if state.refusal else "soft"
