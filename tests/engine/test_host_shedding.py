"""The engine's main loop with a network whose taps are made slow: what it tells the window of those it leaves out."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from multiprocessing import Pipe
from multiprocessing.connection import Connection

import pytest

from tests.support.tiny import TinyDetector
from viewer.config import load_config
from viewer.core import FramePacket, TapSettings, Thresholds
from viewer.core.errors import OutOfMemoryError
from viewer.core.messages import (
    Event,
    Failed,
    FailedPart,
    PacketReady,
    Pause,
    Play,
    Quit,
    Release,
    Report,
    RingOpened,
    SetTaps,
    TapsChanged,
)
from viewer.engine import host
from viewer.engine.ring import RingReader
from viewer.inference import TappedNetwork
from viewer.pipeline import Pipeline

ALL = ["stem", "down.0", "down.1", "down.2"]
TAP_S = 0.025


class SlowTaps(Pipeline):
    """Four taps take 100 ms of a frame that may take 80; the network itself next to nothing."""

    def process(self, frame, *, with_taps=True) -> FramePacket:
        packet = super().process(frame, with_taps=with_taps)
        time.sleep(TAP_S * len(packet.taps))
        taps = tuple(replace(tap, cost_ms=TAP_S * 1000) for tap in packet.taps)
        reduce_ms = TAP_S * 1000 * len(taps)
        return replace(packet, taps=taps, timings=replace(packet.timings, reduce=reduce_ms))


class Window:
    """Reads what the host says and gives every slot back."""

    def __init__(self, pipe: Connection) -> None:
        self.pipe = pipe
        self.events: list[Event] = []
        self.reader: RingReader | None = None
        self.index, self.nodes, self.shed = -1, [""], ()
        self.reducers: set[str] = set()

    def pump(self) -> None:
        while self.pipe.poll(0.005):
            event = self.pipe.recv()
            self.events.append(event)
            if isinstance(event, RingOpened):
                self.reader = RingReader(event)
            elif isinstance(event, PacketReady) and self.reader is not None:
                packet = self.reader.read(event.slot)
                self.index = packet.frame.index
                self.nodes = [tap.stage.node for tap in packet.taps]
                self.reducers = {tap.reducer for tap in packet.taps}
                self.shed = packet.shed.nodes
                del packet
                self.pipe.send(Release(event.ring, event.slot))

    def wait(self, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 30
        while not done():
            assert time.monotonic() < deadline, (self.nodes, self.shed, self.events[-3:])
            self.pump()

    def last(self, kind: type):
        return next(event for event in reversed(self.events) if isinstance(event, kind))


@pytest.fixture
def open_host(clip, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Window]]:
    ended: list[Callable[[], None]] = []
    monkeypatch.setattr(host.os, "_exit", lambda _code: None)
    monkeypatch.setattr(
        host,
        "build_pipeline",
        lambda _config, **_: SlowTaps(TappedNetwork(TinyDetector(), TapSettings()), Thresholds()),
    )

    def open_one(**options: object) -> Window:
        ours, theirs = Pipe()
        config = load_config(None, {"source": str(clip), "speed": 0.5, **options})
        thread = threading.Thread(target=host.Host(theirs, config, index=0, playing=True).run)
        thread.start()
        window = Window(ours)

        def end() -> None:
            ours.send(Quit())
            thread.join(10)
            assert not thread.is_alive()
            if window.reader is not None:
                window.reader.close()
            ours.close()

        ended.append(end)
        return window

    yield open_one
    for end in ended:
        end()


def test_it_sheds_says_so_and_gives_all_back_when_it_stands(open_host):
    window = open_host()
    window.wait(lambda: window.shed == ("stem",))
    assert window.nodes == ["down.0", "down.1", "down.2"]
    report = window.last(Report)
    assert report.shed.nodes == ("stem",)
    assert report.shed.fps == pytest.approx(12.5)
    assert [stage.node for stage in window.last(TapsChanged).tapped] == ALL, "the wish stands"
    window.wait(lambda: window.last(Report).execution == "eager")

    window.pipe.send(Pause())
    window.wait(lambda: window.nodes == ALL)
    assert not window.last(Report).shed
    shown = window.index
    window.wait(lambda: len([event for event in window.events if isinstance(event, Report)]) > 12)
    assert (window.index, window.nodes) == (shown, ALL)

    window.pipe.send(Play())
    window.wait(lambda: window.shed == ("stem",))
    window.pipe.send(SetTaps(TapSettings(("stem", "down.2"))))
    window.wait(lambda: window.nodes == ["stem", "down.2"])
    assert [stage.node for stage in window.last(TapsChanged).tapped] == ["stem", "down.2"]


def test_it_can_be_told_not_to(open_host):
    window = open_host(shed=False)
    window.wait(lambda: window.index >= 25)
    assert window.nodes == ALL
    assert not any(event.shed for event in window.events if isinstance(event, Report))


FAILS_LATER = """
import viewer

