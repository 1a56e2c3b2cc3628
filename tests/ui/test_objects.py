"""The detections panel, used as a person uses it: pointing, clicking, sorting, filtering, copying."""

import json
from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.support.hands import press
from viewer.core import Suppression
from viewer.core.messages import DetectorReady, Pause, Seek, SetThresholds
from viewer.session.classes import ClassRow
from viewer.session.follow import Fate
from viewer.session.order import SortBy

KEYS = Qt.Key
LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def opened(open_window):
    """A window that stands on frame 40."""
    opened = open_window()
    opened.controller.pause()
    opened.window.refresh()
    opened.show(40)
    return opened


def point_of(opened, box, tile: int = 0) -> QPoint:
    """The middle of a box in a tile."""
    _, _, place = opened.window.canvas.places()[tile]
    left, top, right, bottom = box.xyxy
    return place.transform.map(QPointF((left + right) / 2, (top + bottom) / 2)).toPoint()


def click_row(opened, row: int) -> None:
    view = opened.window.inspector.table.list
    QTest.mouseClick(view.viewport(), LEFT, NONE, view.visualRect(view.rows.index(row)).center())
    QApplication.processEvents()


def names(opened) -> list[str]:
    rows = opened.window.inspector.table.list.rows
    return [rows.box_at(row).text for row in range(rows.rowCount())]


@pytest.mark.parametrize("tile", [0, 4])
def test_pointing_at_a_box_lights_its_row_and_all_tiles(opened, tile) -> None:
    canvas, rows = opened.window.canvas, opened.window.inspector.table.list.rows
    box = opened.controller.plan.boxes[2]
    before = canvas.grab().toImage()
    QTest.mouseMove(canvas, point_of(opened, box, tile))
    QApplication.processEvents()
    assert opened.state.pointed is box
    assert rows.box_at(rows.row_of(rows.marks.pointed)).text == box.text
    lit = canvas.grab().toImage()
    for other in range(len(canvas.places())):
        area = canvas.places()[other][2].area.toRect()
        assert lit.copy(area) != before.copy(area)
    QTest.mouseMove(canvas, canvas.places()[0][2].area.topLeft().toPoint() + QPoint(2, 2))
    QApplication.processEvents()
    assert opened.state.pointed is None


def test_pointing_at_a_row_lights_its_box(opened) -> None:
    view = opened.window.inspector.table.list
    QTest.mouseMove(view.viewport(), view.visualRect(view.rows.index(1)).center())
    QApplication.processEvents()
    assert opened.state.pointed.is_same(view.rows.box_at(1))


def test_a_click_follows_an_object_until_one_on_nothing_lets_go(opened) -> None:
    canvas, card = opened.window.canvas, opened.window.inspector.card
    box = opened.controller.plan.boxes[3]
    QTest.mouseClick(canvas, LEFT, NONE, point_of(opened, box))
    QApplication.processEvents()
    assert opened.state.focus.box is box
    assert card.title.text == box.text
    for index in (41, 42, 43):
        opened.show(index)
    assert (opened.state.focus.fate, opened.state.focus.index) == (Fate.FOUND, 43)
    assert card.lines[0].text.endswith("frame 43")
    QTest.mouseClick(canvas, LEFT, NONE, canvas.places()[0][2].area.topLeft().toPoint() + QPoint(3, 3))
    QTest.qWait(QApplication.doubleClickInterval() + 50)
    assert opened.state.focus is None
    assert not card.isVisible()


def test_of_candidates_over_each_other_the_best_is_meant_and_further_clicks_reach_the_others(
    open_window, fake_engine
) -> None:
    class Crowd(fake_engine):
        def objects(self, _index):
            return [(100, 50, 400, 300, 0.22, 2), (150, 100, 350, 250, 0.12, 1), (200, 120, 300, 220, 0.02, 0)]

    opened = open_window(Crowd())
    opened.controller.pause()
    opened.window.refresh()
    opened.show(40)
    press(opened, KEYS.Key_C)
    canvas, best = opened.window.canvas, opened.controller.plan.under[-1]
    spot = point_of(opened, best)
    QTest.mouseMove(canvas, spot)
    QApplication.processEvents()
    assert opened.state.pointed is best
    chosen = []
    for _ in range(4):
        QTest.mouseClick(canvas, LEFT, NONE, spot)
        QApplication.processEvents()
        chosen.append(round(opened.state.focus.box.score, 2))
    assert chosen == [0.22, 0.12, 0.02, 0.22]


