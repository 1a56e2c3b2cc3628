"""The right panel: where its tabs' keys lead, what is under way on a page that is not open, what scrolls."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.support.hands import press
from tests.ui.conftest import settle
from viewer.config.recents import RecentsFile
from viewer.core.packet import Timings
from viewer.core.perturbation import Kind
from viewer.session import ViewState
from viewer.session.side import Side
from viewer.session.why import WhyWords
from viewer.ui.why_page import WhyPage
from viewer.ui.words import Words


def test_a_dot_tells_of_what_a_page_does_while_another_is_open(open_window):
    opened = open_window()
    tabs = opened.window.side.tabs
    assert not any(tab.is_busy for tab in tabs.values())
    opened.controller.perturb(Kind.RAIN, 30)
    opened.window.refresh()
    assert [side for side, tab in tabs.items() if tab.is_busy] == [Side.ALTER]
    assert "Now: something is altered" in tabs[Side.ALTER].toolTip()
    assert tabs[Side.ALTER].accessibleDescription() == "something is altered"
    before = tabs[Side.ALTER].grab().toImage()
    press(opened, Qt.Key.Key_Z)
    assert not tabs[Side.ALTER].is_busy
    assert tabs[Side.ALTER].grab().toImage() != before
    assert "Now" not in tabs[Side.ALTER].toolTip()


def test_tabs_show_their_keys_where_there_is_room_for_all_of_them(open_window):
    opened = open_window()
    for size, shows in ((1280, 800), True), ((1024, 640), False), ((1920, 1080), True):
        opened.window.resize(*size)
        settle()
        tabs = opened.window.side.tabs.values()
        assert [tab.shows_key for tab in tabs] == [shows] * len(Side)
        assert all(tab.width() >= tab.sizeHint().width() for tab in tabs)
        assert all(f"( F{number} )" in tab.toolTip() for number, tab in enumerate(tabs, start=1))


def test_arrows_walk_the_tabs_round_their_ends_and_the_focus_is_seen(open_window):
    opened = open_window()
    tabs = opened.window.side.tabs
    plain = tabs[Side.CELL].grab().toImage()
    tabs[Side.OBJECTS].setFocus()
    QTest.keyClick(tabs[Side.OBJECTS], Qt.Key.Key_Left)
    settle()
    assert opened.state.side is Side.HEALTH
    assert opened.window.focusWidget() is tabs[Side.HEALTH]
    for _ in range(2):
        QTest.keyClick(opened.window.focusWidget(), Qt.Key.Key_Right)
    settle()
    assert opened.state.side is Side.CELL
    assert tabs[Side.CELL].hasFocus() or opened.window.focusWidget() is tabs[Side.CELL]
    assert tabs[Side.CELL].grab().toImage() != plain


def bar_of(page, height: int, width: int = 288) -> int:
    """How far a page of this size scrolls, in pixels."""
    page.resize(width, height)
    settle()
    return page.scroller.verticalScrollBar().maximum()


@pytest.mark.usefixtures("qapp")
def test_page_why_scrolls_only_where_it_does_not_fit() -> None:
    page = WhyPage()
    state = ViewState()
    page.explain.show_state(state, None)
    page.miss.show_state(state, None)
    words = "Taken where the head begins, a map reaches no further than the head itself looks, here 5 by 5 cells. " * 2
    page.explain.answer.show_words(WhyWords("person 0.96", lines=(words,), note=words), quiet=False)
    page.miss.where.say(words)
    page.show()
    assert bar_of(page, 300) > 0
    fits = page.scroller.widget().heightForWidth(page.width())
    assert [bar_of(page, height) > 0 for height in (fits, fits + 30, fits - 1, fits)] == [False, False, True, False]
    # Words that were narrow take fewer lines in a wide panel, and none of their room is kept.
    bar_of(page, 300, 220)
    wide = page.scroller.widget().heightForWidth(400)
    assert wide < fits
    assert bar_of(page, wide, 400) == 0
    for height in (200, wide):
        bar_of(page, height)
        told = [label for label in page.findChildren(Words) if label.isVisible()]
        assert len(told) > 3
        assert all(label.height() >= label.heightForWidth(label.width()) for label in told)
    page.close()
    page.deleteLater()
    settle()


def test_the_parts_of_a_frames_time_add_up_to_its_sum_also_while_something_is_asked(open_window):
    opened = open_window()
    inspector, controller = opened.window.inspector, opened.controller
    for index, inquire in ((50, 0.0), (51, 812.5), (52, 0.0)):
        timings = Timings(2.0, 1.3, 34.0, 0.4, 0.3, 0.2, 0.1, inquire)
        packet = replace(opened.engine.packet(index), timings=timings)
        inspector.show_plan(opened.state, controller.plan, packet)
        told = {part: readout.text for part, readout in inspector._values.items() if not readout.isHidden()}
        assert ("inquire" in told) is (inquire > 0)
        assert sum(map(float, told.values())) == pytest.approx(timings.inference, abs=0.1)
        assert inspector._total.text == f"{timings.inference:.1f} ms"


def test_a_list_that_is_read_while_the_video_plays_says_of_which_frame_it_is(open_window):
    opened = open_window()
    inspector = opened.window.inspector
    seen = set()
    for index in range(60, 90):
        opened.show(index)
        told = inspector._heading.text()
        assert told.startswith("IN FRAME ")
        of = int(told.removeprefix("IN FRAME ").removesuffix(":"))
        seen.add(of)
        listed = {round(box.score, 2) for box in inspector.table.list.rows.boxes}
        assert listed == {round(score, 2) for *_, score, _ in opened.engine.objects(of)}
    assert len(seen) < 30, "not every frame is written down"
    opened.controller.pause()
    opened.window.refresh()
    assert inspector._heading.text() == "IN THIS FRAME"


def test_what_the_user_folded_is_folded_the_next_time_and_the_rest_goes_by_the_room(open_window, tmp_path):
    memory = RecentsFile(tmp_path / "recent.yaml")
    first = open_window(memory=memory).window
    for section in (first.inspector.thresholds, first.stages.maps, first.stages.maps, first.inspector.timings):
        QTest.mouseClick(section.heading, Qt.MouseButton.LeftButton)
    assert memory.load().folds == {"Thresholds": False, "Maps": True, "Milliseconds": True}
    second = open_window(memory=memory).window
    assert not second.inspector.thresholds.is_open
    assert second.stages.maps.is_open
    assert second.inspector.timings.is_open, "where there is no room for it unless somebody wants it"
    second.resize(1024, 640)
    settle()
    assert not second.inspector.filter.is_open
    assert second.inspector.timings.is_open
