"""A panel that scrolls where it is opened further than its window is high: what is squeezed overlaps itself."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


class Scroll(QScrollArea):
    """Gives its content the room there is, and the least it needs at any rate.

    Args:
        content: What is as wide as this, and has a layout.
    """

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._content = content
        self.setWidget(content)
        for widget in (content, self.viewport()):
            widget.setAutoFillBackground(False)  # the panel behind has its own ground

    def reveal(self, part: QWidget) -> None:
        """Scroll so that a part of the content is seen, which may have come or grown just now."""
        content, viewport = self._content, self.viewport()
        layout = content.layout()
        if layout is not None:
            layout.activate()
            content.resize(viewport.width(), max(viewport.height(), layout.totalMinimumSize().height()))
        self.ensureWidgetVisible(part, 0, 0)
