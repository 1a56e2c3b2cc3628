"""The window: holds all views, and starts and ends the session with itself.

Views emit wishes and show plans. Where they lie is in `layout`, what their wishes lead to in `wiring`, and what keys do
in `keyboard`; `showing` brings them to what holds.
"""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QTimer, SignalInstance
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeyEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QMainWindow
from typing_extensions import override

from viewer.render.plan import BoxPlan
from viewer.session import Controller, EnginePhase
from viewer.session.places import Places
from viewer.session.preferences import Preferences
from viewer.session.preset_choice import PresetChoice
from viewer.session.side import Side
from viewer.ui.alter_page import AlterPage
from viewer.ui.bridge import Bridge
from viewer.ui.canvas import Canvas
from viewer.ui.cell_page import CellPage
from viewer.ui.drop import DropVeil
from viewer.ui.health_page import HealthPage
from viewer.ui.health_strip import HealthStrip
from viewer.ui.inspector import Inspector
from viewer.ui.keyboard import Keyboard
from viewer.ui.keylist import KeyList
from viewer.ui.layout import Layout
from viewer.ui.notice import LoadingStrip, NoticeBar, Placeholder
from viewer.ui.occluder_drag import OccluderDrag
from viewer.ui.pages import Pages
from viewer.ui.popped import PoppedTiles
from viewer.ui.presenting import Presentation
from viewer.ui.searchstrip import SearchStrip
from viewer.ui.settings_desk import SettingsDesk
from viewer.ui.settings_page import SettingsPage
from viewer.ui.showing import Showing
from viewer.ui.side import SidePanel
from viewer.ui.stages import StagesPanel
from viewer.ui.statusbar import StatusBar
from viewer.ui.taking import TakingAway
from viewer.ui.tile_menu import TileMenu
from viewer.ui.timeline import Timeline
from viewer.ui.toolbar import ToolBar
from viewer.ui.transport import TransportBar
from viewer.ui.why_page import WhyPage
from viewer.ui.wiring import wire


