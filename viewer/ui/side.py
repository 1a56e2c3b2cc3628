"""The panel on the right: a tab for each question one may have of a frame, and the page that answers it."""

from collections.abc import Mapping
from typing import Any, Protocol

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout
from typing_extensions import override

from viewer.core.packet import FramePacket
from viewer.render.plan import RenderPlan
from viewer.session import ViewState
from viewer.session.busy import busy_sides
from viewer.session.side import Side
from viewer.ui import tokens
from viewer.ui.keys import keys_of
from viewer.ui.tips import tip

_TIPS = {
    Side.OBJECTS: "What was found, and by which thresholds  ( {side_objects} )",
    Side.CELL: "What the network says at one place: the channels of a cell  ( {side_cell} )",
    Side.WHY: "Why something was found, or was not  ( {side_why} )",
    Side.ALTER: "Change channels or the picture and see what is found then  ( {side_alter} )",
    Side.HEALTH: "Whether the stages are well: zeros, dead channels, drift  ( {side_health} )",
}
_HEIGHT = 28
_MARGIN = 4
_GAP = 3
_DOT = 2.5
_SHORT_KEY = 3
_LEFT_ALIGNED = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class SidePage(Protocol):
    """A page of the panel; a widget."""

    def show_plan(
        self, state: ViewState, plan: RenderPlan, packet: FramePacket | None, *, legible: bool = True
    ) -> None:
        """Bring it to this frame; called for the page that is open.

        Args:
            state: What the user chose.
            plan: What is drawn.
            packet: The frame it was made of.
            legible: Whether what is read changes as well.
        """
        ...


class SidePanel(QFrame):
    """Tabs over pages.

    Args:
        pages: A widget for each tab there is.
    """

    side_wished = Signal(Side)
    """Turn to this page."""

    def __init__(self, pages: Mapping[Side, Any]) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.pages = dict(pages)
        self.tabs = {side: _Tab(side) for side in pages}
        self._stack = QStackedWidget()
        row = QHBoxLayout()
        row.setContentsMargins(2 * tokens.UNIT - _MARGIN, 0, 0, 0)
        row.setSpacing(0)
        for side, tab in self.tabs.items():
            row.addWidget(tab)
            self._stack.addWidget(self.pages[side])
            tab.clicked.connect(lambda _=False, side=side: self.side_wished.emit(side))
            tab.walked.connect(lambda step, side=side: self._walk(side, step))
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self._stack, 1)

    def show_plan(
        self, state: ViewState, plan: RenderPlan, packet: FramePacket | None, *, legible: bool = True
    ) -> None:
        """Turn to the page that is wanted, and bring it to this frame."""
        side = state.side if state.side in self.pages else Side.OBJECTS
        busy = busy_sides(state)
        for each, tab in self.tabs.items():
            tab.setChecked(each is side)
            tab.show_busy(busy.get(each, ""))
        page = self.pages[side]
        if self._stack.currentWidget() is not page:
            self._stack.setCurrentWidget(page)
            legible = True
        page.show_plan(state, plan, packet, legible=legible)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = self.width() - 2 * tokens.UNIT
        shows_keys = sum(tab.width_with_key() for tab in self.tabs.values()) <= room
        for tab in self.tabs.values():
            tab.show_key(shows_keys)

    def _walk(self, side: Side, step: int) -> None:
        """Turn to a tab beside this one and give it the keys, round the ends."""
        sides = list(self.tabs)
        following = sides[(sides.index(side) + step) % len(sides)]
        self.tabs[following].setFocus(Qt.FocusReason.TabFocusReason)
        self.side_wished.emit(following)


class _Tab(QAbstractButton):
    """A word and its key, with a line under it while its page is open, and a dot while something of it is under way."""

    walked = Signal(int)
    """The page that many tabs further is wished for."""

    def __init__(self, side: Side) -> None:
        super().__init__()
        self.side = side
        self.setText(str(side))
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(f"Page {side}")
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._busy = ""
        self.shows_key = False
        tip(self, _TIPS[side])

    @property
    def is_busy(self) -> bool:
        """Whether the dot is there."""
        return bool(self._busy)

    def show_busy(self, words: str) -> None:
        """Show that something is under way, and say what; empty where nothing is."""
        if words != self._busy:
            self._busy = words
            now = f"\nNow: {words}" if words else ""
            tip(self, f"{_TIPS[self.side]}{now}")
            self.setAccessibleDescription(words)
            self.update()

    @override
    def nextCheckState(self) -> None:
        """Which tab is on is for the state to say."""

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.walked.emit(step)

    def width_with_key(self) -> int:
        """How wide it is with its key beside the word, in logical pixels."""
        key = QFontMetrics(_key_font()).horizontalAdvance(self._key())
        return self._width_without() + (_GAP + key if key else 0)

    def show_key(self, on: bool) -> None:
        """Show the key beside the word, or leave it to the tooltip."""
        if on != self.shows_key:
            self.shows_key = on
            self.updateGeometry()
            self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(self.width_with_key() if self.shows_key else self._width_without() + tokens.UNIT, _HEIGHT)

    def _width_without(self) -> int:
        return QFontMetrics(_word_font()).horizontalAdvance(self.text()) + 2 * _MARGIN

    def _key(self) -> str:
        """The key that leads here, where it is short enough to stand beside the word."""
        keys = keys_of(f"side_{self.side.lower()}") or ()
        return next((key for key in keys if len(key) <= _SHORT_KEY), "")

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_on = self.isChecked()
        left = QRectF(self.rect()).adjusted(_MARGIN, 0, -_MARGIN, 0)
        painter.setFont(_word_font())
        painter.setPen(QColor(tokens.INK if is_on or self.underMouse() else tokens.INK_SOFT))
        word = painter.boundingRect(left, _LEFT_ALIGNED, self.text())
        painter.drawText(left, _LEFT_ALIGNED, self.text())
        painter.setFont(_key_font())
        painter.setPen(QColor(tokens.INK_FAINT))
        if self.shows_key:
            painter.drawText(left.adjusted(word.width() + _GAP, 0, 0, 0), _LEFT_ALIGNED, self._key())
        if self._busy:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.ACCENT))
            painter.drawEllipse(QPointF(word.right() + _GAP, word.top() - _DOT), _DOT, _DOT)
        if is_on:
            painter.fillRect(QRectF(left.left(), self.height() - 3, left.width(), 2), QColor(tokens.ACCENT))
        if self.hasFocus():
            painter.setPen(QPen(QColor(tokens.ACCENT), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            ring = QRectF(self.rect()).adjusted(0.5, 2.5, -0.5, -0.5)
            painter.drawRoundedRect(ring, tokens.RADIUS, tokens.RADIUS)
        painter.end()


def _word_font() -> QFont:
    return tokens.font(tokens.TEXT_SMALL, strong=True)


def _key_font() -> QFont:
    return tokens.font(tokens.TEXT_TINY)
