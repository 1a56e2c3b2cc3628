"""Finding a frame by what is in it, as a person does: choose a class, press N, watch, stop."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from viewer.session.search import Target
from viewer.ui.timeline import REST_MS

KEYS = Qt.Key
LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def street(open_window, fake_engine):
    """A clip with a truck (class 3) in frames 60 to 69 only, standing at frame 40."""

    class Street(fake_engine):
        def objects(self, index):
            found = [row for row in super().objects(index) if row[5] != 3]
            return [*found, (10.0, 10.0, 60.0, 60.0, 0.4, 3)] if 60 <= index < 70 else found

    opened = open_window(Street())
    press(opened, KEYS.Key_K)
    return opened


def press(opened, key, modifiers=NONE) -> None:
    QTest.keyClick(QApplication.focusWidget() or opened.window, key, modifiers)
    QApplication.processEvents()


def choose(opened, name: str) -> None:
    choice = opened.window.transport.finder.choice
    row = choice.findText(name)
    choice.setCurrentIndex(row)
    choice.activated.emit(row)
    QApplication.processEvents()


def settle(opened) -> None:
    """Until the search is over."""
    for _ in range(2000):
        QApplication.processEvents()
        if opened.state.search is None or opened.state.search.over:
            return
    pytest.fail("it never ends")


def test_classes_seen_so_far_are_listed_first(street) -> None:
    choice = street.window.transport.finder.choice
    rows = [choice.itemText(row) for row in range(choice.count())]
    assert rows == ["any object", "", "bicycle", "car", "person", "traffic light", "", "truck"]
    for index in (60, 61):
        street.show(index)
    rows = [choice.itemText(row) for row in range(choice.count())]
    assert rows == ["any object", "", "bicycle", "car", "person", "traffic light", "truck"]


def test_n_looks_frame_by_frame_for_what_was_not_seen(street) -> None:
    choose(street, "truck")
    assert street.state.target == Target(3)
    press(street, KEYS.Key_N)
    settle(street)
    assert street.window.canvas.plan.frame.index == 60
    assert not street.window.searching.isVisible()


def test_among_seen_frames_it_jumps_and_shift_n_goes_back(street) -> None:
    for index in range(41, 80):
        street.show(index)
    choose(street, "truck")
    sent = len(street.engine.sent)
    press(street, KEYS.Key_N, SHIFT)
    assert street.engine.transport.index == 69
    QTest.mouseClick(street.window.transport.finder.previous, LEFT)
    assert street.engine.transport.index == 68
    QTest.mouseClick(street.window.transport.finder.next, LEFT)
    assert street.engine.transport.index == 69
    assert len(street.engine.sent) == sent + 3


def test_where_a_class_is_lost(street) -> None:
    choose(street, "truck")
    QTest.mouseClick(street.window.transport.finder.lost, LEFT)
    press(street, KEYS.Key_N)
    settle(street)
    assert street.window.canvas.plan.frame.index == 70
    press(street, KEYS.Key_M, Qt.KeyboardModifier.ShiftModifier)
    assert street.state.target == Target(3)
    assert not street.window.transport.finder.lost.isChecked()


def test_it_says_what_it_looks_for_and_escape_stops_it_there(street, monkeypatch) -> None:
    choose(street, "truck")
    shown = street.engine.show
    monkeypatch.setattr(street.engine, "show", lambda index: shown(index) if index < 45 else None)
    press(street, KEYS.Key_N)
    for _ in range(50):
        QApplication.processEvents()
    strip = street.window.searching
    assert strip.isVisible()
    assert strip.text.text() == "Looking for the next frame with truck · frame 45 of 499 · Esc stops"
    press(street, KEYS.Key_Escape)
    assert not strip.isVisible()
    assert street.window.canvas.plan.frame.index == 44
    press(street, KEYS.Key_N)
    QTest.mouseClick(strip.stop, LEFT)
    assert street.state.search is None


def test_where_there_is_none_it_comes_back_and_says_so(street) -> None:
    street.show(480)
    choose(street, "truck")
    press(street, KEYS.Key_N)
    settle(street)
    QApplication.processEvents()
    assert street.window.canvas.plan.frame.index == 480
    assert street.window.searching.text.text() == "No frame after 480 with truck"
    press(street, KEYS.Key_Right)
    assert not street.window.searching.isVisible()


def test_playing_stops_for_a_search_and_a_hand_on_the_timeline_stops_the_search(street, monkeypatch) -> None:
    press(street, KEYS.Key_Space)
    choose(street, "truck")
    shown = street.engine.show
    monkeypatch.setattr(street.engine, "show", lambda index: shown(index) if index < 45 else None)
    press(street, KEYS.Key_N)
    assert not street.state.transport.playing
    timeline = street.window.timeline
    QTest.mouseClick(timeline, LEFT, NONE, timeline.point_of(0.05).toPoint())
    assert street.state.search is None
    QTest.qWait(REST_MS)


def test_a_camera_cannot_be_searched(live) -> None:
    finder = live.window.transport.finder
    assert not finder.next.isEnabled()
    assert not finder.choice.isEnabled()
    press(live, KEYS.Key_N)
    assert live.engine.sent == []