def test_dragging_over_a_box_moves_the_picture_and_chooses_nothing(opened) -> None:
    canvas = opened.window.canvas
    start = point_of(opened, opened.controller.plan.boxes[3])
    QTest.mousePress(canvas, LEFT, NONE, start)
    QTest.mouseMove(canvas, start + QPoint(40, 10))
    QTest.mouseRelease(canvas, LEFT, NONE, start + QPoint(40, 10))
    QApplication.processEvents()
    assert opened.state.focus is None


def test_filling_the_canvas_keeps_what_was_chosen(opened) -> None:
    canvas = opened.window.canvas
    click_row(opened, 0)
    corner = canvas.places()[0][2].area.topLeft().toPoint() + QPoint(3, 3)
    QTest.mouseClick(canvas, LEFT, NONE, corner)
    QTest.mouseDClick(canvas, LEFT, NONE, corner)
    QTest.qWait(QApplication.doubleClickInterval() + 50)
    assert opened.state.focus is not None
    assert opened.state.maximised == "detections"


def test_arrow_keys_in_the_table_and_d_anywhere_walk_the_objects(opened) -> None:
    view = opened.window.inspector.table.list
    listed = names(opened)
    view.setFocus()
    walked = []
    for key in (KEYS.Key_Down, KEYS.Key_Down, KEYS.Key_Up):
        press(opened, key)
        walked.append(opened.state.focus.box.text)
    assert walked == [listed[0], listed[1], listed[0]]
    opened.window.canvas.setFocus()
    press(opened, KEYS.Key_D)
    assert opened.state.focus.box.text == listed[1]
    press(opened, KEYS.Key_D, SHIFT)
    assert opened.state.focus.box.text == listed[0]
    press(opened, KEYS.Key_Escape)
    assert opened.state.focus is None


def test_a_lost_object_says_where_and_what_it_scores_now(opened) -> None:
    card = opened.window.inspector.card
    lost = opened.controller.plan.boxes[0]
    click_row(opened, len(names(opened)) - 1)
    opened.controller.set_conf(lost.score + 0.05)
    opened.show(41)
    assert card.title.text == f"{lost.name}, lost after 40"
    assert card.lines[0].text == f"score {lost.score:.2f} in frame 40"
    assert card.lines[1].text == f"{lost.score:.2f} here, under the threshold {lost.score + 0.05:.2f}"
    QTest.mouseClick(card.back, LEFT)
    assert opened.sent(Seek)[-1] == Seek(40)
    assert opened.sent(Pause)
    opened.show(60)
    press(opened, KEYS.Key_E)
    assert opened.engine.transport.index == 40
    QTest.mouseClick(card.clear, LEFT)
    assert not card.isVisible()


def test_heads_sort_by_mouse_and_keyboard(opened) -> None:
    heads = opened.window.inspector.table.heads
    by_score = names(opened)
    assert by_score == sorted(by_score, key=lambda text: -float(text.split()[-1]))
    QTest.mouseClick(heads[SortBy.SCORE], LEFT)
    assert names(opened) == by_score[::-1]
    heads[SortBy.CLASS].setFocus()
    QTest.keyClick(heads[SortBy.CLASS], KEYS.Key_Space)
    assert names(opened) == sorted(by_score, key=lambda text: (text.split()[0], -float(text.split()[-1])))


@pytest.mark.parametrize("by_key", [True, False])
def test_what_is_under_the_threshold_is_dotted_on_request(opened, by_key) -> None:
    inspector, canvas = opened.window.inspector, opened.window.canvas
    opened.controller.set_conf(0.6)
    opened.window.refresh()
    before, plain = len(names(opened)), canvas.grab().toImage()
    if by_key:
        press(opened, KEYS.Key_C)
    else:
        QTest.mouseClick(inspector.under, LEFT)
    rows = inspector.table.list.rows
    assert inspector.under.isChecked()
    assert [rows.box_at(row).under for row in range(rows.rowCount())] == [False] * before + [True] * (6 - before)
    assert canvas.grab().toImage() != plain
    QTest.mouseMove(canvas, QPoint(1, 1))
    QTest.mouseMove(canvas, point_of(opened, opened.controller.plan.under[0]))
    QApplication.processEvents()
    assert opened.state.pointed.under


