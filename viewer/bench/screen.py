"""The window, drawn in memory, with what it costs its thread.

`python -m viewer.bench` runs it in a process of its own. `what` is `play` (a file, as fast as the engine can), `live`
(a camera's stream), `paint` (made-up packets, no engine at all) or `slide` (one of these packets stands still, and a
slider is moved); `config` has the keys of `Config`, `began_s` is `time.time()` of the command that started it. One that
plays tells when its window and its first frame stood, then stands still and plays whenever a line asks for `seconds` of
it; the others measure once.
"""

import json
import math
import statistics
import sys
import time
from collections import deque
from collections.abc import Callable
from fractions import Fraction
from queue import SimpleQueue
from threading import Thread
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from viewer.config import Config, load_config
from viewer.core import (
    Boxes,
    Counters,
    DetectorInfo,
    Frame,
    FramePacket,
    Letterbox,
    Role,
    SourceInfo,
    SourceKind,
    SourceStatus,
    Stage,
    Suppression,
    TapMap,
    TapSettings,
    Thresholds,
    Timings,
    garbage,
)
from viewer.core.messages import DetectorReady, Event, Intent, Report, SourceOpened, TapsChanged, Transport
from viewer.core.screen import level_shapes, rgb_of
from viewer.engine import EngineStarter
from viewer.session import Controller
from viewer.ui import display
from viewer.ui.app import application, dispose
from viewer.ui.theme import undressed
from viewer.ui.window import Window

_SETTLE_S = 1.0
_IDLE_MS = 50
_PAINT_HW = (720, 1280)
_SETTLING_PAINTS = 30
_BOXES = 20
_PACKETS = 30
_PACKET_MS = 15


class _Probe(QObject):
    """Watches a window from its own thread."""

    def __init__(self, window: Window, began_s: float) -> None:
        super().__init__()
        self._window = window
        self._began_s = began_s
        self.first_window_s: float | None = None
        self.first_frame_s: float | None = None
        self.processed: list[tuple[float, int]] = []
        self.latencies_ms: list[float] = []
        self.computes_ms: list[float] = []
        self.paints = 0
        window.installEventFilter(self)
        window.canvas.frame_painted.connect(self._painted)

    def begin(self) -> None:
        """Count from here."""
        self.processed.clear()
        self.latencies_ms.clear()
        self.computes_ms.clear()
        self.paints = 0
        self._thread_s = time.thread_time()

    def starts(self) -> dict[str, Any]:
        """Seconds from the command to the window, and to its first frame with maps."""
        return {"first_window_s": self.first_window_s, "first_frame_s": self.first_frame_s}

    def end(self) -> dict[str, Any]:
        """What was seen since `begin`."""
        thread_ms = (time.thread_time() - self._thread_s) * 1000
        rates = [] if len(self.processed) < 2 else [_rate(self.processed)]
        return {
            **self.starts(),
            "paints": self.paints,
            "gui_ms_per_paint": thread_ms / max(1, self.paints),
            "engine_fps": rates[0] if rates else None,
            "latency_ms": statistics.median(self.latencies_ms) if self.latencies_ms else None,
            "compute_ms": statistics.median(self.computes_ms) if self.computes_ms else None,
        }

    def look(self) -> None:
        """Note how far the engine is."""
        report = self._window.controller.state.report
        if report is not None and (not self.processed or self.processed[-1][1] != report.counters.processed):
            self.processed.append((time.perf_counter(), report.counters.processed))

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self.first_window_s is None and event.type() == QEvent.Type.Paint:
            self.first_window_s = time.time() - self._began_s
        return super().eventFilter(watched, event)

    def _painted(self) -> None:
        packet = self._window.controller.packet
        if packet is None or not packet.taps:
            return
        if self.first_frame_s is None:
            self.first_frame_s = time.time() - self._began_s
        self.paints += 1
        spent = packet.timings
        self.latencies_ms.append((time.perf_counter() - packet.frame.arrived_s) * 1000)
        self.computes_ms.append(spent.letterbox + spent.forward + spent.suppress + spent.shape)


