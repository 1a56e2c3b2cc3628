"""A window on a made-up engine: no process, no network, every event and frame when the test says so.

The picture holds bright squares that move; maps are hot and boxes lie where the squares are, through the same letterbox
arithmetic as the real thing, so whatever a test finds out of place was put there by the window.
"""

import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from fractions import Fraction

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QMenu

from viewer.config import Config
from viewer.config.recents import RecentsFile
from viewer.core import (
    Boxes,
    Counters,
    DetectorInfo,
    Frame,
    FramePacket,
    Letterbox,
    Role,
    Shed,
    SourceInfo,
    SourceKind,
    SourceStatus,
    Stage,
    Suppression,
    TapMap,
    TapSettings,
    Timings,
)
from viewer.core.messages import (
    DetectorReady,
    Event,
    Intent,
    Loading,
    Pause,
    Play,
    Report,
    Seek,
    SeekTime,
    SetLoop,
    SetSpeed,
    SetTaps,
    SourceOpened,
    Step,
    TapsChanged,
    Transport,
)
from viewer.session import Controller
from viewer.session.places import Places
from viewer.session.preferences import Preferences
from viewer.ui import tokens
from viewer.ui.theme import dress, undressed, wear
from viewer.ui.window import Window


def stage(number: int, role: Role, stride: int, channels: int, name: str = "", share: float = 0.03) -> Stage:
    rows, columns = 384 // stride, 640 // stride
    kind = "C3k2" if name else "Conv"
    return Stage(f"model.{number}", role, stride, channels, (rows, columns), kind, name, share, bool(name))


STAGES = (
    stage(0, Role.BACKBONE, 2, 16, share=0.031),
    stage(1, Role.BACKBONE, 4, 32, share=0.052),
    stage(2, Role.BACKBONE, 4, 64, share=0.087),
    stage(3, Role.BACKBONE, 8, 64, share=0.044),
    stage(4, Role.BACKBONE, 8, 128, "C3", 0.079),
    stage(5, Role.BACKBONE, 16, 128, share=0.038),
    stage(6, Role.BACKBONE, 16, 128, "C4", 0.062),
    stage(10, Role.BACKBONE, 32, 256, "C5", 0.048),
    stage(13, Role.NECK, 16, 128, share=0.059),
    stage(16, Role.NECK, 8, 64, "P3", 0.083),
    stage(19, Role.NECK, 16, 128, "P4", 0.049),
    stage(22, Role.NECK, 32, 256, "P5", 0.057),
)
NAMES = ("person", "bicycle", "car", "truck", "traffic light")


