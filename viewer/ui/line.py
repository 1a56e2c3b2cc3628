"""A line of text that is cut where it does not fit, perhaps after a square of a colour."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from viewer.render.plan import Rgb
from viewer.ui import tokens

_LINE = 18
_CHIP = 18


class Line(QWidget):
    """Tells all of itself by its tooltip.

    Args:
        size_px: Height of its letters.
        strong: Whether it is set semibold.
        height_px: Its height; that of a row where it is strong.
        right: Whether it stands at the right end of its room.
    """

    def __init__(self, size_px: int, *, strong: bool = False, height_px: int = _LINE, right: bool = False) -> None:
        super().__init__()
        self._align = Qt.AlignmentFlag.AlignVCenter | (
            Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        )
        self._size_px, self._strong = size_px, strong
        self.text = ""
        self._chip: Rgb | None = None
        self.setFixedHeight(tokens.ROW if strong else height_px)

    def say(self, text: str, chip: Rgb | None = None) -> None:
        """Show this, after a square of a colour if one is given."""
        if (text, chip) != (self.text, self._chip):
            self.text, self._chip = text, chip
            self.setAccessibleName(text)
            self.setToolTip(text)
            self.update()

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        room = QRectF(self.rect())
        if self._chip is not None:
            painter.fillRect(QRectF(0, room.center().y() - 5, 10, 10), QColor(*self._chip))
            room.setLeft(_CHIP)
        painter.setFont(tokens.font(self._size_px, strong=self._strong))
        painter.setPen(QColor(tokens.INK if self._strong else tokens.INK_SOFT))
        text = painter.fontMetrics().elidedText(self.text, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, self._align, text)
        painter.end()
