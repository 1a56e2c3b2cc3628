"""What is known of source and model, side by side over the pictures: Ctrl+I, or a click on the foot of the window."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget
from typing_extensions import override

from viewer.session import ViewState
from viewer.session.cards import Card, cards
from viewer.ui import tokens
from viewer.ui.controls import heading
from viewer.ui.page import Page
from viewer.ui.scroll import Scroll

_WIDTH = 800
_NAME_WIDTH = 88
_BESIDE = 3 * tokens.UNIT
"""Right of what scrolls, so that its bar does not lie under the cross."""
_SCROLLS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class CardsPage(Page):
    """Two columns of names and words, and a button that copies them for a report."""

    def __init__(self, parent: QWidget) -> None:
        self._both = QWidget()  # first of all: the card is asked of its events from the beginning
        super().__init__(parent, "About source and model", _WIDTH, cross=True)
        self._state = ViewState()
        self._shown: dict[str, Card] = {}
        self.cards = {title: _CardView(title) for title in ("Source", "Model")}
        row = QHBoxLayout(self._both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(3 * tokens.UNIT)
        for card in self.cards.values():
            row.addWidget(card, 1)
        self.copy = QPushButton("Copy")
        self.copy.setToolTip("Copy both as text, for a report")
        self.copy.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.copy)
        self.scroller = Scroll(self._both)
        self._both.installEventFilter(self)
        beside = QHBoxLayout()
        beside.setSpacing(0)
        beside.addWidget(self.scroller)
        beside.addSpacing(_BESIDE)
        self.column.addLayout(beside, 1)
        self.column.addLayout(foot)
        self.copy.clicked.connect(lambda: QApplication.clipboard().setText(self.text))

    @property
    def text(self) -> str:
        """All of it as lines."""
        lines: list[str] = []
        for title, card in cards(self._state).items():
            lines += [title, *(f"  {name}: {words}" if name else f"  {words}" for name, words in card)]
        return "\n".join(lines)

    def show_state(self, state: ViewState) -> None:
        """Follow the state while it is seen."""
        self._state = state
        if self.isVisible():
            self._print()

    @override
    def take_focus(self) -> None:
        self._print()
        self.place()
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._both and event.type() == QEvent.Type.LayoutRequest:
            self.place()  # what a scroller holds asks it and not the card
        return super().eventFilter(watched, event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _SCROLLS:
            QApplication.sendEvent(self.scroller.verticalScrollBar(), event)
        else:
            super().keyPressEvent(event)

    @override
    def _needed(self, width: int) -> int:
        margins = self.column.contentsMargins()
        frame = self.card.contentsMargins()
        inner = width - margins.left() - margins.right() - frame.left() - frame.right()
        around = sum((margins.top(), margins.bottom(), frame.top(), frame.bottom(), self.column.spacing()))
        return self.scroller.needed(inner - _BESIDE) + self.copy.sizeHint().height() + around

    def _print(self) -> None:
        found = cards(self._state)
        if found != self._shown:
            self._shown = found
            for title, card in found.items():
                self.cards[title].show_card(card)
            self.place()


class _CardView(QWidget):
    def __init__(self, title: str) -> None:
        super().__init__()
        self.setAccessibleName(title)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(tokens.UNIT)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnMinimumWidth(0, _NAME_WIDTH)
        self._grid.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(heading(title))
        column.addLayout(self._grid)
        column.addStretch(1)

    def show_card(self, card: Card) -> None:
        """Print these pairs instead of those before."""
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for row, (name, words) in enumerate(card):
            quiet = QLabel(name)
            quiet.setObjectName("faint")
            self._grid.addWidget(quiet, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(_Words(words), row, 1)


class _Words(QLabel):
    """Words that wrap, also where there is no space to break at, as in a path."""

    def __init__(self, text: str) -> None:
        super().__init__(_breakable(text))
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)


def _breakable(text: str) -> str:
    """The text with places to break after each slash, dot and underscore."""
    for sign in "/\\_":
        text = text.replace(sign, f"{sign}\N{ZERO WIDTH SPACE}")
    return text
