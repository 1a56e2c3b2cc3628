"""The small picture on the open page: what the marked camera sees, so that nobody opens the wrong one."""

from collections.abc import Callable
from functools import partial
from time import perf_counter

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QHideEvent, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from viewer.engine.client import EngineClient
from viewer.session.preview import Preview, Watch
from viewer.session.wanted import Wanted
from viewer.ui import tokens
from viewer.ui.bridge import Bridge
from viewer.ui.picture import images_of

_SIZE = QSize(288, 162)
_REST_MS = 300
"""Who walks through a list with the arrow keys means none of the cameras on the way."""
_LOOK_MS = 20
_PATIENCE_S = 3.0
"""An engine ends within two seconds, whatever it does."""
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
        self._let_go = QTimer(self)
        self._let_go.setInterval(_LOOK_MS)
        self._let_go.timeout.connect(self._go_on_if_free)
        self._then: Callable[[], object] | None = None
        self._patience_s = 0.0
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

    def let_go(self, then: Callable[[], object]) -> None:
        """Watch nothing, and do this as soon as the camera is free, or after some seconds whether it is or not.

        Most drivers let one program look at a time. The window does not stand still meanwhile; who is asked once more
        does only what was asked last.
        """
        self.show_camera(None)
        self._then, self._patience_s = then, perf_counter() + _PATIENCE_S
        self._go_on_if_free()

    def close_engines(self) -> None:
        """Let the camera go and wait until it is free; twice is harmless."""
        self._let_go.stop()
        self._then = None
        self._bridge.close()
        self.preview.close()

    def _go_on_if_free(self) -> None:
        if not self.preview.holds_nothing and perf_counter() < self._patience_s:
            self._let_go.start()
            return
        self._let_go.stop()
        then, self._then = self._then, None
        if then is not None:
            then()

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
        # Scaled now, and copied, for scaling to the same size copies nothing and the pixels are the engine's.
        size = self.size() * self.devicePixelRatioF()
        whole = images_of(frame)[0]
        scaled = whole.scaled(size, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
        self._image = scaled.copy()
        self.words = f"{width} by {height}"
        self.update()

    def _say(self, words: str) -> None:
        self._image, self.words = QImage(), words
        self.update()

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._then = None  # who leaves the page wants no camera any more

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