def names_in(classes) -> list[str]:
    return [classes.rows.row_at(classes.rows.index(row)).name for row in range(classes.rows.rowCount())]


def test_classes_stand_by_how_many_there_are_and_none_moves_while_frames_run(opened) -> None:
    classes = opened.window.inspector.classes
    assert names_in(classes.list)[0] == "person", "the one class of which there are two"

    def counted(**counts: int):
        names = ("bicycle", "car", "person")
        return tuple(ClassRow(n, name, (9, 9, 9), counts.get(name, 0), True) for n, name in enumerate(names))

    classes.show_rows(counted(car=3, person=1), playing=False)
    assert names_in(classes.list) == ["car", "person", "bicycle"]
    unseen = ClassRow(7, "aeroplane", (9, 9, 9), 0, kept=True, seen=False)
    classes.show_rows((unseen, *counted(bicycle=9)), playing=True)
    assert names_in(classes.list) == ["car", "person", "bicycle", "aeroplane"]
    classes.list.setFocus()
    classes.show_rows((unseen, *counted(bicycle=9)), playing=False)
    assert names_in(classes.list) == ["car", "person", "bicycle", "aeroplane"], "a hand is on the list"
    classes.list.clearFocus()
    classes.show_rows((unseen, *counted(bicycle=9)), playing=False)
    assert names_in(classes.list) == ["bicycle", "car", "person", "aeroplane"]


def test_the_search_brings_classes_that_were_never_seen(opened) -> None:
    names = tuple(f"kind {number}" for number in range(80))
    opened.controller._session.update(detector=replace(opened.state.detector, names=names))
    opened.window.refresh()
    classes = opened.window.inspector.classes
    assert classes.search.placeholderText() == "Search all 80 classes"
    assert "kind 77" not in names_in(classes.list)
    QTest.keyClicks(classes.search, "kind 77")
    assert names_in(classes.list) == ["kind 77"]
    assert not classes.list.rows.row_at(classes.list.rows.index(0)).seen
    classes.list.setFocus()
    press(opened, KEYS.Key_Down)
    press(opened, KEYS.Key_Return)
    assert opened.state.thresholds.classes == {77}


def test_classes_are_left_out_and_brought_back_while_it_stands(opened) -> None:
    classes = opened.window.inspector.classes.list
    assert sorted(names_in(classes)) == sorted({text.rpartition(" ")[0] for text in names(opened)})
    first = classes.rows.row_at(classes.rows.index(0))
    rect = classes.visualRect(classes.rows.index(0))
    QTest.mouseClick(classes.viewport(), LEFT, NONE, QPoint(30, rect.center().y()))
    QApplication.processEvents()
    assert first.label not in opened.sent(SetThresholds)[-1].thresholds.classes
    assert not any(text.startswith(first.name) for text in names(opened))
    assert not any(box.name == first.name for box in opened.window.canvas.plan.boxes)
    QTest.mouseClick(classes.viewport(), LEFT, NONE, QPoint(rect.right() - 20, rect.center().y()))
    QApplication.processEvents()
    assert {text.rpartition(" ")[0] for text in names(opened)} == {first.name}
    for button, kept in ((opened.window.inspector.none, frozenset()), (opened.window.inspector.all, None)):
        QTest.mouseClick(button, LEFT)
        assert opened.state.thresholds.classes == kept


def test_classes_are_checked_by_keyboard(opened) -> None:
    classes = opened.window.inspector.classes.list
    classes.setFocus()
    press(opened, KEYS.Key_Down)
    row = classes.rows.row_at(classes.currentIndex())
    press(opened, KEYS.Key_Space)
    assert row.label not in opened.state.thresholds.classes
    press(opened, KEYS.Key_Return)
    assert opened.state.thresholds.classes == {row.label}
    press(opened, KEYS.Key_K)
    assert opened.sent(Pause)


def test_many_classes_can_be_searched(opened) -> None:
    classes = opened.window.inspector.classes
    assert not classes.search.isVisible()
    opened.controller._session.update(seen=frozenset(range(20)))
    opened.window.refresh()
    assert classes.search.isVisible()
    classes.search.setFocus()
    QTest.keyClicks(classes.search, "traf")
    assert classes.list.rows.rowCount() == 1
    press(opened, KEYS.Key_Escape)
    assert classes.list.rows.rowCount() == 20
    assert QApplication.focusWidget() is opened.window.canvas


