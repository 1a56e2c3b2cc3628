"""Why something was found: which activations speak for it, and what else is known of it. Quiet until asked."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from viewer.core.packet import FramePacket
from viewer.session import ViewState
from viewer.session.why import Depths, depths_of, why_words
from viewer.ui import tokens
from viewer.ui.bars import Bars
from viewer.ui.controls import Choice
from viewer.ui.section import Section
from viewer.ui.tips import tip

_EXPLAIN = "Show in every frame which activations speak for the chosen object  ( {explain} )"
_STOP = "Explain no more  ( {explain} )"
_ALL = "Explain all detections in one map, the 16 best at most, instead of the chosen one  ( {explain_all} )"
_DEPTH = "Stage at which the map is taken: where the head begins, or any tapped stage before it  ( {explain_deeper} )"
_LINES = (
    "Which level of the head made the box, and in which cell; at which stage the map is taken, and how many of its "
    "cells the gradient of the score reaches"
)
_CLASSES = "What the head says of each class in the cell that made the box, 0 to 1, the five best"
_CHANNELS = (
    "Evidence of a channel, in units of the score: the sum over cells of its activation times the gradient of the "
    "score, where that is positive. The bar is its share of the strongest"
)


class ExplainSection(Section):
    """Buttons on top, which stay in place, and the answer below."""

    explain_wished = Signal(bool)
    """Explain what is chosen, or nothing any more."""
    depth_wished = Signal(str)
    """Take maps at this stage; at those that enter the head if it is empty."""
    all_wished = Signal(bool)
    """Explain all detections in one map, or the chosen one."""

    def __init__(self) -> None:
        self.explain = _button("Explain", "Explain the chosen object", _EXPLAIN)
        self.all = _button("All objects", "Explain all detections", _ALL)
        self.stage = Choice("Stage of the map", _DEPTH, ())
        self.title, self.note = _Words(strong=True), _Words()
        self.lines = _Words()
        self.classes_note = _Words()
        self.classes = Bars("Scores of classes", _CLASSES)
        self.channels = Bars("Evidence of channels", _CHANNELS)
        self._channels_head = QLabel()
        self._depths = Depths(nodes=(), words=())
        super().__init__("Found here", self._content_of())
        tip(self.lines, _LINES)
        self.explain.clicked.connect(self.explain_wished)
        self.all.clicked.connect(self.all_wished)
        self.stage.activated.connect(lambda row: self.depth_wished.emit(self._depths.nodes[row]))

    def show_state(self, state: ViewState, packet: FramePacket | None) -> None:
        """Bring it to what is known in this frame.

        Args:
            state: What the user chose.
            packet: The frame.
        """
        self._show_buttons(state)
        words = why_words(state, packet)
        colour = "" if words.rgb is None else "#{:02x}{:02x}{:02x}".format(*words.rgb)
        self.title.say(words.title, quiet=state.inquiry.cam is None and state.focus is None, chip=colour)
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
        self._channels_head.setText(words.channels_head)

    def _show_buttons(self, state: ViewState) -> None:
        is_on = state.why.on
        self.explain.setChecked(is_on)
        self.explain.setEnabled(state.detector is not None)
        tip(self.explain, _STOP if is_on else _EXPLAIN)
        self.all.setChecked(state.why.merged)
        depths = depths_of(state)
        if depths.words != self._depths.words and not self.stage.view().isVisible():
            self.stage.clear()
            self.stage.addItems(depths.words)
            self._depths = depths
        if depths.nodes == self._depths.nodes and self.stage.currentIndex() != depths.now:
            self.stage.setCurrentIndex(depths.now)

    def _content_of(self) -> QWidget:
        buttons = QHBoxLayout()
        buttons.setSpacing(tokens.UNIT)
        buttons.addWidget(self.explain, 1)
        buttons.addWidget(self.all, 1)
        self._classes_title = _heading("Classes in that cell")
        self._channels_title = _heading("Channels that speak for it", self._channels_head)
        self.stage.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.UNIT)
        column.addLayout(buttons)
        column.addWidget(self.stage)
        column.addSpacing(4)
        for widget in (self.title, self.lines, self.note):
            column.addWidget(widget)
        for heading, bars in ((self._classes_title, self.classes), (self._channels_title, self.channels)):
            column.addSpacing(4)
            column.addWidget(heading)
            column.addWidget(bars)
        column.addWidget(self.classes_note)
        return content


def _button(text: str, name: str, tooltip: str) -> QPushButton:
    button = QPushButton(text)
    button.setCheckable(True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setAccessibleName(name)
    button.setFixedHeight(28)
    tip(button, tooltip)
    return button


def _heading(text: str, beside: QLabel | None = None) -> QWidget:
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    words = QLabel(text)
    for label in (words, beside):
        if label is not None:
            label.setFont(tokens.font(tokens.TEXT_SMALL, strong=label is words))
            label.setObjectName("soft" if label is words else "faint")
            row.addWidget(label, 1 if label is words else 0)
    return box


class _Words(QLabel):
    """Words in as many lines as they need; hidden while there are none."""

    def __init__(self, *, strong: bool = False) -> None:
        super().__init__()
        self._strong = strong
        self._said: tuple[str, bool, str] = ("", False, "")
        self.setWordWrap(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFont(tokens.font(tokens.TEXT_BODY if strong else tokens.TEXT_SMALL, strong=strong))
        self.setObjectName("" if strong else "soft")
        self.setTextFormat(Qt.TextFormat.PlainText)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def say(self, text: str, *, quiet: bool = False, chip: str = "") -> None:
        """Show this; quietly where it asks for something rather than tells it.

        Args:
            text: The words.
            quiet: Whether they stand back.
            chip: Colour of a square before them; empty for none.
        """
        if (text, quiet, chip) == self._said:
            return
        self._said = (text, quiet, chip)
        if self._strong:
            self.setFont(tokens.font(strong=not quiet))
        if chip:
            self.setTextFormat(Qt.TextFormat.RichText)
            self.setText(f'<span style="color:{chip}">\N{BLACK SQUARE}</span>&nbsp; {_escaped(text)}')
        else:
            self.setTextFormat(Qt.TextFormat.PlainText)
            self.setText(text)
        self.setAccessibleName(text)
        self.setVisible(bool(text))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.heightForWidth(max(self.width(), 1)))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
