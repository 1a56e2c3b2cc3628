"""The whole chain: a window, an engine process, a network, a kill and one click."""

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.conftest import square_column
from tests.ui.conftest import settle
from viewer.config import load_config
from viewer.engine import EngineClient
from viewer.session import Controller, EnginePhase, Wanted
from viewer.ui.window import Window


def wait(done: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.perf_counter() + seconds
    while not done():
        assert time.perf_counter() < deadline
        QApplication.processEvents()
        time.sleep(0.005)


pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def opened(clip) -> Iterator[tuple[Window, Controller, EngineClient]]:
    config = load_config(None, {"source": str(clip), "model": "yolo11n.yaml", "imgsz": 96})
    client = EngineClient(config)
    controller = Controller(client, config)
    window = Window(controller)
    window.show()
    yield window, controller, client
    window.close()
    window.deleteLater()
    settle()


def test_a_killed_engine_comes_back_at_the_same_frame_on_one_click(opened):
    window, controller, client = opened
    wait(lambda: controller.state.phase is EnginePhase.READY and controller.packet is not None)
    QTest.keyClick(window, Qt.Key.Key_K)
    wait(lambda: not controller.state.transport.playing)
    controller.seek(17)
    wait(lambda: controller.packet.frame.index == 17 and bool(controller.packet.taps))
    assert square_column(window.canvas.plan.frame.rgb) == 17

    # Nothing is that sure, so a search looks at every frame that is left, and comes back.
    controller.set_conf(0.99)
    QTest.keyClick(window, Qt.Key.Key_N)
    wait(lambda: controller.state.search is not None and controller.state.search.over)
    wait(lambda: controller.packet.frame.index == 17)
    assert controller.history is not None
    assert all(controller.history.at(index) is not None for index in range(17, 30))

    killed = client.pid
    os.kill(killed, signal.SIGKILL)
    wait(lambda: controller.state.phase is EnginePhase.LOST, seconds=5)
    assert window.notice.isVisible()
    assert "frame 17" in window.notice.text.text()
    window.grab()  # it still paints

    QTest.mouseClick(window.notice.restart, Qt.MouseButton.LeftButton)
    wait(lambda: controller.state.phase is EnginePhase.READY and bool(controller.packet.taps))
    wait(lambda: square_column(window.canvas.plan.frame.rgb) == 17)
    assert client.pid != killed
    assert not controller.state.transport.playing
    assert not window.notice.isVisible()


def test_a_refused_model_leaves_the_window_and_the_video_alive(clip):
    config = load_config(None, {"source": str(clip), "model": "nothing.pt"})
    controller = Controller(EngineClient(config), config)
    window = Window(controller)
    window.show()
    wait(lambda: window.notice.isVisible() and "nothing.pt" in window.notice.text.text())
    controller.seek(9)
    wait(lambda: controller.packet is not None and controller.packet.frame.index == 9)
    assert square_column(window.canvas.plan.frame.rgb) == 9
    assert "nothing.pt" in window.notice.text.text()
    window.close()
    window.deleteLater()
    settle()


def test_another_clip_is_opened_while_the_first_plays_and_a_missing_one_changes_nothing(opened, clip, tmp_path):
    window, controller, client = opened
    wait(lambda: controller.state.phase is EnginePhase.READY and controller.packet is not None)
    first = client.pid
    controller.open(Wanted(source=str(tmp_path / "gone.mp4")))
    wait(lambda: "gone.mp4" in window.notice.text.text())
    assert client.pid == first
    assert controller.state.source.name == "clip.mp4"

    other = tmp_path / "other.mp4"
    shutil.copy(clip, other)
    controller.open(Wanted(source=str(other)))
    wait(lambda: controller.state.source is not None and controller.state.source.name == "other.mp4")
    wait(lambda: controller.state.phase is EnginePhase.READY and bool(controller.packet.taps))
    assert not window.notice.isVisible()
    assert square_column(window.canvas.plan.frame.rgb) == window.canvas.plan.frame.index
    wait(lambda: not client.is_alive)
