"""Taking hold of tiles: a header is dragged onto another tile, the divider of a swipe to and fro."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QApplication

from viewer.ui import tokens
from viewer.ui.tile_place import TilePlace

_REACH = 6
"""Pixels on each side of a divider that take hold of it."""


def divider_at(tiles: Sequence[TilePlace], point: QPointF) -> TilePlace | None:
    """The tile whose divider is under a point."""
    for tile in tiles:
        x = tile.divider_x()
        if x is not None and tile.place.area.contains(point) and abs(point.x() - x) <= _REACH:
            return tile
    return None


def tile_at(tiles: Sequence[TilePlace], point: QPointF) -> TilePlace | None:
    """The tile under a point, its header included."""
    return next((tile for tile in tiles if tile.outline.contains(point)), None)


class TileDrag:
    """What the pressed button holds, if it holds a header or a divider.

    Attributes:
        key: Tile whose header is held; None where none is.
        target: Tile it would take the place of if it were let go now; None where it would stay.
        divides: Key of the tile whose divider is held; None where none is.
    """

    def __init__(self) -> None:
        self.key: str | None = None
        self.target: str | None = None
        self.divides: str | None = None
        self._begin = QPointF()

    @property
    def is_holding(self) -> bool:
        """Whether movements belong to it."""
        return self.key is not None or self.divides is not None

    def press(self, tiles: Sequence[TilePlace], point: QPointF) -> bool:
        """Take hold of what is under the pointer; tells whether there is anything to hold."""
        divided = divider_at(tiles, point)
        if divided is not None:
            self.divides = divided.tile.key
            return True
        self.key = next((tile.tile.key for tile in tiles if tile.header.contains(point)), None)
        self._begin = point
        return self.key is not None

    def move(self, tiles: Sequence[TilePlace], point: QPointF) -> float | None:
        """Follow the pointer; where a divider is held, returns the share of the tile it now stands at."""
        for tile in tiles:
            if tile.tile.key == self.divides:
                area = tile.place.area
                return min(max((point.x() - area.left()) / area.width(), 0.0), 1.0)
        if self.key is not None and (point - self._begin).manhattanLength() >= QApplication.startDragDistance():
            under = tile_at(tiles, point)
            self.target = None if under is None or under.tile.key == self.key else under.tile.key
        return None

    def release(self) -> tuple[str, str] | None:
        """Let go; returns which tile takes the place of which, if one does."""
        moved = (self.key, self.target) if self.key is not None and self.target is not None else None
        self.key = self.target = self.divides = None
        return moved

    def paint(self, painter: QPainter, tile: TilePlace) -> None:
        """Mark the tile that is carried and the one whose place it would take."""
        if self.target is None or tile.tile.key not in (self.key, self.target):
            return
        if tile.tile.key == self.key:
            painter.fillRect(tile.outline, tokens.ink(tokens.CANVAS, 0.6))
            return
        painter.setPen(QPen(QColor(tokens.ACCENT), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(tile.outline.adjusted(1, 1, -1, -1))


def paint_divider(painter: QPainter, tile: TilePlace) -> None:
    """Draw a divider with a handle in its middle, where a tile has one."""
    x = tile.divider_x()
    if x is None:
        return
    area = tile.place.area
    painter.save()
    painter.setClipRect(area)
    painter.fillRect(QRectF(x - 1.5, area.top(), 3, area.height()), tokens.ink(tokens.CANVAS, 0.55))
    painter.fillRect(QRectF(x - 0.5, area.top(), 1, area.height()), QColor(tokens.INK))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(tokens.ink(tokens.CANVAS, 0.55), 1))
    painter.setBrush(QColor(tokens.INK))
    y = area.center().y()
    painter.drawRoundedRect(QRectF(x - 5, y - 12, 10, 24), 4, 4)
    painter.setPen(QPen(QColor(tokens.CANVAS), 1))
    for offset in (-1.5, 1.5):
        painter.drawLine(QPointF(x + offset, y - 5), QPointF(x + offset, y + 5))
    painter.restore()