def test_an_object_is_copied_by_key_and_by_button(opened) -> None:
    clipboard = QApplication.clipboard()
    clipboard.setText("before")
    press(opened, KEYS.Key_C, CTRL)
    assert clipboard.text() == "before"
    click_row(opened, 0)
    press(opened, KEYS.Key_C, CTRL)
    copied = json.loads(clipboard.text())
    assert (copied["source"], copied["index"], copied["name"]) == ("street.mp4", 40, names(opened)[0].split()[0])
    clipboard.setText("")
    QTest.mouseClick(opened.window.inspector.card.copy, LEFT)
    assert json.loads(clipboard.text()) == copied


def test_sections_fold_for_want_of_room_and_by_hand(opened) -> None:
    inspector = opened.window.inspector
    opened.window.resize(1280, 940)
    QApplication.processEvents()
    assert inspector.timings.is_open
    press(opened, KEYS.Key_D)
    assert inspector.card.isVisible()
    assert not inspector.timings.is_open
    press(opened, KEYS.Key_Escape)
    assert inspector.timings.is_open
    opened.window.resize(1024, 640)
    QApplication.processEvents()
    assert not inspector.timings.is_open
    QTest.mouseClick(inspector.timings.heading, LEFT)
    assert inspector.plot.isVisible()
    opened.window.resize(1024, 660)
    QApplication.processEvents()
    assert inspector.timings.is_open


def test_the_overlap_slider_is_off_where_a_model_has_no_suppression(opened) -> None:
    iou = opened.window.inspector.iou
    assert iou.isEnabled()
    told = iou.toolTip()
    free = replace(opened.state.detector, suppression=Suppression.NONE)
    opened.engine.post(DetectorReady(free, opened.state.stages))
    opened.window.refresh()
    assert "Does nothing here" in iou.toolTip()
    QTest.mouseClick(iou.slider, LEFT)
    assert not opened.sent(SetThresholds)
    opened.engine.load_detector()
    opened.window.refresh()
    assert (iou.isEnabled(), iou.toolTip()) == (True, told)


def test_the_arrow_of_the_order_is_there_only_while_rows_are_in_it(opened) -> None:
    head = opened.window.inspector.table.heads[SortBy.SCORE]
    assert head.arrow == "\N{DOWNWARDS ARROW}"
    told = head.toolTip()
    press(opened, KEYS.Key_Space)
    opened.window.refresh()
    assert opened.state.transport.playing
    assert head.arrow == ""
    assert "rows keep their order" in head.toolTip()
    press(opened, KEYS.Key_Space)
    opened.window.refresh()
    assert (head.arrow, head.toolTip()) == ("\N{DOWNWARDS ARROW}", told)


def test_an_empty_list_says_that_all_classes_are_hidden(opened) -> None:
    inspector = opened.window.inspector
    QTest.mouseClick(inspector.none, LEFT)
    assert names(opened) == []
    assert inspector.table.list.instead.startswith("All classes are hidden")
    QTest.mouseClick(inspector.all, LEFT)
    classes = inspector.classes.list
    classes.setFocus()
    press(opened, KEYS.Key_PageUp)
    for _ in range(classes.rows.rowCount()):
        press(opened, KEYS.Key_Space)
        press(opened, KEYS.Key_Down)
    assert names(opened) == []
    assert inspector.table.list.instead.startswith("All classes are hidden")
    opened.controller.keep_all_classes(True)
    opened.controller.set_conf(1.0)
    opened.window.refresh()
    assert inspector.table.list.instead.startswith("Nothing found")


def test_a_class_that_is_only_a_candidate_can_be_left_out(open_window, fake_engine) -> None:
    class Faint(fake_engine):
        def objects(self, _index):
            return [(10, 10, 60, 60, 0.9, 2), (100, 100, 160, 160, 0.1, 0)]

    opened = open_window(Faint())
    classes = opened.window.inspector.classes.list
    assert classes.rows.rowCount() == 1
    press(opened, KEYS.Key_C)
    assert [classes.rows.row_at(classes.rows.index(row)).name for row in range(2)] == ["car", "person"]
    QTest.mouseClick(classes.viewport(), LEFT, NONE, QPoint(30, classes.visualRect(classes.rows.index(1)).center().y()))
    QApplication.processEvents()
    assert names(opened) == ["car 0.90"]
    listed = [classes.rows.row_at(classes.rows.index(row)) for row in range(classes.rows.rowCount())]
    assert [row.kept for row in listed if row.name == "person"] == [False]


