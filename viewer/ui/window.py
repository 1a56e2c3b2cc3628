"""The window: pictures in the middle, stages left, inspector right, time below. It places views and wires them.

Views emit wishes and show plans. Each wish is connected here to the controller's method of that meaning, and after it
everything that changed is shown at once, without a way round by the engine.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer, SignalInstance
from PySide6.QtGui import (
    QCloseEvent,
    QCursor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeyEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLineEdit, QMainWindow, QVBoxLayout, QWidget
from typing_extensions import override

from viewer.render.plan import BoxPlan
from viewer.render.views import Grid, MapView
from viewer.session import Controller, EnginePhase
from viewer.session.pace import READ_S, ReadingPace
from viewer.session.palette import Action, state_actions
from viewer.session.places import Places
from viewer.session.preferences import Preferences
from viewer.session.preset_choice import PresetChoice
from viewer.ui.bridge import Bridge
from viewer.ui.canvas import Canvas
from viewer.ui.drop import DropVeil
from viewer.ui.inspector import Inspector
from viewer.ui.keylist import KeyList
from viewer.ui.keys import CROSSHAIR_STEPS, Binding, binding_for, binding_of, key_actions
from viewer.ui.marks import Marks
from viewer.ui.notice import LoadingStrip, NoticeBar, Placeholder
from viewer.ui.pages import Pages
from viewer.ui.popped import PoppedTiles
from viewer.ui.presenting import Presentation
from viewer.ui.searchstrip import SearchStrip
from viewer.ui.settings_desk import SettingsDesk
from viewer.ui.settings_page import SettingsPage
from viewer.ui.stages import StagesPanel
from viewer.ui.statusbar import StatusBar
from viewer.ui.taking import TakingAway
from viewer.ui.tile_menu import TileMenu
from viewer.ui.timeline import Timeline
from viewer.ui.toolbar import ToolBar
from viewer.ui.transport import TransportBar

_LEFT_WIDTH = 264
_RIGHT_WIDTH = 288
_RIGHT_NARROW = 256
_NARROW = 1200
"""Windows below this width leave more of it to the pictures."""
_WHILE_TYPING = ("next_control", "previous_control")
"""What else than typing a key can do in a field; without these nobody would come out of it by keyboard."""


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
        self.bridge = Bridge(self.follow)
        self.canvas = Canvas()
        self.stages = StagesPanel()
        self.inspector = Inspector()
        self.timeline = Timeline()
        self.transport = TransportBar()
        self.tools = ToolBar()
        self.status = StatusBar()
        self.notice = NoticeBar()
        self.loading = LoadingStrip()
        self.searching = SearchStrip()
        self.placeholder = Placeholder(self.canvas)
        places = places or Places.of(controller.config)
        self.taking = TakingAway(controller, self.canvas, places)
        self.popped = PoppedTiles(controller, self, self.canvas, self._answer)
        self.tile_menu = TileMenu(self.canvas, self.taking.copy_tile, self.taking.save_still, self.popped.open_at)
        self.presets = PresetChoice(places.presets, controller, self.taking.say)
        self.keylist = KeyList(self)
        self.settings = SettingsPage(self.canvas)
        self.pages = Pages(self.canvas, self._actions)
        self.drop = DropVeil(self.canvas)
        self.setAcceptDrops(True)
        self._started = False
        self._reading = ReadingPace()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(round(READ_S * 1000))
        self._later.timeout.connect(self.show_all)
        self._beside_is_legible = False
        self._beside = QTimer(self)
        self._beside.setSingleShot(True)
        self._beside.setInterval(0)  # served when nothing else is left to do, and the picture is painted before that
        self._beside.timeout.connect(self._show_beside)
        self.setWindowTitle("Featscope")
        self.resize(1280, 800)
        self.setMinimumSize(1024, 640)
        self._lay_out()
        self._wire()
        self.desk = SettingsDesk(self, self.settings, preferences, self.show_all)
        self.show_all()
        self.canvas.setFocus()

    # --- showing ----------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Take what the engine has, and show at once what changed; for what the user does."""
        if self.controller.pump():
            self.show_all()

    def follow(self) -> None:
        """Take what the engine has, and show what changed: pictures at once, what is read at a pace to read it.

        With a new picture the panels come after it is painted: nobody reads them in those milliseconds, and it is the
        picture that is waited for.
        """
        before = self.controller.packet
        if not self.controller.pump():
            return
        legible = self._reading.is_due(playing=self.controller.state.transport.playing)
        if self.controller.packet is before:
            self.show_all(legible=legible)
        else:
            self._show_picture(legible=legible)
            self._beside_is_legible |= legible
            self._beside.start()
        if not legible and not self._later.isActive():
            self._later.start()  # should no frame follow, this one's numbers are still shown

    def show_all(self, *, legible: bool = True) -> None:
        """Bring every view to the controller's state and plan.

        Args:
            legible: Whether lists and numbers that change with every frame are brought up to date as well.
        """
        self._show_picture(legible=legible)
        self._beside_is_legible |= legible
        self._show_beside()

    def _show_picture(self, *, legible: bool) -> None:
        state, plan = self.controller.state, self.controller.plan
        marks = Marks.of(state)
        self.canvas.show_plan(plan, state.viewport, state.maximised, state.current, marks=marks, legible=legible)
        self.popped.show_plans(marks, legible=legible)
        self.placeholder.show_state(state, has_frame=plan.frame is not None)

    def _show_beside(self) -> None:
        self._beside.stop()
        legible, self._beside_is_legible = self._beside_is_legible, False
        state, plan, packet = self.controller.state, self.controller.plan, self.controller.packet
        title = f"{state.source.name} — Featscope" if state.source else "Featscope"
        if title != self.windowTitle():
            self.setWindowTitle(title)
        self.stages.show_state(state, self.controller.limit_span)
        if legible:
            self._show_presets()
        self.inspector.show_plan(state, plan, packet, legible=legible)
        self.timeline.show_state(state)
        history = self.controller.history
        if legible and history is not None:
            self.timeline.show_history(history)
            self.transport.finder.show_labels(state, history.labels)
        self.transport.show_state(state, plan.frame)
        self.tools.show_state(state, has_frame=plan.frame is not None)
        self.tools.tiles.show_tiles(state.view, state.grid, self.controller.page, ordered=bool(state.order))
        self.status.show_state(state)
        self.pages.show_state(state)
        self.notice.show_state(state, beside_page=self.pages.open.isVisible())
        self.loading.show_state(state)
        self.searching.show_state(state)

    def _show_presets(self) -> None:
        self.presets.follow()
        current = self.presets.current()
        can_delete = self.presets.is_saved(current)
        self.stages.presets.show_presets(self.presets.names, current, can_delete=can_delete)

    def _save_preset(self, name: str) -> None:
        if self.presets.save(name):
            self.stages.presets.end_naming()

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
        self._later.stop()
        self._beside.stop()
        self.inspector.plot.end()
        self.pages.open.search.end()
        self.taking.close()
        self.controller.close()
        super().closeEvent(event)

    # --- keys -------------------------------------------------------------------------------------------------------

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        binding = binding_of(event)
        if event.key() == Qt.Key.Key_Shift:
            self._peek(True)
        elif binding is None or (self._is_typing() and binding.command not in _WHILE_TYPING):
            super().keyPressEvent(event)
        else:
            self._do(binding)

    def _do(self, binding: Binding) -> None:
        if binding.act is not None:
            binding.act(self.controller)
            self.refresh()
        else:
            self._commands()[binding.command]()

    @override
    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Shift:
            self._peek(False)
        super().keyReleaseEvent(event)

    @override
    def focusNextPrevChild(self, forward: bool) -> bool:
        # Qt asks here when Tab is pressed anywhere in the window; Tab belongs to the tiles, F6 walks the controls.
        binding = binding_for("Tab" if forward else "Shift+Tab")
        if self._is_typing() or self.settings.has_focus() or binding is None:
            return super().focusNextPrevChild(forward)
        self._do(binding)
        return True

    @override
    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            # The release of Shift goes to whoever has the focus then.
            self._peek(False)
        super().changeEvent(event)

    def _is_typing(self) -> bool:
        return isinstance(QApplication.focusWidget(), QLineEdit)

    def _commands(self) -> dict[str, Callable[[], object]]:
        return {
            "goto": self.transport.goto.ask,
            "fill": self._fill,
            "pop_out": lambda: self.popped.open_at(self._pointed()),
            **{name: partial(self.canvas.nudge_crosshair, *cells) for name, cells in CROSSHAIR_STEPS.items()},
            "keys": self.keylist.toggle,
            "open": lambda: self.pages.toggle(self.pages.open),
            "palette": lambda: self.pages.toggle(self.pages.palette),
            "cards": lambda: self.pages.toggle(self.pages.cards),
            "still": self.taking.save_still,
            "export": self.taking.export,
            "search": self.stages.search.ask,
            "name_preset": self.stages.presets.ask,
            "cancel_export": self.taking.cancel_export,
            "copy_tile": self.taking.copy_tile,
            "settings": self._toggle_settings,
            "theme": self.desk.next_theme,
            "present": self.presentation.toggle,
            "next_control": lambda: super(Window, self).focusNextPrevChild(True),
            "previous_control": lambda: super(Window, self).focusNextPrevChild(False),
            "escape": self._escape,
            "copy_object": self._copy_object,
            "quit": self.close,
        }

    def _actions(self) -> list[Action]:
        """Everything that can be done by its name; each is shown at once."""

        def shown(action: Action) -> Action:
            def act() -> None:
                action.act()
                self.refresh()

            return replace(action, act=act)

        actions = [*key_actions(self.controller, self._commands()), *state_actions(self.controller)]
        return [shown(action) for action in actions]

    def _toggle_settings(self) -> None:
        self.pages.put_away()
        self.settings.toggle()

    def _make_room(self) -> None:
        self.keylist.setVisible(False)
        if self.settings.isVisible():
            self.settings.put_away()

    def _fill(self) -> None:
        self.canvas.fill_at(self._pointed())

    def _pointed(self) -> QPointF:
        return QPointF(self.canvas.mapFromGlobal(QCursor.pos()))

    def _peek(self, bare: bool) -> None:
        self.canvas.peek(bare)
        self.popped.peek(bare)

    def _escape(self) -> None:
        """Leave one thing after the other: list, search, notice, object, full tile. Keys go back to the pictures."""
        state = self.controller.state
        if self.keylist.isVisible():
            self.keylist.setVisible(False)
        elif self.settings.isVisible():
            self.settings.put_away()
        elif self.pages.current is not None:
            self.pages.current.put_away()
        elif state.search is not None:
            self.controller.stop_search()
        elif state.refusal or state.notice is not None:
            self.controller.dismiss_notice()
        elif self.taking.taking.outcome is not None:
            self.taking.dismiss()
        elif state.focus is not None:
            self.controller.choose(None)
        elif state.maximised is not None or not self.presentation.is_on:
            self.controller.maximise(None)
        else:
            self.presentation.toggle()
        self.canvas.hide_crosshair()
        self.canvas.setFocus()
        self.refresh()

    def _copy_object(self) -> None:
        text = self.controller.focus_json()
        if text:
            QApplication.clipboard().setText(text)

    def _point(self, box: BoxPlan | None) -> None:
        """Light a box up; nothing else is brought up to date, for the pointer passes over many."""
        self.controller.point(box)
        if self.controller.pump():
            self.show_all(legible=False)

    # --- putting together -------------------------------------------------------------------------------------------

    def _wire(self) -> None:
        controller, stages, transport = self.controller, self.stages, self.transport
        inspector = self.inspector
        inspector.card.copy_wished.connect(self._copy_object)
        self.canvas.box_pointed.connect(self._point)
        inspector.table.list.box_pointed.connect(self._point)
        self.canvas.frame_painted.connect(controller.painted)
        for wish, answer in (
            (self.canvas.viewport_wished, controller.set_viewport),
            (self.canvas.tile_wished, controller.maximise),
            (self.canvas.tile_chosen, controller.choose_tile),
            (self.canvas.tile_moved, controller.move_tile),
            (self.canvas.page_wished, controller.turn_page),
            (self.canvas.divider_wished, controller.set_divider),
            (stages.list.tap_wished, controller.toggle_tap),
            (stages.reducer.chosen, controller.set_reducer),
            (stages.limits.mode_wished, controller.set_limits_mode),
            (stages.limits.limits_wished, controller.set_limits),
            (stages.colormap.chosen, controller.set_colormap),
            (stages.alpha.changed, controller.set_alpha),
            (stages.fade.clicked, controller.set_fade),
            (inspector.conf.changed, controller.set_conf),
            (inspector.iou.changed, controller.set_iou),
            (inspector.most.entered, lambda count: controller.set_max_det(round(count))),
            (inspector.classes.list.switch_wished, controller.keep_class),
            (inspector.classes.list.only_wished, controller.keep_only),
            (inspector.all_classes_wished, controller.keep_all_classes),
            (inspector.under_wished, controller.set_under),
            (inspector.table.sort_wished, controller.sort_by),
            (inspector.table.list.box_chosen, controller.choose),
            (inspector.card.clear_wished, lambda: controller.choose(None)),
            (inspector.card.frame_wished, lambda _: controller.seek_found()),
            (self.canvas.box_chosen, controller.choose),
            (self.timeline.scrubbed, controller.scrub),
            (self.timeline.rested, controller.seek_fraction),
            (self.timeline.released, controller.end_scrub),
            (self.timeline.span_wished, controller.set_span),
            (self.timeline.live_wished, controller.seek_end),
            (transport.play.clicked, lambda _: controller.toggle_play()),
            (transport.back.clicked, lambda _: controller.step(-1)),
            (transport.forward.clicked, lambda _: controller.step(1)),
            (transport.loop.clicked, controller.set_loop),
            (transport.loop_begin.clicked, lambda _: controller.begin_loop_here()),
            (transport.loop_end.clicked, lambda _: controller.end_loop_here()),
            (transport.loop_clear.clicked, lambda _: controller.set_span(None)),
            (transport.finder.label_wished, controller.look_for),
            (transport.finder.lost.clicked, controller.look_for_loss),
            (transport.finder.previous.clicked, lambda _: controller.find(-1)),
            (transport.finder.next.clicked, lambda _: controller.find(1)),
            (self.searching.stop_wished, controller.stop_search),
            (transport.speed_wished, controller.set_speed),
            (self.tools.tiles.view.chosen, lambda key: controller.set_view(MapView(key))),
            (self.tools.tiles.grid.chosen, lambda key: controller.set_grid(Grid(key))),
            (self.tools.tiles.reset.triggered, lambda _: controller.reset_order()),
            (self.tools.tiles.previous.clicked, lambda _: controller.turn_page(-1)),
            (self.tools.tiles.next.clicked, lambda _: controller.turn_page(1)),
            (self.tools.overlays.clicked, controller.set_overlays),
            (self.tools.boxes.clicked, controller.set_boxes),
            (self.tools.reset.clicked, lambda _: controller.reset_viewport()),
            (transport.goto.frame_wished, controller.seek),
            (transport.goto.time_wished, controller.seek_time),
            (self.notice.restart_wished, controller.restart_engine),
            (self.notice.dismiss_wished, controller.dismiss_notice),
            (self.loading.cancel_wished, controller.cancel),
            (self.drop.wished, controller.open),
            (self.pages.open.wished, controller.open),
            (self.pages.open.answered, controller.answer),
            (self.pages.open.cancelled, controller.cancel),
            (self.pages.left, controller.leave_question),
        ):
            self._answer(wish, answer)
        for wish in (self.tools.open.clicked, self.notice.open_wished):
            wish.connect(lambda *_: self.pages.bring(self.pages.open))
        self.status.cards_wished.connect(lambda: self.pages.toggle(self.pages.cards))
        self.pages.coming.connect(self._make_room)
        self.pages.brought.connect(self.show_all)
        self.pages.left.connect(self.canvas.setFocus)
        self.tools.keys.clicked.connect(self.keylist.toggle)
        self.tools.still.clicked.connect(self.taking.save_still)
        self.tools.export.clicked.connect(self.taking.export)
        for wish, answer in (
            (stages.presets.chosen, self.presets.choose),
            (stages.presets.save_wished, self._save_preset),
            (stages.presets.delete_wished, self.presets.delete),
        ):
            self._answer(wish, answer)
            wish.connect(lambda *_: self._show_presets())  # names are no part of the controller's state
        for field in (stages.search, stages.presets):
            field.left.connect(self.canvas.setFocus)
        self.tools.settings.clicked.connect(self._toggle_settings)
        self.tools.present.clicked.connect(self.presentation.toggle)
        self.settings.left.connect(self.canvas.setFocus)
        for field in (transport.goto, stages.reducer.channel, stages.limits.low, stages.limits.high, inspector.most):
            field.left.connect(self.canvas.setFocus)
        inspector.classes.left.connect(self.canvas.setFocus)

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

    def _answer(self, wish: SignalInstance, answer: Callable[..., object]) -> None:
        def act(*values: Any) -> None:
            answer(*values)
            self.refresh()

        _with_value(wish).connect(act)

    def _lay_out(self) -> None:
        ground = QWidget()
        ground.setObjectName("ground")
        media = QVBoxLayout()
        media.setSpacing(0)
        media.addWidget(self.notice)
        media.addWidget(self.canvas, 1)
        self.stages.setFixedWidth(_LEFT_WIDTH)
        self.inspector.setFixedWidth(_RIGHT_WIDTH)
        upper = QHBoxLayout()
        upper.setSpacing(0)
        upper.addWidget(self.stages)
        upper.addLayout(media, 1)
        upper.addWidget(self.inspector)
        bar = QFrame()
        bar.setObjectName("bar")
        lower = QVBoxLayout(bar)
        lower.setContentsMargins(0, 0, 0, 0)
        lower.setSpacing(0)
        lower.addWidget(self.timeline)
        lower.addWidget(self.transport)
        column = QVBoxLayout(ground)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tools)
        column.addLayout(upper, 1)
        column.addWidget(bar)
        column.addWidget(self.status)
        self.setCentralWidget(ground)
        self.loading.setParent(self.canvas)
        self.searching.setParent(self.canvas)
        self.presentation = Presentation(self, self.canvas, (self.tools, self.stages, self.inspector, bar, self.status))
        self.canvas.installEventFilter(self)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.inspector.setFixedWidth(_RIGHT_WIDTH if event.size().width() >= _NARROW else _RIGHT_NARROW)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.canvas and isinstance(event, QResizeEvent):
            # These float over the pictures: a strip that came and went in the layout would make the video jump.
            size = event.size()
            self.placeholder.resize(size)
            self.settings.resize(size)
            self.drop.resize(size)
            self.pages.resize(size)
            for strip in (self.loading, self.searching):
                strip.setGeometry(0, size.height() - strip.height(), size.width(), strip.height())
        return super().eventFilter(watched, event)


def _with_value(wish: SignalInstance) -> SignalInstance:
    """The signal with all it carries: a button's click comes in two forms, and PySide takes that without its state."""
    try:
        return wish[bool]  # pyright: ignore[reportIndexIssue] - PySide's stubs leave out what chooses a form
    except IndexError:
        return wish
