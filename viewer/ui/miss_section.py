"""Why something was missed at a place: the verdict, the scores it comes from, and maps of them. Quiet until asked."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from viewer.core.packet import FramePacket
from viewer.core.region import Region
from viewer.session import ViewState
from viewer.session.why import NOTHING_KNOWN, why_words
from viewer.ui import tokens
from viewer.ui.controls import Choice, IconButton, NumberSlider
from viewer.ui.evidence import Evidence
from viewer.ui.score_table import ScoreTable
from viewer.ui.section import Section
from viewer.ui.threshold_sliders import ThresholdSliders
from viewer.ui.tips import tip, with_keys
from viewer.ui.words import Words

_ASK = "Press {look_here} and drag a box over what was missed, or drag with Ctrl, or click where nothing was found."
_LOOKING = "Drag a box over the picture, or click a point of it."
_WAITING = "Looking …"
_NO_MAPS = "This head has no cells, or its decoding does not tell them, so there is no map of its scores"
_BEST = "Explain the best candidate"
_EXPLAIN = (
    "Show which activations speak for this candidate (LayerCAM of its score), at the stage that is chosen above, "
    "and for what is meant at this place in every frame that follows  ( {explain_missed} )"
)
_STOP = "Explain it no more  ( {explain_missed} )"
_UNKNOWN = "The candidates of this place are not known yet."
_MAPS = "Show what the head says of this class in every cell, a tile a level  ( {score_maps} )"


class MissSection(Section):
    """What is known of the place that is asked about."""

    lookout_wished = Signal(bool)
    """Let the next drag ask about a place, or not."""
    away_wished = Signal()
    """Ask about no place any more."""
    maps_wished = Signal(bool)
    """Show maps of scores, or do not."""
    class_wished = Signal(int)
    """Show those of this class."""
    explain_wished = Signal(bool)
    """Explain the candidate that the verdict is about, or nothing any more."""

    def __init__(self) -> None:
        self.look = IconButton(
            "look", "Look here", "Drag a box over what was missed, to see why  ( {look_here} )", checkable=True, size=24
        )
        self.clear = IconButton("clear", "Ask no more", "Ask about this place no more  ( Esc )", size=24)
        self.verdict, self.where, self.note = Words(strong=True), Words(small=True), Words(small=True)
        self.sliders = ThresholdSliders()
        self.table = ScoreTable()
        self.maps = IconButton("scores", "Maps of scores", _MAPS, checkable=True, size=24)
        self.classes = Choice("Class of the maps", "Class whose scores the maps show; the picked one at first", ())
        self.top = NumberSlider(
            "Brightest", "Score, 0.01 to 1, that has the last colour of these maps; 0 has the first", inline=True
        )
        self.explain = QPushButton(_BEST)
        self.explain.setAccessibleName(_BEST)
        tip(self.explain, _EXPLAIN)
        self.explain.setCheckable(True)
        self.explain.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.explain.setFixedHeight(28)
        self.answer = Evidence()
        self._listed: tuple[str, ...] = ()
        super().__init__("Missed here", self._content_of(), self.look, self.clear)
        self.look.clicked.connect(self.lookout_wished)
        self.clear.clicked.connect(lambda _: self.away_wished.emit())
        self.maps.clicked.connect(self.maps_wished)
        self.explain.clicked.connect(self.explain_wished)
        self.classes.activated.connect(lambda row: self.class_wished.emit(self.classes.itemData(row)))
        tip(
            self.where,
            f"The place that is asked about: width {tokens.TIMES} height, left and upper edge, in pixels of the source",
        )

    def show_state(self, state: ViewState, packet: FramePacket | None) -> None:
        """Bring it to what is known in this frame.

        Args:
            state: What the user chose, and what was found.
            packet: The frame.
        """
        region, miss = state.inquiry.region, state.miss
        self.look.setChecked(state.lookout)
        self.clear.setVisible(region is not None)
        refused = "" if packet is None else packet.findings.why_not("region", "score_map").replace("\n", " ")
        self.verdict.say(self._headline(state), quiet=miss is None)
        self.sliders.setVisible(region is not None and not state.lookout)
        self.sliders.show_state(state)
        self.answer.show_words(why_words(state, packet) if state.why.missed else NOTHING_KNOWN, quiet=False)
        self.answer.setVisible(state.why.missed)
        self.where.say("" if region is None else _place_of(region))
        self.table.show_miss(miss)
        self.table.setVisible(miss is not None and bool(miss.rows))
        self.note.say(" ".join(words for words in ("" if miss is None else miss.note, refused) if words))
        self._show_explain(state)
        self._show_maps(state)

    def _show_explain(self, state: ViewState) -> None:
        """The button says whose score it explains; where it cannot, it says why."""
        miss, is_on = state.miss, state.why.on and state.why.missed
        words = _BEST if state.picked is None else "Explain the picked candidate"
        self.explain.setVisible(state.inquiry.region is not None and not state.lookout)
        self.explain.setText(words)
        self.explain.setAccessibleName(words)
        self.explain.setChecked(is_on)
        why_not = _UNKNOWN if miss is None else miss.unexplained
        self.explain.setEnabled(is_on or not why_not)
        tip(self.explain, _STOP if is_on else why_not or state.why.why_never or _EXPLAIN)

    def _headline(self, state: ViewState) -> str:
        if state.miss is not None and not state.lookout:
            return state.miss.verdict
        if state.lookout:
            return _LOOKING
        return with_keys(_ASK) if state.inquiry.region is None else _WAITING

    def _show_maps(self, state: ViewState) -> None:
        miss, label = state.miss, state.inquiry.score_map
        is_asked = state.inquiry.region is not None
        self._maps_row.setVisible(is_asked)
        self.maps.setChecked(label is not None)
        self.maps.setEnabled(label is not None or (miss is not None and miss.has_cells))
        without = miss is not None and not miss.has_cells
        tip(self.maps, _NO_MAPS if without else _MAPS)
        self.classes.setEnabled(self.maps.isEnabled())
        self._list_classes(state)
        wanted = label if label is not None else miss.picked[0] if miss is not None and miss.picked is not None else 0
        row = self.classes.findData(wanted)
        if row >= 0 and row != self.classes.currentIndex():
            self.classes.setCurrentIndex(row)
        self.top.setVisible(is_asked and label is not None)
        self.top.set_value(state.score_top)

    def _list_classes(self, state: ViewState) -> None:
        names = () if state.detector is None else state.detector.names
        if names != self._listed and not self.classes.view().isVisible():
            self._listed = names
            self.classes.clear()
            for name, label in sorted((name, label) for label, name in enumerate(names)):
                self.classes.addItem(name, label)

    def _content_of(self) -> QWidget:
        self._maps_row = QWidget()
        row = QHBoxLayout(self._maps_row)
        row.setContentsMargins(0, 4, 0, 0)
        row.setSpacing(tokens.UNIT)
        words = QLabel("Maps of")
        words.setObjectName("soft")
        row.addWidget(words)
        row.addWidget(self.classes, 1)
        row.addWidget(self.maps)
        self.classes.setMaxVisibleItems(16)
        self.classes.setStyleSheet("QComboBox { combobox-popup: 0; }")  # or 80 classes are as high as a screen
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.UNIT // 2)
        for widget in (
            self.sliders,  # above what grows and shrinks with the answer, so that neither slips from under the hand
            self.verdict,
            self.where,
            self.table,
            self.note,
            self._maps_row,
            self.top,
            self.explain,
            self.answer,
        ):
            column.addWidget(widget)
        return content


def _place_of(region: Region) -> str:
    left, top, right, bottom = region.xyxy
    if region.is_point:
        return f"at {left:.0f}, {top:.0f} px"
    return f"{right - left:.0f}{tokens.TIMES}{bottom - top:.0f} px at {left:.0f}, {top:.0f}"
