"""The page that tells whether the stages are well: a table, one stage in full, a number over time, and the limits."""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from viewer.core.health import HealthCheck, HealthLimits
from viewer.core.packet import FramePacket
from viewer.render.plan import RenderPlan
from viewer.session import ViewState
from viewer.session.health_recall import Recalled, earlier_words, recall
from viewer.session.health_view import PLOTTED
from viewer.session.health_words import details
from viewer.ui import tokens
from viewer.ui.controls import Choice, IconButton, NumberField
from viewer.ui.health_strip import axis_title
from viewer.ui.health_table import HealthTable
from viewer.ui.scroll import Scroll
from viewer.ui.section import Section
from viewer.ui.tips import tip

if TYPE_CHECKING:
    from viewer.session.health_log import HealthEvent, HealthLog

_NO_NETWORK = "No network is loaded, so there are no stages to watch."
_NO_STAGE = "Tap a stage on the left to see how it is."
_WAITING = "Watching begins with the next frame."
_MEASURES = {axis_title(measure): measure for measure in PLOTTED}
_MEASURE_TIP = "The number that is drawn over time, under the timeline; hover it to read, click it to go to a frame"
_KEEP_TIP = "Go on watching while another page is open; it costs each frame a little  ( F6 walks here, Space )"


class HealthPage(QFrame):
    """Shows findings and emits wishes; the numbers are those of the frame that is shown.

    Attributes:
        log: Of the frames seen so far, which knows of a frame seen again what one look at it cannot tell.
    """

    limits_wished = Signal(HealthLimits)
    measure_wished = Signal(object)
    """Draw this `Measure` over time."""
    stage_wished = Signal(str)
    event_wished = Signal(int)
    """Go to the next event, 1, or the one before, -1."""
    keep_wished = Signal(bool)
    """Watch while another page is open."""
    epsilon_wished = Signal(float)
    anew_wished = Signal()
    """Forget what was seen and begin with the next frame."""
    left = Signal()
    """The keys belong to somebody else."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.log: HealthLog | None = None
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.table = HealthTable()
        self.details = _Details()
        self.measure = Choice("Number over time", _MEASURE_TIP, tuple(_MEASURES))
        self.events = QLabel()
        self.events.setObjectName("soft")
        previous, following = (
            "Frame of the event before  ( {health_previous} )",
            "Frame of the next event  ( {health_next} )",
        )
        self.previous = IconButton("find_previous", "Previous event", previous, size=24)
        self.following = IconButton("find_next", "Next event", following, size=24)
        self.limits = _LimitFields()
        self.keep = IconButton("watch", "Watch beside other pages", _KEEP_TIP, checkable=True, size=24)
        self.anew = QPushButton("Begin anew")
        self.anew.setAccessibleName("Begin anew")
        self.anew.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        tip(self.anew, "Forget the frames seen so far, quiet channels and the drift's reference  ( {health_anew} )")
        self._connect()
        self._lay_out()

    def show_plan(
        self,
        state: ViewState,
        plan: RenderPlan,  # noqa: ARG002 - what every page is given
        packet: FramePacket | None,
        *,
        legible: bool = True,
    ) -> None:
        """Bring the numbers to this frame."""
        view = state.health
        self.limits.show_limits(view.limits, view.check.epsilon)
        self.keep.setChecked(view.keeps)
        self.measure.set_word(axis_title(view.measure))
        if not legible:
            return
        health = () if packet is None else recall(packet.findings.health, packet.frame.index, self.log)
        words, colour = _summary(state, packet, health)
        self.summary.setText(words)
        self.summary.setStyleSheet("" if not colour else f"color: {getattr(tokens, colour)};")
        chosen = _chosen(health, view.node, view.limits)
        self.table.setVisible(bool(health))
        node = chosen.health.stage.node if chosen else None
        self.table.show_health(health, view.limits, view.check, node, state.tapped)
        self.full.setVisible(chosen is not None)
        if chosen is not None:
            stage = chosen.health.stage
            titles = tuple(each.health.stage.title for each in health)
            self.full.name(stage.title, f", {chosen.health.channels} channels", titles)
            self.details.show_stage(chosen, view.check)

    def show_events(self, events: "tuple[HealthEvent, ...]") -> None:
        """Say how many events there are."""
        count = len(events)
        words = "No event so far" if not count else "1 event" if count == 1 else f"{count} events"
        if words != self.events.text():
            self.events.setText(words)
        for button in (self.previous, self.following):
            button.setEnabled(bool(count))

    def _connect(self) -> None:
        self.table.stage_wished.connect(self.stage_wished)
        self.measure.chosen.connect(lambda word: self.measure_wished.emit(_MEASURES[word]))
        self.previous.clicked.connect(lambda _: self.event_wished.emit(-1))
        self.following.clicked.connect(lambda _: self.event_wished.emit(1))
        self.limits.limits_wished.connect(self.limits_wished)
        self.limits.epsilon_wished.connect(self.epsilon_wished)
        self.limits.left.connect(self.left)
        self.keep.clicked.connect(self.keep_wished)
        self.anew.clicked.connect(lambda _: self.anew_wished.emit())

    def _lay_out(self) -> None:
        self.full = Section("Stage", self.details)
        self.over_time = Section("Over time", self._over_time())
        self.worth = Section("Worth a look above", self.limits)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, tokens.UNIT // 2, 0, 0)
        column.setSpacing(0)
        inset = QHBoxLayout()
        inset.setContentsMargins(2 * tokens.UNIT, tokens.UNIT // 2, 2 * tokens.UNIT, tokens.UNIT // 2)
        inset.addWidget(self.summary)
        column.addLayout(inset)
        column.addWidget(self.table)
        for section in (self.full, self.over_time, self.worth):
            column.addWidget(_rule())
            column.addWidget(section)
            section.opened_by_hand.connect(lambda section=section: self.scroller.reveal(section))
        column.addWidget(_rule())
        column.addWidget(self._foot())
        column.addStretch(1)
        self.scroller = Scroll(content)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.scroller)

    def _over_time(self) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.measure)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.events, 1)
        row.addWidget(self.previous)
        row.addWidget(self.following)
        column.addLayout(row)
        return box

    def _foot(self) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(2 * tokens.UNIT, tokens.UNIT, 2 * tokens.UNIT, tokens.UNIT)
        column.setSpacing(tokens.UNIT)
        words = QLabel("Watch beside other pages")
        words.setObjectName("soft")
        row = QHBoxLayout()
        row.addWidget(words, 1)
        row.addWidget(self.keep)
        column.addLayout(row)
        column.addWidget(self.anew, 0, Qt.AlignmentFlag.AlignLeft)
        return box


class _Details(QWidget):
    """Names and values of one stage, a line each; what is long wraps."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(tokens.UNIT)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        self._lines: list[tuple[QLabel, QLabel]] = []

    @property
    def words(self) -> dict[str, str]:
        """What is said, value by name."""
        return {name.text(): value.text() for name, value in self._lines if name.isVisibleTo(self)}

    def show_stage(self, recalled: Recalled, check: HealthCheck) -> None:
        """Tell all numbers of a stage."""
        told = details(recalled.health, check, recalled.earlier)
        while len(self._lines) < len(told):
            self._add()
        for (name, value), (words, number, how) in zip(self._lines, told, strict=False):
            for label, text in ((name, words), (value, number)):
                if label.text() != text:
                    label.setText(text)
                if label.toolTip() != how:
                    label.setToolTip(how)
        for row, labels in enumerate(self._lines):
            for label in labels:
                label.setVisible(row < len(told))

    def _add(self) -> None:
        name, value = QLabel(), QLabel()
        name.setObjectName("soft")
        value.setWordWrap(True)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        for label in (name, value):
            label.setFont(tokens.font(tokens.TEXT_SMALL))
        row = len(self._lines)
        self._grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, row, 1)
        self._lines.append((name, value))


