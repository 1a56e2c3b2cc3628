"""A line of text that is cut where it does not fit, perhaps after a square of a colour."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from viewer.render.plan import Rgb
from viewer.ui import tokens
from viewer.ui.paths import elided_path

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
        self._path: tuple[str, Sequence[str]] = ("", ())
        self.setFixedHeight(tokens.ROW if strong else height_px)

    def say(self, text: str, chip: Rgb | None = None, *, path: str = "", others: Sequence[str] = ()) -> None:
        """Show this, after a square of a colour if one is given.

        Args:
            text: Cut at its end where it does not fit.
            chip: The colour.
            path: The part of it that is cut instead; see `elided_path`.
            others: Those this path is to be told from.
        """
        self._path = path, others
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
        painter.drawText(room, self._align, self._cut(painter.fontMetrics(), room.width()))
        painter.end()

    def _cut(self, metrics: QFontMetrics, room: float) -> str:
        path, others = self._path
        text = self.text
        if path and metrics.horizontalAdvance(text) > room:
            left = room - metrics.horizontalAdvance(text.replace(path, "", 1))
            text = text.replace(path, elided_path(path, others, metrics, left), 1)
        return metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(room))
