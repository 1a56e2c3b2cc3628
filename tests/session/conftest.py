"""An engine that is a list of what it was told and a queue of what it will say, and packets to say it with."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from viewer.config import Config
from viewer.core import (
    Boxes,
    DetectorInfo,
    Frame,
    FramePacket,
    Letterbox,
    Role,
    SourceInfo,
    SourceKind,
    Stage,
    Suppression,
    TapMap,
    TapSettings,
)
from viewer.core.messages import DetectorReady, Event, Intent, SourceOpened, TapsChanged, Transport
from viewer.session.controller import Controller

STAGES = (
    Stage("model.4", Role.BACKBONE, 8, 128, (48, 80)),
    Stage("model.6", Role.BACKBONE, 16, 128, (24, 40), name="C4"),
    Stage("model.16", Role.NECK, 8, 64, (48, 80), name="P3", default=True),
)
DETECTOR = DetectorInfo("yolo11n", "YOLO11", ("person", "car"), 1, (8, 16), "cpu", "fp32", Suppression.GREEDY)
CLIP = SourceInfo("clip.mp4", "clip.mp4", SourceKind.VIDEO, (360, 640), Fraction(25), 500, 20.0)
CAMERA = SourceInfo("0", "camera 0", SourceKind.CAMERA, (360, 640), Fraction(30))


class FakeEngine:
    """Stands in for the engine process; see `viewer.engine.port.EnginePort`."""

    def __init__(self) -> None:
        self.is_alive = True
        self.sent: list[Intent] = []
        self.events: list[Event] = []
        self.packet: FramePacket | None = None
        self.restarts: list[tuple[int, bool]] = []
        self.closed = 0
        self.wake: Callable[[], None] | None = None

    def start(self, wake: Callable[[], None]) -> None:
        self.wake = wake

    def send(self, intent: Intent) -> None:
        self.sent.append(intent)

    def take_events(self) -> list[Event]:
        events, self.events = self.events, []
        return events

    def take_packet(self) -> FramePacket | None:
        packet, self.packet = self.packet, None
        return packet

    def restart(self, *, index: int, playing: bool) -> None:
        self.is_alive = True
        self.restarts.append((index, playing))

    def close(self) -> None:
        self.closed += 1


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def make_packet(index: int = 7, *, nodes: tuple[str, ...] = ("model.16",), arrived_s: float = 0.0) -> FramePacket:
    image_hw = (360, 640)
    rgb = np.zeros((*image_hw, 3), np.uint8)
    rgb.setflags(write=False)
    candidates = Boxes(
        np.array([[10, 10, 60, 60], [11, 11, 61, 61], [200, 50, 260, 90], [-5, 300, 40, 380]], np.float32),
        np.array([0.9, 0.8, 0.3, 0.1], np.float32),
        np.array([1, 1, 0, 7], np.int32),
        np.array([8, 8, 16, 16], np.int32),
    )
    taps = []
    for stage in STAGES:
        if stage.node in nodes:
            codes = np.full(stage.map_hw, 7, np.uint8)
            codes[0, :3] = 0
            codes.setflags(write=False)
            taps.append(TapMap(stage, "absmean", codes, (0.02134, 1.3), 0.2, 1.4, 3))
    return FramePacket(
        Frame(rgb, index, index / 25, arrived_s),
        Letterbox.fit(image_hw, (640, 640)),
        candidates.take([0]),
        candidates,
        tuple(taps),
    )


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def controller(engine: FakeEngine, clock: Clock) -> Controller:
    """Playing a clip with P3 tapped, nothing left to be taken or sent."""
    controller = Controller(engine, Config(), clock=clock)
    controller.start(lambda: None)
    engine.events = [
        SourceOpened(CLIP),
        DetectorReady(DETECTOR, STAGES),
        TapsChanged((STAGES[2],), TapSettings()),
        Transport(playing=True, index=7),
    ]
    engine.packet = make_packet()
    controller.pump()
    engine.sent.clear()
    return controller


@pytest.fixture
def packet() -> Callable[..., FramePacket]:
    return make_packet


@pytest.fixture
def stages() -> tuple[Stage, ...]:
    return STAGES


@pytest.fixture
def detector() -> DetectorInfo:
    return DETECTOR


@pytest.fixture
def camera() -> SourceInfo:
    return CAMERA


@pytest.fixture
def clip() -> SourceInfo:
    return CLIP