def place_of(opened, widget) -> QRect:
    """Where a widget is in the window."""
    return QRect(widget.mapTo(opened.window, QPoint(0, 0)), widget.size())


def test_thresholds_stay_in_place_whatever_comes_and_goes(open_window, fake_engine) -> None:
    class Growing(fake_engine):
        def objects(self, index):
            return super().objects(index)[: index - 39]

    opened = open_window(Growing())
    opened.controller.pause()
    opened.window.refresh()
    inspector = opened.window.inspector
    before = place_of(opened, inspector.conf), place_of(opened, inspector.filter)
    for index in (41, 42, 44):
        opened.show(index)
    inspector.classes.search.setVisible(True)
    assert inspector.classes.list.rows.rowCount() == 5
    assert (place_of(opened, inspector.conf), place_of(opened, inspector.filter)) == before
    press(opened, KEYS.Key_D)
    assert inspector.card.isVisible()
    assert place_of(opened, inspector.conf) == before[0]


@pytest.mark.parametrize("size", [(1024, 640), (1280, 800)])
def test_what_is_opened_by_hand_beside_a_card_overlaps_nothing(opened, size) -> None:
    inspector = opened.window.inspector
    opened.window.resize(*size)
    press(opened, KEYS.Key_D)
    bar = inspector.scroller.verticalScrollBar()
    assert not bar.isVisible()
    for section in (inspector.filter, inspector.timings):
        if not section.is_open:
            QTest.mouseClick(section.heading, LEFT)
    QApplication.processEvents()
    shown = [inspector.thresholds, inspector.card, inspector.table, inspector.filter, inspector.timings, inspector.plot]
    assert [widget for widget in shown if widget.height() < widget.minimumSizeHint().height()] == []
    places = [place_of(opened, widget) for widget in shown[:-1]]
    assert all(upper.bottom() < lower.top() for upper, lower in pairwise(places))
    assert not inspector.plot.visibleRegion().isEmpty()


@pytest.fixture
def turning(open_window, fake_engine):
    """Four cars in a row whose scores turn their order round from frame to frame; plays."""

    class Turning(fake_engine):
        def objects(self, index):
            cars = [(20 + 150 * number, 100, 120 + 150 * number, 200) for number in range(4)]
            scores = (0.9, 0.8, 0.7, 0.6) if index % 2 == 0 else (0.6, 0.7, 0.8, 0.9)
            return sorted([(*car, score, 2) for car, score in zip(cars, scores, strict=True)], key=lambda row: -row[4])

    return open_window(Turning())


