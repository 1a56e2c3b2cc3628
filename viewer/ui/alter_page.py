"""The page on altering: what was found before and after, channels to change, the picture to disturb, a sweep."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from viewer.core.packet import FramePacket
from viewer.render.plan import RenderPlan
from viewer.session import ViewState
from viewer.session.before import count_words
from viewer.session.sweeping import sweep_words
from viewer.ui import tokens
from viewer.ui.changes import bold_pen, dashed_pens
from viewer.ui.channel_edits import ChannelEdits
from viewer.ui.knobs import Knobs, OccluderRow
from viewer.ui.scroll import Scroll
from viewer.ui.section import Section
from viewer.ui.tips import tip

_QUIET = "Nothing is altered. Once it is, each frame is run twice: as it is, and altered."
_WORKING = "Running this frame twice, as it is and altered, to compare them …"
_COUNTED = (
    "Detections of this frame as it is and as it is altered, by the thresholds that hold now. Boxes of one class that "
    "overlap with an IoU of 0.5 or more are the same object; of the others those before are gone, those after new"
)


_SWEPT = (
    "Each covered picture has random parts under grey and is run through the network once. The time left is reckoned "
    "from how fast they went so far; other work of the engine comes first"
)


class AlterPage(QFrame):
    """Above what came of it, below what is done."""

    undo_wished = Signal()
    """Leave network and picture as they are."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.outcome = Outcome()
        self.channels = ChannelEdits()
        self.knobs = Knobs()
        self.sweep = SweepBox()
        self.undo = QPushButton("Undo all")
        self.undo.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.undo.setObjectName("flat")
        self.undo.setAccessibleName("Undo all that is altered")
        tip(self.undo, "Leave network and picture as they are  ( {undo_alterations} )")
        self.occluder = OccluderRow()
        self.undo.clicked.connect(lambda _: self.undo_wished.emit())
        self._lay_out()

    def show_plan(
        self, state: ViewState, plan: RenderPlan, packet: FramePacket | None, *, legible: bool = True
    ) -> None:
        """Bring it to this frame.

        Args:
            state: What the user chose.
            plan: What is drawn.
            packet: The frame it was made of.
            legible: Whether the counts change as well; controls follow the user's hand in any case.
        """
        alteration = state.inquiry.alteration
        refused = "" if packet is None else packet.findings.why_not("alteration")
        if legible or not alteration:
            self.outcome.show_plan(plan, refused=refused, on=bool(alteration))
        self.undo.setEnabled(bool(alteration))
        self.channels.show_state(state)
        self.knobs.show_perturbations(alteration.perturbations)
        self.occluder.show_rect(alteration.occluder, held=state.occluding)
        self.sweep.show_state(state, plan)

    def _lay_out(self) -> None:
        self.found = Section("Before and after", self.outcome, self.undo)
        self.surgery = Section("Channels", self.channels)
        self.picture = Section("Picture", self._picture())
        self.needed = Section("Which places are needed", self.sweep)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for number, section in enumerate((self.found, self.surgery, self.picture, self.needed)):
            if number:
                column.addWidget(_rule())
            column.addWidget(section)
            section.opened_by_hand.connect(lambda section=section: self.scroller.reveal(section))
        column.addStretch(1)
        self.scroller = Scroll(content)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.scroller)

    def _picture(self) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.knobs)
        column.addWidget(self.occluder)
        return box


