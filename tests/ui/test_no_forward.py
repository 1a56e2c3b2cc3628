"""Thresholds act on what is kept of a frame: no slider runs the network, counted where it runs, in its own process.

Detectors of masks and poses are the exception: those are made for detections alone, so a frame that stands still runs
once more for what becomes one (`viewer.engine.host.Host`); its boxes follow at once all the same.
"""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tests.ui.conftest import settle
from tests.ui.test_real_engine import wait
from viewer.config import load_config
from viewer.engine import EngineClient
from viewer.session import Controller, EnginePhase
from viewer.ui.controls import Slider
from viewer.ui.window import Window

COUNTING = """
import torch

names, input_size = ["near", "far"], 64

class Counting(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 4, 3, stride=8, padding=1)

    def forward(self, images):
        with open({log!r}, "a") as file:
            file.write("x")
        return self.conv(images)

def build(device):
    return Counting()

def decode(outputs, letterbox):
    boxes = torch.tensor([[4., 24, 30, 40], [6, 24, 32, 40], [34, 20, 60, 40], [5, 20, 20, 30]])
    return boxes, torch.tensor([0.9, 0.8, 0.5, 0.2]), torch.tensor([0, 0, 1, 1])
"""
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier

pytestmark = pytest.mark.usefixtures("qapp")


def forwards(log: Path) -> int:
    return len(log.read_text())


@pytest.fixture
def standing(clip, tmp_path):
    """A window on frame 5 of a clip, which stands, and the file in which the network counts its forwards."""
    log, model = tmp_path / "forwards", tmp_path / "counting.py"
    model.write_text(COUNTING.format(log=str(log)))
    config = load_config(None, {"source": str(clip), "model": str(model)})
    controller = Controller(EngineClient(config), config)
    window = Window(controller)
    window.show()
    wait(lambda: controller.state.phase is EnginePhase.READY and controller.packet is not None)
    QTest.keyClick(window, Qt.Key.Key_K)
    wait(lambda: not controller.state.transport.playing)
    controller.seek(5)
    wait(lambda: controller.packet.frame.index == 5 and len(controller.plan.boxes) == 2)
    yield window, log
    window.close()
    window.deleteLater()
    settle()


def click(slider: Slider, share: float) -> None:
    """Click where a slider has this share of its length."""
    QTest.mouseClick(slider, LEFT, NONE, QPoint(round(share * (slider.width() - 12)) + 6, slider.height() // 2))


def test_no_threshold_beside_a_verdict_runs_the_network_either(standing):
    window, log = standing
    controller, section = window.controller, window.why.miss
    controller.look_at((8.0, 0.0, 40.0, 60.0))
    wait(lambda: controller.state.miss is not None and section.sliders.isVisible())
    before = forwards(log)
    click(section.sliders.conf.slider, 0.95)
    settle()
    window.show_all()
    assert "near 0.90, under the threshold 0.9" in section.verdict.text()
    click(section.sliders.conf.slider, 0.1)
    for _ in range(5):
        QTest.keyClick(section.sliders.iou.slider, Qt.Key.Key_PageDown)
    settle()
    window.show_all()
    assert "found: it is detection" in section.verdict.text()
    controller.step(1)
    wait(lambda: controller.packet.frame.index == 6)
    assert forwards(log) == before + 1


def test_no_threshold_runs_the_network_while_it_stands(standing):
    window, log = standing
    controller = window.controller
    counts, before = [], forwards(log)
    inspector = window.inspector

    # Confidence by mouse, IoU and the most by keys, a class by mouse.
    click(inspector.conf.slider, 0.1)
    counts.append(len(controller.plan.boxes))
    for _ in range(2):
        QTest.keyClick(inspector.iou.slider, Qt.Key.Key_PageUp)
    counts.append(len(controller.plan.boxes))
    window.show_all()
    rows = inspector.classes.list
    QTest.mouseClick(rows.viewport(), LEFT, NONE, QPoint(30, rows.visualRect(rows.rows.index(0)).center().y()))
    counts.append(len(controller.plan.boxes))
    inspector.most.setFocus()
    inspector.most.selectAll()
    QTest.keyClicks(inspector.most, "1")
    QTest.keyClick(inspector.most, Qt.Key.Key_Return)
    counts.append(len(controller.plan.boxes))

    thresholds = controller.state.thresholds
    assert (round(thresholds.conf, 1), round(thresholds.iou, 2), thresholds.max_det) == (0.1, 0.9, 1)
    assert thresholds.classes == frozenset({0})  # `far` comes first in the list and was taken out
    assert counts == [3, 4, 2, 1]
    # The engine does what it is told in turn: had any of these run the network, it would have before this step.
    controller.step(1)
    wait(lambda: controller.packet.frame.index == 6 and len(controller.packet.detections) == 1)
    assert forwards(log) == before + 1
