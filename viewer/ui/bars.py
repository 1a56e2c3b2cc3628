"""A few numbers as bars, one a line: what it is of, the bar, the number."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from viewer.session.why import Bar
from viewer.ui import tokens
from viewer.ui.tips import tip

_ROW = 20
_BAR = 6
_VALUE = 56
_NAME_SHARE = 0.42


class Bars(QWidget):
    """Paints bars; as high as there are any.

    Args:
        name: What they are called.
        tooltip: How the numbers were worked out, and their unit.
    """

    def __init__(self, name: str, tooltip: str) -> None:
        super().__init__()
        self._name = name
        self.bars: tuple[Bar, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        tip(self, tooltip)

    def show_bars(self, bars: Sequence[Bar]) -> None:
        """Show these from now on."""
        given = tuple(bars)
        if given != self.bars:
            is_as_high = len(given) == len(self.bars)
            self.bars = given
            self.setAccessibleDescription(", ".join(f"{bar.name} {bar.value}" for bar in given))
            if not is_as_high:
                self.updateGeometry()
            self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(self.width(), _ROW * len(self.bars))

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(0, _ROW * len(self.bars))

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(tokens.font(tokens.TEXT_SMALL))
        for row, bar in enumerate(self.bars):
            self._paint(painter, bar, QRectF(0, row * _ROW, self.width(), _ROW))
        painter.end()

    def _paint(self, painter: QPainter, bar: Bar, room: QRectF) -> None:
        name_px = round((room.width() - _VALUE) * _NAME_SHARE)
        name = QRectF(room.x(), room.y(), name_px - tokens.UNIT, room.height())
        painter.setPen(QColor(tokens.INK_SOFT))
        text = painter.fontMetrics().elidedText(bar.name, Qt.TextElideMode.ElideRight, int(name.width()))
        painter.drawText(name, Qt.AlignmentFlag.AlignVCenter, text)
        track = QRectF(name_px, room.center().y() - _BAR / 2, room.width() - _VALUE - name_px, _BAR)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.FIELD))
        painter.drawRoundedRect(track, _BAR / 2, _BAR / 2)
        filled = QRectF(track.x(), track.y(), track.width() * min(max(bar.share, 0.0), 1.0), _BAR)
        painter.setBrush(QColor(tokens.ACCENT) if bar.rgb is None else QColor(*bar.rgb))
        painter.drawRoundedRect(filled, _BAR / 2, _BAR / 2)
        painter.setPen(QColor(tokens.INK))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, bar.value)