class Outcome(QWidget):
    """How many objects before and after, and how those that are gone or new are drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.quiet = _words(_QUIET)
        self.counts = QLabel()
        self.counts.setFont(tokens.font(tokens.TEXT_TITLE, strong=True))
        self.gone, self.new = QLabel(), QLabel()
        self.working = _words(_WORKING)
        self.refused = _words("")
        self.refused.setObjectName("trouble")
        self.legend = QWidget()
        row = QHBoxLayout(self.legend)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(tokens.UNIT)
        for swatch, label in ((Swatch(dashed=True), self.gone), (Swatch(dashed=False), self.new)):
            label.setObjectName("soft")
            row.addWidget(swatch)
            row.addWidget(label)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        told = QWidget()
        lines = QVBoxLayout(told)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(4)
        for widget in (self.working, self.counts, self.legend):
            lines.addWidget(widget)
        lines.addStretch(1)
        # Of one height, three lines: what stands below is used next, and must not move from under the hand.
        self.words = QStackedWidget()
        self.words.setFixedHeight(3 * self.quiet.fontMetrics().lineSpacing())
        for widget in (self.quiet, told):
            self.words.addWidget(widget)
        for widget in (self.words, self.refused):
            column.addWidget(widget)
        for widget in (self.counts, self.gone, self.new):
            widget.setToolTip(_COUNTED)

    def show_plan(self, plan: RenderPlan, *, refused: str, on: bool) -> None:
        """Count what is drawn; quiet while nothing is altered."""
        is_known = on and plan.before is not None
        self.words.setCurrentIndex(int(on))
        self.working.setVisible(on and not is_known and not refused and plan.frame is not None)
        self.counts.setVisible(is_known)
        self.legend.setVisible(is_known)
        self.refused.setVisible(on and bool(refused))
        self.refused.setText(refused)
        if plan.before is not None:
            self.counts.setText(count_words(plan.before, len(plan.boxes)))
            self.gone.setText(f"{len(plan.gone)} gone")
            self.new.setText(f"{sum(box.fate == 'new' for box in plan.boxes)} new")


class Swatch(QWidget):
    """The line that something is drawn with."""

    def __init__(self, *, dashed: bool) -> None:
        super().__init__()
        self._dashed = dashed
        self.setFixedSize(QSize(28, 14))

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        colour = QColor(tokens.INK_SOFT)
        rgb = (colour.red(), colour.green(), colour.blue())
        painter.setPen(dashed_pens(rgb, 2.0)[1] if self._dashed else bold_pen(rgb))
        painter.drawRect(self.rect().adjusted(2, 2, -2, -2))
        painter.end()


class SweepBox(QWidget):
    """Begins a sweep, tells how far it is, ends it."""

    begin_wished = Signal()
    end_wished = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.words = _words("")
        tip(self.words, _SWEPT)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(4)
        self.bar.setAccessibleName("Part of the sweep that is done")
        self.begin = QPushButton("Sweep this frame")
        self.end = QPushButton("Cancel")
        tip(self.begin, "Cover random parts of this frame, see which the detection needs; pauses  ( {sweep} )")
        tip(self.end, "End the sweep, or put its result away  ( Esc, or a frame on )")
        for button in (self.begin, self.end):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setAccessibleName(button.text())
        self.begin.clicked.connect(lambda _: self.begin_wished.emit())
        self.end.clicked.connect(lambda _: self.end_wished.emit())
        row = QHBoxLayout()
        row.addWidget(self.begin)
        row.addWidget(self.end)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.UNIT // 2)
        column.addWidget(self.words)
        column.addWidget(self.bar)
        column.addLayout(row)

    def show_state(self, state: ViewState, plan: RenderPlan) -> None:
        """Tell what is swept or could be."""
        sweep = state.sweep
        self.begin.setVisible(sweep is None)
        self.end.setVisible(sweep is not None)
        self.bar.setVisible(sweep is not None and sweep.is_running)
        if sweep is None:
            self.begin.setEnabled(bool(plan.boxes))
            self.words.setText(
                "A map of the places that the followed object needs, or the best one while none is followed."
            )
            return
        self.bar.setRange(0, sweep.wish.masks)
        self.bar.setValue(sweep.done)
        self.end.setText("Cancel" if sweep.is_running else "Put away")
        self.words.setText(sweep_words(sweep))


def _words(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("faint")
    label.setWordWrap(True)
    return label


def _rule() -> QFrame:
    rule = QFrame()
    rule.setObjectName("rule")
    rule.setFixedHeight(1)
    return rule
