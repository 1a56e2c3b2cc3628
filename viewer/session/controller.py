"""The one place where wishes of the user and words of the engine meet.

Views call the methods below and show `state` and `plan`; they decide nothing. Everything the user sees change at
once is changed here first and then asked of the engine, whose answer has the last word.
"""

import logging
import math
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from viewer.config.recents import LastSession, Recents, RecentsFile
from viewer.config.schema import DEMO, Config
from viewer.core.errors import ConfigError
from viewer.core.looprange import LoopRange
from viewer.core.messages import (
    DetectorReady,
    Event,
    Failed,
    FailedPart,
    Intent,
    Pause,
    Play,
    Report,
    Seek,
    SeekTime,
    SetLoop,
    SetSpeed,
    SetTaps,
    SetThresholds,
    SourceOpened,
    Step,
    TapsChanged,
    Transport,
)
from viewer.core.packet import FramePacket
from viewer.core.tapping import Limits, LimitsMode, TapSettings
from viewer.engine.client import EngineClient
from viewer.render.colormap import lut
from viewer.render.plan import BoxPlan, RenderPlan
from viewer.render.views import Grid, MapView
from viewer.session.arrange import moved, page_of, tile_beside
from viewer.session.attention import attended, neighbour
from viewer.session.classes import only, switched
from viewer.session.copying import focus_json
from viewer.session.costs import CostMeter
from viewer.session.events import after_cancel, after_death, after_event, after_opening, after_restart
from viewer.session.follow import chosen
from viewer.session.history import History
from viewer.session.keep import kept
from viewer.session.limit_span import span_of
from viewer.session.looping import begun_at, ended_at
from viewer.session.next_config import config_for
from viewer.session.order import SortBy
from viewer.session.pace import PaintPace
from viewer.session.present import present_config
from viewer.session.resolve import DETECTIONS_TILE, relevant, resolve, shown_detections, tile_keys
from viewer.session.review import Review
from viewer.session.search import Direction, Target
from viewer.session.state import EnginePhase, Notice, Opening, Viewport, ViewState
from viewer.session.trial import Connect, Retired, Trial, Verdict, has_nothing_to_keep, is_exclusive
from viewer.session.viewport import clamped
from viewer.session.wanted import Wanted, remembered
from viewer.session.wish import TapWish, in_order

