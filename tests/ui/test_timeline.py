"""Time, as a person moves in it: scrubbing, a loop, lanes of what was seen, and a camera that runs on while paused."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.support.hands import press
from viewer.core import Counters
from viewer.core.frame import Link, SourceStatus
from viewer.core.looprange import LoopRange
from viewer.core.messages import Pause, Play, Report, Seek, SetLoop
from viewer.ui import tokens
from viewer.ui.lanes import LANE, Lanes
from viewer.ui.timeline import REST_MS

KEYS = Qt.Key
LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
LANES_Y = 30


@pytest.fixture
def opened(open_window):
    return open_window()


def at(timeline, fraction: float, y: int | None = None) -> QPoint:
    point = timeline.point_of(fraction)
    return QPointF(point.x(), point.y() if y is None else y).toPoint()


def seeks(opened) -> list[tuple[int, bool]]:
    return [(seek.index, seek.quick) for seek in opened.sent(Seek)]


def test_a_click_seeks_at_once_and_exactly_and_plays_on(opened) -> None:
    timeline = opened.window.timeline
    QTest.mouseClick(timeline, LEFT, NONE, at(timeline, 0.5))
    (quick, exact), (first, *_, last) = seeks(opened), opened.engine.sent
    assert quick[1]
    assert not exact[1]
    assert abs(exact[0] - 250) <= 1
    assert (first, last) == (Pause(), Play())
    assert opened.window.canvas.plan.frame.index == exact[0]


def test_a_drag_shows_quick_frames_and_the_exact_one_when_the_hand_rests_or_lets_go(opened) -> None:
    press(opened, KEYS.Key_K)
    timeline = opened.window.timeline
    QTest.mousePress(timeline, LEFT, NONE, at(timeline, 0.2))
    for fraction in (0.3, 0.4):
        QTest.mouseMove(timeline, at(timeline, fraction))
    assert [quick for _, quick in seeks(opened)] == [True, True, True]
    QTest.qWait(REST_MS + 100)
    rested = seeks(opened)[3:]
    assert [quick for _, quick in rested] == [False]
    assert abs(rested[0][0] - 200) <= 1
    QTest.mouseMove(timeline, at(timeline, 0.6))
    QTest.mouseRelease(timeline, LEFT, NONE, at(timeline, 0.6))
    index, quick = seeks(opened)[-1]
    assert not quick
    assert abs(index - 299) <= 1
    assert opened.window.transport.frame_text == f"{index} / 499"
    assert not opened.sent(Play)
    sent = len(opened.engine.sent)
    QTest.qWait(REST_MS + 50)
    assert len(opened.engine.sent) == sent


def test_i_and_o_set_a_loop_that_shift_l_and_shift_i_switch_off(opened) -> None:
    press(opened, KEYS.Key_K)
    opened.show(100)
    press(opened, KEYS.Key_I)
    opened.show(200)
    press(opened, KEYS.Key_O)
    assert opened.sent(SetLoop)[-1] == SetLoop(True, LoopRange(100, 200))
    press(opened, KEYS.Key_L, SHIFT)
    assert opened.sent(SetLoop)[-1] == SetLoop(False, LoopRange(100, 200))
    press(opened, KEYS.Key_I, SHIFT)
    assert opened.sent(SetLoop)[-1] == SetLoop(False, None)
    assert not opened.window.transport.loop_clear.isEnabled()


def test_a_loop_is_set_and_cleared_by_buttons_as_well(opened) -> None:
    press(opened, KEYS.Key_K)
    transport = opened.window.transport
    opened.show(100)
    QTest.mouseClick(transport.loop_end, LEFT)
    opened.show(40)
    QTest.mouseClick(transport.loop_begin, LEFT)
    assert opened.state.transport.span == LoopRange(40, 100)
    QTest.mouseClick(transport.loop_clear, LEFT)
    assert opened.state.transport.span is None


def test_handles_are_dragged_as_far_as_each_other_and_a_double_click_clears(opened) -> None:
    opened.controller.set_span(LoopRange(100, 300))
    opened.window.refresh()
    timeline = opened.window.timeline
    QTest.mousePress(timeline, LEFT, NONE, at(timeline, 100 / 499, LANES_Y))
    QTest.mouseMove(timeline, at(timeline, 0.4, LANES_Y))
    assert opened.state.transport.span == LoopRange(200, 300)
    QTest.mouseMove(timeline, at(timeline, 0.9, LANES_Y))
    QTest.mouseRelease(timeline, LEFT, NONE, at(timeline, 0.9, LANES_Y))
    assert opened.state.transport.span == LoopRange(300, 300)
    assert not opened.sent(Seek)
    QTest.mouseDClick(timeline, LEFT, NONE, at(timeline, 300 / 499, LANES_Y))
    assert opened.state.transport.span is None


def lanes_of(opened) -> np.ndarray:
    return opened.window.timeline._lanes._pixels


def test_lanes_show_what_was_seen_and_nothing_of_the_rest(opened) -> None:
    press(opened, KEYS.Key_K)
    for index in range(200, 220):
        opened.show(index)
    pixels = lanes_of(opened)
    width = pixels.shape[1]
    columns = np.flatnonzero((pixels == QColor(tokens.ACCENT).rgba()).any(axis=0))
    # Frame 40 was shown when the window opened.
    expected = {round(40 / 499 * width), *range(round(200 / 499 * width), round(219 / 499 * width) + 1)}
    assert min(abs(column - 40 / 499 * width) for column in columns) <= 2
    assert {column for column in expected if min(abs(columns - column)) > 2} == set()
    assert (pixels[:, round(0.8 * width) :] == 0).all()


def test_the_pointer_tells_the_numbers_of_a_frame(opened) -> None:
    press(opened, KEYS.Key_K)
    opened.show(250)
    opened.engine.post(Report(24.9, Counters(late=2), SourceStatus()))
    opened.engine.post(Report(24.9, Counters(late=5), SourceStatus()))
    QApplication.processEvents()
    timeline = opened.window.timeline
    QTest.mouseMove(timeline, at(timeline, 250 / 499))
    assert timeline.hover_text.startswith("00:00:10.000   frame 250 · 6 objects · mean score 0.6")
    assert timeline.hover_text.endswith("3 late")
    QTest.mouseMove(timeline, at(timeline, 0.9))
    assert timeline.hover_text.endswith("not seen yet")


def test_another_threshold_makes_detections_unseen_but_not_times(opened) -> None:
    press(opened, KEYS.Key_K)
    opened.show(250)
    opened.show(251)
    opened.controller.set_conf(0.5)
    opened.window.refresh()
    timeline = opened.window.timeline
    QTest.mouseMove(timeline, at(timeline, 250 / 499))
    assert "not seen with these thresholds" in timeline.hover_text
    QTest.mouseMove(timeline, at(timeline, 251 / 499))
    assert "4 objects" in timeline.hover_text


def test_only_columns_with_new_frames_are_drawn(opened, monkeypatch) -> None:
    press(opened, KEYS.Key_K)
    drawn = []
    draw = Lanes._draw
    monkeypatch.setattr(
        Lanes, "_draw", lambda lanes, *given: (drawn.append(given[-1] - given[-2]), draw(lanes, *given))
    )
    for index in range(300, 310):
        opened.show(index)
    assert drawn
    assert max(drawn) <= 8
    opened.window.resize(1400, 800)
    opened.window.timeline.grab()
    assert drawn[-1] == lanes_of(opened).shape[1] > 1200


def test_a_taller_scale_draws_the_lanes_anew(opened) -> None:
    press(opened, KEYS.Key_K)
    opened.show(10)
    before = (lanes_of(opened)[:LANE] == QColor(tokens.ACCENT).rgba()).any(axis=1).sum()
    crowd = [(x, 20.0, x + 10.0, 40.0, 0.9, 0) for x in np.arange(10.0, 600.0, 20.0)]
    opened.engine.objects = lambda _: crowd
    opened.show(400)
    after = lanes_of(opened)[:LANE, : lanes_of(opened).shape[1] // 2]
    assert 0 < (after == QColor(tokens.ACCENT).rgba()).any(axis=1).sum() < before


def test_a_camera_says_whether_it_is_live_and_goes_back_by_end_or_click(live) -> None:
    timeline = live.window.timeline
    assert timeline._note == "Live"
    for goes_back in (
        lambda: press(live, KEYS.Key_End),
        lambda: QTest.mouseClick(timeline, LEFT, NONE, at(timeline, 0.9)),
    ):
        press(live, KEYS.Key_K)
        assert timeline._note.startswith("Paused 0 s behind live")
        goes_back()
        assert live.engine.sent[-1] == Play()
        assert timeline._note == "Live"
    live.engine.post(Report(21.0, Counters(), SourceStatus(Link.LOST, "camera 0 is gone; trying again")))
    QApplication.processEvents()
    assert timeline._note == "No signal"


def test_the_lanes_of_a_camera_roll(live) -> None:
    for index in (41, 42, 50):
        live.show(index)
    timeline = live.window.timeline
    QTest.mouseMove(timeline, at(timeline, 1.0))
    assert timeline.hover_text == f"frame 50 · {timeline.hover_text.split(' · ', 1)[1]}"
    assert "7 dropped before" in timeline.hover_text
    live.show(2500)
    assert timeline.hover_text.startswith("frame 2500")


@pytest.mark.parametrize("typing", [False, True])
def test_the_narrowest_window_has_room_for_the_whole_bar(opened, typing) -> None:
    opened.window.resize(opened.window.minimumSize())
    opened.show(499)
    if typing:
        press(opened, KEYS.Key_G)
    QApplication.processEvents()
    bar = opened.window.transport
    assert bar.minimumSizeHint().width() <= bar.width() == 1024
    assert bar.goto.isVisible() is typing
    press(opened, KEYS.Key_Escape)
    assert not bar.goto.isVisible()
    assert bar._frame.isVisible()
