"""What speaks for a score: where it was made, the classes beside it, and the channels with the most evidence."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from viewer.session.why import WhyWords
from viewer.ui import tokens
from viewer.ui.bars import Bars
from viewer.ui.tips import tip
from viewer.ui.words import Words

_LINES = (
    "Which level of the head made the box, and in which cell; at which stage the map is taken, and how many of its "
    "cells the gradient of the score reaches; in px, width \N{MULTIPLICATION SIGN} height of the model's input"
)
_CLASSES = "What the head says of each class in the cell that made the box, 0 to 1, the five best"
_CHANNELS = (
    "Evidence of a channel, in units of the score: the sum over cells of its activation times the gradient of the "
    "score, where that is positive. The bar is its share of the strongest\n"
    "Click one, or ↑ ↓ and Enter, to see its map  ( Esc goes back )"
)
_SHARE = "What these channels have of the evidence of all channels of the stage"


class Evidence(QWidget):
    """An answer, below the button that asked for it; nothing where there is none."""

    channel_wished = Signal(str, int)
    """Show this channel of the stage of this node."""

    def __init__(self) -> None:
        super().__init__()
        self.title, self.note = Words(strong=True), Words(small=True)
        self.lines, self.classes_note = Words(small=True), Words(small=True)
        self.classes = Bars("Scores of classes", _CLASSES)
        self.channels = Bars("Evidence of channels", _CHANNELS)
        self.channels.channel_wished.connect(self.channel_wished)
        self._share = QLabel()
        tip(self.lines, _LINES)
        tip(self._share, _SHARE)
        self._classes_title = _heading("Classes in that cell")
        self._channels_title = _heading("Strongest channels", self._share)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(tokens.UNIT)
        for widget in (self.title, self.lines, self.note):
            column.addWidget(widget)
        for heading, bars in ((self._classes_title, self.classes), (self._channels_title, self.channels)):
            column.addWidget(heading)
            column.addWidget(bars)
        column.addWidget(self.classes_note)

    def show_words(self, words: WhyWords, *, quiet: bool) -> None:
        """Tell this.

        Args:
            words: What is known.
            quiet: Whether the title asks for something rather than tells it.
        """
        colour = "" if words.rgb is None else "#{:02x}{:02x}{:02x}".format(*words.rgb)
        self.title.say(words.title, quiet=quiet, chip=colour)
        self.lines.say("\n".join(words.lines))
        self.note.say(words.note)
        self.classes_note.say(words.classes_note)
        for heading, bars, given in (
            (self._classes_title, self.classes, words.classes),
            (self._channels_title, self.channels, words.channels),
        ):
            bars.show_bars(given)
            bars.setVisible(bool(given))
            heading.setVisible(bool(given))
        self._share.setText(words.channels_head)


def _heading(text: str, beside: QLabel | None = None) -> QWidget:
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 4, 0, 0)
    words = QLabel(text)
    for label in (words, beside):
        if label is not None:
            label.setFont(tokens.font(tokens.TEXT_SMALL, strong=label is words))
            label.setObjectName("soft" if label is words else "faint")
            label.setMinimumWidth(1)  # a narrow panel cuts the last letters rather than all that lies at its edge
            row.addWidget(label, 1 if label is words else 0)
    return box
