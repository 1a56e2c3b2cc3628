"""The panel on the right: what was found in this frame, and where its milliseconds went."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget
from typing_extensions import override

from viewer.core.packet import FramePacket
from viewer.render.plan import RenderPlan
from viewer.ui import tokens
from viewer.ui.controls import Readout, heading
from viewer.ui.detections import DetectionList
from viewer.ui.plot import PARTS, TimingsPlot


class Inspector(QFrame):
    """Detections above, timings below."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.list = DetectionList()
        self.plot = TimingsPlot()
        self._count = QLabel()
        self._count.setObjectName("soft")
        small, right = tokens.TEXT_SMALL, Qt.AlignmentFlag.AlignRight
        self._values = {part: Readout(part, "000.0", size_px=small, align=right) for part in PARTS}
        self._total = Readout("total", "000.0 ms", colour="INK_SOFT", size_px=small, align=right)
        self._packet: FramePacket | None = None
        self._plotted: FramePacket | None = None
        self._lay_out()

    def show_plan(self, plan: RenderPlan, packet: FramePacket | None, *, legible: bool = True) -> None:
        """Bring list and numbers to this frame.

        Args:
            plan: What is drawn.
            packet: The frame it was made of.
            legible: Whether what is read changes as well; the plot takes every frame in any case.
        """
        searched = packet is not None and packet.letterbox is not None
        if packet is not None and packet is not self._plotted and searched:
            self._plotted = packet
            self.plot.add(packet.timings)
        if not legible:
            return
        count = str(len(plan.boxes)) if searched else ""
        if self._count.text() != count:
            self._count.setText(count)
        self.list.show_boxes(plan.boxes, searched=searched)
        if packet is not None and packet is not self._packet and searched:
            self._packet = packet
            values = packet.timings.as_dict()
            for part, readout in self._values.items():
                readout.set_text(f"{values[part]:.1f}")
            self._total.set_text(f"{packet.timings.inference:.1f} ms")

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, tokens.UNIT, 0, tokens.UNIT)
        column.setSpacing(0)
        column.addLayout(_title("In this frame", self._count))
        column.addWidget(self.list, 1)
        rule = QFrame()
        rule.setObjectName("rule")
        rule.setFixedHeight(1)
        column.addWidget(rule)
        column.addSpacing(tokens.UNIT)
        column.addLayout(_title("Milliseconds", self._total))
        column.addWidget(self.plot)
        column.addWidget(self._legend())

    def _legend(self) -> QWidget:
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(2 * tokens.UNIT, tokens.UNIT, 2 * tokens.UNIT, tokens.UNIT)
        grid.setHorizontalSpacing(tokens.UNIT)
        grid.setVerticalSpacing(0)
        for row, part in enumerate(reversed(PARTS)):
            chip = _Chip(PARTS.index(part))
            label = QLabel(part)
            label.setObjectName("soft")
            label.setFont(tokens.font(tokens.TEXT_SMALL))
            value = self._values[part]
            value.setFixedHeight(18)
            grid.addWidget(chip, row, 0, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(label, row, 1)
            grid.addWidget(value, row, 2, Qt.AlignmentFlag.AlignRight)
        grid.setColumnStretch(1, 1)
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


def _title(text: str, value: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(2 * tokens.UNIT, 0, 2 * tokens.UNIT, 0)
    row.addWidget(heading(text))
    row.addStretch(1)
    row.addWidget(value)
    return row
