"""The crosshair: one point of the picture, marked and read in every tile at once.

It moves with every movement of the mouse, so only the strips it leaves and enters are painted again, not the tiles.
"""

import math
from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QRegion

from viewer.core.geometry import Rect
from viewer.session import DETECTIONS_TILE
from viewer.session.probe import spots_at, words_at
from viewer.ui import tokens
from viewer.ui.cell_marks import paint_cell, strips
from viewer.ui.painter import Place
from viewer.ui.plate import Taken, fitted, plate_at
from viewer.ui.tile_place import PanePlace, TilePlace

_OPEN = 5
"""Half the gap in the middle, so that the point itself is seen."""


class Crosshair:
    """A point in source pixels, and where it came from.

    Args:
        taken: What its words are not to cover in a tile.

    Attributes:
        at_xy: The point; None while there is none.
        key: Tile the pointer is over, which says everything; None where keys moved the point.
    """

    def __init__(self, taken: Callable[[TilePlace], Taken]) -> None:
        self._taken = taken
        self.at_xy: tuple[float, float] | None = None
        self.key: str | None = None
        self._apart = False  # over a mosaic, whose points are none of the picture

    def point_at(self, tiles: Sequence[TilePlace], point: QPointF) -> bool:
        """Put it under the pointer, or take it away beside the picture; tells whether anything changed."""
        before = self.at_xy, self.key
        self.at_xy = self.key = None
        self._apart = False
        for tile in tiles:
            pane = tile.pane_at(point)
            if pane is not None and pane.place.picture.contains(point):
                self.at_xy, self.key = _source(pane.place, point), tile.tile.key
                self._apart = _is_apart(tile)
        return before != (self.at_xy, self.key)

    def put(self, at_xy: tuple[float, float] | None, key: str | None = None) -> None:
        """Put it on a point of the source, or take it away."""
        self.at_xy, self.key, self._apart = at_xy, key, False

    def region(self, tiles: Sequence[TilePlace]) -> QRegion:
        """What of the canvas it covers."""
        covered = QRegion()
        if self.at_xy is None:
            return covered
        for tile in filter(self._marks, tiles):
            covered += self.words_of(tile, self.at_xy)[1].toAlignedRect()
            spots = self._spots(tile, tiles)
            for pane in tile.panes:
                for rect in (*_lines_region(pane, self.at_xy), *strips(spots, pane.place)):
                    covered += rect
        return covered

    def _marks(self, tile: TilePlace) -> bool:
        """Whether the point means something in a tile: a mosaic's in it alone, all others in all but mosaics."""
        return tile.tile.key == self.key if self._apart else not _is_apart(tile)

    def paint(self, painter: QPainter, tile: TilePlace, tiles: Sequence[TilePlace]) -> None:
        """Draw its lines in all panes of a tile, what the map says there, and the cell that the pointer is on.

        Args:
            painter: Of the canvas.
            tile: The one to draw on.
            tiles: All of them, for the cell is one of the tile under the pointer.
        """
        if self.at_xy is None or not self._marks(tile):
            return
        spots = self._spots(tile, tiles)
        for pane in tile.panes:
            paint_cell(painter, spots, pane.place, strong=False)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        labels = self._taken(tile).labels
        for pane in tile.panes:
            _paint_lines(painter, pane, self.at_xy, labels)
        _paint_words(painter, *self.words_of(tile, self.at_xy))

    def words_of(self, tile: TilePlace, at_xy: tuple[float, float]) -> tuple[str, QRectF]:
        """What is written in a tile, and where; empty where there is nothing to say or no room.

        Args:
            tile: The one that is read.
            at_xy: Where, in source pixels.
        """
        words = words_at(tile.tile.overlay, *at_xy, here=self.key in (None, tile.tile.key))
        metrics = QFontMetricsF(tokens.font(tokens.TEXT_SMALL))
        area, pad = tile.place.area, 2 * tokens.UNIT
        text = fitted(words, area.width() - tokens.UNIT - pad, metrics)
        if not text:
            return "", QRectF()
        spot = tile.panes[0].place.transform.map(QPointF(*at_xy))
        width = math.ceil(metrics.horizontalAdvance(text)) + pad
        return text, plate_at(area, width, spot, self._taken(tile))

    def _spots(self, on: TilePlace, tiles: Sequence[TilePlace]) -> tuple[Rect, ...]:
        """The cell under the pointer, in source pixels; what it can depend on only where one looks."""
        pointed = next((tile.tile for tile in tiles if tile.tile.key == self.key), None)
        spots = () if pointed is None or self.at_xy is None else spots_at(pointed, *self.at_xy)
        return spots if on.tile.key in (self.key, DETECTIONS_TILE) else spots[:1]


def _is_apart(tile: TilePlace) -> bool:
    """Whether a tile shows a mosaic, which does not lie over the picture."""
    return tile.tile.overlay is not None and tile.tile.overlay.mosaic is not None


def _source(place: Place, point: QPointF) -> tuple[float, float]:
    (height, width), picture = place.image_hw, place.picture
    return (
        (point.x() - picture.x()) / picture.width() * width,
        (point.y() - picture.y()) / picture.height() * height,
    )


def _lines_region(pane: PanePlace, at_xy: tuple[float, float]) -> tuple[QRect, ...]:
    area = pane.place.area.toAlignedRect()
    spot = pane.place.transform.map(QPointF(*at_xy))
    x, y = math.floor(spot.x()), math.floor(spot.y())
    upright = QRect(x - 1, area.top(), 3, area.height()).intersected(area)
    level = QRect(area.left(), y - 1, area.width(), 3).intersected(area)
    return upright, level


def _paint_lines(painter: QPainter, pane: PanePlace, at_xy: tuple[float, float], labels: Sequence[QRectF]) -> None:
    """A light line with dark edges, open in the middle and at labels: seen on any map and any frame."""
    shown = pane.place.area.intersected(pane.place.picture).toAlignedRect()
    spot = pane.place.transform.map(QPointF(*at_xy))
    x, y = math.floor(spot.x()), math.floor(spot.y())
    painter.save()
    painter.setClipRegion(_without(shown, labels))
    for width, colour in ((3, tokens.ink(tokens.CANVAS, 0.4)), (1, tokens.ink(tokens.INK, 0.75))):
        half = width // 2
        for rect in (
            QRect(x - half, shown.top(), width, y - _OPEN - shown.top()),
            QRect(x - half, y + _OPEN, width, shown.bottom() + 1 - y - _OPEN),
            QRect(shown.left(), y - half, x - _OPEN - shown.left(), width),
            QRect(x + _OPEN, y - half, shown.right() + 1 - x - _OPEN, width),
        ):
            if rect.isValid():
                painter.fillRect(rect.intersected(shown), colour)
    painter.restore()


def _without(shown: QRect, labels: Sequence[QRectF]) -> QRegion:
    region = QRegion(shown)
    for label in labels:
        region -= label.toAlignedRect()
    return region


def _paint_words(painter: QPainter, text: str, plate: QRectF) -> None:
    if text:
        painter.fillRect(plate, tokens.ink(tokens.CANVAS, 0.82))
        painter.setFont(tokens.font(tokens.TEXT_SMALL))
        painter.setPen(QColor(tokens.INK))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)
