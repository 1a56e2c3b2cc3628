"""The panel on the right: by which thresholds, what was found in this frame, and where its milliseconds went."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget
from typing_extensions import override

from viewer.core.packet import FramePacket
from viewer.render.plan import RenderPlan
from viewer.session import ViewState
from viewer.session.classes import ClassRow, class_rows, unseen_rows, words_instead
from viewer.ui import tokens
from viewer.ui.classes import ClassFilter
from viewer.ui.controls import IconButton, NumberField, Readout, heading
from viewer.ui.detections import DetectionTable
from viewer.ui.focus_card import FocusCard
from viewer.ui.marks import Marks
from viewer.ui.plot import PARTS, TimingsPlot
from viewer.ui.scroll import Scroll
from viewer.ui.section import Section
from viewer.ui.threshold_sliders import ThresholdSliders

_MOST_DETECTIONS = 1000
_HEADING = "In this frame"
_ROOM_FOR_TIMINGS = 688
_ROOM_FOR_CLASSES = 576
"""Heights of the panel that hold everything above with eight objects; the list comes before what is rarely changed."""


class Inspector(QFrame):
    """Thresholds above, where they stay in place, the objects they choose below, timings last."""

    under_wished = Signal(bool)
    """Show candidates under the threshold too, or not."""
    all_classes_wished = Signal(bool)
    """Keep all classes, or none."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.card = FocusCard()
        self.table = DetectionTable()
        self.sliders = ThresholdSliders()
        self.conf, self.iou = self.sliders.conf, self.sliders.iou
        most = f"Most detections a frame\nType 1 to {_MOST_DETECTIONS}, Enter takes it; ↑ and ↓ change it by 1"
        self.most = NumberField("Most detections", most, low=1, high=_MOST_DETECTIONS, step=1)
        self._unseen_of: object = None
        self._unseen_rows: tuple[ClassRow, ...] = ()
        self.classes = ClassFilter()
        self.plot = TimingsPlot()
        tooltip = "Show candidates under the threshold, dotted  ( {candidates} )"
        self.under = IconButton("under", "Candidates under the threshold", tooltip, checkable=True, size=24)
        self.all = _word("all", "Keep all classes")
        self.none = _word("none", "Keep no class, to choose a few")
        self._heading = heading(_HEADING)
        self._count, self._kept = QLabel(), QLabel()
        for label in (self._count, self._kept):
            label.setObjectName("soft")
        small, right = tokens.TEXT_SMALL, Qt.AlignmentFlag.AlignRight
        self._values = {part: Readout(part, "000.0", size_px=small, align=right) for part in PARTS}
        self._total = Readout("total", "000.0 ms", colour="INK_SOFT", size_px=small, align=right)
        self._packet: FramePacket | None = None
        self._plotted: FramePacket | None = None
        self.under.clicked.connect(self.under_wished)
        self.all.clicked.connect(lambda _: self.all_classes_wished.emit(True))
        self.none.clicked.connect(lambda _: self.all_classes_wished.emit(False))
        self._lay_out()

    def show_plan(
        self, state: ViewState, plan: RenderPlan, packet: FramePacket | None, *, legible: bool = True
    ) -> None:
        """Bring lists and numbers to this frame.

        Args:
            state: What the user chose.
            plan: What is drawn.
            packet: The frame it was made of.
            legible: Whether what is read changes as well; what stands out follows the user's hand in any case.
        """
        searched = packet is not None and packet.letterbox is not None
        if legible:
            rows = class_rows(state, packet)
            self._show_objects(state, plan, words_instead(state, rows) if searched else "")
            self._count.setText(str(len(plan.boxes)) if searched else "")
            # While it plays the list is read more slowly than pictures are seen, so it says whose it is.
            named = packet if searched and state.transport.playing else None
            self._heading.setText((_HEADING if named is None else f"In frame {named.frame.index}:").upper())
            self._show_filter(state, rows)
            self._show_timings(packet if searched else None)
        self.table.list.show_marks(Marks.of(state))

    def note(self, packet: FramePacket | None) -> None:
        """Keep what a frame took for the plot, which has every frame whether this page is open or not."""
        if packet is not None and packet is not self._plotted and packet.letterbox is not None:
            self._plotted = packet
            self.plot.add(packet.timings)

    def _show_objects(self, state: ViewState, plan: RenderPlan, instead: str) -> None:
        self.table.show_boxes(
            (*plan.boxes, *plan.under),
            state.sorting,
            playing=state.transport.playing,
            instead=instead,
            following=state.focus is not None,
        )
        had_card = self.card.isVisibleTo(self)
        self.card.show_state(state)
        if self.card.isVisibleTo(self) != had_card:
            self._share_room()

    def _show_filter(self, state: ViewState, rows: tuple[ClassRow, ...]) -> None:
        self.under.setChecked(state.under)
        self.sliders.show_state(state)
        self.most.set_value(state.thresholds.max_det)
        kept = sum(row.kept for row in rows)
        words = "" if kept == len(rows) else f"{kept} of {len(rows)}"
        if words != self._kept.text():
            self._kept.setText(words)
        self.classes.show_rows(rows, self._unseen(state, rows), playing=state.transport.playing)

    def _unseen(self, state: ViewState, rows: tuple[ClassRow, ...]) -> tuple[ClassRow, ...]:
        """Classes that are not listed; made anew only where others are, for there may be a thousand."""
        key = (state.detector, state.thresholds.classes, tuple(row.label for row in rows))
        if key != self._unseen_of:
            self._unseen_of, self._unseen_rows = key, unseen_rows(state, rows)
        return self._unseen_rows

    def _show_timings(self, packet: FramePacket | None) -> None:
        if packet is not None and packet is not self._packet:
            self._packet = packet
            values = packet.timings.as_dict()
            for part, readout in self._values.items():
                readout.set_text(f"{values[part]:.1f}")
            for widget in self._asked_only:  # mostly nothing is asked, and nothing is to take the room of a line
                widget.setVisible(packet.timings.inquire > 0)
            self._total.set_text(f"{packet.timings.inference:.1f} ms")

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_room()

    def _share_room(self) -> None:
        """Fold what there is no room for; what is said of an object takes its room from the others."""
        height = self.height() - (self.card.sizeHint().height() if self.card.isVisibleTo(self) else 0)
        self.timings.suggest(height >= _ROOM_FOR_TIMINGS)
        self.filter.suggest(height >= _ROOM_FOR_CLASSES)

    def _lay_out(self) -> None:
        self.thresholds = Section("Thresholds", self._sliders())
        self.filter = Section("Classes", self.classes, self._kept, self.all, self.none, margin=0)
        self.timings = Section("Milliseconds", self._timings(), self._total, margin=0)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        # First, for what is below grows and shrinks with the frames, and a slider must not slip from under the hand.
        column.addWidget(self.thresholds)
        column.addWidget(_rule())
        column.addLayout(self._title())
        column.addWidget(self.card)
        column.addWidget(self.table, 1)
        for section in (self.filter, self.timings):
            column.addWidget(_rule())
            column.addWidget(section)
            section.opened_by_hand.connect(lambda section=section: self.scroller.reveal(section))
        self.scroller = Scroll(content)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.scroller)

    def _title(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(2 * tokens.UNIT, 4, tokens.UNIT + 4, 0)
        row.setSpacing(tokens.UNIT)
        row.addWidget(self._heading)
        row.addWidget(self._count)
        row.addStretch(1)
        row.addWidget(self.under)
        return row

    def _sliders(self) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.sliders)
        self.most.setFixedWidth(56)
        words = QLabel("Most in a frame")
        words.setObjectName("soft")
        row = QHBoxLayout()
        row.setContentsMargins(0, 4, 0, 0)
        row.addWidget(words)
        row.addWidget(self.most, 0, Qt.AlignmentFlag.AlignRight)
        column.addLayout(row)
        return box

    def _timings(self) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.plot)
        column.addWidget(self._legend())
        return box

    def _legend(self) -> QWidget:
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(2 * tokens.UNIT, 0, 2 * tokens.UNIT, 0)
        grid.setHorizontalSpacing(tokens.UNIT)
        grid.setVerticalSpacing(0)
        *always, asked = PARTS
        for place, part in enumerate((*reversed(always), asked)):
            row, side = (3, 0) if part == asked else (place % 3, place // 3 * 4)
            chip = _Chip(PARTS.index(part))
            label = QLabel(part)
            label.setObjectName("soft")
            label.setFont(tokens.font(tokens.TEXT_SMALL))
            value = self._values[part]
            value.setFixedHeight(18)
            grid.addWidget(chip, row, side, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(label, row, side + 1)
            grid.addWidget(value, row, side + 2, Qt.AlignmentFlag.AlignRight)
            if part == asked:
                self._asked_only = (chip, label, value)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(5, 1)
        grid.setColumnMinimumWidth(3, tokens.UNIT)
        return box


class _Chip(QWidget):
    """The colour of a part of the plot."""

    def __init__(self, part: int) -> None:
        super().__init__()
        self._part = part
        self.setFixedSize(8, 8)

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.SERIES[self._part]))
        painter.drawRoundedRect(self.rect(), 2, 2)
        painter.end()


def _rule() -> QFrame:
    rule = QFrame()
    rule.setObjectName("rule")
    rule.setFixedHeight(1)
    return rule


def _word(text: str, tooltip: str) -> QToolButton:
    """A button that is a word, for where an icon would have to be guessed."""
    button = QToolButton()
    button.setText(text)
    button.setObjectName("soft")
    button.setFont(tokens.font(tokens.TEXT_SMALL))
    button.setFixedSize(36, 20)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setToolTip(f"{tooltip}  ( F6 walks here, Space )")
    button.setAccessibleName(tooltip)
    return button
