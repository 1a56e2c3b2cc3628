"""The one place where wishes of the user and words of the engine meet.

Views call the methods below and show `state` and `plan`; they decide nothing. What the engine says is taken here. What
the user wishes for is answered in `viewer.session.wishes`, a room for each group of wishes, and listed here, so that
whoever wishes need not know which room it is.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from viewer.config.recents import RecentsFile
from viewer.config.schema import Config
from viewer.core.messages import Event, Failed, FailedPart, Report, SourceOpened, Swept, TapsChanged, Transport
from viewer.core.packet import FramePacket
from viewer.engine.client import EngineClient
from viewer.render.colormap import lut
from viewer.render.plan import RenderPlan
from viewer.session.events import after_death, after_event
from viewer.session.health_log import HealthEvent
from viewer.session.history import History
from viewer.session.lookback import Lookback
from viewer.session.memory import Memory
from viewer.session.present import present_config, set_by
from viewer.session.session import Session
from viewer.session.state import EnginePhase, Notice, ViewState
from viewer.session.trial import Connect
from viewer.session.wishes.altering import Altering
from viewer.session.wishes.asking import Asking
from viewer.session.wishes.cells import Cells
from viewer.session.wishes.channels import Channels
from viewer.session.wishes.engines import Engines
from viewer.session.wishes.explaining import Explaining
from viewer.session.wishes.health import Health
from viewer.session.wishes.judging import Judging
from viewer.session.wishes.looks import Looks
from viewer.session.wishes.loop import Loop
from viewer.session.wishes.missing import Missing
from viewer.session.wishes.objects import Objects
from viewer.session.wishes.playing import Playing
from viewer.session.wishes.search import Search
from viewer.session.wishes.seeking import Seeking
from viewer.session.wishes.taps import Taps
from viewer.session.wishes.tiles import Tiles

if TYPE_CHECKING:
    from viewer.engine.port import EnginePort

_log = logging.getLogger(__name__)

_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")


def _wish(
    room: str, answer: Callable[Concatenate[Any, _Given], _Answer]
) -> Callable[Concatenate[Any, _Given], _Answer]:
    """A method of the controller that a method of one of its rooms answers.

    Args:
        room: Attribute of the controller.
        answer: Method of the class of that room.
    """

    @wraps(answer)
    def wish(controller: object, *given: _Given.args, **named: _Given.kwargs) -> _Answer:
        return answer(getattr(controller, room), *given, **named)

    return wish


class Controller:
    """A viewing session.

    All methods belong to one thread, the window's; only the `wake` given to `start` is called from another.

    Args:
        engine: Not started yet; the controller closes it.
        config: What to begin with.
        clock: Monotonic seconds, the clock of `Frame.arrived_s`.
        connect: Makes the engines for what is opened later.
        memory: Keeps what was opened for the next time; None keeps nothing.
        welcome: Start without an engine, for the user to say what to open.

    Raises:
        ConfigError: If the colour map is unknown.
    """

    def __init__(
        self,
        engine: "EnginePort",
        config: Config,
        *,
        clock: Callable[[], float] = time.perf_counter,
        connect: Connect = EngineClient,
        memory: RecentsFile | None = None,
        welcome: bool = False,
    ) -> None:
        lut(config.colormap, config.alpha)
        state = _first_state(config, welcome=welcome)
        if memory is not None:
            state = replace(state, recents=memory.load())
        self._session = session = Session(engine, config, state, clock)
        self._lookback = Lookback(session, clock)
        self._memory = Memory(session, memory)
        self._playing = Playing(session, self._lookback, clock)
        self._seeking = Seeking(session, self._lookback, self._playing)
        self._loop = Loop(session, self._seeking)
        self._search = Search(session, self._lookback, self._playing)
        self._taps = Taps(session, clock)
        self._objects = Objects(session)
        self._judging = Judging(session, self._objects)
        self._looks = Looks(session)
        self._tiles = Tiles(session)
        self._asking = Asking(session)
        self._missing = Missing(session, self._asking, self._objects)
        self._channels = Channels(session, self._asking, self._taps)
        self._cells = Cells(session, self._asking, self._taps, self._channels)
        self._health = Health(session, self._asking, self._lookback, self._seeking)
        self._explaining = Explaining(session, self._asking, self._objects)
        self._altering = Altering(session, self._asking, self._playing, clock)
        self._engines = Engines(
            session, self._playing, self._seeking, self._taps, self._asking, connect=connect, take=self._take
        )
        self._running = False

    @property
    def state(self) -> ViewState:
        """All that is shown beside the picture."""
        return self._session.state

    @property
    def config(self) -> Config:
        """What was asked for, with everything that the user has changed since."""
        return present_config(self._session.config, self._session.state)

    @property
    def packet(self) -> FramePacket | None:
        """The newest packet that was taken; its arrays live until the next is."""
        return self._session.packet

    @property
    def plan(self) -> RenderPlan:
        """What to draw now; the same object as long as nothing in it changed."""
        return self._session.plan

    plan_of = _wish("_session", Session.plan_of)

    @property
    def history(self) -> History | None:
        """What was found in the frames seen so far; None before a source is open."""
        return self._lookback.history

    @property
    def health_events(self) -> tuple[HealthEvent, ...]:
        """Where a number of a stage crossed its limit in the frames seen so far, while that is looked at."""
        return self._health.events

    @property
    def limit_span(self) -> tuple[float, float]:
        """Values between which fixed limits can be dragged."""
        return self._taps.limit_span

    @property
    def page(self) -> tuple[int, int]:
        """Which page of tiles is shown, 0 for the first, and how many there are."""
        return self._tiles.page

    # --- wishes -----------------------------------------------------------------------------------------------------

    open = _wish("_engines", Engines.open)
    make_room = _wish("_engines", Engines.make_room)
    cancel = _wish("_engines", Engines.cancel)
    answer = _wish("_engines", Engines.answer)
    leave_question = _wish("_engines", Engines.leave_question)
    relieve = _wish("_engines", Engines.relieve)
    restart_engine = _wish("_engines", Engines.restart_engine)

    toggle_play = _wish("_playing", Playing.toggle_play)
    play = _wish("_playing", Playing.play)
    pause = _wish("_playing", Playing.pause)
    set_speed = _wish("_playing", Playing.set_speed)
    shuttle = _wish("_playing", Playing.shuttle)
    nudge_speed = _wish("_playing", Playing.nudge_speed)
    painted = _wish("_playing", Playing.painted)

    step = _wish("_seeking", Seeking.step)
    seek = _wish("_seeking", Seeking.seek)
    seek_fraction = _wish("_seeking", Seeking.seek_fraction)
    seek_time = _wish("_seeking", Seeking.seek_time)
    seek_end = _wish("_seeking", Seeking.seek_end)
    seek_found = _wish("_seeking", Seeking.seek_found)
    scrub = _wish("_seeking", Seeking.scrub)
    end_scrub = _wish("_seeking", Seeking.end_scrub)

    set_loop = _wish("_loop", Loop.set_loop)
    set_span = _wish("_loop", Loop.set_span)
    begin_loop_here = _wish("_loop", Loop.begin_loop_here)
    end_loop_here = _wish("_loop", Loop.end_loop_here)

    look_for = _wish("_search", Search.look_for)
    look_for_loss = _wish("_search", Search.look_for_loss)
    find = _wish("_search", Search.find)
    find_loss = _wish("_search", Search.find_loss)
    begin_loss = _wish("_search", Search.begin_loss)
    stop_search = _wish("_search", Search.stop_search)

    toggle_tap = _wish("_taps", Taps.toggle_tap)
    tap_only = _wish("_taps", Taps.tap_only)
    set_reducer = _wish("_taps", Taps.set_reducer)
    set_limits = _wish("_taps", Taps.set_limits)
    set_limits_mode = _wish("_taps", Taps.set_limits_mode)

    set_conf = _wish("_judging", Judging.set_conf)
    set_iou = _wish("_judging", Judging.set_iou)
    set_max_det = _wish("_judging", Judging.set_max_det)
    keep_class = _wish("_judging", Judging.keep_class)
    keep_only = _wish("_judging", Judging.keep_only)
    keep_all_classes = _wish("_judging", Judging.keep_all_classes)

    show_side = _wish("_asking", Asking.show_side)

    look_out = _wish("_missing", Missing.look_out)
    look_at = _wish("_missing", Missing.look_at)
    look_at_spot = _wish("_missing", Missing.look_at_spot)
    look_at_lost = _wish("_missing", Missing.look_at_lost)
    look_away = _wish("_missing", Missing.look_away)
    pick = _wish("_missing", Missing.pick)
    show_scores = _wish("_missing", Missing.show_scores)
    score_class = _wish("_missing", Missing.score_class)
    set_score_top = _wish("_missing", Missing.set_score_top)
    set_health_limits = _wish("_health", Health.set_health_limits)
    plot_measure = _wish("_health", Health.plot_measure)
    choose_stage = _wish("_health", Health.choose_stage)
    keep_watching = _wish("_health", Health.keep_watching)
    set_epsilon = _wish("_health", Health.set_epsilon)
    begin_health_anew = _wish("_health", Health.begin_health_anew)
    seek_health_event = _wish("_health", Health.seek_health_event)
    pick_channel = _wish("_altering", Altering.pick_channel)
    mute = _wish("_altering", Altering.mute)
    solo = _wish("_altering", Altering.solo)
    scale_channel = _wish("_altering", Altering.scale_channel)
    restore_channel = _wish("_altering", Altering.restore_channel)
    toggle_mute = _wish("_altering", Altering.toggle_mute)
    toggle_solo = _wish("_altering", Altering.toggle_solo)
    perturb = _wish("_altering", Altering.perturb)
    occlude = _wish("_altering", Altering.occlude)
    occlude_object = _wish("_altering", Altering.occlude_object)
    hold_occluder = _wish("_altering", Altering.hold_occluder)
    nudge_occluder = _wish("_altering", Altering.nudge_occluder)
    undo_alterations = _wish("_altering", Altering.undo_all)
    sweep = _wish("_altering", Altering.sweep)
    end_sweep = _wish("_altering", Altering.end_sweep)

    pick_cell = _wish("_cells", Cells.pick)
    pick_strongest = _wish("_cells", Cells.pick_strongest)
    unpin_cell = _wish("_cells", Cells.unpin)
    toggle_similarity = _wish("_cells", Cells.toggle_similarity)

    show_channel = _wish("_channels", Channels.show_channel)
    browse_channels = _wish("_channels", Channels.browse_channels)
    leave_channel = _wish("_channels", Channels.leave_channel)
    open_gallery = _wish("_channels", Channels.open_gallery)
    take_channel = _wish("_channels", Channels.take_channel)
    close_gallery = _wish("_channels", Channels.close_gallery)
    rank_channels = _wish("_channels", Channels.rank_channels)
    turn_gallery = _wish("_channels", Channels.turn_gallery)
    explain = _wish("_explaining", Explaining.explain)
    explain_missed = _wish("_explaining", Explaining.explain_missed)
    explain_at = _wish("_explaining", Explaining.explain_at)
    explain_all = _wish("_explaining", Explaining.explain_all)
    choose = _wish("_explaining", Explaining.choose)
    choose_next = _wish("_explaining", Explaining.choose_next)

    set_under = _wish("_objects", Objects.set_under)
    point = _wish("_objects", Objects.point)
    sort_by = _wish("_objects", Objects.sort_by)
    focus_json = _wish("_objects", Objects.focus_json)

    set_alpha = _wish("_looks", Looks.set_alpha)
    set_colormap = _wish("_looks", Looks.set_colormap)
    set_fade = _wish("_looks", Looks.set_fade)
    set_view = _wish("_looks", Looks.set_view)
    next_view = _wish("_looks", Looks.next_view)
    set_divider = _wish("_looks", Looks.set_divider)
    set_overlays = _wish("_looks", Looks.set_overlays)
    set_boxes = _wish("_looks", Looks.set_boxes)
    set_viewport = _wish("_looks", Looks.set_viewport)
    reset_viewport = _wish("_looks", Looks.reset_viewport)

    maximise = _wish("_tiles", Tiles.maximise)
    next_tile = _wish("_tiles", Tiles.next_tile)
    set_grid = _wish("_tiles", Tiles.set_grid)
    next_grid = _wish("_tiles", Tiles.next_grid)
    turn_page = _wish("_tiles", Tiles.turn_page)
    choose_tile = _wish("_tiles", Tiles.choose_tile)
    choose_next_tile = _wish("_tiles", Tiles.choose_next_tile)
    move_tile = _wish("_tiles", Tiles.move_tile)
    move_current_tile = _wish("_tiles", Tiles.move_current_tile)
    reset_order = _wish("_tiles", Tiles.reset_order)

    note_export = _wish("_memory", Memory.note_export)
    note_fold = _wish("_memory", Memory.note_fold)

    def tell(self, notice: Notice) -> None:
        """Let the user read this."""
        self._session.update(notice=notice)

    def dismiss_notice(self) -> None:
        """The user read it, or why something was not opened, which stands before it."""
        if self.state.refusal:
            self._session.update(refusal="")
        else:
            self._session.update(notice=None)

    # --- life -------------------------------------------------------------------------------------------------------

    def start(self, wake: Callable[[], None]) -> None:
        """Start the engine; `wake` is called from another thread whenever `pump` has something to do."""
        self._running = True
        self._engines.start(wake)

    def close(self) -> None:
        """End the engine; twice is harmless. The last picture stays paintable."""
        if self._running:
            self._running = False
            self._memory.note_session()
            self._session.keep_packet()
            self._engines.close()

    def pump(self) -> bool:
        """Take what the engine has to say.

        Returns:
            Whether the state or the plan changed since the last call, by the engine or by the user.
        """
        if self._running:
            self._engines.follow_trial()
            engine = self._session.engine
            # Asked first: once it is gone nothing more comes, so all it said is taken before its loss is told.
            alive = engine.is_alive
            for event in engine.take_events():
                self._take(event)
            packet = engine.take_packet()
            if packet is not None:
                self._take_packet(packet)
            if not alive and not self._engines.has_none:
                self._lose()
        return self._session.take_changed()

    # --- words of the engine ----------------------------------------------------------------------------------------

    def _take_packet(self, packet: FramePacket) -> None:
        self._session.show_packet(packet)
        self._loop.saw()
        self._altering.saw(packet)
        if self.state.transport.playing:
            self._session.move(index=packet.frame.index)
        self._objects.attend()
        self._missing.saw()
        self._explaining.saw(packet)
        self._cells.saw(packet)
        self._channels.saw(packet)
        self._taps.measure(packet)
        self._lookback.saw(packet)

    def _take(self, event: Event) -> None:
        if self.state.phase is EnginePhase.LOST and not isinstance(event, Failed):
            return
        if isinstance(event, TapsChanged):
            self._taps.answered(event)
            return
        if isinstance(event, Swept):
            self._altering.heard(event)
            return
        self._prepare(event)
        self._session.show(after_event(self.state, event))
        self._session.update(behind_s=self._lookback.behind_s)
        self._memory.note(event)
        if isinstance(event, Report):
            self._playing.rest_if_stale()

    def _prepare(self, event: Event) -> None:
        """Settle what depends on the state before an event."""
        self._lookback.note(event)
        match event:
            case SourceOpened(info):
                before = self.state.source
                if before is not None and before.uri != info.uri and self.state.transport.span is not None:
                    self._loop.set_span(None)  # frames of another file mean nothing here
            case Failed():
                if event.part in (FailedPart.SOURCE, FailedPart.ENGINE):
                    self._session.request.drop()
                if event.detail:
                    _log.error("%s\n%s", event.text, event.detail)
                if event.part is FailedPart.TAPS:
                    self._taps.refused()
                if event.part is FailedPart.INQUIRY:
                    self._altering.refused()
            case Transport():
                self._heed(event)
            case _:
                pass

    def _heed(self, transport: Transport) -> None:
        # While it loads an engine stands still of itself; that does not mean that it is to stand when it is ready.
        if transport.playing or self.state.phase not in (EnginePhase.STARTING, EnginePhase.LOADING):
            self._session.resume_playing = transport.playing
        if not transport.playing and self.state.transport.playing:
            self._playing.rest()

    def _lose(self) -> None:
        self._session.request.drop()
        self._lookback.stop()
        self._playing.rest()
        self._session.show(after_death(self.state, self._session.shown_index))


def _first_state(config: Config, *, welcome: bool) -> ViewState:
    return set_by(config, ViewState(phase=EnginePhase.EMPTY if welcome else EnginePhase.STARTING))
