"""The engine as the window meets it: a real process, real video, a real network, and real kills."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from time import perf_counter, sleep

import pytest

from tests.conftest import square_column
from viewer.config import load_config
from viewer.core.alteration import Alteration, ChannelEdit
from viewer.core.cam import CamQuestion, CamTarget
from viewer.core.inquiry import NOTHING, Inquiry
from viewer.core.looprange import LoopRange
from viewer.core.messages import (
    DetectorReady,
    Event,
    Failed,
    FailedPart,
    Pause,
    Play,
    Report,
    Seek,
    SetInquiry,
    SetLoop,
    SetSpeed,
    SetTaps,
    SetThresholds,
    SetThrottle,
    SourceOpened,
    Step,
    Sweep,
    Swept,
    TapsChanged,
    Transport,
)
from viewer.core.packet import FramePacket
from viewer.core.perturbation import Kind, Perturbation
from viewer.core.suppression import Thresholds
from viewer.core.sweep import SweepWish
from viewer.core.tapping import TapSettings
from viewer.engine import EngineClient

MODEL = "yolo11n.yaml"


class Window:
    """What a window does with a client, written down."""

    def __init__(self, source: Path | str, model: str = MODEL, *, network: bool = True, **options: object) -> None:
        given = {"source": str(source), "model": model, "imgsz": 96, **options}
        self.client = EngineClient(load_config(None, given), network=network)
        self.events: list[Event] = []
        self.indices: list[int] = []
        self.packet: FramePacket | None = None
        self.client.start(lambda: None)

    def pump(self) -> None:
        self.events += self.client.take_events()
        packet = self.client.take_packet()
        if packet is not None:
            self.packet = packet
            self.indices.append(packet.frame.index)

    def wait(self, done: Callable[[], bool], seconds: float = 60) -> None:
        deadline = perf_counter() + seconds
        while not done():
            assert perf_counter() < deadline, (self.events[-5:], self.indices[-5:])
            self.pump()
            sleep(0.005)

    def seen(self, kind: type) -> list:
        return [event for event in self.events if isinstance(event, kind)]

    def paused_at(self, index: int) -> bool:
        return self.packet is not None and self.packet.frame.index == index and bool(self.packet.taps)

    def close(self) -> None:
        self.packet = None
        self.client.close()


@pytest.fixture
def window(clip: Path) -> Iterator[Window]:
    window = Window(clip)
    yield window
    window.close()


def shared_memory() -> set[str]:
    folder = Path("/dev/shm")
    return {entry.name for entry in folder.iterdir()} if folder.is_dir() else set()


def is_running(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


SLOW_BACK = """
import time

import torch

names, input_size, resize = ["cell"], 64, "stretch"

class Slow(torch.autograd.Function):
    @staticmethod
    def forward(ctx, values):
        return values.clone()

    @staticmethod
    def backward(ctx, gradient):
        with open({log!r}, "a") as file:
            file.write("x")
        time.sleep(0.4)
        return gradient

class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = torch.nn.Sequential(torch.nn.AvgPool2d(4), torch.nn.AvgPool2d(2))

    def forward(self, images):
        return Slow.apply(self.backbone(images)).mean(1).sigmoid()

def build(device):
    return Network()