if TYPE_CHECKING:
    from viewer.engine.port import EnginePort

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Speeds that `nudge_speed` steps through."""

_log = logging.getLogger(__name__)


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
        self._engine = engine
        self._config = config
        self._connect = connect
        self._memory = memory
        self._trial: Trial | None = None
        self._retired = Retired()
        self._wake: Callable[[], None] = lambda: None
        self._clock = clock
        self._state = ViewState(
            taps=config.tap_settings,
            thresholds=config.thresholds(),
            transport=Transport(speed=config.speed, loop=config.loop),
            alpha=config.alpha,
            colormap=config.colormap,
            fade=config.fade,
            view=config.view,
            grid=config.grid,
            phase=EnginePhase.EMPTY if welcome else EnginePhase.STARTING,
        )
        if memory is not None:
            self._state = replace(self._state, recents=memory.load())
        self._packet: FramePacket | None = None
        self._is_kept = False
        self._plan = resolve(self._state, None)
        self._plan_is_of: tuple[FramePacket | None, tuple[object, ...]] = (None, relevant(self._state))
        self._wish = TapWish()
        self._pace = PaintPace(clock)
        self._costs = CostMeter(clock)
        self._review = Review(clock)
        self._held_by_hand: bool | None = None  # whether it played when the hand took hold of the timeline
        self._resume_playing = True
        self._changed = True
        self._running = False

    @property
    def state(self) -> ViewState:
        """All that is shown beside the picture."""
        return self._state

    @property
    def config(self) -> Config:
        """What was asked for, with everything that the user has changed since."""
        return present_config(self._config, self._state)

    @property
    def packet(self) -> FramePacket | None:
        """The newest packet that was taken; its arrays live until the next is."""
        return self._packet

    @property
    def plan(self) -> RenderPlan:
        """What to draw now; the same object as long as nothing in it changed."""
        reads = relevant(self._state)
        packet, read = self._plan_is_of
        if packet is not self._packet or read != reads:
            self._plan = resolve(self._state, self._packet)
            self._plan_is_of = (self._packet, reads)
        return self._plan

    def plan_of(self, key: str) -> RenderPlan:
        """What to draw now where one tile is shown alone; no tile where there is none of that key."""
        plan = resolve(replace(self._state, maximised=key), self._packet)
        return replace(plan, tiles=tuple(tile for tile in plan.tiles if tile.key == key))

    @property
    def history(self) -> History | None:
        """What was found in the frames seen so far; None before a source is open."""
        return self._review.history

    # --- life ------------------------------------------------------------------------------------------------------

    def start(self, wake: Callable[[], None]) -> None:
        """Start the engine; `wake` is called from another thread whenever `pump` has something to do."""
        self._running = True
        self._wake = wake
        if self._state.phase is not EnginePhase.EMPTY:
            self._engine.start(wake)

    def pump(self) -> bool:
        """Take what the engine has to say.

        Returns:
            Whether the state or the plan changed since the last call, by the engine or by the user.
        """
        if self._running:
            self._follow_trial()
            # Asked first: once it is gone nothing more comes, so all it said is taken before its loss is told.
            alive = self._engine.is_alive
            for event in self._engine.take_events():
                self._take(event)
            packet = self._engine.take_packet()
            if packet is not None:
                self._packet = packet
                self._is_kept = False
                self._changed = True
                if self._state.transport.playing:
                    self._move(index=packet.frame.index)
                self._attend()
                if self._costs.add(packet, playing=self._state.transport.playing):
                    self._update(costs=self._costs.costs)
                self._note_seen(packet)
            if not alive and not self._has_no_engine():
                self._lose()
        changed, self._changed = self._changed, False
        return changed

    def painted(self) -> None:
        """The newest packet reached the screen; counted once a frame however often it is painted."""
        playing = self._state.transport.playing
        if self._packet is not None and self._pace.painted(self._packet.frame, playing=playing):
            self._show_pace()

    def restart_engine(self) -> None:
        """Start a new engine at the frame that is shown, with everything the user has set since.

        It plays only if the old one did, or was to play as soon as it was ready.
        """
        if self._trial is not None and self._trial.alone:
            return  # the engine that is being tried is all there is
        self._keep_packet()
        was_empty = self._state.phase is EnginePhase.EMPTY
        self._show(after_restart(self._state))
        if was_empty:
            self._start_another(self._config)
            return
        self._engine.restart(index=self._index(), playing=self._resume_playing)
        self._tell_settings()
        self._tap(replace(self._state.taps, nodes=self._wanted_nodes()))

    # --- opening something else --------------------------------------------------------------------------------------

    def open(self, wanted: Wanted, *, may_run: bool = False) -> None:
        """Open another source, another model, or both; what is open plays on until that is there.

        What cannot be opened is said in `ViewState.refusal`, and nothing else changes.

        Args:
            wanted: What to open.
            may_run: Whether the user said that code in it may be run; until then `ViewState.asking` asks.
        """
        if wanted.code and not may_run:
            self._update(asking=wanted, refusal="")
            return
        try:
            config = config_for(wanted, self._config, self._state)
        except ConfigError as error:
            self._update(asking=None, refusal=str(error))
            return
        self._give_up_trial()
        impatient, alone = has_nothing_to_keep(self._state), is_exclusive(wanted, self._state)
        alone = alone and not self._has_no_engine()
        if alone:
            self._keep_packet()
            self._retired.retire(self._engine)
        # The same file is not played on twice at once: it is shown anew, at the frame where it stands by then.
        is_file_again = wanted.source is None and self._is_file() and not impatient
        index = self._index() if wanted.source is None else wanted.index
        engine = self._connect(config, index=index, playing=not is_file_again)
        self._trial = Trial(wanted, config, engine, impatient, alone, [])
        self._update(opening=Opening(wanted.text), asking=None, refusal="")
        engine.start(self._wake)

    def cancel(self) -> None:
        """Give up what is being opened or loaded and go back to what was there before."""
        if self._trial is not None:
            self._give_up_trial()
        elif self._state.phase in (EnginePhase.STARTING, EnginePhase.LOADING):
            self._keep_packet()
            self._retired.retire(self._engine)
            self._packet = None
            self._show(after_cancel(self._state))

    def answer(self, yes: bool) -> None:
        """Whether what `ViewState.asking` asks about may be run."""
        asking = self._state.asking
        self._update(asking=None)
        if yes and asking is not None:
            self.open(asking, may_run=True)

    def leave_question(self) -> None:
        """The user turned to something else: what was asked is answered with no, what was refused is read."""
        self._update(refusal="", asking=None)

    def tell(self, notice: Notice) -> None:
        """Let the user read this."""
        self._update(notice=notice)

    def dismiss_notice(self) -> None:
        """The user read it, or why something was not opened, which stands before it."""
        if self._state.refusal:
            self._update(refusal="")
        else:
            self._update(notice=None)

    def close(self) -> None:
        """End the engine; twice is harmless. The last picture stays paintable."""
        if self._running:
            self._running = False
            self._remember_session()
            self._keep_packet()
            if self._trial is not None:
                self._retired.retire(self._trial.engine)
                self._trial = None
            self._engine.close()
            self._retired.join()

    # --- transport -------------------------------------------------------------------------------------------------

    def toggle_play(self) -> None:
        """Play if paused and the other way round."""
        if self._state.transport.playing:
            self.pause()
        else:
            self.play()

    def play(self) -> None:
        """Run on; an engine that is gone does not."""
        if self._state.phase is not EnginePhase.LOST:
            self.stop_search()
            self._resume_playing = True
            self._engine.send(Play())
            self._move(playing=True)
            self._update(behind_s=None)

    def pause(self) -> None:
        """Stand still on the frame that is shown."""
        self.stop_search()
        self._engine.send(Pause())
        self._stand()

    def step(self, frames: int) -> None:
        """Pause and move by this many frames; negative goes back."""
        if self._is_file():
            self.stop_search()
            self._engine.send(Step(frames))
            self._stand()

    def seek(self, index: int) -> None:
        """Go to a frame, the nearest there is; nothing happens on live sources."""
        last = self._last_index()
        if last is not None:
            self.stop_search()
            self._engine.send(Seek(min(max(index, 0), last)))

    def seek_fraction(self, fraction: float) -> None:
        """Go to a part of the whole, 0 the first frame and 1 the last."""
        last = self._last_index()
        if last is not None:
            self.seek(round(fraction * last))

    def seek_time(self, seconds: float) -> None:
        """Go to the frame shown at a media time; the engine knows which, whatever the frame rate does."""
        if self._is_file():
            self.stop_search()
            self._engine.send(SeekTime(max(seconds, 0.0)))

    def seek_end(self) -> None:
        """Go to the last frame of a file; of a live source, back to what happens now."""
        if self._state.source is None or not self._state.source.is_live:
            self.seek_fraction(1.0)
        elif not self._state.transport.playing:
            self.play()

    def scrub(self, fraction: float) -> None:
        """Follow a hand on the timeline: show at once what is there at once, and play no further meanwhile."""
        last = self._last_index()
        if last is None:
            return
        if self._held_by_hand is None:
            self._held_by_hand = self._state.transport.playing
            if self._held_by_hand:
                self.pause()
        self.stop_search()
        self._engine.send(Seek(round(fraction * last), quick=True))

    def end_scrub(self, fraction: float) -> None:
        """The hand let go: go to exactly that frame, and play on if it played before."""
        self.seek_fraction(fraction)
        if self._held_by_hand:
            self.play()
        self._held_by_hand = None

    def set_speed(self, speed: float) -> None:
        """Play files at a multiple of their own rate, 0.1 to 8."""
        speed = min(max(speed, SPEEDS[0]), SPEEDS[-1])
        self._engine.send(SetSpeed(speed))
        self._move(speed=speed)

    def nudge_speed(self, direction: int) -> None:
        """To the next faster (+1) or slower (-1) of `SPEEDS`."""
        now = self._state.transport.speed
        place = bisect_right(SPEEDS, now) if direction > 0 else bisect_left(SPEEDS, now) - 1
        self.set_speed(SPEEDS[min(max(place, 0), len(SPEEDS) - 1)])

    def set_loop(self, loop: bool) -> None:
        """Start again at the end of a file, or stop there."""
        self._engine.send(SetLoop(loop, self._state.transport.span))
        self._move(loop=loop)

    def set_span(self, span: LoopRange | None) -> None:
        """Loop these frames, or all; nothing happens on live sources."""
        if self._is_file():
            self._engine.send(SetLoop(self._state.transport.loop, span))
            self._move(span=span)

    def begin_loop_here(self) -> None:
        """Begin the loop at the frame that is shown."""
        last, shown = self._last_index(), self._shown_index()
        if last is not None and shown is not None:
            self.set_span(begun_at(self._state.transport.span, shown, last))

    def end_loop_here(self) -> None:
        """End the loop at the frame that is shown; what plays in a loop goes back to its beginning at once."""
        last, shown = self._last_index(), self._shown_index()
        if last is not None and shown is not None:
            span = ended_at(self._state.transport.span, shown)
            self.set_span(span)
            if self._state.transport.playing and self._state.transport.loop:
                self.seek(span.begin)

    # --- searching -------------------------------------------------------------------------------------------------

    def look_for(self, label: int | None) -> None:
        """Look for objects of this class from now on; None means any."""
        self._retarget(label=label)

    def look_for_loss(self, lost: bool) -> None:
        """Look for frames that have it no more, rather than for frames that have it."""
        self._retarget(lost=lost)

    def find(self, direction: Direction) -> None:
        """Pause, and go to the next (1) or previous (-1) frame that has what is looked for.

        Among frames that were seen it jumps there; on the way to it, frames that were not are looked at one by one,
        until it is found, the file ends or somebody stops it.
        """
        shown = self._shown_index()
        if self._last_index() is None or shown is None or self._state.detector is None:
            return
        if self._state.transport.playing:
            self.pause()
        self._search(self._review.find(self._state.target, direction, shown))

    def stop_search(self) -> None:
        """Look no further, and stay at the frame that is shown."""
        self._review.stop()
        self._update(search=None)

    # --- taps and thresholds ---------------------------------------------------------------------------------------

    def toggle_tap(self, node: str, on: bool) -> None:
        """Tap a stage or stop tapping it."""
        wanted = {*self._state.tapped, node} if on else {*self._state.tapped} - {node}
        nodes = in_order(wanted, self._state.stages)
        if nodes != self._state.tapped:
            self._tap(replace(self._state.taps, nodes=nodes))

    def tap_only(self, nodes: Iterable[str]) -> None:
        """Tap these stages and no others; what the network does not have is left out."""
        wanted = in_order(nodes, self._state.stages)
        if wanted != self._state.tapped:
            self._tap(replace(self._state.taps, nodes=wanted))

    def set_reducer(self, reducer: str) -> None:
        """Collapse channels another way; the engine refuses unknown ones and the old way stands."""
        self._tap(replace(self._state.taps, nodes=self._wanted_nodes(), reducer=reducer))

    def set_limits(self, limits: Limits) -> None:
        """Take the values of first and last colour from elsewhere."""
        self._tap(replace(self._state.taps, nodes=self._wanted_nodes(), limits=limits))

    def set_limits_mode(self, mode: LimitsMode) -> None:
        """Take them of each frame, of a running average, or hold them where they span those of all maps now.

        Fixed limits hold for all maps alike, so a range of one of them would burn out the others.
        """
        taps = self._packet.taps if self._packet and mode is LimitsMode.FIXED else ()
        spans = [tap.limits for tap in taps if all(map(math.isfinite, tap.limits))] or [(0.0, 1.0)]
        low = float(f"{min(low for low, _ in spans):.3g}")
        high = float(f"{max(high for _, high in spans):.3g}")
        # A map that is the same everywhere has limits that are no range.
        self.set_limits(Limits(mode, low, high if low < high else low + 1.0))

    @property
    def limit_span(self) -> tuple[float, float]:
        """Values between which fixed limits can be dragged."""
        return span_of(self._state.taps.limits, self._packet.taps if self._packet else ())

    def set_conf(self, conf: float) -> None:
        """Least score of a detection, 0..1; also moves over the frame that is shown."""
        self._threshold(conf=min(max(conf, 0.0), 1.0))

    def set_iou(self, iou: float) -> None:
        """Overlap above which two boxes of a class are one, 0..1; also moves over the frame that is shown."""
        self._threshold(iou=min(max(iou, 0.0), 1.0))

    def set_max_det(self, count: int) -> None:
        """Most detections a frame."""
        self._threshold(max_det=max(1, count))

    # --- objects ---------------------------------------------------------------------------------------------------

    def keep_class(self, label: int, on: bool) -> None:
        """Keep objects of a class or leave them out; also moves over the frame that is shown."""
        self._threshold(classes=switched(self._state, label, on))

    def keep_only(self, label: int) -> None:
        """Keep objects of this class alone; of all again if it is alone already."""
        self._threshold(classes=only(self._state, label))

    def keep_all_classes(self, on: bool) -> None:
        """Keep objects of all classes, or of none."""
        self._threshold(classes=None if on else frozenset())

    def set_under(self, on: bool) -> None:
        """Show candidates under the threshold as well."""
        self._update(under=on)
        self._attend()

    def choose(self, box: BoxPlan | None) -> None:
        """Follow what a box of the frame shown stands for; None follows nothing any more."""
        frame = self.plan.frame
        self._update(focus=None if box is None or frame is None else chosen(box, frame))

    def choose_next(self, step: int) -> None:
        """Choose the object that many places further in the list, round its ends."""
        self.choose(neighbour(self.plan, self._state, step))

    def point(self, box: BoxPlan | None) -> None:
        """The pointer is on this box, in the pictures or in the list, or on none."""
        self._update(pointed=box)

    def seek_found(self) -> None:
        """Pause on the frame where the object that was chosen was last found."""
        focus = self._state.focus
        if focus is not None and focus.found is not None and self._last_index() is not None:
            self.pause()
            self.seek(focus.found.index)

    def sort_by(self, by: SortBy) -> None:
        """Sort the list by a column; by the same again turns it round."""
        self._update(sorting=self._state.sorting.turned_to(by))

    def focus_json(self) -> str:
        """What was chosen as JSON, see `viewer.session.copying`; empty if there is nothing."""
        return "" if self._packet is None else focus_json(self._state, self._packet)

    # --- looks -----------------------------------------------------------------------------------------------------

    def set_alpha(self, alpha: float) -> None:
        """Opacity of overlays, 0..1."""
        self._update(alpha=min(max(alpha, 0.0), 1.0))

    def set_colormap(self, name: str) -> None:
        """Colour map of overlays.

        Raises:
            ConfigError: If there is none of that name; the old one stays.
        """
        lut(name, self._state.alpha)
        self._update(colormap=name)

    def set_fade(self, on: bool) -> None:
        """Let the opacity of overlays follow the value, so that weak cells leave the frame visible."""
        self._update(fade=on)

    def set_view(self, view: MapView) -> None:
        """How tiles show frame and map."""
        self._update(view=view)

    def next_view(self) -> None:
        """Overlay, map, side by side, swipe, round and round."""
        self.set_view(self._state.view.after())

    def set_divider(self, share: float) -> None:
        """Where swiped tiles part frame and map, 0 at their left edge and 1 at the right."""
        self._update(divider=min(max(share, 0.0), 1.0))

    def set_overlays(self, on: bool) -> None:
        """Draw overlays or leave the pictures bare."""
        self._update(overlays=on)

    def set_boxes(self, on: bool) -> None:
        """Draw boxes or leave them out."""
        self._update(boxes=on)

    def set_viewport(self, viewport: Viewport) -> None:
        """Show this part of the picture in every tile."""
        self._update(viewport=clamped(viewport))

    def reset_viewport(self) -> None:
        """Show the whole picture."""
        self._update(viewport=Viewport())

    def maximise(self, key: str | None) -> None:
        """Let one tile fill the window; None shows all."""
        known = key if key in tile_keys(self._state) else None
        self._update(maximised=known, current=known or self._state.current)

    def next_tile(self) -> None:
        """All tiles, then each alone in turn, then all again."""
        turn = (None, *tile_keys(self._state))
        now = self._state.maximised
        self.maximise(turn[(turn.index(now) + 1) % len(turn)] if now in turn else None)

    # --- order of tiles --------------------------------------------------------------------------------------------

    def set_grid(self, grid: Grid) -> None:
        """Show that many tiles at once, beginning with the page of the current tile."""
        self._update(grid=grid, maximised=None)
        self._turn_to(self._state.current)

    def next_grid(self) -> None:
        """Another arrangement of tiles, round and round."""
        self.set_grid(self._state.grid.after())

    def turn_page(self, pages: int) -> None:
        """Show the next tiles (+1) or the ones before (-1), where there are more than places."""
        page, _ = self.page
        now, _ = page_of(len(tile_keys(self._state)), self._state.grid.places, page + pages)
        self._update(page=now, maximised=None)

    @property
    def page(self) -> tuple[int, int]:
        """Which page of tiles is shown, 0 for the first, and how many there are."""
        return page_of(len(tile_keys(self._state)), self._state.grid.places, self._state.page)

    def choose_tile(self, key: str) -> None:
        """Make this tile the one that keys move."""
        if key in tile_keys(self._state):
            self._update(current=key)

    def choose_next_tile(self, steps: int) -> None:
        """Choose another tile and turn to its page; the first one where none is chosen yet."""
        keys, now = tile_keys(self._state), self._state.current
        key = tile_beside(keys, now, steps) if now in keys else keys[0]
        self._update(current=key, maximised=key if self._state.maximised else None)
        self._turn_to(key)

    def move_tile(self, key: str, target: str) -> None:
        """Give a tile the place of another."""
        there = (DETECTIONS_TILE, *(stage.node for stage in self._state.stages))
        self._update(order=moved(there, self._state.order, key, target), current=key)

    def move_current_tile(self, steps: int) -> None:
        """Move the chosen tile on or back; without one, choose the first."""
        keys, now = tile_keys(self._state), self._state.current
        if now is None or now not in keys:
            self.choose_next_tile(0)
        elif (target := tile_beside(keys, now, steps)) != now:
            self.move_tile(now, target)
            self._turn_to(now)

    def reset_order(self) -> None:
        """All tiles in the order of execution."""
        self._update(order=())

    def _turn_to(self, key: str | None) -> None:
        keys = tile_keys(self._state)
        if key in keys:
            self._update(page=keys.index(key) // self._state.grid.places)

    # --- inside ----------------------------------------------------------------------------------------------------

    def _take(self, event: Event) -> None:
        if self._state.phase is EnginePhase.LOST and not isinstance(event, Failed):
            return
        if isinstance(event, TapsChanged):
            self._show(self._wish.answered(self._state, event))
            return
        self._look_back(event)
        if isinstance(event, Failed):
            if event.detail:
                _log.error("%s\n%s", event.text, event.detail)
            if event.part is FailedPart.TAPS:
                self._show(self._wish.refused(self._state))
        if isinstance(event, Transport):
            # While it loads an engine stands still of itself; that does not mean that it is to stand when it is ready.
            if event.playing or self._state.phase not in (EnginePhase.STARTING, EnginePhase.LOADING):
                self._resume_playing = event.playing
            if not event.playing and self._state.transport.playing:
                self._rest()
        self._show(after_event(self._state, event))
        self._update(behind_s=self._review.behind_s(self._state, self._packet))
        self._remember(event)
        if isinstance(event, Report) and self._pace.is_stale:
            self._rest()

    def _look_back(self, event: Event) -> None:
        """Take what an event means for the frames seen so far; the state is still that before it."""
        match event:
            case SourceOpened(info):
                before = self._state.source
                self._review.opened(before, info)
                self._update(search=self._review.search)
                if before is not None and before.uri != info.uri and self._state.transport.span is not None:
                    self.set_span(None)  # frames of another file mean nothing here
            case DetectorReady(detector):
                if self._state.detector is not None and self._state.detector.names != detector.names:
                    self.look_for(None)  # the number of a class means another one now
            case Report():
                self._review.reported(self._state.report, event, self._state.transport.index)
            case Failed():
                self.stop_search()
            case _:
                pass

    def _note_seen(self, packet: FramePacket) -> None:
        self._search(self._review.saw(packet, shown_detections(self._state, packet), self._state.target))

    def _search(self, intents: list[Intent]) -> None:
        for intent in intents:
            self._engine.send(intent)
        self._update(search=self._review.search)

    def _retarget(self, **changes: Any) -> None:
        self.stop_search()
        self._update(target=replace(self._state.target, **changes))

    # --- inside: opening ---------------------------------------------------------------------------------------------

    def _follow_trial(self) -> None:
        trial = self._trial
        if trial is None:
            return
        verdict = trial.follow()
        if verdict is Verdict.READY:
            self._adopt(trial)
        elif verdict is Verdict.REFUSED:
            self._give_up_trial()
            self._update(refusal=trial.refusal)
        else:
            self._update(opening=Opening(trial.wanted.text, trial.loading))

    def _adopt(self, trial: Trial) -> None:
        """Let the engine that was tried take the place of the one that is shown."""
        self._trial = None
        before, index = self._state, self._index()
        if not trial.alone:
            self._keep_packet()
            self._retired.retire(self._engine)
        self._engine, self._config = trial.engine, trial.config
        self._wish, self._costs = TapWish(), CostMeter(self._clock)
        self._resume_playing = before.transport.playing or trial.wanted.source is not None or trial.impatient
        state = after_opening(before, new_source=trial.wanted.source is not None)
        if trial.wanted.model is not None:
            thresholds = replace(state.thresholds, classes=None)
            # The number of a class means another one now.
            state = replace(state, taps=trial.config.tap_settings, thresholds=thresholds, target=Target())
        self._show(state)
        for event in trial.events:
            self._take(event)
        self._tell_settings()
        if trial.wanted.source is None and self._is_file():
            self.seek(index)  # it may have played on since
            if before.transport.playing:
                self.play()

    def _give_up_trial(self) -> None:
        trial, self._trial = self._trial, None
        if trial is None:
            return
        self._retired.retire(trial.engine)
        self._update(opening=None)
        if trial.alone:
            self._show(after_restart(self._state))
            self._start_another(self._config)

    def _start_another(self, config: Config) -> None:
        self._engine = self._connect(config, index=self._index(), playing=self._resume_playing)
        self._engine.start(self._wake)
        self._tell_settings()
        self._tap(replace(self._state.taps, nodes=self._wanted_nodes()))

    def _tell_settings(self) -> None:
        self._engine.send(SetSpeed(self._state.transport.speed))
        self._engine.send(SetLoop(self._state.transport.loop, self._state.transport.span))
        self._engine.send(SetThresholds(self._state.thresholds))

    def _has_no_engine(self) -> bool:
        is_alone = self._trial is not None and self._trial.alone
        return is_alone or self._state.phase in (EnginePhase.LOST, EnginePhase.EMPTY)

    def _index(self) -> int:
        return self._packet.frame.index if self._packet else max(0, self._state.transport.index)

    def _remember(self, event: Event) -> None:
        """Note what was opened, as soon as it turns out to be usable."""
        recents = self._state.recents
        if isinstance(event, SourceOpened) and (source := remembered(self._config.source)):
            recents = recents.with_source(source)
        if isinstance(event, DetectorReady) and (model := remembered(self._config.model)):
            recents = recents.with_model(model)
        self._save(recents)

    def _remember_session(self) -> None:
        """Note what is open, to be continued; the demo alone is always there and needs no continuing."""
        config, state = self._config, self._state
        names = remembered(config.source), remembered(config.model)
        if state.source is None or not any(names):
            return
        index = 0 if state.source.is_live else self._index()
        last = LastSession(names[0] or DEMO, names[1] or DEMO, index, config.weights, config.decode)
        self._save(replace(state.recents, last=last))

    def _save(self, recents: Recents) -> None:
        if self._memory is not None and recents != self._state.recents:
            self._update(recents=recents)
            self._memory.save(recents)

    # --- inside: engine and state ------------------------------------------------------------------------------------

    def _lose(self) -> None:
        self.stop_search()
        self._rest()
        self._show(after_death(self._state, self._packet.frame.index if self._packet else None))

    def _rest(self) -> None:
        self._pace.rest()
        self._show_pace()

    def _show_pace(self) -> None:
        self._update(display_fps=self._pace.fps, latency_ms=self._pace.latency_ms)

    def _keep_packet(self) -> None:
        """Copy what is shown out of shared memory before the engine takes it away; once, for a picture can be large."""
        if self._packet is not None and not self._is_kept:
            self._packet = kept(self._packet)
            self._is_kept = True
            self._plan = resolve(self._state, self._packet)
            self._plan_is_of = (self._packet, relevant(self._state))

    def _stand(self) -> None:
        if self._state.phase is not EnginePhase.LOST:
            self._resume_playing = False
        self._rest()
        self._move(playing=False)

    def _move(self, **changes: Any) -> None:
        self._update(transport=replace(self._state.transport, **changes))

    def _tap(self, settings: TapSettings) -> None:
        self._show(self._wish.ask(self._state, settings))
        self._engine.send(SetTaps(settings))

    def _wanted_nodes(self) -> tuple[str, ...] | None:
        """What is tapped, by name; while the detector loads, whatever was asked of it."""
        return self._state.tapped if self._state.detector else self._state.taps.nodes

    def _threshold(self, **changes: Any) -> None:
        thresholds = replace(self._state.thresholds, **changes)
        if thresholds != self._state.thresholds:
            self._update(thresholds=thresholds)
            self._engine.send(SetThresholds(thresholds))
            self._attend()

    def _attend(self) -> None:
        """Look for what the user chose, or points at, in what is shown now."""
        if self._packet is not None and self._packet.letterbox is not None:
            self._show(attended(self._state, self.plan, self._packet))

    def _shown_index(self) -> int | None:
        return None if self._packet is None else self._packet.frame.index

    def _is_file(self) -> bool:
        return self._state.source is not None and not self._state.source.is_live

    def _last_index(self) -> int | None:
        source = self._state.source
        if source is None or source.is_live or not source.frame_count:
            return None
        return source.frame_count - 1

    def _update(self, **changes: Any) -> None:
        self._show(replace(self._state, **changes))

    def _show(self, state: ViewState) -> None:
        if state != self._state:
            if self._state.transport.playing and not state.transport.playing:
                self._review.rest()
            judges = (self._state.thresholds, self._state.detector)
            self._state = state
            self._changed = True
            if judges != (state.thresholds, state.detector):
                self._review.forget_detections()
                if self._packet is not None:
                    self._note_seen(self._packet)