class Mine(viewer.Reducer):
    seen = 0

    def reduce(self, activation):
        self.seen += 1
        return activation[0] if self.seen < 5 else activation.wrong
"""


def test_a_reducer_that_fails_on_a_frame_is_told_in_a_line_and_the_one_before_goes_on(open_host, tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(FAILS_LATER)
    window = open_host(shed=False)
    window.pipe.send(SetTaps(TapSettings(reducer="max")))
    window.wait(lambda: window.reducers == {"max"})
    window.pipe.send(SetTaps(TapSettings(reducer=f"{file}:Mine")))
    window.wait(lambda: any(isinstance(event, Failed) for event in window.events))
    failed = window.last(Failed)
    assert failed.part is FailedPart.TAPS
    assert failed.text.startswith("mine.py:9: Mine reduce() failed: AttributeError")
    assert failed.text.endswith("; it is used no longer")
    window.wait(lambda: window.last(TapsChanged).settings.reducer == "max")
    shown = window.index
    window.pipe.send(Play())
    window.wait(lambda: window.index > shown and window.reducers == {"max"})


@pytest.mark.parametrize("in_the_meantime", ["", "1 / 0  # somebody edits it"])
def test_where_the_one_before_fails_too_it_is_the_usual_one_that_goes_on(open_host, tmp_path, in_the_meantime):
    first, second = tmp_path / "first.py", tmp_path / "second.py"
    first.write_text(FAILS_LATER)
    second.write_text(FAILS_LATER)
    window = open_host(shed=False)
    window.pipe.send(Pause())
    for file in (first, second):
        window.pipe.send(SetTaps(TapSettings(reducer=f"{file}:Mine")))
        window.wait(lambda file=file: window.reducers == {f"{file}:Mine"})
    first.write_text(in_the_meantime or FAILS_LATER)
    for _ in range(2):
        failures = sum(isinstance(event, Failed) for event in window.events)
        window.pipe.send(Play())
        window.wait(lambda failures=failures: sum(isinstance(event, Failed) for event in window.events) > failures)
        if window.last(TapsChanged).settings.reducer == "absmean":
            break
    window.wait(lambda: window.last(TapsChanged).settings.reducer == "absmean")
    shown = window.index
    window.pipe.send(Play())
    window.wait(lambda: window.index > shown and window.reducers == {"absmean"})


def test_a_model_without_room_is_told_in_words_for_a_window(open_host, monkeypatch):
    def build(_config, **_):
        raise OutOfMemoryError("cuda:0", ", --half or --device cpu")

    monkeypatch.setattr(host, "build_pipeline", build)
    window = open_host()
    window.wait(lambda: any(isinstance(event, Failed) for event in window.events))
    failed = window.last(Failed)
    assert failed.part is FailedPart.MODEL
    assert failed.text == OutOfMemoryError("cuda:0").in_window
    assert failed.memory_of == "cuda:0"
