"""Out of memory: what the window offers, and that each offer does what it says."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from tests.support.hands import press, wait
from tests.ui.conftest import FakeEngine, settle
from viewer.config import Config
from viewer.core.errors import OutOfMemoryError
from viewer.core.messages import DetectorReady, Failed, FailedPart
from viewer.session.relief import Relief

KEYS = Qt.Key


@pytest.mark.parametrize(
    ("relief", "words", "then"),
    [
        (Relief.FEWER_TAPS, "Tap 3 of 6", {"tap": ("model.16", "model.19", "model.22")}),
        (Relief.SMALLER_INPUT, "Input of 320 px", {"imgsz": 320}),
        (Relief.HALF, "Half precision", {"half": True}),
    ],
)
def test_where_memory_ran_out_a_button_starts_an_engine_that_needs_less(open_window, relief, words, then) -> None:
    opened = open_window()
    configs, frames = [], []
    spare = FakeEngine()

    def connect(config: Config, *, index: int, playing: bool):
        del playing
        configs.append(config)
        frames.append(index)
        return spare

    opened.controller._engines._connect = connect
    opened.show(70)
    text = OutOfMemoryError("cuda:0").in_window
    opened.engine.post(Failed(FailedPart.ENGINE, text, memory_of="cuda:0"))
    settle()
    button = opened.window.notice.reliefs[relief]
    assert (button.isVisible(), button.text()) == (True, words)
    button.setFocus()
    press(opened, KEYS.Key_Space)
    settle()
    (config,) = configs
    before = Config(tap=tuple(stage.node for stage in opened.engine.tapped)).model_dump()
    changed = {key: value for key, value in config.model_dump().items() if value != before[key]}
    assert changed == then
    assert frames == [70]
    assert not opened.window.notice.isVisible()
    wait(lambda: opened.engine.closed == 1)


def test_a_smaller_input_is_no_way_where_the_model_has_one_size_only(open_window) -> None:
    opened = open_window()
    detector = opened.state.detector
    assert detector is not None
    for is_fixed in (True, False):
        opened.engine.post(DetectorReady(replace(detector, has_fixed_input=is_fixed), opened.state.stages))
        opened.engine.post(Failed(FailedPart.ENGINE, "no memory", memory_of="cuda:0"))
        settle()
        assert opened.window.notice.reliefs[Relief.SMALLER_INPUT].isVisible() is not is_fixed


def test_half_precision_is_no_way_on_a_processor_and_other_failures_have_none(open_window) -> None:
    opened = open_window()
    opened.engine.post(Failed(FailedPart.ENGINE, "no memory", memory_of="cpu"))
    settle()
    offered = [relief for relief, button in opened.window.notice.reliefs.items() if button.isVisible()]
    assert offered == [Relief.FEWER_TAPS, Relief.SMALLER_INPUT]
    opened.engine.post(Failed(FailedPart.ENGINE, "something else"))
    settle()
    assert not any(button.isVisible() for button in opened.window.notice.reliefs.values())