class _Scripted:
    """An engine that costs nothing: a few packets of 1280x720 with six maps and twenty boxes, again and again."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self._stages = tuple(_stage(number, stride) for number, stride in enumerate((8, 16, 32, 8, 16, 32)))
        self._packets = [self._packet(rng, index) for index in range(_PACKETS)]
        self._events: deque[Event] = deque()
        self._shown = 0
        self._ready: FramePacket | None = None
        self._wake: Callable[[], None] = lambda: None
        self.is_alive = False

    def start(self, wake: Callable[[], None]) -> None:
        self._wake, self.is_alive = wake, True
        info = DetectorInfo("scripted", "none", ("car",), 0, (8,), "cpu", "fp32", Suppression.GREEDY)
        source = SourceInfo("scripted", "scripted", SourceKind.VIDEO, _PAINT_HW, Fraction(30), 10_000, 333.0)
        self._events += [SourceOpened(source), DetectorReady(info, self._stages)]
        self._events += [TapsChanged(self._stages, TapSettings()), Report(30.0, Counters(), SourceStatus())]
        self._wake()

    def send(self, intent: Intent) -> None:
        """Obeys nothing."""

    def take_events(self) -> list[Event]:
        taken = list(self._events)
        self._events.clear()
        return taken

    def take_packet(self) -> FramePacket | None:
        taken, self._ready = self._ready, None
        return taken

    def restart(self, *, index: int, playing: bool) -> None:
        """Never needed."""

    def close(self) -> None:
        self.is_alive = False

    def show_next(self) -> None:
        """Deliver a packet."""
        self._shown += 1
        self._events.append(Transport(playing=True, index=self._shown))
        self._ready = self._packets[self._shown % _PACKETS]
        self._wake()

    def _packet(self, rng: np.random.Generator, index: int) -> FramePacket:
        height, width = _PAINT_HW
        whole, *halves = level_shapes(_PAINT_HW)
        level = rng.integers(0, 256, whole, dtype=np.uint8)
        levels = (level, *(rng.integers(0, 256, half, dtype=np.uint8) for half in halves))
        frame = Frame(rgb_of(level), index, index / 30, 0.0, levels=levels)
        letterbox = Letterbox.fit(_PAINT_HW, (640, 640))
        corners = rng.random((_BOXES, 2)) * (width - 200, height - 200)
        xyxy = np.concatenate([corners, corners + 60 + 120 * rng.random((_BOXES, 2))], 1).astype(np.float32)
        scores = np.sort(rng.random(_BOXES).astype(np.float32) * 0.7 + 0.3)[::-1].copy()
        boxes = Boxes(xyxy, scores, np.zeros(_BOXES, np.int32), np.full(_BOXES, 8, np.int32))
        taps = tuple(
            TapMap(stage, "absmean", rng.integers(1, 256, stage.map_hw, dtype=np.uint8), (0.0, 1.0), 0.3, 1.0, 0)
            for stage in self._stages
        )
        return FramePacket(frame, letterbox, boxes, boxes, taps, Timings(forward=20.0), 0.0, Thresholds(iou=1.0))


def run(order: dict[str, Any], engines: EngineStarter, say: Callable[[dict[str, Any]], None]) -> None:
    """Open the window and measure.

    Args:
        order: As the module says; `seconds` to measure, or `paints`.
        engines: Makes the engine.
        say: Told what was measured.
    """
    display.settle()
    display.use_offscreen()
    app = application()
    scripted = _Scripted() if order["what"] in ("paint", "slide") else None
    config: Config = load_config(None, order["config"])
    controller = Controller(scripted or engines(config), config)
    with undressed(app):
        window = Window(controller)
    window.resize(1280, 800)
    QTimer.singleShot(0, app, garbage.resume)
    probe = _Probe(window, order["began_s"])
    window.show()
    try:
        if scripted is not None:
            measure = _slide if order["what"] == "slide" else _paint
            say(measure(window, scripted, probe, order["paints"]))
            return
        failure = _await_frame(window, probe)
        if failure is not None:
            say({"failed": failure})
        elif order["what"] == "live":
            say(_watch(probe, order["seconds"]))
        else:
            say(probe.starts())
            _take_turns(window, probe, say)
    finally:
        dispose(app, window)


def _paint(window: Window, scripted: _Scripted, probe: _Probe, paints: int) -> dict[str, Any]:
    window.controller.set_iou(1.0)  # keeps all boxes
    timer = QTimer()
    timer.timeout.connect(scripted.show_next)
    timer.start(_PACKET_MS)
    _until(lambda: probe.paints >= _SETTLING_PAINTS, 30)
    probe.begin()
    _until(lambda: probe.paints >= paints, 60, every_ms=_IDLE_MS)  # who asks more often is a part of what is measured
    timer.stop()
    return probe.end()


def _slide(window: Window, scripted: _Scripted, probe: _Probe, moves: int) -> dict[str, Any]:
    """Move the confidence slider to and fro over a frame that stands still; each time until its boxes are redrawn."""
    window.controller.set_iou(1.0)
    while probe.paints < 1:
        scripted.show_next()
        _until(lambda: probe.paints >= 1, 1)
    window.controller.pause()
    window.show_all()
    slider, spent_ms = window.inspector.conf.slider, list[float]()
    painted = _Painted(window.canvas)
    for move in range(moves):
        painted.is_done = False
        began_s = time.perf_counter()
        slider.setValue(30 + 60 * (move % 2) + move % 7)
        while not painted.is_done:
            QCoreApplication.processEvents()
        spent_ms.append((time.perf_counter() - began_s) * 1000)
    return {"slider_ms": spent_ms}


class _Painted(QObject):
    """Knows when a widget was painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.is_done = False
        widget.installEventFilter(self)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.is_done |= event.type() == QEvent.Type.Paint
        return super().eventFilter(watched, event)