class _LimitFields(QWidget):
    """Numbers to be typed: what is too much, and what is close to zero."""

    limits_wished = Signal(HealthLimits)
    epsilon_wished = Signal(float)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._limits = HealthLimits()
        enter = "Enter takes the number, Esc brings back the one before"
        self.zeros = NumberField("Zeros in percent", f"Percent of values close to zero\n{enter}", low=0, high=100)
        self.dead = NumberField("Dead channels in percent", f"Percent of a stage's channels\n{enter}", low=0, high=100)
        self.drift = NumberField("Drift in deviations", f"Mean deviations of the channels' means\n{enter}", low=0)
        self.epsilon = NumberField(
            "Close to zero",
            f"Magnitude up to which a value is close to zero, in activation units; 0 counts zeros alone\n{enter}",
            low=0,
        )
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(tokens.UNIT)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        for row, (words, field, unit) in enumerate(
            (
                ("Zeros", self.zeros, "%"),
                ("Dead channels", self.dead, "%"),
                ("Drift", self.drift, "dev."),
                ("Zero is |x| up to", self.epsilon, ""),
            )
        ):
            field.setFixedWidth(64)
            for place, text in ((0, words), (2, unit)):
                label = QLabel(text)
                label.setObjectName("soft")
                label.setToolTip(field.toolTip())
                grid.addWidget(label, row, place)
            grid.addWidget(field, row, 1)
            field.left.connect(self.left)
        self.zeros.entered.connect(lambda value: self._wish(zeros=value / 100))
        self.dead.entered.connect(lambda value: self._wish(dead=value / 100))
        self.drift.entered.connect(lambda value: self._wish(drift=value))
        self.epsilon.entered.connect(self.epsilon_wished)
        note = QLabel("and any channel that dies, and any value that is not finite or at the end of its type")
        note.setObjectName("faint")
        note.setFont(tokens.font(tokens.TEXT_SMALL))
        note.setWordWrap(True)
        grid.addWidget(note, 4, 0, 1, 3)

    def show_limits(self, limits: HealthLimits, epsilon: float) -> None:
        """Bring the numbers to what holds."""
        self._limits = limits
        self.zeros.set_value(round(limits.zeros * 100, 6))
        self.dead.set_value(round(limits.dead * 100, 6))
        self.drift.set_value(limits.drift)
        self.epsilon.set_value(epsilon)

    def _wish(self, **changes: float) -> None:
        self.limits_wished.emit(replace(self._limits, **changes))


