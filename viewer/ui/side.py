"""The panel on the right: a tab for each question one may have of a frame, and the page that answers it."""

from collections.abc import Mapping
from typing import Any, Protocol

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout
from typing_extensions import override

from viewer.core.packet import FramePacket
from viewer.render.plan import RenderPlan
from viewer.session import ViewState
from viewer.session.side import Side
from viewer.ui import tokens
from viewer.ui.tips import tip

_TIPS = {
    Side.OBJECTS: "What was found, and by which thresholds  ( {side_objects} )",
    Side.CELL: "What the network says at one place: the channels of a cell  ( {side_cell} )",
    Side.WHY: "Why something was found, or was not  ( {side_why} )",
    Side.ALTER: "Change channels or the picture and see what is found then  ( {side_alter} )",
    Side.HEALTH: "Whether the stages are well: zeros, dead channels, drift  ( {side_health} )",
}
_HEIGHT = 28


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
        row.setContentsMargins(tokens.UNIT, 0, tokens.UNIT, 0)
        row.setSpacing(0)
        for side, tab in self.tabs.items():
            row.addWidget(tab)
            self._stack.addWidget(self.pages[side])
            tab.clicked.connect(lambda _=False, side=side: self.side_wished.emit(side))
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
        for each, tab in self.tabs.items():
            tab.setChecked(each is side)
        page = self.pages[side]
        if self._stack.currentWidget() is not page:
            self._stack.setCurrentWidget(page)
            legible = True
        page.show_plan(state, plan, packet, legible=legible)


class _Tab(QAbstractButton):
    """A word with a line under it while its page is open."""

    def __init__(self, side: Side) -> None:
        super().__init__()
        self.setText(str(side))
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(f"Page {side}")
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        tip(self, _TIPS[side])

    @override
    def nextCheckState(self) -> None:
        """Which tab is on is for the state to say."""

    @override
    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(tokens.font(tokens.TEXT_SMALL, strong=True))
        return QSize(metrics.horizontalAdvance(self.text()) + 2 * tokens.UNIT, _HEIGHT)

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_on = self.isChecked()
        painter.setFont(tokens.font(tokens.TEXT_SMALL, strong=True))
        painter.setPen(QColor(tokens.INK if is_on or self.underMouse() else tokens.INK_FAINT))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        if is_on or self.hasFocus():
            line = QRectF(tokens.UNIT, self.height() - 3, self.width() - 2 * tokens.UNIT, 2)
            painter.fillRect(line, QColor(tokens.ACCENT if is_on else tokens.INK_FAINT))
        painter.end()
