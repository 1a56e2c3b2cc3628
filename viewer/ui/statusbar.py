"""The line at the foot: what is playing, how fast everything runs, and on what."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget
from typing_extensions import override

from viewer.core.detector import CAPTURING
from viewer.core.messages import FailedPart
from viewer.core.tapping import Shed
from viewer.render.shortening import whole_parts
from viewer.session import EnginePhase, ViewState
from viewer.session.costs import FRAMES
from viewer.ui import tokens
from viewer.ui.controls import Readout
from viewer.ui.tips import with_keys

_TAPS_TOOLTIP = (
    "What all taps together add to a frame, in milliseconds and as part of the forward without them:\n"
    f"medians over the last {FRAMES} frames; on a GPU that runs from a graph, the graph with taps less one without"
)
_MORE = "More of source and model  ( click, or {cards} )"


class StatusBar(QFrame):
    """Shows how source, engine and window fare; numbers stand in places of fixed width."""

    cards_wished = Signal()
    """The user wants to know more of source or model."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("status")
        self.setFixedHeight(28)
        self.source = _Words("Source")
        self.device = _Words("Detector", Qt.AlignmentFlag.AlignRight)
        self.numbers = {
            "inference": _Number("Inference", "000.0 fps", "Frames through the detector per second"),
            "display": _Number("Display", "000.0 fps", "Frames painted per second"),
            "taps": _Number("Taps", "00.00 ms · 00.0 %", ""),
            "latency": _Number("Latency", "0000 ms", "From a frame's arrival to its painting"),
            "dropped": _Number("Dropped", "00000", "Frames of a live source that were replaced by newer ones"),
            "late": _Number("Late", "00000", "Frames of a file that were ready after they were due"),
        }
        for words in (self.source, self.device):
            words.clicked.connect(self.cards_wished)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * tokens.UNIT, 0, 2 * tokens.UNIT, 0)
        row.setSpacing(2 * tokens.UNIT)
        row.addWidget(self.source, 1)
        for number in self.numbers.values():
            row.addWidget(number)
        row.addWidget(self.device)

    def show_state(self, state: ViewState) -> None:
        """Bring every word and number to what holds."""
        source, detector, report = state.source, state.detector, state.report
        if source is not None:
            height, width = source.image_hw
            words = [
                source.name,
                f"{width}{tokens.TIMES}{height} px",
                f"{float(source.fps):g} fps" if source.fps else "",
                source.codec,
            ]
            text = " · ".join(word for word in words if word)
            self.source.say(text, f"{text}\n{with_keys(_MORE)}")
            # The room of the number that a source cannot have is better used.
            self.numbers["dropped"].setVisible(source.is_live)
            self.numbers["late"].setVisible(not source.is_live)
        if detector is not None:
            execution = (report.execution if report else "") or detector.execution
            # Why there is no graph can be a long sentence of the framework's; one who wants to know finds it below.
            how = execution.partition(":")[0]
            words = (detector.name, detector.device, detector.precision, how)
            text = " · ".join(word for word in words if word)
            lines = (text, _how_it_runs(execution), with_keys(_MORE))
            self.device.say(text, "\n".join(line for line in lines if line))
        runs = state.phase in (EnginePhase.READY, EnginePhase.FAILED) and FailedPart.MODEL not in state.failed
        rate = report.inference_fps if report and runs else 0.0
        self.numbers["inference"].say(f"{rate:.1f} fps" if rate else tokens.NONE)
        self._show_taps(state)
        self.numbers["display"].say(f"{state.display_fps:.1f} fps" if state.display_fps else tokens.NONE)
        self.numbers["latency"].say(f"{state.latency_ms:.0f} ms" if state.latency_ms else tokens.NONE)
        dropped, late = (report.counters.dropped, report.counters.late) if report else (0, 0)
        self.numbers["dropped"].say(str(dropped), "WARN" if dropped else "INK")
        self.numbers["late"].say(str(late))

    def _show_taps(self, state: ViewState) -> None:
        costs, shed = state.costs, state.report.shed if state.report else Shed()
        share = costs.taps_ms / costs.forward_ms if costs.forward_ms else 0.0
        took = f"{costs.taps_ms:.2f} ms"
        percent = f"{share * 100:.1f} %"
        if not shed:
            self.numbers["taps"].say(f"{took} · {percent}" if share else tokens.NONE, tooltip=_TAPS_TOOLTIP)
            return
        wanted = len(state.tapped)
        kept = f"{wanted - len(shed.nodes)} of {wanted}"
        # Which of the two is news: the time stands in the tooltip where there is no room for both.
        text = f"{kept} · maps every 2nd frame" if shed.every_second else f"{kept} · {took}"
        left_out = [stage.title for node in shed.nodes for stage in state.stages if stage.node == node]
        meaning = f"{_in_words(shed, left_out)}\nThe others: {took}, {percent}\n{_TAPS_TOOLTIP}"
        self.numbers["taps"].say(text, "WARN", meaning)


