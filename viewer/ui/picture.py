"""The frame in the sizes that the tiles need, made once a frame and shared by all tiles of one size.

Numbers that led here (1280x720, one core): drawing the RGB frame scaled costs 1.6 ms a tile because Qt converts every
pixel it touches; bringing the whole frame to 32 bits once costs 0.03 ms where the buffer is there already, 0.08 ms in
a new one, and drawing that 0.1 to 0.6 ms. Six equal tiles then share one scaled picture and copy it, 0.02 ms each. The
frame itself is wrapped, not copied, and is not looked at again after `take`, so the slot of the ring it lies in may be
reused.
"""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from viewer.core.frame import Frame
from viewer.core.geometry import Rect
from viewer.ui import tokens

_Key = tuple[int, int, Rect]
_PARTS = 256
"""Parts of a pixel that places are told apart by."""


class Pictures:
    """The newest frame, ready to be copied into tiles."""

    def __init__(self) -> None:
        self._levels: list[QImage] = []
        self._fresh_levels = 0
        self._scaled: dict[_Key, QImage] = {}
        self._fresh: set[_Key] = set()

    def take(self, frame: Frame) -> None:
        """Make this frame the one that is shown."""
        height, width = frame.image_hw
        wrapped = QImage(frame.rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        if not self._levels or self._levels[0].size() != wrapped.size():
            self._levels = [_blank(width, height)]
        _fill(self._levels[0], wrapped)
        self._fresh_levels = 1
        # Buffers of sizes that the last frame did not need any more are dropped, the others are painted over.
        self._scaled = {key: image for key, image in self._scaled.items() if key in self._fresh}
        self._fresh.clear()

    def forget(self) -> None:
        """Make every size anew, because the colour around the frame is another."""
        self._scaled.clear()
        self._fresh.clear()

    def scaled(self, width: int, height: int, rect: Rect) -> QImage:
        """What a tile of this size shows of the frame.

        Args:
            width: Of the tile in device pixels.
            height: Of the tile in device pixels.
            rect: Where the whole frame lies, in device pixels of the tile; parts may lie outside.

        Returns:
            (height, width) picture, the ground of the canvas where the frame does not reach. It belongs to this
            object and changes with the next frame.
        """
        # Places of equal tiles differ by what floats lose on the way; a part of a pixel nobody sees must not make two.
        rect = Rect(*(round(side * _PARTS) / _PARTS for side in (rect.x, rect.y, rect.width, rect.height)))
        key = (width, height, rect)
        image = self._scaled.get(key)
        if image is None:
            image = self._scaled[key] = QImage(width, height, QImage.Format.Format_RGB32)
            image.fill(QColor(tokens.CANVAS))
        if key not in self._fresh:
            self._fresh.add(key)
            self._paint(image, rect)
        return image

    def _paint(self, image: QImage, rect: Rect) -> None:
        source = self._level_for(rect)
        painter = QPainter(image)
        # Enlarged four times and more, single pixels are what the user came to see.
        enlarged = rect.width >= 4 * self._levels[0].width()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not enlarged)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        target = QRectF(rect.x, rect.y, rect.width, rect.height)
        painter.drawImage(target, source, QRectF(0, 0, source.width(), source.height()))
        painter.end()

    def _level_for(self, rect: Rect) -> QImage:
        """The frame halved so often that bilinear sampling skips no pixel: fine lines do not flicker on video."""
        level = 0
        while self._levels[0].width() / 2**level > 2 * rect.width and self._levels[level].width() > 1:
            level += 1
            if level == self._fresh_levels:
                self._halve(level)
        return self._levels[level]

    def _halve(self, level: int) -> None:
        """Fill a level from the one before."""
        before = self._levels[level - 1]
        if level == len(self._levels):
            self._levels.append(_blank(max(1, before.width() // 2), max(1, before.height() // 2)))
        _fill(self._levels[level], before)
        self._fresh_levels = level + 1


def _blank(width: int, height: int) -> QImage:
    return QImage(width, height, QImage.Format.Format_RGB32)


def _fill(image: QImage, source: QImage) -> None:
    """Cover all of an image with another, scaled smoothly where their sizes differ."""
    painter = QPainter(image)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(QRectF(image.rect()), source, QRectF(source.rect()))
    painter.end()
