"""The list of keys, laid over the pictures by `?`."""

from collections.abc import Mapping

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from viewer.ui import tokens
from viewer.ui.keys import BINDINGS

_COLUMN = 304
_LINE = 24
_KEYS_WIDTH = 96


class KeyList(QWidget):
    """Painted in two columns or three; a click puts it away."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Keys")
        self.setVisible(False)

    def toggle(self) -> None:
        """Show or hide it."""
        self.setVisible(self.isHidden())
        self.raise_()

    @override
    def mousePressEvent(self, _event: QMouseEvent) -> None:
        self.setVisible(False)

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), tokens.ink(tokens.CANVAS, 0.72))
        room = (self.width() - 5 * tokens.UNIT) // (_COLUMN + tokens.UNIT)
        columns = columns_of({title: _height(title) for title in BINDINGS}, min(max(room, 2), 3))
        width = len(columns) * (_COLUMN + tokens.UNIT) + 3 * tokens.UNIT
        height = max(sum(map(_height, titles)) for titles in columns) + 3 * tokens.UNIT
        # A canvas too small for the card gets a smaller card rather than part of one.
        size = min(1.0, self.width() / (width + 2 * tokens.UNIT), self.height() / (height + 2 * tokens.UNIT))
        painter.scale(size, size)
        room_wh = self.width() / size, self.height() / size
        card = QRectF(round((room_wh[0] - width) / 2), round((room_wh[1] - height) / 2), width, height)
        painter.setPen(QColor(tokens.EDGE))
        painter.setBrush(QColor(tokens.PANEL))
        painter.drawRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        for column, titles in enumerate(columns):
            left = card.left() + 2 * tokens.UNIT + column * (_COLUMN + tokens.UNIT)
            top = card.top() + 2 * tokens.UNIT
            for title in titles:
                top = _paint_group(painter, title, left, top)
        painter.end()


def columns_of(heights: Mapping[str, int], most: int) -> list[list[str]]:
    """Groups in their order, in as few columns as keep the tallest as low as `most` columns could.

    Args:
        heights: Of each group.
        most: Number of columns there is room for.
    """
    for tallest in range(max(heights.values()), sum(heights.values()) + 1):
        columns: list[list[str]] = [[]]
        left = tallest
        for title, height in heights.items():
            if height > left:
                columns.append([])
                left = tallest
            columns[-1].append(title)
            left -= height
        if len(columns) <= most:
            return columns
    return [list(heights)]


def _height(title: str) -> int:
    return (1 + len(_listed(title))) * _LINE + tokens.UNIT


def _listed(title: str) -> list[tuple[str, str]]:
    return [(binding.shown, binding.text) for binding in BINDINGS[title] if binding.shown]


def _paint_group(painter: QPainter, title: str, left: float, top: float) -> float:
    """Draw one group; returns where the next begins."""
    middle = Qt.AlignmentFlag.AlignVCenter
    painter.setFont(tokens.font(tokens.TEXT_SMALL, strong=True, spacing=0.6))
    painter.setPen(QColor(tokens.INK_FAINT))
    painter.drawText(QRectF(left, top, _COLUMN, _LINE), middle, title.upper())
    painter.setFont(tokens.font())
    for keys, text in _listed(title):
        top += _LINE
        painter.setPen(QColor(tokens.ACCENT))
        painter.drawText(QRectF(left, top, _KEYS_WIDTH, _LINE), middle, keys)
        painter.setPen(QColor(tokens.INK))
        painter.drawText(QRectF(left + _KEYS_WIDTH, top, _COLUMN - _KEYS_WIDTH, _LINE), middle, text)
    return top + _LINE + tokens.UNIT