def _chosen(health: tuple[Recalled, ...], node: str | None, limits: HealthLimits) -> Recalled | None:
    """The stage that is told in full: the user's, else the first that is not well, else the first."""
    wanted = next((each for each in health if each.health.stage.node == node), None)
    unwell = next((each for each in health if each.crossed(limits)), None)
    return wanted or unwell or next(iter(health), None)


def _summary(state: ViewState, packet: FramePacket | None, health: tuple[Recalled, ...]) -> tuple[str, str]:
    """One line, and the name of its colour."""
    if state.detector is None:
        return _NO_NETWORK, "INK_SOFT"
    if not state.tapped:
        return _NO_STAGE, "INK_SOFT"
    if not health:
        refused = "" if packet is None else packet.findings.why_not("health")
        return refused or _WAITING, "INK_SOFT"
    unwell = [each.health.stage.title for each in health if each.crossed(state.health.limits)]
    frames = health[0].health.frames
    seen = f"{'one frame seen' if frames == 1 else f'{frames} frames in a row'}{earlier_words(health)}"
    if unwell:
        verb = "is" if len(unwell) == 1 else "are"
        return f"{', '.join(unwell)} {verb} worth a look, {seen}", "WARN"
    known = "" if all(each.is_known for each in health) else " so far"
    return f"All {len(health)} stages are well{known}, {seen}", "INK"


def _rule() -> QFrame:
    rule = QFrame()
    rule.setObjectName("rule")
    rule.setFixedHeight(1)
    return rule
