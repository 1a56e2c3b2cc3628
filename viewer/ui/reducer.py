"""How channels become one map: one of a few words, some of them with a number, a place or a file beside them."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget
from typing_extensions import override

from viewer.core.reducer_names import MOST_STRONGEST, REDUCERS, STRONGEST, read_reducer
from viewer.core.stage import Stage
from viewer.ui import tokens
from viewer.ui.controls import Choice, NumberField

_EXPLAINED: dict[str, str] = {
    "absmean": "mean of the magnitudes: how strongly a cell responds",
    "mean": "mean of the channels as they are, with their signs",
    "max": "the strongest channel of each cell",
    "rms": "root mean square: single strong channels weigh more",
    "pca": "where cells lie along the direction in which they differ most",
    "pca-rgb": "the three directions in which cells differ most, as red, green and blue",
    "difference": "how much the channels differ from the frame before",
    "reference": "how much they differ from the frame that was shown when this was chosen",
    "strongest": "the strongest channels side by side, as many as the number says",
    "channel …": "one channel alone, by its number",
    "similarity …": "how alike each cell is to the one at a pixel X,Y, as it was when this was chosen",
    "own file …": "a class of your own in a Python file, FILE.py:NAME; the file is run",
}
"""Every choice, with a line that explains it."""

_NUMBERED = ("strongest", "channel")
_WRITTEN = {
    "similarity": (
        "Pixel to compare with",
        "X,Y, such as 640,360",
        "Pixel of the picture as X,Y: what each stage sees there in the frame that is shown when Enter is pressed is "
        "held, and every cell of every frame is compared with it",
    ),
    "file": (
        "File and class of your reducer",
        "FILE.py:NAME",
        "A Python file and the class in it, such as my_reducers.py:Edges; Enter runs the file, after asking. "
        "The README's chapter Your own reducer says how to write one",
    ),
}
"""Kinds that need words: what they are called, what they look like, and what they do."""
_CHOICE_OF = {"similarity": "similarity …", "channel": "channel …", "file": "own file …"}
_KIND_OF = {choice: kind for kind, choice in _CHOICE_OF.items()}
_TOOLTIP = "How the channels of a stage become one map:\n" + "\n".join(
    f"{name}: {words}" for name, words in _EXPLAINED.items()
)


class ReducerControl(QWidget):
    """A choice; beside it a number, or under it words, where the choice needs them."""

    chosen = Signal(str)
    """Reduce this way, in a name that `read_reducer` reads."""
    left = Signal()
    """The keys belong to somebody else."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers = {"strongest": STRONGEST, "channel": 0}
        self._words = {"similarity": "", "file": ""}
        self._reducer = ""
        self._narrowest: Stage | None = None
        self.kind = Choice("Reducer", _TOOLTIP, tuple(_EXPLAINED))
        for row, words in enumerate(_EXPLAINED.values()):
            self.kind.setItemData(row, words, Qt.ItemDataRole.ToolTipRole)
        self.channel = NumberField("Channel", "Number of the channel", low=0)
        self.channel.setFixedWidth(56)
        self.words = _WordsField()
        self.words.explain("similarity")
        row = QHBoxLayout()
        row.setSpacing(tokens.UNIT)
        row.addWidget(self.kind, 1)
        row.addWidget(self.channel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.UNIT)
        column.addLayout(row)
        column.addWidget(self.words)
        self.kind.chosen.connect(self._on_kind)
        self.channel.entered.connect(self._on_number)
        self.channel.left.connect(self.left)
        self.words.entered.connect(self._on_words)
        self.words.given_up.connect(self._on_given_up)
        self.words.left.connect(self.left)
        self.show_reducer(REDUCERS[0], ())

    def show_reducer(self, reducer: str, tapped: Sequence[Stage]) -> None:
        """Bring choice, number and words to what holds, unless words are being typed.

        Args:
            reducer: Its name.
            tapped: The stages it is for; the one with the fewest channels says which numbers there are.
        """
        if tapped:
            self._narrowest = min(tapped, key=lambda stage: stage.channels)
        if self.words.is_awaited and reducer == self._reducer:
            return
        self.words.is_awaited, self._reducer = False, reducer
        shown = read_reducer(reducer)
        if shown.kind in self._numbers:
            self._numbers[shown.kind] = shown.number
        elif shown.kind in self._words:
            self._words[shown.kind] = reducer.partition(":")[2] if shown.kind == "similarity" else reducer
        self._show(shown.kind)

    def _show(self, kind: str) -> None:
        self.kind.set_word(_CHOICE_OF.get(kind, kind))
        self.channel.setVisible(kind in _NUMBERED)
        self.words.setVisible(kind in _WRITTEN)
        self._explain_number(kind)
        if kind in _NUMBERED:
            self.channel.set_value(self._numbers[kind])
        elif kind in _WRITTEN:
            self.words.explain(kind)
            self.words.show_words(self._words[kind])

    def _explain_number(self, kind: str) -> None:
        if kind == "strongest":
            self.channel.set_bounds(1, MOST_STRONGEST)
            self.channel.setAccessibleName("Channels")
            self.channel.setToolTip(f"How many channels, 1 to {MOST_STRONGEST}; a stage with fewer shows all it has")
            return
        self.channel.setAccessibleName("Channel")
        if self._narrowest is not None:
            last = self._narrowest.channels - 1
            self.channel.set_bounds(0, last)
            self.channel.setToolTip(f"Number of the channel, 0 to {last}: as many as {self._narrowest.title} has")

    def _on_kind(self, choice: str) -> None:
        kind = _KIND_OF.get(choice, choice)
        # A file is asked for each time: the last one may be the one that failed.
        if kind == "file" or (kind in _WRITTEN and not self._words[kind]):
            self._show(kind)
            # Who goes through the list by its keys is to get past this row.
            self.words.ask(focus=not self.kind.hasFocus())
            return
        self.words.is_awaited = False
        self._choose(kind, self._words[kind] if kind in _WRITTEN else str(self._numbers.get(kind, "")))

    def _on_number(self, number: float) -> None:
        self._choose(read_reducer(self._reducer).kind, str(round(number)))

    def _on_words(self, words: str) -> None:
        self._choose(_KIND_OF[self.kind.currentText()], words)

    def _on_given_up(self) -> None:
        self._show(read_reducer(self._reducer).kind)

    def _choose(self, kind: str, argument: str) -> None:
        self.chosen.emit(argument if kind == "file" else f"{kind}:{argument}" if argument else kind)


