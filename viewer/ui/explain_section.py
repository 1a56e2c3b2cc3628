"""Why something was found: which activations speak for it, and what else is known of it. Quiet until asked."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from viewer.core.packet import FramePacket
from viewer.session import ViewState
from viewer.session.follow import Fate
from viewer.session.why import NOTHING_ASKED, Depths, depths_of, why_words
from viewer.ui import tokens
from viewer.ui.controls import Choice
from viewer.ui.evidence import Evidence
from viewer.ui.section import Section
from viewer.ui.tips import tip

_EXPLAIN = "Show in every frame which activations speak for the chosen object  ( {explain} )"
_STOP = "Explain no more  ( {explain} )"
_ALL = "Explain all detections in one map, the 16 best at most, instead of the chosen one  ( {explain_all} )"
_LOST = "What was missed there?"
_ASK_LOST = "Ask what the head says of the place where the object was last seen, in this frame"
_STOP_ALL = "Explain them no more, also a frame that is worked on  ( {explain_all} )"
_DEPTH = "Stage at which the map is taken: where the head begins, or any tapped stage before it  ( {explain_deeper} )"


class ExplainSection(Section):
    """Buttons on top, which stay in place, and the answer below."""

    explain_wished = Signal(bool)
    """Explain what is chosen, or nothing any more."""
    depth_wished = Signal(str)
    """Take maps at this stage; at those that enter the head if it is empty."""
    all_wished = Signal(bool)
    """Explain all detections in one map, or nothing any more."""
    missed_wished = Signal()
    """Ask what was missed where the object that is lost was last seen."""

    def __init__(self) -> None:
        self.explain = _button("Explain", "Explain the chosen object", _EXPLAIN)
        self.all = _button("All objects", "Explain all detections", _ALL)
        self.stage = Choice("Stage of the map", _DEPTH, ())
        self.answer = Evidence()
        self.lost = _button(_LOST, _LOST, _ASK_LOST)
        self.lost.setCheckable(False)
        self._depths = Depths(nodes=(), words=())
        super().__init__("Found here", self._content_of())
        self.explain.clicked.connect(self.explain_wished)
        self.all.clicked.connect(self.all_wished)
        self.lost.clicked.connect(lambda _: self.missed_wished.emit())
        self.stage.activated.connect(lambda row: self.depth_wished.emit(self._depths.nodes[row]))

    def show_state(self, state: ViewState, packet: FramePacket | None) -> None:
        """Bring it to what is known in this frame.

        Args:
            state: What the user chose.
            packet: The frame.
        """
        self._show_buttons(state)
        words = NOTHING_ASKED if state.why.missed else why_words(state, packet)
        self.answer.show_words(words, quiet=state.why.missed or (state.inquiry.cam is None and state.focus is None))

    def _show_buttons(self, state: ViewState) -> None:
        why = state.why
        self.lost.setVisible(state.focus is not None and state.focus.fate is Fate.GONE)
        is_on = why.on and not why.missed and not why.merged
        self.explain.setChecked(is_on)
        self.all.setChecked(why.on and why.merged)
        for button in (self.explain, self.all):
            button.setEnabled(state.detector is not None)
        tip(self.explain, _STOP if is_on else why.why_never or _EXPLAIN)
        tip(self.all, _STOP_ALL if self.all.isChecked() else why.why_never or _ALL)
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
        self.stage.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.UNIT)
        column.addLayout(buttons)
        column.addWidget(self.stage)
        column.addWidget(self.answer)
        column.addWidget(self.lost)
        return content


def _button(text: str, name: str, tooltip: str) -> QPushButton:
    button = QPushButton(text)
    button.setCheckable(True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setAccessibleName(name)
    button.setFixedHeight(28)
    tip(button, tooltip)
    return button
