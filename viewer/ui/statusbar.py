"""The line at the foot: what is playing, how fast everything runs, and on what."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget
from typing_extensions import override

from viewer.core.messages import FailedPart
from viewer.session import EnginePhase, ViewState
from viewer.ui import tokens
from viewer.ui.controls import Readout
from viewer.ui.painter import shortened


class StatusBar(QFrame):
    """Shows how source, engine and window fare; numbers stand in places of fixed width."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("status")
        self.setFixedHeight(28)
        self.source = _Words()
        self._device = QLabel()
        self._device.setObjectName("soft")
        self.numbers = {
            "inference": _Number("Inference", "000.0 fps", "Frames through the detector per second"),
            "display": _Number("Display", "000.0 fps", "Frames painted per second"),
            "latency": _Number("Latency", "0000 ms", "From a frame's arrival to its painting"),
            "dropped": _Number("Dropped", "00000", "Frames of a live source that were replaced by newer ones"),
            "late": _Number("Late", "00000", "Frames of a file that were ready after they were due"),
        }
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * tokens.UNIT, 0, 2 * tokens.UNIT, 0)
        row.setSpacing(2 * tokens.UNIT)
        row.addWidget(self.source, 1)
        for number in self.numbers.values():
            row.addWidget(number)
        row.addWidget(self._device)

    def show_state(self, state: ViewState) -> None:
        """Bring every word and number to what holds."""
        source, detector, report = state.source, state.detector, state.report
        if source is not None:
            height, width = source.image_hw
            words = [
                source.name,
                f"{width}{tokens.TIMES}{height}",
                f"{float(source.fps):g} fps" if source.fps else "",
                source.codec,
            ]
            self.source.say(" · ".join(word for word in words if word))
        if detector is not None:
            _say(self._device, f"{detector.name} · {detector.device} · {detector.precision}")
        runs = state.phase in (EnginePhase.READY, EnginePhase.FAILED) and FailedPart.MODEL not in state.failed
        rate = report.inference_fps if report and runs else 0.0
        self.numbers["inference"].say(f"{rate:.1f} fps" if rate else tokens.NONE)
        self.numbers["display"].say(f"{state.display_fps:.1f} fps" if state.display_fps else tokens.NONE)
        self.numbers["latency"].say(f"{state.latency_ms:.0f} ms" if state.latency_ms else tokens.NONE)
        dropped, late = (report.counters.dropped, report.counters.late) if report else (0, 0)
        self.numbers["dropped"].say(str(dropped), tokens.WARN if dropped else tokens.INK)
        self.numbers["late"].say(str(late))


class _Words(QWidget):
    """What fits of `a · b · c`, whole words only; the tooltip has all of it."""

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self.setFont(tokens.font())
        self.setAccessibleName("Source")

    @property
    def shown(self) -> str:
        """As much as there is room for."""
        metrics = self.fontMetrics()
        return shortened(self._text, lambda words: metrics.horizontalAdvance(words) <= self.width())

    def say(self, text: str) -> None:
        """Show this."""
        if text != self._text:
            self._text = text
            self.setToolTip(text)
            self.update()

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QColor(tokens.INK_SOFT))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.shown)
        painter.end()


class _Number(QWidget):
    """A quiet name and its number."""

    def __init__(self, name: str, widest: str, tooltip: str) -> None:
        super().__init__()
        label = QLabel(name)
        label.setObjectName("faint")
        label.setFont(tokens.font(tokens.TEXT_SMALL))
        self._value = Readout(name, widest, size_px=tokens.TEXT_SMALL)
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

    def say(self, text: str, colour: str = tokens.INK) -> None:
        """Show this."""
        self._value.set_text(text, colour)


def _say(label: QLabel, text: str) -> None:
    if label.text() != text:
        label.setText(text)
