"""How the values of a map are spread, and where one cell of it stands."""

import math

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget
from typing_extensions import override

from viewer.session.cells import BINS, MapValues
from viewer.ui import tokens
from viewer.ui.channel_bars import value_text
from viewer.ui.tooltips import wrapped

_HEIGHT = 72
_FOOT = 16
_MARGIN = 2 * tokens.UNIT


class Histogram(QWidget):
    """Bars of equal parts of the map's limits; the cell's value is a line through them."""

    def __init__(self) -> None:
        super().__init__()
        self._values: MapValues | None = None
        self.setFixedHeight(_HEIGHT)
        self.setAccessibleName("Values of the map")
        self.setToolTip(
            "Cells of the map of this frame by their value, in equal parts of its limits; the line is the cell. Values "
            "come as one of 255 steps, and those beyond the limits stand at the ends"
        )

    def show_values(self, values: MapValues | None) -> None:
        """Show these; None shows nothing."""
        self._values = values
        self.update()

    @override
    def event(self, event: QEvent) -> bool:
        values = self._values
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and values is not None:
            part = min(max(math.floor((event.pos().x() - _MARGIN) / self._room().width() * BINS), 0), BINS - 1)
            low, high = values.limits
            begin, end = (low + (high - low) * edge / BINS for edge in (part, part + 1))
            words = f"{int(values.counts[part])} of {int(values.counts.sum())} cells from {begin:.3g} to {end:.3g}"
            QToolTip.showText(event.globalPos(), wrapped(f"{words}\n{self.toolTip()}"), self)
            return True
        return super().event(event)

    def _room(self) -> QRectF:
        return QRectF(_MARGIN, 2, self.width() - 2 * _MARGIN, self.height() - _FOOT - 2)

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        values = self._values
        if values is None:
            return
        painter = QPainter(self)
        room = self._room()
        most = max(1, int(values.counts.max()))
        width = room.width() / BINS
        for part, count in enumerate(values.counts.tolist()):
            # Square roots: most cells lie at the bottom of most maps, and few of them are what one looks for.
            height = math.sqrt(count / most) * room.height()
            left = room.left() + part * width
            painter.fillRect(QRectF(left, room.bottom() - height, width - 0.5, height), QColor(tokens.MEASURE))
        painter.fillRect(QRectF(room.left(), room.bottom(), room.width(), 1), QColor(tokens.LINE))
        self._paint_cell(painter, values, room)
        painter.setFont(tokens.font(tokens.TEXT_SMALL))
        painter.setPen(QColor(tokens.INK_FAINT))
        foot = QRectF(room.left(), room.bottom() + 1, room.width(), _FOOT)
        for limit, side in zip(values.limits, (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight), strict=True):
            painter.drawText(foot, side | Qt.AlignmentFlag.AlignVCenter, value_text(limit))
        painter.end()

    def _paint_cell(self, painter: QPainter, values: MapValues, room: QRectF) -> None:
        low, high = values.limits
        if math.isfinite(values.value) and low < high:
            x = room.left() + min(max((values.value - low) / (high - low), 0.0), 1.0) * room.width()
            painter.fillRect(QRectF(x - 1, room.top(), 2, room.height()), QColor(tokens.INK))
