"""The small picture on the open page: what the marked camera sees, so that nobody opens the wrong one."""

from functools import partial

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from viewer.engine.client import EngineClient
from viewer.session.preview import Preview, Watch
from viewer.session.wanted import Wanted
from viewer.ui import tokens
from viewer.ui.bridge import Bridge

_SIZE = QSize(288, 162)
_REST_MS = 300
"""Who walks through a list with the arrow keys means none of the cameras on the way."""
_WAITING = "Looking through the camera …"


class CameraPreview(QWidget):
    """Shows one camera while it is seen itself.

    Args:
        watch: Makes engines without a network; those of the application unless given.
    """

    def __init__(self, watch: Watch | None = None) -> None:
        super().__init__()
        self.preview = Preview(watch or partial(EngineClient, network=False))
        self.words = ""
        self._wanted: Wanted | None = None
        self._image = QImage()
        self._bridge = Bridge(self._follow)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._look)
        self.setFixedSize(_SIZE)
        self.setAccessibleName("What the camera sees")
        self.setToolTip("What the marked camera sees, in the marked size")

    def show_camera(self, wanted: Wanted | None) -> None:
        """Watch this from a moment on; None watches nothing."""
        if wanted == self._wanted:
            return
        self._wanted = wanted
        self.preview.end()
        self._say("" if wanted is None else _WAITING)
        if wanted is None:
            self._rest.stop()
        else:
            self._rest.start()

    def close_engines(self) -> None:
        """Let the camera go and wait until it is free; twice is harmless."""
        self._bridge.close()
        self.preview.close()

    def _look(self) -> None:
        if self._wanted is not None:
            self.preview.look(self._wanted, self._bridge.wake)

    def _follow(self) -> None:
        self.preview.pump()
        frame = self.preview.frame
        if frame is None:
            self._say(self.preview.trouble or self.words)
            return
        height, width = frame.image_hw
        pixels = QImage(frame.rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        # Scaled now, for the pixels are the engine's.
        size = self.size() * self.devicePixelRatioF()
        self._image = pixels.scaled(
            size, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        self.words = f"{width} by {height}"
        self.update()

    def _say(self, words: str) -> None:
        self._image, self.words = QImage(), words
        self.update()

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), QColor(tokens.CANVAS))
        if self._image.isNull():
            painter.setPen(QColor(tokens.INK_FAINT))
            painter.setFont(tokens.font(tokens.TEXT_SMALL))
            room = self.rect().adjusted(tokens.UNIT, tokens.UNIT, -tokens.UNIT, -tokens.UNIT)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.words)
        else:
            place = QRectF(QPointF(), self._image.size().toSizeF() / self.devicePixelRatioF())
            place.moveCenter(QRectF(self.rect()).center())
            painter.drawImage(place, self._image)
        painter.end()