def places(opened) -> list[int]:
    """Which car is listed in each row."""
    rows = opened.window.inspector.table.list.rows
    return [round(rows.box_at(row).xyxy[0] - 20) // 150 for row in range(rows.rowCount())]


def test_rows_stay_while_the_pointer_is_on_the_list_and_are_sorted_when_it_leaves(turning) -> None:
    turning.controller.pause()
    turning.window.refresh()
    turning.show(40)
    view, head = turning.window.inspector.table.list, turning.window.inspector.table.heads[SortBy.SCORE]
    assert places(turning) == [0, 1, 2, 3]
    QTest.mouseMove(view.viewport(), view.visualRect(view.rows.index(1)).center())
    QApplication.processEvents()
    turning.show(41)
    assert places(turning) == [0, 1, 2, 3]
    assert head.arrow == ""
    click_row(turning, 1)
    assert round(turning.state.focus.box.xyxy[0]) == 170
    turning.controller.choose(None)
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert places(turning) == [3, 2, 1, 0]
    assert head.arrow == "\N{DOWNWARDS ARROW}"


def test_d_walks_the_rows_as_they_are_seen_while_frames_run(turning) -> None:
    turning.controller.pause()
    turning.window.refresh()
    turning.show(40)
    turning.controller.play()
    turning.window.refresh()
    turning.show(41)
    turning.window.show_all()
    assert places(turning) == [0, 1, 2, 3]
    walked = []
    for key, modifiers in ((KEYS.Key_D, NONE), (KEYS.Key_D, NONE), (KEYS.Key_D, NONE), (KEYS.Key_D, SHIFT)):
        press(turning, key, modifiers)
        walked.append(round(turning.state.focus.box.xyxy[0] - 20) // 150)
    assert walked == [0, 1, 2, 1]
    press(turning, KEYS.Key_F3)
    press(turning, KEYS.Key_D)
    assert round(turning.state.focus.box.xyxy[0] - 20) // 150 == 0  # no row is seen: by falling score, 1 before 0


def test_rows_stay_while_an_object_is_followed_and_frames_run(turning) -> None:
    turning.controller.pause()
    turning.window.refresh()
    turning.show(40)
    turning.controller.choose(turning.controller.plan.boxes[0])
    turning.controller.play()
    turning.window.refresh()
    for index in (41, 42, 43):
        turning.show(index)
        turning.window.show_all()
        assert places(turning) == [0, 1, 2, 3]
    view = turning.window.inspector.table.list
    assert view.rows.row_of(turning.state.focus.box) == 3
    assert "No row moves while the pointer is on the list" in view.toolTip()
    turning.controller.pause()
    turning.show(43)
    turning.window.show_all()
    assert places(turning) == [3, 2, 1, 0]


@pytest.fixture
def crowded(open_window, fake_engine):
    """Frame 40 of a file with thirty cars; the one in the middle has the best score in frames before 50, then least."""

    class Crowded(fake_engine):
        def objects(self, index):
            cars = [(20.0 * place, 40.0, 20.0 * place + 16, 60.0, 0.9 - 0.02 * place, 2) for place in range(30)]
            left, top, right, bottom, _, label = cars[15]
            cars[15] = (left, top, right, bottom, 0.95 if index < 50 else 0.26, label)
            return cars

    opened = open_window(Crowded())
    opened.controller.pause()
    opened.window.refresh()
    opened.show(40)
    return opened


def chosen_is_seen(opened) -> bool:
    view = opened.window.inspector.table.list
    row = view.rows.row_of(view.rows.marks.chosen)
    assert row >= 0
    return view.viewport().rect().contains(view.visualRect(view.rows.index(row)).center())


def test_the_followed_object_stays_in_sight_when_it_moves_in_order(crowded) -> None:
    view = crowded.window.inspector.table.list
    crowded.controller.choose(view.rows.box_at(0))
    crowded.window.refresh()
    for index in (41, 49, 50, 60, 45):
        crowded.show(index)
        assert view.rows.row_of(view.rows.marks.chosen) == (0 if index < 50 else 29)
        assert chosen_is_seen(crowded)


def test_a_list_that_lost_its_place_shows_the_chosen_row_again_once_the_hand_is_gone(crowded) -> None:
    view = crowded.window.inspector.table.list
    crowded.controller.choose(view.rows.box_at(0))
    crowded.window.refresh()
    QTest.mouseMove(view.viewport(), QPoint(20, 20))
    QApplication.processEvents()
    bar = view.verticalScrollBar()
    bar.setValue(bar.maximum())
    for index in (41, 42):
        crowded.show(index)
        assert bar.value() == bar.maximum()
        assert not chosen_is_seen(crowded)
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    QApplication.processEvents()
    assert chosen_is_seen(crowded)
    bar.setValue(bar.maximum())
    crowded.show(43)
    assert chosen_is_seen(crowded)


@pytest.mark.parametrize(("size", "rows"), [((1024, 640), 3), ((1280, 800), 8), ((1920, 1080), 8)])
def test_the_list_of_objects_has_its_room_before_classes_and_milliseconds(open_window, size, rows) -> None:
    opened = open_window()
    inspector = opened.window.inspector
    opened.window.resize(*size)
    for chosen in (None, opened.controller.plan.boxes[0]):
        opened.controller.choose(chosen)
        opened.window.refresh()
        for _ in range(5):
            QApplication.processEvents()
        row = inspector.table.list.sizeHintForRow(0)
        assert inspector.table.list.viewport().height() >= rows * row
    # What is folded is a click away.
    for section in (inspector.filter, inspector.timings):
        if not section.is_open:
            QTest.mouseClick(section.heading, Qt.MouseButton.LeftButton)
            QApplication.processEvents()
        assert section.is_open
        assert inspector.table.list.height() >= 3 * row