def _await_frame(window: Window, probe: _Probe) -> str | None:
    """Wait for the first frame with maps; why none came, if none came."""
    if _until(lambda: probe.first_frame_s is not None, 120):
        return None
    state = window.controller.state
    return state.notice.text if state.notice else f"no frame came; the engine is {state.phase}"


def _watch(probe: _Probe, seconds: float) -> dict[str, Any]:
    timer = QTimer()
    timer.timeout.connect(probe.look)
    timer.start(20)
    _for(_SETTLE_S)
    probe.begin()
    _for(seconds)
    timer.stop()
    return probe.end()


def _take_turns(window: Window, probe: _Probe, say: Callable[[dict[str, Any]], None]) -> None:
    """Play when told, and stand still in between, until the input ends."""
    lines: SimpleQueue[str] = SimpleQueue()
    Thread(target=_read_lines, args=(lines,), daemon=True).start()
    while True:
        window.controller.pause()
        _until(lambda: not lines.empty(), math.inf, every_ms=_IDLE_MS)
        line = lines.get()
        if not line:
            return
        window.controller.play()
        say(_watch(probe, json.loads(line)["seconds"]))


def _read_lines(lines: "SimpleQueue[str]") -> None:
    """Put down each line of the standard input, and at its end an empty one."""
    line = "-"
    while line:
        line = sys.stdin.readline()
        lines.put(line)


def _until(done: Callable[[], bool], seconds: float, *, every_ms: int = 5) -> bool:
    deadline_s = time.perf_counter() + seconds
    loop, watch = QEventLoop(), QTimer()  # a loop of its own: to quit the application would close the window
    watch.timeout.connect(lambda: loop.quit() if done() or time.perf_counter() > deadline_s else None)
    watch.start(every_ms)
    loop.exec()
    watch.stop()
    return done()


def _for(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def _rate(processed: list[tuple[float, int]]) -> float:
    (first_s, first), (last_s, last) = processed[0], processed[-1]
    return (last - first) / (last_s - first_s)


def _stage(number: int, stride: int) -> Stage:
    rows, columns = 384 // stride, 640 // stride
    return Stage(f"model.{number}", Role.NECK, stride, 64, (rows, columns), "C3k2", f"P{number}", 0.03, default=True)
