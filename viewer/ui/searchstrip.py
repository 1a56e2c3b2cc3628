"""One line under the pictures that says what is being looked for, and stops it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton
from typing_extensions import override

from viewer.session import ViewState
from viewer.session.aim import search_words
from viewer.ui import tokens

HEIGHT = tokens.ROW + 2 * tokens.UNIT


class SearchStrip(QFrame):
    """Shows a search as long as it lasts, and what came of it until it is put away."""

    stop_wished = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._fraction = 0.0
        self.setFixedHeight(HEIGHT)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.text = QLabel()
        self.stop = QPushButton("Stop")
        self.stop.setToolTip("Look no further, and stay at this frame  ( Esc )")
        self.stop.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.stop.clicked.connect(self.stop_wished)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * tokens.UNIT, 0, tokens.UNIT, 2)
        row.addWidget(self.text, 1)
        row.addWidget(self.stop)
        self.setVisible(False)

    def show_state(self, state: ViewState) -> None:
        """Tell of the state's search, or nothing."""
        search, source = state.search, state.source
        if search is not None and source is not None:
            last = max(1, (source.frame_count or 1) - 1)
            self.text.setText(search_words(state))
            self.stop.setText("Dismiss" if search.over else "Stop")
            self._fraction = 0.0 if search.over else search.way(last)
            self.update()
        self.setVisible(search is not None)

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(tokens.PANEL))
        painter.fillRect(0, self.height() - 2, self.width(), 2, QColor(tokens.RAISED))
        painter.fillRect(0, self.height() - 2, round(self._fraction * self.width()), 2, QColor(tokens.ACCENT))
        painter.end()
