"""Labels of boxes, used as a person uses them: whoever points at one or clicks it means its box."""

from dataclasses import replace
from itertools import combinations

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from viewer.render.palette import INK_DARK
from viewer.render.plan import BoxPlan
from viewer.session.side import Side
from viewer.ui import marks
from viewer.ui.labels import Label, label_picture, outstanding, standing
from viewer.ui.marks import Marks, labels_of
from viewer.ui.painter import Place

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier


def still(opened):
    """The window on a frame that stands."""
    opened.controller.pause()
    opened.window.refresh()
    opened.show(40)
    return opened


@pytest.fixture
def opened(open_window):
    return still(open_window())


@pytest.fixture
def crowded(open_window, fake_engine):
    """A small car whose label lies within a large one, which has a better score."""

    class Crowd(fake_engine):
        def objects(self, _index):
            return [(100, 100, 500, 320, 0.92, 2), (250, 180, 330, 260, 0.40, 1)]

    return still(open_window(Crowd()))


def labels(opened, tile: int = 0) -> dict[str, Label]:
    """The labels of a tile by what they say."""
    canvas = opened.window.canvas
    pane = canvas.tiles()[tile].panes[0]
    is_labelled = canvas.plan.tiles[tile].show_labels
    found = labels_of(canvas.plan, canvas._marks, pane.place, 1.0, labelled=is_labelled)
    return {label.box.text: label for label in (*found.standing, *found.marked)}


def point(opened, spot: QPoint) -> None:
    for step in (QPoint(1, 0), QPoint()):  # Qt tells of no move to where the pointer was in the last window
        QTest.mouseMove(opened.window.canvas, spot + step)
        QApplication.processEvents()