def decode(outputs, letterbox):
    scores, cells = outputs.flatten().topk(12)
    corners = torch.stack([cells % 8, cells // 8], 1) * 8.0
    return torch.cat([corners, corners + 8], 1), scores, torch.zeros(12)
"""


@pytest.fixture
def slow_window(clip: Path, tmp_path: Path) -> Iterator[tuple[Window, Path]]:
    """A window whose network takes long to go back through, and the file that counts how often it does."""
    log, model = tmp_path / "ways back", tmp_path / "slow.py"
    log.touch()
    model.write_text(SLOW_BACK.format(log=str(log)))
    window = Window(clip, str(model), conf=0.0)
    yield window, log
    window.close()


def test_a_long_explanation_tells_how_far_it_is_and_ends_when_it_is_taken_back(slow_window: tuple[Window, Path]):
    window, log = slow_window
    window.wait(lambda: window.seen(TapsChanged))
    window.client.send(Pause())
    window.client.send(Seek(5))
    window.wait(lambda: window.paused_at(5))
    thresholds = Thresholds(conf=0.0)
    window.client.send(SetInquiry(Inquiry(cam=CamQuestion(CamTarget(), merged=thresholds))))
    window.wait(lambda: any(report.explaining is not None and report.explaining.done for report in window.seen(Report)))
    shown = len(window.indices)
    window.client.send(SetInquiry(NOTHING))
    window.wait(
        lambda: len(window.indices) > shown and window.packet is not None and window.packet.findings.cam is None
    )
    works = [report.explaining for report in window.seen(Report) if report.explaining is not None]
    assert {work.total for work in works} == {12}
    assert 1 <= len(log.read_text()) < 12, "those that were left are not gone through"


def test_a_frame_is_altered_and_swept_between_frames(window: Window):
    window.wait(lambda: window.seen(TapsChanged))
    window.client.send(Pause())
    window.client.send(Seek(12))
    window.wait(lambda: window.paused_at(12))
    altered = Alteration((ChannelEdit("P3", 0),), (Perturbation(Kind.BRIGHTNESS, 0.5),))
    before = window.packet.frame.rgb.mean()
    window.client.send(SetInquiry(Inquiry(alteration=altered)))
    window.wait(lambda: window.packet.findings.alteration is not None)
    assert window.packet.frame.rgb.mean() == pytest.approx(before / 2, abs=1)
    wish = SweepWish((0.0, 0.0, 50.0, 50.0), 0, masks=6)
    window.client.send(Sweep(wish))
    window.wait(lambda: any(news.map and news.map.is_done for news in window.seen(Swept)))
    assert window.seen(Swept)[-1].map.index == 12
    endless = SweepWish((0.0, 0.0, 50.0, 50.0), 0, masks=100_000)
    window.client.send(Sweep(endless))
    window.wait(lambda: any(news.wish == endless for news in window.seen(Swept)))
    window.client.send(Step(1))
    window.wait(lambda: window.paused_at(13))
    assert window.seen(Swept)[-1] == Swept(endless, None)


def test_first_frame_then_network_then_taps_and_every_wish_is_served(window):
    before = shared_memory()
    window.wait(lambda: window.packet is not None)
    assert window.packet.taps == ()
    assert not window.seen(DetectorReady), "the first frame does not wait for the network"
    assert window.seen(SourceOpened)[0].info.frame_count == 30

    window.wait(lambda: bool(window.packet.taps))
    ready = window.seen(DetectorReady)[0]
    assert [tap.stage.name for tap in window.packet.taps] == ["C3", "C4", "C5", "P3", "P4", "P5"]
    assert len(ready.stages) > 20
    window.wait(lambda: len(window.indices) > 6)

    window.client.send(Pause())
    window.wait(lambda: bool(window.seen(Transport)) and not window.seen(Transport)[-1].playing)
    for index in (17, 4, 29):
        window.client.send(Seek(index))
        window.wait(lambda index=index: window.paused_at(index))
        assert square_column(window.packet.frame.rgb) == index
    window.client.send(Step(-2))
    window.wait(lambda: window.paused_at(27))
    window.client.send(Seek(13, quick=True))
    window.wait(lambda: window.paused_at(10) or window.paused_at(13))  # its key frame, or itself if it is still kept
    assert square_column(window.packet.frame.rgb) == window.packet.frame.index

    window.client.send(SetLoop(True, LoopRange(5, 7)))
    window.client.send(Play())
    window.wait(lambda: window.indices.count(6) >= 3)
    assert set(window.indices[-3:]) <= {5, 6, 7}
    window.client.send(Pause())
    window.client.send(SetLoop(True))
    window.client.send(Seek(27))
    window.wait(lambda: window.paused_at(27))

    window.client.send(SetTaps(TapSettings(("P3", "model.2"), "rms")))
    window.wait(lambda: [tap.stage.node for tap in window.packet.taps] == ["model.2", "model.16"])
    assert window.packet.taps[0].reducer == "rms"
    window.client.send(SetTaps(TapSettings(("P9",))))
    window.wait(lambda: bool(window.seen(Failed)))
    assert window.seen(Failed)[0].part is FailedPart.TAPS
    assert "no stage 'P9'" in window.seen(Failed)[0].text
    assert [stage.node for stage in window.seen(TapsChanged)[-1].tapped] == ["model.2", "model.16"]

    def fresh_report() -> Report:
        known = len(window.seen(Report))
        window.wait(lambda: len(window.seen(Report)) > known + 1)
        return window.seen(Report)[-1]

    processed = fresh_report().counters.processed
    window.client.send(SetThresholds(Thresholds(conf=0.5)))
    assert fresh_report().counters.processed == processed, "a threshold runs no frame"
    assert shared_memory() <= before


def test_a_killed_engine_is_noticed_and_restarts_at_the_same_frame(window):
    window.wait(lambda: window.packet is not None)
    first = window.client.pid
    os.kill(first, signal.SIGKILL)
    window.wait(lambda: not window.client.is_alive, seconds=5)
    kept = window.packet.frame.rgb
    assert kept.shape == (72, 128, 3), "the last frame stays readable"
    window.client.restart(index=12, playing=False)
    window.packet = None
    window.wait(lambda: window.packet is not None)
    assert window.client.is_alive
    assert window.client.pid != first
    assert square_column(window.packet.frame.rgb) == 12
    assert not is_running(first)


def test_closing_ends_the_process_soon_also_while_it_loads(clip):
    before = shared_memory()
    window = Window(clip)
    pid = window.client.pid
    sleep(0.3)
    started = perf_counter()
    window.close()
    window.close()
    assert perf_counter() - started < 5
    assert not is_running(pid)
    assert shared_memory() <= before


def test_a_source_that_cannot_be_opened_is_told_and_the_engine_lives_on(tmp_path):
    window = Window(tmp_path / "nothing.mp4")
    window.wait(lambda: bool(window.seen(Failed)))
    assert window.seen(Failed)[0].part is FailedPart.SOURCE
    assert "nothing.mp4" in window.seen(Failed)[0].text
    assert window.client.is_alive
    window.close()


def test_a_model_that_cannot_be_loaded_is_told_and_the_video_still_plays(clip):
    window = Window(clip, model="nothing.pt")
    window.wait(lambda: bool(window.seen(Failed)))
    assert window.seen(Failed)[0].part is FailedPart.MODEL
    assert window.seen(Failed)[0].detail == ""
    window.client.send(Seek(9))
    window.wait(lambda: window.packet is not None and window.packet.frame.index == 9)
    window.close()


def test_without_a_network_frames_come_as_they_are(clip):
    window = Window(clip, model="nothing there.pt", network=False)
    window.wait(lambda: len(window.indices) > 3)
    assert window.packet is not None
    assert window.packet.letterbox is None
    assert not window.seen(Failed)
    assert not window.seen(DetectorReady)
    window.close()


def test_an_unknown_stage_is_told_and_the_network_shows_its_own(clip):
    window = Window(clip, tap=["P9"])
    window.wait(lambda: window.packet is not None and bool(window.packet.taps))
    (failed,) = window.seen(Failed)
    assert failed.part is FailedPart.TAPS
    assert "no stage 'P9'" in failed.text
    assert [tap.stage.name for tap in window.packet.taps] == ["C3", "C4", "C5", "P3", "P4", "P5"]
    window.close()


SCRIPT = """
import sys, time
from viewer.config import load_config
from viewer.engine import EngineClient
if __name__ == "__main__":
    client = EngineClient(load_config(None, {"source": sys.argv[1], "model": "yolo11n.yaml", "imgsz": 96}))
    client.start(lambda: None)
    while client.take_packet() is None:
        time.sleep(0.01)
    loaded = {"torch", "cv2", "av", "ultralytics", "torchvision"} & set(sys.modules)
    print(client.pid, ",".join(sorted(loaded)) or "none", flush=True)
    while True:
        client.take_packet()
        time.sleep(0.01)
"""


def test_a_killed_window_takes_its_engine_along_and_leaves_no_memory(clip, tmp_path):
    before = shared_memory()
    script = tmp_path / "window.py"
    script.write_text(SCRIPT)
    root = str(Path(__file__).parents[2])
    process = subprocess.Popen(
        [sys.executable, str(script), str(clip)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
    )
    assert process.stdout is not None
    with process, process.stdout:
        pid, loaded = process.stdout.readline().split()
        assert loaded == "none", "the window's process imports no torch, OpenCV or PyAV"
        assert is_running(int(pid))
        process.kill()
        deadline = perf_counter() + 2.0
        while is_running(int(pid)):
            assert perf_counter() < deadline, "the engine outlived its window by two seconds"
            sleep(0.02)
    deadline = perf_counter() + 2.0
    while not shared_memory() <= before:
        assert perf_counter() < deadline, shared_memory() - before
        sleep(0.02)


def test_whoever_stops_a_fast_forward_sees_the_frame_it_stopped_at(window):
    window.wait(lambda: window.packet is not None and bool(window.packet.taps))
    window.client.send(SetSpeed(8))
    for _ in range(3):
        window.client.send(Play())
        seen = len(window.indices)
        window.wait(lambda seen=seen: len(window.indices) > seen + 5)
        window.client.send(Pause())
        window.wait(lambda: not window.seen(Transport)[-1].playing)
        window.wait(lambda: window.packet.frame.index == window.seen(Transport)[-1].index)


@pytest.mark.slow
def test_it_plays_backwards_and_leaves_the_machine_to_others(window):
    window.wait(lambda: window.packet is not None and bool(window.packet.taps))
    window.client.send(SetLoop(loop=False))
    window.client.send(Pause())
    window.client.send(Seek(12))
    window.wait(lambda: window.paused_at(12))
    window.indices.clear()
    window.client.send(Play(backwards=True))
    window.wait(lambda: window.paused_at(0))
    assert window.indices == sorted(window.indices, reverse=True)
    assert len(window.indices) > 2
    window.indices.clear()
    window.client.send(SetThrottle(on=True))
    window.client.send(Play())
    window.wait(lambda: len(window.indices) >= 3)
    assert all(later - earlier >= 5 for earlier, later in pairwise(window.indices[:3]))  # at 25 fps, 0.2 s


def test_a_busy_interface_does_not_slow_the_engine(window):
    """Counted over equal times: in one process with the network, this loop would leave it a twentieth of its frames."""
    window.wait(lambda: window.packet is not None and bool(window.packet.taps))
    window.client.send(SetSpeed(8))

    def next_report() -> Report:
        count = len(window.seen(Report))
        window.wait(lambda: len(window.seen(Report)) > count)
        return window.seen(Report)[-1]

    def processed_during(busy: Callable[[], object]) -> int:
        before = next_report().counters.processed
        deadline = perf_counter() + 2
        while perf_counter() < deadline:
            busy()
        return next_report().counters.processed - before

    counted: list[tuple[int, int]] = []
    for _ in range(3):  # whatever else this machine is busy with takes its share, now of the one and now of the other
        idle = processed_during(lambda: (window.pump(), sleep(0.01)))
        counted.append((processed_during(lambda: sum(range(1000))), idle))
        assert idle > 0
        if counted[-1][0] >= 0.2 * idle:
            return
    pytest.fail(f"frames beside a busy interface, and beside a quiet one: {counted}")


def test_a_threshold_moved_while_paused_brings_the_masks_of_what_it_lets_in(clip: Path):
    window = Window(clip, "yolov8n-seg.yaml", conf=1.0)
    try:
        window.client.send(Pause())
        window.wait(lambda: window.packet is not None and window.packet.shapes is not None)
        assert len(window.packet.shapes.rows) == 0
        index = window.packet.frame.index
        window.client.send(SetThresholds(Thresholds(conf=0.0, max_det=3)))
        window.wait(lambda: window.packet is not None and len(window.packet.shapes.rows) == 3)
        assert window.packet.frame.index == index
        assert window.packet.shapes.masks is not None
    finally:
        window.close()
