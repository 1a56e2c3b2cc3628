"""The display rate: of the time of which the engine tells its own."""

import numpy as np
import pytest

from viewer.core.frame import Frame
from viewer.session.pace import PaintPace

PIXEL = np.zeros((1, 1, 3), np.uint8)


def test_frames_from_before_the_network_was_there_are_soon_forgotten():
    now_s, index = 0.0, 0
    pace = PaintPace(lambda: now_s)
    for rate, seconds in ((25, 2.0), (5, 2.0)):
        for _ in range(round(rate * seconds)):
            now_s, index = now_s + 1 / rate, index + 1
            pace.painted(Frame(PIXEL, index, index / 25, now_s - 0.02))
        assert pace.fps == pytest.approx(rate, rel=0.05)
    assert pace.latency_ms == pytest.approx(20)
