"""The list of keys, laid over the window by `?`."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from viewer.ui import tokens
from viewer.ui.controls import IconButton
from viewer.ui.keys import BINDINGS

_COLUMN = 312
_GAP = 4 * tokens.UNIT
_HEAD = 5 * tokens.UNIT
"""Room of the title, above all columns."""
_CLOSE = 32
_LINE = 24
_KEYS_WIDTH = 96
_MARGIN = 2 * tokens.UNIT
_COLUMNS = range(2, 6)


class KeyList(QWidget):
    """Painted in as many columns as make it largest; a click or its button puts it away.

    Args:
        parent: What it covers.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._covered = parent
        self.setAccessibleName("Keys")
        self.close_button = IconButton("close", "Close the keys", "Back to the pictures  ( {escape} )", size=_CLOSE)
        self.close_button.setParent(self)
        self.close_button.clicked.connect(lambda _: self.setVisible(False))
        self.setVisible(False)
        parent.installEventFilter(self)

    def toggle(self) -> None:
        """Show or hide it."""
        self.setGeometry(self._covered.rect())
        self.setVisible(self.isHidden())
        self.raise_()

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QResizeEvent):
            self.resize(event.size())
        return super().eventFilter(watched, event)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        card, size = self._card()
        corner = QPointF(card.right() * size - _CLOSE - tokens.UNIT, card.top() * size + tokens.UNIT)
        self.close_button.move(corner.toPoint())

    def _card(self) -> tuple[QRectF, float]:
        """Where the card lies, in its own pixels, and how large it is drawn."""
        columns, size = self._fitted()
        width, height = _extent(columns)
        left, top = self.width() / size - width, self.height() / size - height
        return QRectF(round(left / 2), round(top / 2), width, height), size

    @override
    def mousePressEvent(self, _event: QMouseEvent) -> None:
        self.setVisible(False)

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), tokens.ink(tokens.CANVAS, 0.72))
        (columns, _), (card, size) = self._fitted(), self._card()
        painter.scale(size, size)
        painter.setPen(QColor(tokens.EDGE))
        painter.setBrush(QColor(tokens.PANEL))
        painter.drawRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        painter.setFont(tokens.font(tokens.TEXT_TITLE, strong=True))
        painter.setPen(QColor(tokens.INK))
        head = QRectF(card.left() + _MARGIN, card.top() + tokens.UNIT, card.width(), _HEAD - tokens.UNIT)
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter, "Keys")
        for column, titles in enumerate(columns):
            left = card.left() + _MARGIN + column * (_COLUMN + _GAP)
            top = card.top() + _MARGIN + _HEAD
            for title in titles:
                top = _paint_group(painter, title, left, top)
        painter.end()

    def _fitted(self) -> tuple[list[list[str]], float]:
        """The columns that can be drawn largest, and how large, 1 for full size."""
        heights = {title: _height(title) for title in BINDINGS}
        ways = [columns_of(heights, most) for most in _COLUMNS]
        return max(((columns, self._size_of(columns)) for columns in ways), key=lambda way: way[1])

    def _size_of(self, columns: list[list[str]]) -> float:
        width, height = _extent(columns)
        return min(1.0, self.width() / (width + 2 * tokens.UNIT), self.height() / (height + 2 * tokens.UNIT))


def _extent(columns: list[list[str]]) -> tuple[int, int]:
    """Width and height of the card."""
    width = len(columns) * (_COLUMN + _GAP) - _GAP + 2 * _MARGIN
    return width, max(sum(map(_height, titles)) for titles in columns) + _HEAD + 2 * _MARGIN - tokens.UNIT


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