class Window(QMainWindow):
    """A viewing session on the screen.

    Args:
        controller: Not started yet; the window starts it when it is first shown and closes it when it is closed.
        places: Where things are kept for the user; None takes the platform's.
        preferences: What the user set for good; None stands for what comes with it, kept nowhere.
    """

    def __init__(
        self, controller: Controller, *, places: Places | None = None, preferences: Preferences | None = None
    ) -> None:
        super().__init__()
        self.controller = controller
        self.keyboard = Keyboard(self)
        self.canvas = Canvas()
        self.occluder = OccluderDrag(self.canvas)
        self.stages = StagesPanel()
        self.inspector = Inspector()
        self.cell = CellPage()
        self.why, self.alter = WhyPage(), AlterPage()
        self.health = HealthPage()
        self.side = SidePanel(
            {
                Side.OBJECTS: self.inspector,
                Side.CELL: self.cell,
                Side.WHY: self.why,
                Side.ALTER: self.alter,
                Side.HEALTH: self.health,
            }
        )
        self.timeline = Timeline()
        self.strip = HealthStrip()
        self.transport = TransportBar()
        self.tools = ToolBar()
        self.status = StatusBar()
        self.notice = NoticeBar()
        self.loading = LoadingStrip()
        self.searching = SearchStrip()
        self.placeholder = Placeholder(self.canvas)
        places = places or Places.of(controller.config)
        self.taking = TakingAway(controller, self.canvas, places)
        self.popped = PoppedTiles(controller, self, self.canvas, self.answer)
        self.tile_menu = TileMenu(self.canvas, self.taking.copy_tile, self.taking.save_still, self.popped.open_at)
        self.presets = PresetChoice(places.presets, controller, self.taking.say)
        self.keylist = KeyList(self)
        self.settings = SettingsPage(self.canvas)
        self.pages = Pages(self.canvas, self.keyboard.actions)
        self.drop = DropVeil(self.canvas)
        self.setAcceptDrops(True)
        self._started = False
        self.setWindowTitle("Featscope")
        self.resize(1280, 800)
        self.setMinimumSize(1024, 640)
        self._layout = Layout(self)
        self.showing = Showing(self)
        self.bridge = Bridge(self.showing.follow)
        self.presentation = Presentation(self, self.canvas, self._layout.panels)
        wire(self)
        self.desk = SettingsDesk(self, self.settings, preferences, self.show_all)
        self.show_all()
        self.canvas.setFocus()

    # --- showing ----------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Take what the engine has, and show at once what changed; for what the user does."""
        if self.controller.pump():
            self.show_all()

    def show_all(self, *, legible: bool = True) -> None:
        """Bring every view to the controller's state and plan, see `Showing`."""
        self.showing.show_all(legible=legible)

    # --- life -------------------------------------------------------------------------------------------------------

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._started:
            self._started = True
            # After the first paint, so that the window is there before anything is started.
            QTimer.singleShot(0, self._start)

    def _start(self) -> None:
        self.controller.start(self.bridge.wake)
        self.inspector.plot.begin()
        notice = self.desk.notice()
        if notice is not None:
            self.controller.tell(notice)
        self.refresh()
        if self.controller.state.phase is EnginePhase.EMPTY:
            self.pages.bring(self.pages.open)

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        # An engine may take a second to end; nobody should look at a dead window meanwhile. And nothing may be painted
        # any more: Qt would flush it to a window that the screen does not have, and complains.
        self.setUpdatesEnabled(False)
        self.hide()
        self.popped.close()
        self.bridge.close()
        self.showing.end()
        self.inspector.plot.end()
        self.pages.open.end()
        self.taking.close()
        self.controller.close()
        super().closeEvent(event)

    # --- wishes -----------------------------------------------------------------------------------------------------

    def answer(self, wish: SignalInstance, answer: Callable[..., object]) -> None:
        """Let this be done whenever a view wishes for it, and show at once what changed."""

        def act(*values: Any) -> None:
            answer(*values)
            self.refresh()

        _with_value(wish).connect(act)

    def point(self, box: BoxPlan | None) -> None:
        """Light a box up; nothing else is brought up to date, for the pointer passes over many."""
        self.controller.point(box)
        if self.controller.pump():
            self.show_all(legible=False)

    def toggle_settings(self) -> None:
        """Lay the settings over the pictures, or put them away."""
        self.pages.put_away()
        self.settings.toggle()

    def make_room(self) -> None:
        """Put away what lies over the pictures and is none of the pages."""
        self.keylist.setVisible(False)
        self.settings.put_away()

    # --- keys -------------------------------------------------------------------------------------------------------

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.keyboard.press(event):
            super().keyPressEvent(event)

    @override
    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        self.keyboard.release(event)
        super().keyReleaseEvent(event)

    @override
    def focusNextPrevChild(self, forward: bool) -> bool:
        # Qt asks here when Tab is pressed anywhere in the window; Tab belongs to the tiles, F6 walks the controls.
        return self.keyboard.tab(forward) or super().focusNextPrevChild(forward)

    def walk_controls(self, forward: bool) -> None:
        """Give the keyboard to the next control, or to the one before."""
        super().focusNextPrevChild(forward)

    @override
    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            # The release of Shift goes to whoever has the focus then.
            self.keyboard.peek(False)
        super().changeEvent(event)

    # --- size and drops ---------------------------------------------------------------------------------------------

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            # Taken also where nothing can be done, or the window could not say why.
            self.drop.hover(event.mimeData())
            event.acceptProposedAction()

    @override
    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        self.drop.leave()

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.drop.take(event.mimeData())

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._layout.fit(event.size().width())


def _with_value(wish: SignalInstance) -> SignalInstance:
    """The signal with all it carries: a button's click comes in two forms, and PySide takes that without its state."""
    try:
        return wish[bool]  # pyright: ignore[reportIndexIssue] - PySide's stubs leave out what chooses a form
    except IndexError:
        return wish
