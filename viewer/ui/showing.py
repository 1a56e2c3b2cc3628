"""Brings the views of the window to what holds: pictures at once, what is read at a pace to read it.

A playing window has no time to give away: the network computes on the same cores. So a frame that changes nothing but
the place where playing stands moves the timeline and the two numbers for it, and no other view is asked anything.
"""

from dataclasses import fields
from operator import attrgetter
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from viewer.core.messages import Transport
from viewer.session.pace import READ_S, ReadingPace
from viewer.session.relief import reliefs
from viewer.session.side import Side
from viewer.session.state import ViewState
from viewer.ui.marks import Marks

if TYPE_CHECKING:
    from viewer.render.plan import RenderPlan
    from viewer.ui.window import Window

_RUNNING = frozenset({"transport", "report", "costs", "display_fps", "latency_ms"})
"""What runs of itself while playing: numbers, which are read at their pace, and the place, which every frame moves."""
_settled = attrgetter(*(each.name for each in fields(ViewState) if each.name not in _RUNNING))
_how_it_plays = attrgetter(*(each.name for each in fields(Transport) if each.name != "index"))
_news = attrgetter("status", "execution", "shed")
"""What is no number in a report."""


class Showing(QObject):
    """Shows the controller's state and plan.

    Args:
        window: Has all its views already.
    """

    def __init__(self, window: "Window") -> None:
        super().__init__(window)
        self._window = window
        self._reading = ReadingPace()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(round(READ_S * 1000))
        self._later.timeout.connect(self.show_all)
        self._beside_is_legible = False
        self._settled: tuple[object, ...] = ()
        self._beside = QTimer(self)
        self._beside.setSingleShot(True)
        self._beside.setInterval(0)  # served when nothing else is left to do, and the picture is painted before that
        self._beside.timeout.connect(self._show_beside)

    def follow(self) -> None:
        """Take what the engine has, and show what changed: pictures at once, what is read at a pace to read it.

        With a new picture the panels come after it is painted: nobody reads them in those milliseconds, and it is the
        picture that is waited for.
        """
        window = self._window
        before = window.controller.packet
        if not window.controller.pump():
            return
        legible = self._reading.is_due(playing=window.controller.state.transport.playing)
        if window.controller.packet is before:
            self.show_all(legible=legible)
        else:
            self._show_picture(legible=legible)
            self._beside_is_legible |= legible
            self._beside.start()
        if legible:
            self._later.stop()
        elif not self._later.isActive():
            self._later.start()  # should no frame follow, this one's numbers are still shown

    def show_all(self, *, legible: bool = True) -> None:
        """Bring every view to the controller's state and plan.

        Args:
            legible: Whether lists and numbers that change with every frame are brought up to date as well.
        """
        self._show_picture(legible=legible)
        self._beside_is_legible |= legible
        self._show_beside()

    def end(self) -> None:
        """Show nothing any more."""
        self._later.stop()
        self._beside.stop()

    def show_presets(self) -> None:
        """Bring the row of presets to what there is and what holds."""
        window = self._window
        window.presets.follow()
        current = window.presets.current()
        can_delete = window.presets.is_saved(current)
        window.stages.presets.show_presets(window.presets.names, current, can_delete=can_delete)

    def _show_picture(self, *, legible: bool) -> None:
        window = self._window
        state, plan = window.controller.state, window.controller.plan
        marks = Marks.of(state, window.controller.packet)
        window.canvas.pick_cells(state.side is Side.CELL)
        window.canvas.show_plan(plan, state.viewport, state.maximised, state.current, marks=marks, legible=legible)
        window.canvas.look_out(state.lookout)
        window.popped.show_plans(marks, legible=legible)
        window.placeholder.show_state(state, has_frame=plan.frame is not None)
        window.occluder.show(state.inquiry.alteration.occluder, held=state.occluding)

    def _show_beside(self) -> None:
        self._beside.stop()
        legible, self._beside_is_legible = self._beside_is_legible, False
        state, plan = self._window.controller.state, self._window.controller.plan
        news = state.report and _news(state.report)
        settled = (_settled(state), _how_it_plays(state.transport), news, plan.frame is None)
        self._show_place(state, plan, legible=legible)
        if legible or settled != self._settled:
            self._settled = settled
            self._show_settled(state, plan, legible=legible)

    def _show_place(self, state: ViewState, plan: "RenderPlan", *, legible: bool) -> None:
        """Show where playing stands, and what follows every frame."""
        window = self._window
        window.inspector.note(window.controller.packet)
        history = window.controller.history
        window.health.log = None if history is None else history.health
        window.side.show_plan(state, plan, window.controller.packet, legible=legible)
        window.timeline.show_state(state)
        window.transport.show_place(state, plan.frame)
        window.strip.show_index(state.transport.index)

    def _show_settled(self, state: ViewState, plan: "RenderPlan", *, legible: bool) -> None:
        """Show what stays as it is while frames run."""
        window = self._window
        title = f"{state.source.name} — Featscope" if state.source else "Featscope"
        if title != window.windowTitle():
            window.setWindowTitle(title)
        window.stages.show_state(state, window.controller.limit_span)
        if legible:
            self.show_presets()
        history = window.controller.history
        if legible and history is not None:
            window.timeline.show_history(history)
            events = window.controller.health_events
            window.timeline.show_events(events)
            window.health.show_events(events)
            window.strip.show_health(state, history)
            window.strip.show_events(events)
            window.transport.finder.show_labels(state, history.labels)
        window.transport.show_state(state, plan.frame)
        window.tools.show_state(state, has_frame=plan.frame is not None)
        window.taking.strip.keep_place()
        areas = () if state.maximised else window.canvas.areas()
        page, ordered = window.controller.page, bool(state.order)
        window.tools.tiles.show_tiles(state.view, state.grid, page, areas, ordered=ordered)
        window.status.show_state(state)
        window.pages.show_state(state)
        if legible:
            window.pages.gallery.show_gallery(state, window.controller.packet)
        offered = reliefs(state, window.controller.config)
        window.notice.show_state(state, beside_page=window.pages.open.isVisible(), reliefs=offered)
        window.loading.show_state(state)
        window.searching.show_state(state)
