"""Asking why something was found, as a person does: a click on a box, a key, the buttons of the page."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QFont, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.support.hands import press
from tests.ui.conftest import settle
from viewer.core.cam import Cam, CamMap, CamWork, Explained, Lost
from viewer.core.frame import SourceStatus
from viewer.core.geometry import Rect
from viewer.core.inquiry import NOTHING, Findings
from viewer.core.messages import Report, SetInquiry
from viewer.core.packet import Counters
from viewer.session.cam_tile import CAM_TILE
from viewer.session.follow import Fate
from viewer.session.side import Side

KEYS = Qt.Key
LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def opened(open_window, fake_engine):
    """A window that stands on frame 40, on an engine that answers."""

    class Explaining(fake_engine):
        inquiry = NOTHING
        lost = None
        refusals = ()
        never = None

        def send(self, intent):
            super().send(intent)
            if isinstance(intent, SetInquiry):
                self.inquiry = intent.inquiry
                self.show(self.transport.index)

        def packet(self, index):
            packet = super().packet(index)
            question = self.inquiry.cam
            if question is None:
                return packet
            if self.refusals:
                return replace(packet, findings=Findings(self.refusals, refused=("cam",), no_gradient_at=self.never))
            if self.lost:
                return replace(packet, findings=Findings(cam=Cam(question, lost=self.lost)))
            tap = next(tap for tap in packet.taps if tap.stage.node == (question.node or "model.16"))
            codes = np.ones_like(tap.codes)
            codes[2:6, 3:9] = 255
            of_class = [row for row in self.objects(index) if question.target.label in (None, row[5])]
            *corners, score, label = of_class[0]
            one = Explained(label, score, tuple(corners), 8, (4, 5), ((label, score), (0, 0.1)))
            found = CamMap(tap.stage, tap.stage.stride, codes, (0.0, 0.04), (5, 5))
            cam = Cam(question, found, (one,), None, ((12, 0.02), (3, 0.01)), 0.06)
            return replace(packet, findings=Findings(cam=cam))

    opened = open_window(Explaining())
    opened.controller.pause()
    opened.window.refresh()
    opened.show(40)
    return opened


def click_box(opened, place: int = -1) -> None:
    """Click in the middle of a detection of the first tile; the best by default."""
    box = opened.controller.plan.boxes[place]
    _, _, area = opened.window.canvas.places()[0]
    left, top, right, bottom = box.xyxy
    point = area.transform.map(QPointF((left + right) / 2, (top + bottom) / 2)).toPoint()
    QTest.mouseClick(opened.window.canvas, LEFT, NONE, point)
    QApplication.processEvents()


def click(widget) -> None:
    QTest.mouseClick(widget, LEFT, NONE, QPoint(widget.width() // 2, widget.height() // 2))
    QApplication.processEvents()


def asked(opened):
    return [intent.inquiry.cam for intent in opened.sent(SetInquiry)]


def tiles(opened) -> list[str]:
    return [tile.key for tile in opened.controller.plan.tiles]


@pytest.mark.parametrize("width", [1280, 1024])
def test_nothing_of_an_answer_is_wider_than_the_panel(opened, width):
    click_box(opened)
    press(opened, KEYS.Key_W)
    opened.window.resize(width, 640)
    settle()
    scroller = opened.window.why.scroller
    assert opened.window.why.explain.answer.channels.isVisible()
    assert scroller.widget().width() <= scroller.viewport().width()


def test_nothing_is_drawn_over_what_is_asked_about_in_its_map(opened):
    click_box(opened)
    press(opened, KEYS.Key_W)
    canvas = opened.window.canvas
    tile = next(tile for tile in canvas.tiles() if tile.tile.key == CAM_TILE)
    left, top, right, bottom = opened.state.focus.box.xyxy
    box = tile.place.rect(Rect(left, top, right - left, bottom - top))

    def seen(area) -> QImage:
        QApplication.processEvents()
        return canvas.grab(area.toAlignedRect()).toImage()

    around = box.adjusted(-6, -6, 6, 6)
    marked, marked_around = seen(box), seen(around)
    opened.controller.set_boxes(False)
    opened.window.refresh()
    assert seen(box) == marked
    assert seen(around) != marked_around  # the corners beside it
    assert len({tile.header.width() for tile in canvas.tiles()}) == 3  # the answer has a size of its own
    others = [other.header.width() for other in canvas.tiles() if other.tile.key not in (CAM_TILE, "detections")]
    assert tile.header.width() > 1.8 * max(others)


def test_a_click_on_a_box_and_a_key_show_why(opened):
    section = opened.window.why.explain
    click_box(opened)
    press(opened, KEYS.Key_W)

    assert opened.state.side is Side.WHY
    assert section.isVisible()
    assert [question.target.label for question in asked(opened)] == [0]
    assert tiles(opened)[:2] == ["detections", CAM_TILE]
    assert section.answer.title.accessibleName() == "person 0.95"
    assert [bar.name for bar in section.answer.classes.bars] == ["person", "person"]
    assert [bar.name for bar in section.answer.channels.bars] == ["channel 12", "channel 3"]
    assert "row 4, column 5" in section.answer.lines.text()

    press(opened, KEYS.Key_W)
    assert asked(opened)[-1] is None
    assert CAM_TILE not in tiles(opened)
    assert not section.answer.channels.isVisible()


def test_a_channel_that_speaks_for_it_is_shown_by_a_click_or_by_keys(opened):
    bars = opened.window.why.explain.answer.channels
    click_box(opened)
    press(opened, KEYS.Key_W)
    QTest.mouseClick(bars, LEFT, NONE, QPoint(40, 10))
    assert opened.state.inquiry.channel.node == opened.controller.packet.findings.cam.map.stage.node
    assert opened.state.inquiry.channel.number == 12
    bars.setFocus()
    QTest.keyClick(bars, KEYS.Key_Down)
    QTest.keyClick(bars, KEYS.Key_Return)
    assert opened.state.inquiry.channel.number == 3
    QTest.mouseClick(opened.window.why.explain.answer.classes, LEFT, NONE, QPoint(40, 10))  # those lead nowhere
    assert opened.state.inquiry.channel.number == 3


def test_of_an_object_that_is_lost_one_asks_what_was_missed_there(opened, monkeypatch):
    section = opened.window.why.explain
    click_box(opened)
    press(opened, KEYS.Key_F3)
    assert not section.lost.isVisible()
    focus = opened.state.focus
    gone = replace(focus, fate=Fate.GONE, box=None)
    monkeypatch.setattr("viewer.session.attention.followed", lambda *_: gone)
    opened.show(41)
    assert section.lost.isVisible()
    click(section.lost)
    assert opened.state.inquiry.region.xyxy == pytest.approx(focus.place.xyxy)
    assert opened.state.focus is not None


def test_with_nothing_chosen_the_page_says_what_to_do_and_then_does_it(opened):
    section = opened.window.why.explain
    press(opened, KEYS.Key_F3)
    assert section.answer.title.accessibleName() == "Click a box to explain it."
    assert not section.answer.channels.isVisible()
    click(section.explain)
    assert asked(opened) == []
    click_box(opened)
    assert len(asked(opened)) == 1
    assert section.answer.title.accessibleName() == "person 0.95"


def test_another_box_is_explained_as_soon_as_it_is_clicked_and_escape_ends_it(opened):
    click_box(opened)
    press(opened, KEYS.Key_W)
    click_box(opened, -2)
    assert [question.target.label for question in asked(opened)] == [0, 1]
    press(opened, KEYS.Key_Escape)
    assert asked(opened)[-1] is None
    assert opened.state.inquiry == NOTHING


def test_the_stage_is_chosen_on_the_page_and_by_a_key(opened):
    section = opened.window.why.explain
    click_box(opened)
    press(opened, KEYS.Key_W)
    assert section.stage.currentText() == "at the head's inputs"
    offered = [section.stage.itemText(row) for row in range(section.stage.count())]
    assert offered[1:] == [
        f"at {name} · model.{n}"
        for name, n in zip(("C3", "C4", "C5", "P3", "P4", "P5"), (4, 6, 10, 16, 19, 22), strict=True)
    ]
    section.stage.activated.emit(3)
    QApplication.processEvents()
    assert asked(opened)[-1].node == "model.10"
    assert section.stage.currentText() == "at C5 · model.10"
    assert opened.controller.plan.tiles[1].title == "Why person 0.95 · C5"
    assert not section.answer.note.isVisible()
    press(opened, KEYS.Key_W, CTRL | SHIFT)
    assert asked(opened)[-1].node == "model.16"


def test_all_objects_are_explained_without_one_being_chosen(opened):
    section = opened.window.why.explain
    press(opened, KEYS.Key_F3)
    click(section.all)
    assert asked(opened)[-1].merged is not None
    assert (section.all.isChecked(), section.explain.isChecked()) == (True, False)
    press(opened, KEYS.Key_W, ALT)
    assert asked(opened)[-1] is None
    assert not section.all.isChecked()
    press(opened, KEYS.Key_F1)
    press(opened, KEYS.Key_W, ALT)
    assert asked(opened)[-1].merged is not None
    assert opened.state.side is Side.WHY


def test_of_one_object_and_all_of_them_what_was_asked_last_is_explained(opened):
    section = opened.window.why.explain
    press(opened, KEYS.Key_W, ALT)
    click_box(opened)
    assert asked(opened)[-1].merged is not None
    click(section.explain)
    assert asked(opened)[-1].target.label == 0
    assert (section.all.isChecked(), section.explain.isChecked()) == (False, True)


def test_escape_lets_go_of_the_object_and_of_the_button(opened):
    section = opened.window.why.explain
    click_box(opened)
    click(section.explain)
    assert asked(opened)[-1] is not None
    assert section.explain.isChecked()
    for _ in range(4):
        press(opened, KEYS.Key_Escape)
    assert asked(opened)[-1] is None
    assert not section.explain.isChecked()


def test_what_only_asks_stays_quiet_when_the_theme_is_another(opened, themed):
    press(opened, KEYS.Key_F3)
    themed("light")
    QApplication.processEvents()
    page = opened.window.why
    for words in (page.explain.answer.title, page.miss.verdict):
        assert words.font().weight() == QFont.Weight.Normal


def test_the_map_follows_frame_by_frame_live_and_paused(opened):
    click_box(opened)
    press(opened, KEYS.Key_W)
    for index in (41, 60):
        opened.show(index)
        assert opened.controller.plan.tiles[1].overlay is not None
    assert len(asked(opened)) == 1


@pytest.mark.parametrize("kind", ["lost", "refused"])
def test_what_has_no_answer_is_said_and_the_tile_stays(opened, kind):
    click_box(opened)
    press(opened, KEYS.Key_W)
    if kind == "lost":
        opened.engine.lost = Lost.NOWHERE
    else:
        opened.engine.refusals = ("no gradient leads from the scores of x to P3: it is numpy",)
    opened.show(41)
    opened.window.show_all()
    section = opened.window.why.explain
    expected = "No candidate for person" if kind == "lost" else "it is numpy"
    assert expected in section.answer.note.text()
    assert tiles(opened)[1] == CAM_TILE
    assert opened.controller.plan.tiles[1].overlay is None


def test_that_a_network_explains_nothing_is_said_before_anybody_asks_again(opened):
    section = opened.window.why.explain
    opened.engine.refusals, opened.engine.never = ("no gradient leads to P3: it is numpy",), ""
    click_box(opened)
    press(opened, KEYS.Key_W)
    opened.window.refresh()
    press(opened, KEYS.Key_W)
    opened.window.refresh()
    assert not section.explain.isChecked()
    for words in (section.answer.note.text(), section.explain.toolTip(), section.all.toolTip()):
        assert "it is numpy" in words


def test_the_button_says_that_it_takes_back_what_is_worked_on(opened):
    section = opened.window.why.explain
    press(opened, KEYS.Key_W, ALT)
    opened.window.refresh()
    assert "Explain them no more" in section.all.toolTip()
    assert "( Alt W )" in section.all.toolTip()
    opened.engine.post(Report(0.2, Counters(), SourceStatus(), 3.0, explaining=CamWork(5, 12)))
    settle()
    opened.window.show_all()
    assert "5 of 12 objects explained, 3 s so far" in section.answer.lines.text()
    QTest.mouseClick(section.all, LEFT)
    opened.window.show_all()
    assert asked(opened)[-1] is None
    assert "Working" not in section.answer.lines.text() + section.answer.note.text()


def test_numbers_have_tooltips_that_say_how_they_were_worked_out(opened):
    section = opened.window.why.explain
    for widget, words in (
        (section.answer.channels, "sum over cells"),
        (section.answer.classes, "0 to 1"),
        (section.answer.lines, "gradient"),
        (section.stage, "Ctrl Shift W"),
        (section.explain, "( W )"),
        (section.all, "( Alt W )"),
    ):
        assert words in widget.toolTip()