def click(opened, spot: QPoint, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.mouseClick(opened.window.canvas, LEFT, modifiers, spot)
    QApplication.processEvents()


def test_a_click_on_a_label_follows_its_box(opened) -> None:
    for label in labels(opened).values():
        click(opened, label.area.center().toPoint())
        assert opened.state.focus.box is label.box
    assert len(labels(opened)) == 5


def test_a_label_is_its_box_even_over_another_one(crowded) -> None:
    small = crowded.controller.plan.boxes[0]
    spot = labels(crowded)[small.text].area.center().toPoint()
    point(crowded, spot)
    assert crowded.state.pointed is small
    click(crowded, spot)
    assert crowded.state.focus.box is small
    click(crowded, spot)
    assert crowded.state.focus.box is crowded.controller.plan.boxes[1]  # the one behind, as at boxes


def test_a_label_that_is_pointed_at_stays_under_the_pointer(crowded) -> None:
    small = crowded.controller.plan.boxes[0]
    before = labels(crowded)[small.text].area
    for dx in range(4):
        point(crowded, before.center().toPoint() + QPoint(dx, 0))
        assert crowded.state.pointed is small
        assert labels(crowded)[small.text].area == before


def test_pointing_at_a_box_moves_no_label_within_it(crowded) -> None:
    large, small = crowded.controller.plan.boxes[1], crowded.controller.plan.boxes[0]
    before = labels(crowded)[small.text].area
    _, _, place = crowded.window.canvas.places()[0]
    point(crowded, place.transform.map(QPoint(120, 300)))
    assert crowded.state.pointed is large
    assert labels(crowded)[small.text].area == before


def test_of_labels_over_each_other_the_one_on_top_is_meant(crowded) -> None:
    large, small = crowded.controller.plan.boxes[1], crowded.controller.plan.boxes[0]
    # What is followed has its label on top of all others, in tiles without labels too.
    crowded.controller.choose(small)
    crowded.window.refresh()
    for tile in (0, 4):
        spot = labels(crowded, tile)[small.text].area.center().toPoint()
        assert crowded.window.canvas.boxes_at(spot.toPointF())[0] is small
        assert large in crowded.window.canvas.boxes_at(spot.toPointF())


def test_ctrl_at_a_label_means_the_map_beneath_as_at_a_box(open_window, fake_engine) -> None:
    opened = still(open_window(fake_engine()))
    tile = next(place for place in opened.window.canvas.tiles() if place.tile.key == "model.16")
    number = opened.window.canvas.tiles().index(tile)
    opened.controller.choose(opened.controller.plan.boxes[2])
    opened.window.refresh()
    label = labels(opened, number)[opened.controller.plan.boxes[2].text]
    click(opened, label.area.center().toPoint(), CTRL)
    assert opened.state.pinned is not None
    assert opened.state.side is Side.CELL
    assert opened.state.focus is not None


@pytest.mark.parametrize("fate", ["new", "gone"])
def test_of_boxes_in_one_place_what_is_new_or_gone_keeps_its_label(opened, fate: str) -> None:
    plan = opened.controller.plan
    place = opened.window.canvas.tiles()[0].panes[0].place
    box = plan.boxes[0]
    crowd = tuple(replace(box, text=f"car {score}", score=score / 100) for score in range(90, 96))
    changed = replace(box, text="changed", score=0.3, fate=fate)
    boxes, gone = ((changed, *crowd), ()) if fate == "new" else (crowd, (changed,))
    found = labels_of(replace(plan, boxes=boxes, gone=gone), Marks(), place, 1.0, labelled=True)
    written = [label.box.text for label in found.standing]
    assert written[0] == "changed"
    assert written[1] == "car 95"  # of the others, the best as before


def test_a_label_means_nothing_while_boxes_are_hidden(opened) -> None:
    spot = next(iter(labels(opened).values())).area.center()
    opened.window.canvas.peek(True)
    assert opened.window.canvas.boxes_at(spot) == ()
    opened.window.canvas.peek(False)
    assert opened.window.canvas.boxes_at(spot) != ()


@pytest.mark.parametrize("tile", [0, 4])
def test_labels_of_what_is_followed_and_what_is_pointed_at_do_not_meet(open_window, fake_engine, tile) -> None:
    class Side(fake_engine):
        def objects(self, _index):
            return [(100, 150, 180, 230, 0.9, 2), (190, 152, 270, 232, 0.8, 2), (130, 20, 250, 140, 0.7, 1)]

    opened = still(open_window(Side()))
    by_score = sorted(opened.controller.plan.boxes, key=lambda box: -box.score)
    opened.controller.choose(by_score[0])
    opened.window.refresh()
    _, _, place = opened.window.canvas.places()[tile]
    point(opened, place.transform.map(QPoint(230, 190)))
    assert opened.state.pointed is by_score[1]
    found = labels(opened, tile)
    seen = [found[box.text].area for box in by_score if box.text in found]
    assert len(seen) >= 2
    assert not any(one.intersects(other) for one, other in combinations(seen, 2))


@pytest.mark.usefixtures("qapp")
def test_no_label_stands_on_the_middle_of_a_better_object() -> None:
    best = BoxPlan((100.0, 100.0, 120.0, 110.0), "car 0.90", (90, 220, 100))
    worse = BoxPlan((95.0, 118.0, 125.0, 128.0), "car 0.40", (90, 220, 100))
    area = QRectF(0, 0, 640, 360)
    place = Place(area, area, (360, 640))
    upper, lower = standing((best, worse), place, 1.0)
    assert upper.area.bottom() <= best.xyxy[1]
    assert lower.area.top() >= worse.xyxy[3]  # over its box it would be read as the other one's
    alone = standing((worse,), place, 1.0)
    assert alone[0].area.contains(QPointF(110, 105))
    # What finds no other place goes without.
    boxed_in = BoxPlan((95.0, 131.0, 125.0, 141.0), "car 0.80", (90, 220, 100))
    found = standing((best, boxed_in, worse), place, 1.0)
    assert worse not in [label.box for label in found]


@pytest.mark.usefixtures("qapp")
def test_what_stands_out_has_its_whole_label_on_a_narrow_tile() -> None:
    box = BoxPlan((100.0, 100.0, 180.0, 180.0), "traffic light 0.92", (255, 180, 200), fate="new")
    one_line, two_lines = (label_picture(f"traffic light{gap}0.92 new", box.rgb, 1.0)[0] for gap in (" ", "\n"))
    assert two_lines.height() > one_line.height()
    for width, picture in ((one_line.width(), one_line), (one_line.width() - 1, two_lines)):
        area = QRectF(10, 10, width, 90)
        label = outstanding(box, Place(area, area, (360, 640)), 1.0)
        assert label is not None
        assert label.picture == picture
        assert area.contains(label.area)
    area = QRectF(10, 10, two_lines.width() - 10, 90)
    label = outstanding(box, Place(area, area, (360, 640)), 1.0)
    assert label is not None
    assert area.contains(label.area)  # the name itself is too long, and loses its middle


@pytest.mark.usefixtures("qapp")
def test_the_label_of_a_candidate_has_its_colour_around_it_instead_of_under_it() -> None:
    area = QRectF(10, 10, 640, 360)
    for under, ground in ((False, (255, 180, 200)), (True, INK_DARK)):
        box = BoxPlan((100.0, 100.0, 180.0, 180.0), "truck 0.12", (255, 180, 200), under=under)
        label = outstanding(box, Place(area, area, (360, 640)), 1.0)
        assert label is not None
        assert label.picture.pixelColor(0, 5).getRgb()[:3] == (255, 180, 200)
        assert label.picture.pixelColor(2, 2).getRgb()[:3] == ground


@pytest.mark.usefixtures("qapp")
def test_on_a_small_tile_without_labels_what_stands_out_is_told_briefly() -> None:
    box = BoxPlan((100.0, 100.0, 180.0, 180.0), "truck 0.92", (255, 180, 200))
    whole, brief = (label_picture(words, box.rgb, 1.0)[0] for words in ("truck 0.92", "0.92"))
    for width, picture in ((4 * whole.width(), whole), (4 * whole.width() - 1, brief), (4 * brief.width() - 1, None)):
        area = QRectF(10, 10, width, width * 9 / 16)
        label = outstanding(box, Place(area, area, (360, 640)), 1.0, labelled=False)
        assert (label and label.picture) == picture


def test_labels_are_found_once_for_painting_and_pointing(opened, monkeypatch) -> None:
    found: list[bool] = []
    real = marks.labels_of

    def count(*given, labelled):
        found.append(labelled)
        return real(*given, labelled=labelled)

    monkeypatch.setattr(marks, "labels_of", count)
    point(opened, QPoint(5, 5))
    opened.show(41)
    opened.window.canvas.grab()
    assert found.count(True) == 1
    before = len(found)
    place = opened.window.canvas.tiles()[0].place
    for x in range(3):
        point(opened, place.area.topLeft().toPoint() + QPoint(3 + x, 3))
    assert opened.window.canvas.boxes_at(place.area.topLeft()) == ()
    assert len(found) <= before + 1
