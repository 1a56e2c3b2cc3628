"""The engine process: opens the source, shows its first frame, loads the network, and obeys the window.

The main thread listens to the window and does nothing that takes time. A second thread opens and loads, a third
reports a few times a second, and the player brings two more. When the window is gone the pipe breaks, and the process
ends within `_LAST_S` whatever its other threads do.
"""

import os
import traceback
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from threading import Event as Flag
from threading import Lock, Thread, Timer
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

from viewer.assembly import build_pipeline, open_configured_source, prepare_process
from viewer.config import Config
from viewer.core.errors import (
    EngineError,
    InquiryError,
    OutOfMemoryError,
    ReducerError,
    SourceError,
    TapError,
    ViewerError,
)
from viewer.core.inquiry import NOTHING
from viewer.core.messages import (
    DetectorReady,
    Failed,
    FailedPart,
    Intent,
    Loading,
    Pause,
    Play,
    Quit,
    Release,
    Report,
    Seek,
    SeekTime,
    SetInquiry,
    SetLoop,
    SetSpeed,
    SetTaps,
    SetThresholds,
    SetThrottle,
    SourceOpened,
    Step,
    Sweep,
    TapsChanged,
    Transport,
)
from viewer.core.packet import FramePacket
from viewer.core.sweep import SweepWish
from viewer.core.tapping import Shed
from viewer.engine.outbox import Outbox
from viewer.engine.pace import DisplayPace
from viewer.engine.sweeping import Sweeping
from viewer.pipeline import GivingWay, Pipeline, Player, period_ms
from viewer.sources import without_credentials

if TYPE_CHECKING:
    from viewer.core.protocols import Source

_REPORT_S = 0.25
_LAST_S = 1.5
_REDUCER: str = Config.model_fields["reducer"].default
_THIS_MACHINE = "this machine"
_OUT_OF_MEMORY = OutOfMemoryError(_THIS_MACHINE).in_window
_CLEAN_S = 0.3  # for a download that was told to stop to remove its part of a file

T = TypeVar("T")


def import_network() -> None:
    """Import what every network needs, torch above all: the longest part of an engine's start."""
    prepare_process()
    import viewer.inference  # noqa: F401


