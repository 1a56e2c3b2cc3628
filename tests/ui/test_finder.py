"""Finding a frame by what is in it, as a person does: choose a class, press N, watch, stop."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.support.hands import press
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
    assert street.window.transport.standing.text == "Searching"
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
    assert street.window.searching.text.text() == "No truck until the end (frame 499) · back at frame 480"
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
    assert not finder.lost.isEnabled()
    assert "in files only" in finder.lost.toolTip()
    press(live, KEYS.Key_N)
    assert live.engine.sent == []


@pytest.fixture
def two_cars(open_window, fake_engine):
    """A clip with a car on the right throughout and one on the left that is missed in frame 52; stands at frame 40."""

    class Cars(fake_engine):
        def objects(self, index):
            left = (10.0, 10.0, 60.0, 60.0, 0.18 if index == 52 else 0.8, 2)
            return [(200.0, 10.0, 260.0, 60.0, 0.9, 2), left]

    opened = open_window(Cars())
    press(opened, KEYS.Key_K)
    return opened


def test_where_the_followed_object_is_lost_though_its_class_is_not(two_cars) -> None:
    opened, finder = two_cars, two_cars.window.transport.finder
    opened.controller.choose(opened.controller.plan.boxes[0])
    assert opened.state.focus.place.score == pytest.approx(0.8)
    assert finder.choice.currentText() == "any object"
    QTest.mouseClick(finder.lost, LEFT)
    assert "the followed car is lost" in finder.next.toolTip()
    assert finder.choice.currentText() == "this car"
    settle(opened)
    QApplication.processEvents()
    assert opened.window.canvas.plan.frame.index == 52
    told = "car, lost after 51 · score 0.80 in frame 51 · 0.18 here, under the threshold 0.25"
    assert opened.window.searching.text.text() == told
    QTest.mouseClick(opened.window.searching.stop, LEFT)
    assert not opened.window.searching.isVisible()
    opened.show(60)
    press(opened, KEYS.Key_N, SHIFT)
    settle(opened)
    QApplication.processEvents()
    assert opened.window.canvas.plan.frame.index == 52
    assert opened.window.searching.text.text().startswith("car, not before 53")


def test_an_object_that_is_nowhere_lost_is_followed_on_from_where_the_search_began(two_cars) -> None:
    opened = two_cars
    opened.show(460)
    opened.controller.choose(opened.controller.plan.boxes[0])
    press(opened, KEYS.Key_M, SHIFT)
    press(opened, KEYS.Key_N)
    settle(opened)
    QApplication.processEvents()
    assert opened.window.canvas.plan.frame.index == 460
    assert opened.window.searching.text.text() == (
        "No frame where the followed car is lost until the end (frame 499) · back at frame 460"
    )
    assert (opened.state.focus.index, str(opened.state.focus.fate)) == (460, "found")


def test_without_a_followed_object_it_says_which_class_is_lost_where(street) -> None:
    finder = street.window.transport.finder
    choose(street, "truck")
    press(street, KEYS.Key_M, SHIFT)
    assert "no truck in the frame" in finder.next.toolTip()
    press(street, KEYS.Key_N)
    settle(street)
    QApplication.processEvents()
    assert street.window.searching.text.text() == "Frame 70 · no truck in it, but in frame 69"
    press(street, KEYS.Key_Right)
    assert not street.window.searching.isVisible()


def test_a_long_class_loses_its_middle_and_is_told_in_the_tooltip(street) -> None:
    choice = street.window.transport.finder.choice
    choose(street, "truck")
    assert (choice.shown, choice.hint) == ("truck", choice.toolTip())
    choice.setItemText(0, "this articulated traffic light")
    choice.setCurrentIndex(0)
    assert choice.shown.startswith("this")
    assert "…" in choice.shown
    assert choice.shown.endswith("light")
    assert choice.hint.startswith("this articulated traffic light\n")


def test_a_search_for_a_loss_says_in_words_what_it_needs_first(two_cars) -> None:
    opened, finder = two_cars, two_cars.window.transport.finder
    assert finder.lost.text() == "Lost"
    assert "click one first" in finder.lost.toolTip()
    press(opened, KEYS.Key_M, SHIFT)
    assert finder.lost.isChecked()
    at = opened.window.canvas.plan.frame.index
    press(opened, KEYS.Key_N)
    assert opened.window.canvas.plan.frame.index == at
    assert opened.window.notice.isVisible()
    assert opened.window.notice.text.text().startswith("No object is followed: click one")
    opened.controller.choose(opened.controller.plan.boxes[0])
    opened.window.refresh()
    assert not opened.window.notice.isVisible()  # that was done
    assert "the followed car is lost" in finder.lost.toolTip()
    press(opened, KEYS.Key_N)
    settle(opened)
    QApplication.processEvents()
    assert opened.window.canvas.plan.frame.index == 52


def test_where_the_followed_object_is_lost_by_its_name_and_by_one_key(two_cars) -> None:
    opened = two_cars
    actions = {action.text: action for action in opened.window.keyboard.actions()}
    find = actions["Go to where the followed object is lost"]
    find.act()
    assert opened.window.notice.text.text().startswith("No object is followed: click one")
    opened.controller.choose(opened.controller.plan.boxes[0])
    press(opened, KEYS.Key_N, Qt.KeyboardModifier.AltModifier)
    settle(opened)
    QApplication.processEvents()
    assert opened.window.canvas.plan.frame.index == 52
    assert opened.window.transport.finder.lost.isChecked()


def test_a_click_on_lost_with_nothing_to_lose_says_so_and_a_second_click_looks_for_what_is_there_again(street) -> None:
    finder = street.window.transport.finder
    QTest.mouseClick(finder.lost, LEFT)
    QApplication.processEvents()
    assert "No object is followed" in street.window.notice.text.text()
    assert not finder.lost.isChecked()
    assert street.state.search is None
    street.controller.choose(street.controller.plan.boxes[0])
    street.window.refresh()
    QTest.mouseClick(finder.lost, LEFT)
    assert finder.lost.isChecked()
    QTest.mouseClick(finder.lost, LEFT)
    QApplication.processEvents()
    assert not street.state.target.lost
    assert street.state.search is None
    assert finder.choice.currentText() == "any object"


@pytest.mark.parametrize("lets_go", [True, False])
def test_lost_looks_for_the_loss_of_each_object_that_is_followed(two_cars, lets_go) -> None:
    opened, finder = two_cars, two_cars.window.transport.finder
    first, second = opened.controller.plan.boxes[:2]
    opened.controller.choose(first)
    QTest.mouseClick(finder.lost, LEFT)
    settle(opened)
    opened.show(40)
    if lets_go:
        opened.controller.choose(None)
    opened.controller.choose(second)
    opened.window.refresh()
    assert not finder.lost.isChecked(), "it is pressed for what is looked for, and nothing is yet"
    QTest.mouseClick(finder.lost, LEFT)
    assert finder.lost.isChecked()
    assert opened.state.search is not None
    assert finder.choice.currentText() == "this car"