def _in_words(shed: Shed, left_out: list[str]) -> str:
    lines = [f"To hold {shed.fps:.3g} fps:"]
    if left_out:
        lines.append(f"  left out for the moment: {', '.join(left_out)} (the largest map first)")
    if shed.every_second:
        lines.append("  maps are made for every second frame; one between shows that of the frame before")
    return "\n".join([*lines, "They come back when there is time for them, and while the picture stands.\n"])


def _how_it_runs(execution: str) -> str:
    how, _, why = execution.partition(":")
    if why:
        return f"Runs operation by operation; no graph could be captured:\n{why.strip()}"
    if how.endswith(CAPTURING):
        return "Another graph is being captured for the new taps; frames run from the old one until it is ready"
    return {
        "graph": "Each frame is one launch of a captured graph",
        "eager": "Runs operation by operation",
    }.get(how, "")


class _Words(QWidget):
    """What fits of `a · b · c`, whole words only; the tooltip has all of it, and a click asks for more."""

    clicked = Signal()

    def __init__(self, name: str, align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft) -> None:
        super().__init__()
        self._text = ""
        self._align = align | Qt.AlignmentFlag.AlignVCenter
        self.setFont(tokens.font())
        self.setAccessibleName(name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    @property
    def shown(self) -> str:
        """As much as there is room for."""
        metrics = self.fontMetrics()
        return whole_parts(self._text, lambda words: metrics.horizontalAdvance(words) <= self.width())

    def say(self, text: str, tooltip: str = "") -> None:
        """Show this; where it needs no other explanation it is its own."""
        if self.toolTip() != (tooltip or text):
            self.setToolTip(tooltip or text)
        if text != self._text:
            self._text = text
            self.updateGeometry()
            self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self._text) + 2, tokens.ROW)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(0, tokens.ROW)

    @override
    def mousePressEvent(self, _event: QMouseEvent) -> None:
        self.clicked.emit()

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QColor(tokens.INK_SOFT))
        painter.drawText(self.rect(), self._align, self.shown)
        painter.end()


class _Number(QWidget):
    """A quiet name and its number."""

    def __init__(self, name: str, widest: str, tooltip: str) -> None:
        super().__init__()
        label = QLabel(name)
        label.setObjectName("faint")
        label.setFont(tokens.font(tokens.TEXT_SMALL))
        self._value = Readout(name, widest, size_px=tokens.TEXT_SMALL, ground="GROUND")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(label)
        row.addWidget(self._value)
        self.setToolTip(tooltip)

    @property
    def text(self) -> str:
        """What it says."""
        return self._value.text

    def say(self, text: str, colour: str = "INK", tooltip: str | None = None) -> None:
        """Show this, and another explanation where one is given."""
        self._value.set_text(text, colour)
        if tooltip is not None and tooltip != self.toolTip():
            self.setToolTip(tooltip)