class _WordsField(QLineEdit):
    """Words to be typed: Enter takes them, Escape and leaving bring back what holds."""

    entered = Signal(str)
    """The user typed these."""
    given_up = Signal()
    """What holds stays."""
    left = Signal()
    """The keys belong to somebody else."""

    def __init__(self) -> None:
        super().__init__()
        self._words = ""
        self.is_awaited = False
        """Whether words are being typed, so that what holds must not be shown in their place."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(tokens.ROW)
        self.textEdited.connect(self._on_edited)

    def explain(self, kind: str) -> None:
        """Say what is to be written for a kind of reducer."""
        name, placeholder, tooltip = _WRITTEN[kind]
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        self.setToolTip(tooltip)

    def show_words(self, words: str) -> None:
        """Show these as what holds."""
        if words != self._words or not self.text():
            self._words = words
            self.setText(words)

    def ask(self, *, focus: bool) -> None:
        """Wait for words, with the keys or without."""
        self.is_awaited = True
        self.selectAll()
        if focus:
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_edited(self, _text: str) -> None:
        self.is_awaited = True

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._give_up()
            self.left.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.is_awaited = False
            if self.text().strip():
                self.entered.emit(self.text().strip())
            else:
                self._give_up()
            self.left.emit()
        else:
            super().keyPressEvent(event)

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self.is_awaited and event.reason() is not Qt.FocusReason.PopupFocusReason:
            self._give_up()

    def _give_up(self) -> None:
        self.is_awaited = False
        self.setText(self._words)
        self.given_up.emit()
