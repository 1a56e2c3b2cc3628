"""A panel that scrolls where it is opened further than its window is high: what is squeezed overlaps itself."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget
from typing_extensions import override


class Scroll(QScrollArea):
    """Gives its content the room there is, and the least it needs at any rate.

    Qt asks whether all fits beside the bar that is there, where words take more lines: a bar that came once stayed
    although all fits without it. So that is decided here, by the width without a bar.

    Args:
        content: What is as wide as this, and has a layout.
    """

    def __init__(self, content: QWidget) -> None:
        self._content = content
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(content)
        for widget in (content, self.viewport()):
            widget.setAutoFillBackground(False)  # the panel behind has its own ground

    def reveal(self, part: QWidget) -> None:
        """Scroll so that a part of the content is seen, which may have come or grown just now."""
        content, viewport = self._content, self.viewport()
        layout = content.layout()
        if layout is not None:
            layout.activate()
            self._decide()
            content.resize(viewport.width(), max(viewport.height(), self.needed(viewport.width())))
        self.ensureWidgetVisible(part, 0, 0)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._content and event.type() == QEvent.Type.LayoutRequest:
            self._decide()
        return super().eventFilter(watched, event)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self._decide()
        super().resizeEvent(event)

    def _decide(self) -> None:
        """Have a bar only where the content does not fit into the whole room."""
        room = self.maximumViewportSize()
        fits = self.needed(room.width()) <= room.height()
        policies = Qt.ScrollBarPolicy
        policy = policies.ScrollBarAlwaysOff if fits else policies.ScrollBarAsNeeded
        if policy != self.verticalScrollBarPolicy():
            self.setVerticalScrollBarPolicy(policy)

    def needed(self, width: int) -> int:
        """Height that the content takes at least in this width, in logical pixels."""
        layout = self._content.layout()
        if layout is None:
            return 0
        least = layout.totalMinimumSize().height()
        return max(least, layout.totalHeightForWidth(width)) if layout.hasHeightForWidth() else least
