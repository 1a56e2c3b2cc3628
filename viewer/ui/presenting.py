"""Presentation: the pictures fill the screen, without panels, for showing them to others.

A small button over the pictures leads back for those who came by mouse; it is there while the pointer moves.
"""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QMainWindow, QWidget
from typing_extensions import override

from viewer.ui import tokens
from viewer.ui.controls import IconButton

_SHOWN_MS = 2000


class Presentation(QObject):
    """Hides everything but the pictures, and brings it back as it was.

    Args:
        window: What fills the screen.
        canvas: What stays.
        panels: What goes.
    """

    def __init__(self, window: QMainWindow, canvas: QWidget, panels: Iterable[QWidget]) -> None:
        super().__init__(window)
        self._window, self._canvas, self._panels = window, canvas, tuple(panels)
        self.is_on = False
        self._was: Qt.WindowState = window.windowState()
        self.leave = IconButton("present", "Leave the presentation", "Bring the panels back  ( {present} )")
        self.leave.setParent(canvas)
        self.leave.setObjectName("floating")
        self.leave.setVisible(False)
        self.leave.clicked.connect(self.toggle)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SHOWN_MS)
        self._timer.timeout.connect(self._hide_button)
        canvas.installEventFilter(self)

    def toggle(self) -> None:
        """Begin or end it."""
        self.is_on = not self.is_on
        self._canvas.setFocus()  # before its panel goes, or Qt hands the focus round like Tab
        for panel in self._panels:
            panel.setVisible(not self.is_on)
        if self.is_on:
            self._was = self._window.windowState()
            self._window.setWindowState(self._was | Qt.WindowState.WindowFullScreen)
        else:
            self._window.setWindowState(self._was & ~Qt.WindowState.WindowFullScreen)
            self._timer.stop()
            self.leave.setVisible(False)
        self._canvas.setAttribute(Qt.WidgetAttribute.WA_Hover, self.is_on)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self.is_on and event.type() in (QEvent.Type.HoverMove, QEvent.Type.MouseMove):
            self.leave.move(
                self._canvas.width() - self.leave.width() - tokens.UNIT,
                self._canvas.height() - self.leave.height() - tokens.UNIT,
            )
            self.leave.setVisible(True)
            self.leave.raise_()
            self._timer.start()
        return super().eventFilter(watched, event)

    def _hide_button(self) -> None:
        if self.leave.underMouse():
            self._timer.start()
        else:
            self.leave.setVisible(False)
