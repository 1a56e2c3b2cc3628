"""The boxes of a frame as small tiles show them, without labels: drawn once, and laid over each tile of one size.

Twenty boxes in ten colours are some sixty calls to Qt a tile, which took a tenth of a millisecond; the picture of them
takes a fifth of that. Labels, which only a large tile has, are drawn in their tile.
"""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from viewer.ui.painter import Outlines, Place, paint_boxes

_Key = tuple[float, ...]
_PARTS = 256
"""Parts of a pixel that places are told apart by."""
_FORMAT = QImage.Format.Format_ARGB32_Premultiplied


class BoxLayer:
    """Boxes without labels, the same for all tiles of a size."""

    def __init__(self) -> None:
        self._outlines: Outlines | None = None
        self._layers: dict[_Key, QImage] = {}
        self._fresh: set[_Key] = set()

    def paint(self, painter: QPainter, outlines: Outlines, place: Place, *, ratio: float, filled: bool) -> None:
        """Draw what `paint_boxes` draws without labels.

        Args:
            painter: Of the canvas.
            outlines: The boxes of the frame; another object means another frame.
            place: Where source pixels lie.
            ratio: Device pixels a pixel of the canvas.
            filled: Whether masks are filled.
        """
        left, top = place.area.x(), place.area.y()
        if (left * ratio) % 1 or (top * ratio) % 1:
            # A layer would be resampled where it does not begin at a pixel of the screen.
            paint_boxes(painter, outlines, place, labelled=False, filled=filled)
        else:
            painter.drawImage(QPointF(left, top), self._layer(outlines, place, ratio, filled))

    def _layer(self, outlines: Outlines, place: Place, ratio: float, filled: bool) -> QImage:
        if outlines is not self._outlines:
            # Layers of sizes that the last frame did not need any more are dropped, the others are drawn over.
            self._layers = {key: layer for key, layer in self._layers.items() if key in self._fresh}
            self._outlines = outlines
            self._fresh.clear()
        area, picture = place.area, place.picture.translated(-place.area.topLeft())
        # Places of equal tiles differ by what floats lose on the way, which must not make two layers.
        lies = (round(side * _PARTS) for side in (picture.x(), picture.y(), picture.width(), picture.height()))
        key = (area.width(), area.height(), *lies, ratio, filled)
        layer = self._layers.get(key)
        if layer is None:
            layer = self._layers[key] = QImage((area.size() * ratio).toSize(), _FORMAT)
            layer.setDevicePixelRatio(ratio)
        if key not in self._fresh:
            self._fresh.add(key)
            layer.fill(Qt.GlobalColor.transparent)
            inside = QPainter(layer)
            at_origin = Place(QRectF(QPointF(0, 0), area.size()), picture, place.image_hw)
            paint_boxes(inside, outlines, at_origin, labelled=False, filled=filled)
            inside.end()
        return layer