class FakeEngine:
    """Does what an engine does, in the test's own thread.

    Args:
        image_hw: Size of the made-up pictures.
        count: Number of frames; None makes it a live camera.
        eager: Whether source and detector are there as soon as it is started.
    """

    def __init__(self, image_hw: tuple[int, int] = (360, 640), count: int | None = 500, *, eager: bool = True) -> None:
        self.image_hw, self.count, self.eager = image_hw, count, eager
        self.is_alive = False
        self.sent: list[Intent] = []
        self.restarts: list[tuple[int, bool]] = []
        self.closed = 0
        self.transport = Transport(playing=True)
        self.tapped = tuple(stage for stage in STAGES if stage.default)
        self.settings = TapSettings()
        self.limits = (0.0, 1.0)
        self.nonfinite = 0
        self.shed = Shed()
        self.reduce_ms = 0.2
        self.detector_is_ready = False
        self._events: deque[Event] = deque()
        self._packet: FramePacket | None = None
        self._wake: Callable[[], None] = lambda: None

    # --- the port ---------------------------------------------------------------------------------------------------

    def start(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self.is_alive = True
        if self.eager:
            self.open_source()
            self.load_detector()

    def send(self, intent: Intent) -> None:
        self.sent.append(intent)
        transport = self.transport
        match intent:
            case Play(backwards):
                self._move(playing=True, backwards=backwards)
            case Pause():
                self._move(playing=False, backwards=False)
            case Step(frames):
                self._move(playing=False, backwards=False)
                self.show(transport.index + frames)
            case Seek(index):
                self.show(index)
            case SeekTime(seconds):
                self.show(round(seconds * 25))
            case SetSpeed(speed):
                self._move(speed=speed)
            case SetLoop(loop, span):
                self._move(loop=loop, span=span)
            case SetTaps(settings):
                wanted = {stage.node for stage in self.tapped} if settings.nodes is None else set(settings.nodes)
                self.tapped = tuple(stage for stage in STAGES if stage.node in wanted)
                self.settings = settings
                self.post(TapsChanged(self.tapped, settings))
                self.show(transport.index)
            case _:
                pass

    def take_events(self) -> list[Event]:
        taken = list(self._events)
        self._events.clear()
        return taken

    def take_packet(self) -> FramePacket | None:
        packet, self._packet = self._packet, None
        return packet

    def restart(self, *, index: int, playing: bool) -> None:
        self.restarts.append((index, playing))
        self.is_alive = True
        self.open_source()
        self.load_detector()
        self.show(index)

    def close(self) -> None:
        self.closed += 1
        self.is_alive = False

    # --- what the test makes happen ---------------------------------------------------------------------------------

    def post(self, event: Event) -> None:
        self._events.append(event)
        self._wake()

    def open_source(self) -> None:
        kind = SourceKind.CAMERA if self.count is None else SourceKind.VIDEO
        duration_s = None if self.count is None else self.count / 25
        codec = "" if self.count is None else "h264 in mp4"
        name = "camera 0" if self.count is None else "street.mp4"
        self.post(
            SourceOpened(SourceInfo(name, name, kind, self.image_hw, Fraction(25), self.count, duration_s, codec))
        )
        self.post(Loading("Loading detector yolo11n …"))
        self.post(self.transport)

    def load_detector(self) -> None:
        self.detector_is_ready = True
        info = DetectorInfo("yolo11n", "YOLO11", NAMES, 2_600_000, (8, 16, 32), "cpu", "fp32", Suppression.GREEDY)
        self.post(DetectorReady(info, STAGES))
        self.post(TapsChanged(self.tapped, self.settings))
        self.report()

    def report(self, execution: str = "eager") -> None:
        """Say how it fares."""
        self.post(Report(24.9, Counters(processed=10, late=2), SourceStatus(), 0.0, execution, self.shed))

    def shed_taps(self, *nodes: str, every_second: bool = False) -> None:
        """Leave these out of the next frames, and say so."""
        self.shed = Shed(nodes, every_second, 25.0 if nodes or every_second else 0.0)
        self.report()

    def show(self, index: int) -> None:
        """Deliver a frame."""
        last = 10**9 if self.count is None else self.count - 1
        index = min(max(index, 0), last)
        self._move(index=index)
        self._packet = self.packet(index)
        self._wake()

    def die(self) -> None:
        self.is_alive = False
        self._wake()

    def _move(self, **changes: object) -> None:
        values = {name: getattr(self.transport, name) for name in Transport.__slots__} | changes
        self.transport = Transport(**values)
        self.post(self.transport)

    # --- what it shows ----------------------------------------------------------------------------------------------

    def objects(self, index: int) -> list[tuple[float, float, float, float, float, int]]:
        """Left, top, right, bottom, score and class of what is in a frame, best first."""
        height, width = self.image_hw
        side = min(height, width) / 8
        found = []
        for number in range(6):
            x = (number * 0.37 + index * 0.004) % 0.85 * width
            y = (0.15 + number * 0.29 % 0.7) * (height - side)
            found.append((x, y, min(x + side, width), min(y + side, height), 0.95 - 0.13 * number, number % len(NAMES)))
        return found

    def rgb(self, index: int) -> np.ndarray:
        height, width = self.image_hw
        rgb = np.empty((height, width, 3), np.uint8)
        rgb[..., 0] = np.linspace(20, 60, width)[None]
        rgb[..., 1] = np.linspace(70, 30, height)[:, None]
        rgb[..., 2] = 80
        for left, top, right, bottom, *_ in self.objects(index):
            rgb[int(top) : int(bottom), int(left) : int(right)] = (230, 220, 200)
        rgb.setflags(write=False)
        return rgb

    def codes(self, index: int, stage: Stage, letterbox: Letterbox) -> np.ndarray:
        rows, columns = letterbox.input_hw[0] // stage.stride, letterbox.input_hw[1] // stage.stride
        rect = letterbox.map_rect
        y = (np.arange(rows)[:, None] + 0.5) / rows * rect.height + rect.y
        x = (np.arange(columns)[None] + 0.5) / columns * rect.width + rect.x
        heat = np.zeros((rows, columns))
        for left, top, right, bottom, score, _ in self.objects(index):
            reach = max(right - left, stage.stride * rect.width / letterbox.input_hw[1])
            heat += score * np.exp(-(((x - (left + right) / 2) ** 2 + (y - (top + bottom) / 2) ** 2) / reach**2))
        return (1 + np.clip(heat, 0, 1) * 254).astype(np.uint8)

    def packet(self, index: int) -> FramePacket:
        frame = Frame(self.rgb(index), index, index / 25, time.perf_counter())
        if not self.detector_is_ready:
            return FramePacket(frame)
        letterbox = Letterbox.fit(frame.image_hw, (640, 640))
        rows = np.array(self.objects(index), np.float32)
        labels = rows[:, 5].astype(np.int32)
        candidates = Boxes(rows[:, :4].copy(), rows[:, 4].copy(), labels, np.full(len(rows), 8, np.int32))
        kept = [stage for stage in self.tapped if stage.node not in self.shed.nodes]
        carried = self.shed.every_second and index % 2 == 1
        reducer, cost_ms = self.settings.reducer, self.reduce_ms / max(1, len(kept))
        taps = tuple(
            TapMap(
                stage,
                reducer,
                self.codes(index - carried, stage, letterbox),
                self.limits,
                0.2,
                1.0,
                self.nonfinite,
                cost_ms,
                int(carried),
            )
            for stage in kept
        )
        reduce_ms = 0.0 if carried else self.reduce_ms
        timings = Timings(4.2, 1.3, 34.0 + 3 * np.sin(index / 7), reduce_ms, 0.3, 0.4)
        finished_s, shed = time.perf_counter(), self.shed
        return FramePacket(frame, letterbox, candidates, candidates, taps, timings, finished_s, shed=shed)


@pytest.fixture(scope="session")
def qapp() -> Iterator[QApplication]:
    app = QApplication.instance() or QApplication(["featscope"])
    assert isinstance(app, QApplication)
    dress(app)
    yield app
    app.closeAllWindows()


@pytest.fixture
def themed(qapp: QApplication) -> Iterator[Callable[[str], None]]:
    """Changes the theme; it is dark again after the test."""
    yield lambda name: wear(qapp, name)
    wear(qapp, tokens.DARK.name)


@pytest.fixture(autouse=True)
def qt_is_quiet() -> Iterator[None]:
    """Any warning of Qt fails the test that caused it."""
    said: list[str] = []

    def listen(kind: QtMsgType, _context: object, text: str) -> None:
        if kind != QtMsgType.QtDebugMsg and "does not support" not in text:
            said.append(text)

    qInstallMessageHandler(listen)
    yield
    qInstallMessageHandler(None)
    assert not said


def _application() -> QApplication:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app


def settle() -> None:
    """Let every queued event of the window happen, deletions too."""
    for _ in range(4):
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


class Opened:
    """A window that is on the screen, and the engine behind it."""

    def __init__(
        self,
        engine: FakeEngine,
        config: Config,
        places: Places,
        preferences: Preferences | None = None,
        memory: RecentsFile | None = None,
    ) -> None:
        self.engine = engine
        self.places = places
        self.controller = Controller(engine, config, memory=memory)
        with undressed(_application()):
            self.window = Window(self.controller, places=places, preferences=preferences)
        self.window.resize(1280, 800)
        self.window.show()
        settle()
        if engine.eager:
            self.show(engine.transport.index if engine.transport.index >= 0 else 40)

    @property
    def state(self):
        return self.controller.state

    def show(self, index: int) -> None:
        self.engine.show(index)
        settle()

    def sent(self, kind: type) -> list:
        return [intent for intent in self.engine.sent if isinstance(intent, kind)]

    def close(self) -> None:
        self.window.close()
        self.window.deleteLater()
        settle()


@pytest.fixture
def open_window(qapp, tmp_path) -> Iterator[Callable[..., Opened]]:
    """Opens windows that are closed, and proven gone, after the test."""
    opened: list[Opened] = []
    before = {id(widget) for widget in qapp.topLevelWidgets()}

    def open_one(
        engine: FakeEngine | None = None,
        config: Config | None = None,
        preferences: Preferences | None = None,
        memory: RecentsFile | None = None,
    ) -> Opened:
        places = Places(tmp_path / "taken", tmp_path / "taps.yaml")
        opened.append(Opened(engine or FakeEngine(), config or Config(), places, preferences, memory))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()
        assert one.engine.closed == 1
    settle()
    # Menus that pyqtgraph makes for its plots, shown or not, belong to nobody and go when Python finds their cycle.
    left = [w for w in qapp.topLevelWidgets() if id(w) not in before and not isinstance(w, QMenu)]
    assert left == []


@pytest.fixture
def live(open_window) -> Opened:
    """A window on a camera."""
    return open_window(FakeEngine(count=None))


@pytest.fixture
def starting(open_window) -> Opened:
    """A window whose engine has said nothing yet."""
    return open_window(FakeEngine(eager=False))


@pytest.fixture
def fake_engine() -> type[FakeEngine]:
    """The engine's class, for tests that need one of their own."""
    return FakeEngine