class Host:
    """The engine's side of the conversation.

    Args:
        pipe: Connection to the window.
        config: What to open and load.
        index: Frame to show first.
        playing: Whether to play as soon as the network is ready.
        network: Whether to load one; without, frames come as they are.
        prepared: Returns once what a network needs is imported, where somebody began that before.
    """

    def __init__(
        self,
        pipe: Connection,
        config: Config,
        *,
        index: int,
        playing: bool,
        network: bool = True,
        prepared: Callable[[], None] | None = None,
    ) -> None:
        self._pipe = pipe
        self._prepared = prepared
        self._outbox = Outbox(pipe)
        self._config = config
        self._index = index
        self._play_when_ready = playing
        self._has_network = network
        self._taps = config.tap_settings
        self._reducer_before = _REDUCER  # what to go back to from one that fails
        self._reducer_now = config.reducer
        self._thresholds = config.thresholds()
        self._inquiry = NOTHING
        self._source: Source | None = None
        self._player: Player | None = None
        self._pipeline: Pipeline | None = None
        self._giving_way: GivingWay | None = None
        self._sweeping: Sweeping | None = None
        self._pace = DisplayPace(None)
        self._told = Transport()
        self._early: list[Intent] = []
        self._opening = Lock()
        self._starting = Lock()
        self._quit = Flag()
        self._loader = Thread(target=self._load, name="featscope-loader", daemon=True)

    def run(self) -> None:
        """Serve the window until it says so or is gone."""
        self._loader.start()
        Thread(target=self._report, name="featscope-reporter", daemon=True).start()
        try:
            while not self._quit.is_set():
                self._obey(self._pipe.recv())
        except (EOFError, ConnectionResetError, OSError):
            pass  # the window is gone
        self._end()

    def _end(self) -> None:
        """Stop everything; the process ends even if a thread is stuck in foreign code."""
        self._quit.set()
        last = Timer(_LAST_S, os._exit, args=(0,))
        last.daemon = True
        last.start()
        ended = self._player.stop() if self._player else True
        self._loader.join(_CLEAN_S)
        if ended and self._source is not None:
            self._source.close()
        self._outbox.close()
        # Threads inside a framework's loader cannot be joined, and interpreter shutdown beneath them may crash.
        os._exit(0)

    # --- main thread -------------------------------------------------------------------------------------------------

    def _obey(self, intent: Intent) -> None:
        self._make_way(intent)
        match intent:
            case Quit():
                self._quit.set()
            case Release(ring, slot):
                self._outbox.release(ring, slot)
            case SetTaps(settings):
                self._taps = settings
                self._on_worker(self._apply_taps, refresh=True)
            case SetInquiry(inquiry):
                self._inquiry = inquiry
                if self._pipeline is not None:
                    self._pipeline.expect(inquiry)
                self._on_worker(self._apply_inquiry, refresh=True)
            case Sweep(wish):
                self._begin_sweep(wish)
            case SetThresholds(thresholds):
                # The window chooses again among the candidates it has; a frame runs again only for masks or poses,
                # which are made for detections alone.
                self._thresholds = thresholds
                self._on_worker(self._apply_thresholds, refresh=self._is_shaping)
            case _:
                with self._opening:
                    if self._player is None:
                        self._early.append(intent)
                        return
                self._steer(self._player, intent)

    def _steer(self, player: Player, intent: Intent) -> None:
        match intent:
            case Play(backwards):
                player.play(backwards=backwards)
            case Pause():
                player.pause()
            case Step(frames):
                player.step(frames)
            case Seek(index, quick):
                player.seek(index, quick=quick)
            case SeekTime(pts_s):
                player.seek_time(pts_s)
            case SetSpeed(speed):
                player.set_speed(speed)
            case SetLoop(loop, span):
                player.set_loop(loop=loop, span=span)
            case SetThrottle(on):
                player.set_throttle(on=on)
            case _:
                raise TypeError(f"no such intent: {intent!r}")

    def _make_way(self, intent: Intent) -> None:
        """End what an intent has no use for."""
        if isinstance(intent, Pause | Step):
            with self._starting:
                self._play_when_ready = False  # whoever stops it while the network loads does not want it to start
        needs_worker = not isinstance(intent, Release | SetThresholds) or self._is_shaping
        if needs_worker and not isinstance(intent, Release) and self._sweeping is not None:
            self._sweeping.end()  # a frame would wait for it

    @property
    def _is_shaping(self) -> bool:
        return self._pipeline is not None and bool(self._pipeline.info.shapes)

    def _begin_sweep(self, wish: SweepWish | None) -> None:
        if wish is not None and self._sweeping is not None:
            self._sweeping.begin(wish)

    def _on_worker(self, job: Callable[[], None], *, refresh: bool) -> None:
        if self._player is not None:
            self._player.call(job, refresh=refresh)

    # --- loader thread -----------------------------------------------------------------------------------------------

    def _load(self) -> None:
        """Open and load, then end: a thread that ran a network keeps OpenMP's helpers, which the worker must not share.

        With the loader's helpers still counted, OpenMP believes the cores overbooked and puts threads to sleep at
        every turn; a forward took half as long again.
        """
        player = self._attempt(FailedPart.SOURCE, self._open_source)
        if not self._has_network:
            if player is not None:
                self._play_if_wanted(player)
            return
        pipeline = self._attempt(FailedPart.MODEL, self._load_detector)
        if player is not None and pipeline is not None:
            player.call(lambda: self._take_over(player, pipeline))
            self._play_if_wanted(player)

    def _play_if_wanted(self, player: Player) -> None:
        """Play, unless somebody stopped it meanwhile; one who stops it now is obeyed after this."""
        with self._starting:
            if self._play_when_ready:
                player.play()

    def _report(self) -> None:
        was_capturing = False
        while not self._quit.wait(_REPORT_S):
            self._send_report()
            is_capturing = self._pipeline is not None and self._pipeline.info.is_capturing
            if was_capturing and not is_capturing:
                self._on_worker(
                    lambda: None, refresh=True
                )  # a frame that stands still wants the maps that are there now
            was_capturing = is_capturing

    def _send_report(self) -> None:
        player, pipeline = self._player, self._pipeline
        if player is None:
            return
        counters = replace(player.counters, undisplayed=self._outbox.undisplayed)
        execution = "" if pipeline is None else pipeline.info.execution
        shed = Shed() if self._giving_way is None else self._giving_way.shed
        status = player.source_status
        explaining = None if pipeline is None else pipeline.explaining
        report = Report(player.inference_fps, counters, status, player.busy_s, execution, shed, explaining)
        self._outbox.send(report)

    def _attempt(self, part: FailedPart, action: Callable[[], T]) -> T | None:
        """Do it, or tell the window why not; this is where the loader's errors end."""
        try:
            return action()
        except ViewerError as error:
            self._outbox.send(Failed(part, _in_window(error), memory_of=_memory_of(error)))
        except MemoryError:
            self._outbox.send(Failed(part, _OUT_OF_MEMORY, memory_of=_THIS_MACHINE))
        except Exception as error:  # noqa: BLE001 - a bug in a framework must reach the window, not end the thread
            self._outbox.send(Failed(part, f"{type(error).__name__}: {error}", traceback.format_exc()))
        return None

    def _open_source(self) -> Player:
        self._outbox.send(Loading(f"Opening {without_credentials(self._config.source)}"))
        self._source = open_configured_source(self._config)
        self._outbox.send(SourceOpened(self._source.info))
        self._pace = DisplayPace(self._source.info.fps)
        player = Player(
            self._source,
            process=lambda frame: FramePacket(frame, finished_s=perf_counter()),
            publish=self._publish,
            on_transport=self._move,
            on_error=self._tell,
            speed=self._config.speed,
            loop=self._config.loop,
        )
        player.start(index=self._index)
        if self._source.info.is_live:
            self._play_if_wanted(player)
        with self._opening:
            self._player = player
            for intent in self._early:
                self._steer(player, intent)
        return player

    def _load_detector(self) -> Pipeline:
        self._outbox.send(Loading(f"Loading model {self._config.model}"))
        if self._prepared is not None:
            self._prepared()
        config = self._config
        try:
            pipeline = self._build_pipeline(config)
        except TapError as error:
            # A stage that is not there is no reason to show no network: its own stages are listed, to choose from.
            self._outbox.send(Failed(FailedPart.TAPS, str(error)))
            config = self._config = config.model_copy(update={"tap": None, "reducer": _REDUCER})
            self._taps, self._reducer_now = config.tap_settings, config.reducer
            pipeline = self._build_pipeline(config)
        self._outbox.send(DetectorReady(pipeline.info, pipeline.stages, pipeline.thresholds.classes))
        self._outbox.send(TapsChanged(pipeline.tapped, self._config.tap_settings))
        return pipeline

    def _build_pipeline(self, config: Config) -> Pipeline:
        if self._source is None:
            return build_pipeline(config, progress=self._progress)
        return build_pipeline(config, image_hw=self._source.info.image_hw, progress=self._progress)

    def _progress(self, text: str, fraction: float | None) -> None:
        if self._quit.is_set():
            raise EngineError("loading was given up because the window closed")
        self._outbox.send(Loading(text, fraction))

    # --- threads of the player ---------------------------------------------------------------------------------------

    def _publish(self, packet: FramePacket) -> None:
        player = self._player
        shown = player is None or self._pace.lets_through(player.transport, player.inference_fps)
        self._outbox.offer(packet, hold=not shown)

    def _move(self, transport: Transport) -> None:
        if not transport.playing:
            self._outbox.let_go()  # whoever stops a fast-forward sees the frame it stopped at
            if self._giving_way is not None and self._giving_way.shed:
                self._on_worker(self._giving_way.rest, refresh=True)  # and whoever stops, all maps of it
        before, self._told = self._told, transport
        if not transport.playing or replace(before, index=transport.index) != transport:
            self._outbox.send(transport)  # while it plays, each packet says itself where playing stands

    # --- worker thread -----------------------------------------------------------------------------------------------

    def _take_over(self, player: Player, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._sweeping = Sweeping(player, pipeline.sweep, self._outbox.send)
        if self._thresholds.classes is None:  # the window did not know the names yet
            self._thresholds = replace(self._thresholds, classes=pipeline.thresholds.classes)
        self._apply_thresholds()
        if self._config.shed:
            self._giving_way = GivingWay(
                pipeline, self._config.tap_settings, period_ms=self._period_ms, on_change=self._send_report
            )
        if self._taps != self._config.tap_settings:
            self._apply_taps()
        if self._inquiry:
            self._apply_inquiry()
        player.replace_process(pipeline.process if self._giving_way is None else self._giving_way.process)

    def _period_ms(self) -> float | None:
        source, player = self._source, self._player
        return None if source is None or player is None else period_ms(source.info, player.transport)

    def _apply_thresholds(self) -> None:
        if self._pipeline is not None:
            self._pipeline.thresholds = self._thresholds

    def _apply_inquiry(self) -> None:
        if self._pipeline is None:
            return
        try:
            self._pipeline.set_inquiry(self._inquiry)
        except InquiryError as error:
            self._outbox.send(Failed(FailedPart.INQUIRY, str(error)))

    def _apply_taps(self) -> None:
        if self._pipeline is None:
            return
        settings, tapper = self._taps, self._giving_way or self._pipeline
        try:
            tapper.set_taps(settings)
        except TapError as error:
            self._outbox.send(Failed(FailedPart.TAPS, str(error)))
        else:
            if settings.reducer != self._reducer_now:
                self._reducer_before, self._reducer_now = self._reducer_now, settings.reducer
            self._outbox.send(TapsChanged(tapper.tapped, settings))

    def _go_back(self, failed: str) -> None:
        """Reduce as before; a user's own reducer failed on a frame, which no trial could tell.

        What was there before may be another one of the user's, which fails by now or on the next frame.

        Args:
            failed: Its name; nothing is to be done where another has taken its place already.
        """
        for reducer in (self._reducer_before, _REDUCER):
            if self._reducer_now == failed:
                self._taps = replace(self._taps, reducer=reducer)
                self._apply_taps()
        self._reducer_before = _REDUCER

    def _tell(self, error: BaseException, detail: str) -> None:
        if isinstance(error, MemoryError):
            self._outbox.send(Failed(FailedPart.ENGINE, _OUT_OF_MEMORY, memory_of=_THIS_MACHINE))
            return
        if isinstance(error, ReducerError):
            self._outbox.send(Failed(FailedPart.TAPS, f"{error}; it is used no longer"))
            failed = self._reducer_now
            self._on_worker(lambda: self._go_back(failed), refresh=True)
            return
        part = FailedPart.SOURCE if isinstance(error, SourceError) else FailedPart.ENGINE
        text = f"{type(error).__name__}: {error}" if detail else _in_window(error)
        self._outbox.send(Failed(part, text, detail, _memory_of(error)))


def _memory_of(error: BaseException) -> str:
    """The device that ran out of memory; empty where something else failed."""
    return error.where if isinstance(error, OutOfMemoryError) else ""


def _in_window(error: BaseException) -> str:
    """What an error says to somebody who may have no command line."""
    return error.in_window if isinstance(error, OutOfMemoryError) else str(error)
