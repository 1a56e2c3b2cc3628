"""Where things lie in the window: pictures in the middle, stages left, inspector right, time below."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

if TYPE_CHECKING:
    from viewer.ui.window import Window

_LEFT_WIDTH = 264
_RIGHT_WIDTH = 288
_RIGHT_NARROW = 256
_NARROW = 1200
"""Windows below this width leave more of it to the pictures."""


class Layout(QObject):
    """Lays a window out, and keeps what floats over the pictures in its place.

    Args:
        window: Has all its views already.

    Attributes:
        panels: All that is beside the pictures.
    """

    def __init__(self, window: "Window") -> None:
        super().__init__(window)
        self._window = window
        window.stages.setFixedWidth(_LEFT_WIDTH)
        self.fit(window.width())
        lower = self._lower()
        self.panels: tuple[QWidget, ...] = (window.tools, window.stages, window.side, lower, window.status)
        ground = QWidget()
        ground.setObjectName("ground")
        column = _tight(QVBoxLayout(ground))
        column.addWidget(window.tools)
        column.addLayout(self._upper(), 1)
        column.addWidget(lower)
        column.addWidget(window.status)
        window.setCentralWidget(ground)
        window.canvas.installEventFilter(self)

    def fit(self, width: int) -> None:
        """Share this width out."""
        self._window.side.setFixedWidth(_RIGHT_WIDTH if width >= _NARROW else _RIGHT_NARROW)

    def _upper(self) -> QHBoxLayout:
        window = self._window
        media = QVBoxLayout()
        media.setSpacing(0)
        media.addWidget(window.notice)
        media.addWidget(window.canvas, 1)
        # Both last until somebody ends them, so the tiles give way: over them they would hide the lowest maps.
        media.addWidget(window.searching)
        media.addWidget(window.loading)
        upper = QHBoxLayout()
        upper.setSpacing(0)
        upper.addWidget(window.stages)
        upper.addLayout(media, 1)
        upper.addWidget(window.side)
        return upper

    def _lower(self) -> QFrame:
        bar = QFrame()
        bar.setObjectName("bar")
        lower = _tight(QVBoxLayout(bar))
        lower.addWidget(self._window.timeline)
        lower.addWidget(self._window.strip)
        lower.addWidget(self._window.transport)
        return bar

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window.canvas and isinstance(event, QResizeEvent):
            self._float(event.size())
        return super().eventFilter(watched, event)

    def _float(self, size: QSize) -> None:
        window = self._window
        window.placeholder.resize(size)
        window.settings.resize(size)
        window.drop.resize(size)
        window.pages.resize(size)


def _tight(box: QVBoxLayout) -> QVBoxLayout:
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(0)
    return box
