"""The frame in the sizes that the tiles need, made once a frame and shared by all tiles of one size.

Numbers that led here (1280x720, one core): drawing the RGB frame scaled costs 1.6 ms a tile because Qt converts every
pixel it touches, drawing a 32-bit one 0.1 to 0.6 ms. So the engine hands over 32 bits, see `viewer.core.screen`, and
the frame is drawn where it lies. Six equal tiles then share one scaled picture and copy it, 0.02 ms each.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from viewer.core.frame import Frame
from viewer.core.geometry import Rect
from viewer.ui import tokens

_Size = tuple[int, int]
_Key = tuple[int, int, Rect]
_PARTS = 256
"""Parts of a pixel that places are told apart by."""
_SPARE = 1.25


class _Whole(NamedTuple):
    """An image that has the whole frame in it, and where.

    Attributes:
        image: The image.
        part: Where in it, in its pixels.
        spare: How much wider it must be than what is made from it: of what was scaled before, nearly the same size
            again is a blur.
    """

    image: QImage
    part: QRectF
    spare: float = 1.0


class Pictures:
    """The newest frame, ready to be copied into tiles."""

    def __init__(self) -> None:
        self._given: Frame | None = None
        self._halves: dict[_Size, QImage] = {}
        self._scaled: dict[_Key, QImage] = {}
        self._fresh: set[_Key | _Size] = set()
        self._whole: list[_Whole] = []

    def take(self, frame: Frame) -> None:
        """Make this frame the one that is shown."""
        self._given = frame
        self._begin()
        # Buffers of sizes that the last frame did not need any more are dropped, the others are painted over.
        self._scaled = {key: image for key, image in self._scaled.items() if key in self._fresh}
        self._halves = {size: image for size, image in self._halves.items() if size in self._fresh}
        self._fresh.clear()

    def drop(self) -> None:
        """Show no frame any more, and hold none: its pixels are the engine's."""
        self._given = None
        self._halves.clear()
        self.forget()

    def forget(self) -> None:
        """Make every size anew, because the colour around the frame is another."""
        self._scaled.clear()
        self._fresh.clear()
        self._begin()

    def _begin(self) -> None:
        """Only the frame itself is there."""
        levels = [] if self._given is None else images_of(self._given)
        self._whole = [_Whole(level, QRectF(level.rect())) for level in levels]

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
            if rect.x >= 0 and rect.y >= 0 and rect.x + rect.width <= width and rect.y + rect.height <= height:
                self._whole.append(_Whole(image, QRectF(rect.x, rect.y, rect.width, rect.height), _SPARE))
        return image

    def _paint(self, image: QImage, rect: Rect) -> None:
        source = self._source_for(rect)
        painter = QPainter(image)
        # Enlarged four times and more, single pixels are what the user came to see.
        enlarged = rect.width >= 4 * self._whole[0].part.width()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not enlarged)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        target = QRectF(rect.x, rect.y, rect.width, rect.height)
        painter.drawImage(target, source.image, source.part)
        painter.end()

    def _source_for(self, rect: Rect) -> _Whole:
        """The whole frame so small that bilinear sampling skips no pixel: fine lines do not flicker on video.

        What a larger tile shows is a good beginning for smaller ones, and less to read than the frame.
        """
        enough = (whole for whole in self._whole if whole.part.width() >= whole.spare * rect.width)
        source = min(enough, key=lambda whole: whole.part.width(), default=self._whole[0])
        while source.part.width() > 2 * rect.width and source.part.width() >= 2:
            source = self._half(source)
        return source

    def _half(self, whole: _Whole) -> _Whole:
        size = max(1, int(whole.part.width() / 2)), max(1, int(whole.part.height() / 2))
        image = self._halves.get(size)
        if image is None:
            image = self._halves[size] = _blank(*size)
        half = _Whole(image, QRectF(image.rect()), whole.spare)
        if size not in self._fresh:
            self._fresh.add(size)
            _fill(image, whole)
            self._whole.append(half)
        return half


def images_of(frame: Frame) -> list[QImage]:
    """A frame to paint from, largest first; they live no longer than its pixels, and the window's are the engine's."""
    if frame.levels:
        return [_wrapped(level) for level in frame.levels]
    height, width = frame.image_hw
    rgb = QImage(frame.rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return [rgb.convertToFormat(QImage.Format.Format_RGB32)]


def _wrapped(level: NDArray[np.uint8]) -> QImage:
    height, width = level.shape[:2]
    return QImage(level.data, width, height, 4 * width, QImage.Format.Format_RGB32)


def _blank(width: int, height: int) -> QImage:
    return QImage(width, height, QImage.Format.Format_RGB32)


def _fill(image: QImage, source: _Whole) -> None:
    """Cover all of an image with the whole frame, scaled smoothly where their sizes differ."""
    painter = QPainter(image)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(QRectF(image.rect()), source.image, source.part)
    painter.end()
