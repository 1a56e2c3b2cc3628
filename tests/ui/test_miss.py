"""A person asks why something was missed: drags, clicks and keys lead to the question, and the answer is shown."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from tests.support.hands import press
from tests.ui.conftest import settle
from tests.ui.test_real_engine import wait
from viewer.core import Boxes
from viewer.core.cam import Cam, CamMap, Explained
from viewer.core.inquiry import Findings, Inquiry
from viewer.core.messages import SetInquiry
from viewer.core.region import RegionScores, ScoreLevel, ScoreMap
from viewer.session.cam_tile import CAM_TILE
from viewer.session.side import Side

CTRL, NONE = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def asking(open_window, fake_engine):
    """A window whose engine answers: a car of 0.18 in the middle of a region, and a person that is outdone there."""

    class Answering(fake_engine):
        inquiry = Inquiry()

        def send(self, intent):
            super().send(intent)
            if isinstance(intent, SetInquiry):
                self.inquiry = intent.inquiry
                self.show(self.transport.index)

        def packet(self, index):
            packet = super().packet(index)
            region, label = self.inquiry.region, self.inquiry.score_map
            found = None if region is None else self.found(region)
            maps = None
            if label is not None:
                levels = tuple(ScoreLevel(s, np.full((384 // s, 640 // s), 0.5, np.float32)) for s in (8, 16, 32))
                maps = ScoreMap(label, "dense head", levels)
            candidates = packet.candidates
            if found is not None:
                candidates = Boxes(
                    np.concatenate([candidates.xyxy, found.boxes.xyxy[:1]]),
                    np.append(candidates.scores, np.float32(0.18)),
                    np.append(candidates.labels, np.int32(2)),
                    np.append(candidates.strides, np.int32(16)),
                )
            findings = Findings(region=found, score_map=maps, cam=self.explained(packet, found))
            kept = candidates.scores > 0.25
            return replace(packet, candidates=candidates, detections=candidates.take(kept), findings=findings)

        def explained(self, packet, found):
            question = self.inquiry.cam
            if question is None or found is None:
                return None
            row = 0 if question.target.label is None else found.boxes.labels.tolist().index(question.target.label)
            box = found.boxes.take([row])
            tap = packet.taps[-1]
            one = Explained(
                int(box.labels[0]), float(box.scores[0]), tuple(box.xyxy[0].tolist()), int(box.strides[0]), (4, 5)
            )
            codes = CamMap(tap.stage, tap.stage.stride, np.full_like(tap.codes, 90), (0.0, 0.04), (5, 5))
            return Cam(question, codes, (one,), None, ((12, 0.02),), 0.06)

        def found(self, region):
            left, top, right, bottom = region.xyxy
            xyxy = np.array([[left, top, right + 4, bottom + 4]] * 2, np.float32)
            boxes = Boxes(
                xyxy, np.array([0.18, 0.05], np.float32), np.array([2, 0], np.int32), np.array([16, 8], np.int32)
            )
            pair = np.array([2, 2], np.int32)
            rows = np.array([6, -1], np.int32)
            return RegionScores(
                region, "dense head", boxes, rows, np.zeros((2, 2), np.int32), pair, boxes.scores.copy()
            )

    return open_window(Answering())


def on_canvas(opened, x, y):
    """Where a source pixel lies in the first tile."""
    place = opened.window.canvas.places()[0][2]
    return place.transform.map(QPointF(x, y)).toPoint()


def drag(opened, begin, end, modifiers=NONE):
    canvas = opened.window.canvas
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, modifiers, begin)
    QTest.mouseMove(canvas, (begin + end) / 2)
    QTest.mouseMove(canvas, end)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, modifiers, end)
    settle()


def regions(opened):
    return [intent.inquiry.region for intent in opened.sent(SetInquiry)]


def test_dragging_with_ctrl_asks_about_the_rectangle_and_moves_nothing(asking):
    before = asking.state.viewport
    drag(asking, on_canvas(asking, 300, 200), on_canvas(asking, 200, 100), CTRL)

    (region,) = regions(asking)
    assert region.xyxy == pytest.approx((200, 100, 300, 200), abs=2)
    assert asking.state.viewport == before
    assert asking.state.side is Side.WHY
    section = asking.window.why.miss
    assert section.isVisible()
    assert section.verdict.text() == "car 0.18 at P4, under the threshold 0.25"
    assert " px at " in section.where.text()
    assert [row.name for row in asking.state.miss.rows] == ["car", "person"]


def test_a_key_arms_one_drag_and_escape_puts_it_away_again(asking):
    press(asking, Qt.Key.Key_U)
    assert asking.window.why.miss.look.isChecked()
    assert asking.window.canvas.cursor().shape() is Qt.CursorShape.CrossCursor
    press(asking, Qt.Key.Key_Escape)
    assert not asking.state.lookout

    QTest.mouseClick(asking.window.why.miss.look, Qt.MouseButton.LeftButton)
    drag(asking, on_canvas(asking, 100, 100), on_canvas(asking, 180, 160))
    assert len(regions(asking)) == 1
    assert not asking.state.lookout
    # The next one moves the picture again.
    asking.controller.set_viewport(replace(asking.state.viewport, zoom=2.0))
    asking.window.show_all()
    before = asking.state.viewport
    drag(asking, on_canvas(asking, 300, 200), on_canvas(asking, 250, 160))
    assert asking.state.viewport != before
    assert len(regions(asking)) == 1


def test_a_drag_over_a_maximised_or_zoomed_tile_means_the_same_pixels(asking):
    asking.controller.set_viewport(replace(asking.state.viewport, zoom=2.0, centre_xy=(0.4, 0.4)))
    asking.window.show_all()
    drag(asking, on_canvas(asking, 230, 130), on_canvas(asking, 280, 170), CTRL)
    assert regions(asking)[-1].xyxy == pytest.approx((230, 130, 280, 170), abs=1)


def test_a_click_with_ctrl_is_no_rectangle(asking):
    spot = on_canvas(asking, 100, 100)
    drag(asking, spot, spot, CTRL)
    assert regions(asking) == []

    press(asking, Qt.Key.Key_U)
    drag(asking, spot, spot)
    assert regions(asking)[0].is_point


def test_a_click_on_nothing_asks_about_a_point_while_the_page_is_open(asking):
    spot = on_canvas(asking, 20, 350)
    assert asking.window.canvas.boxes_at(QPointF(spot)) == ()
    QTest.mouseClick(asking.window.canvas, Qt.MouseButton.LeftButton, NONE, spot)
    wait(lambda: not asking.window.canvas.waits_for_double_click)
    assert regions(asking) == []

    press(asking, Qt.Key.Key_F3)
    QTest.mouseClick(asking.window.canvas, Qt.MouseButton.LeftButton, NONE, spot + QPoint(9, 0))
    wait(lambda: len(regions(asking)) == 1)
    settle()
    assert regions(asking)[0].is_point
    assert asking.window.why.miss.where.text().startswith("at ")


def test_a_box_that_a_drag_begins_on_is_pointed_at_no_longer(asking):
    left, top, _, _ = asking.controller.plan.boxes[-1].xyxy
    begin = on_canvas(asking, left + 4, top + 4)
    QTest.mouseMove(asking.window.canvas, begin)
    settle()
    assert asking.state.pointed is not None
    drag(asking, begin, on_canvas(asking, 620, 20), CTRL)
    assert asking.state.pointed is None


def test_escape_in_the_middle_of_a_drag_asks_nothing(asking):
    canvas = asking.window.canvas
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, CTRL, on_canvas(asking, 100, 100))
    QTest.mouseMove(canvas, on_canvas(asking, 160, 160))
    press(asking, Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, NONE, on_canvas(asking, 160, 160))
    assert regions(asking) == []


@pytest.fixture
def answered(asking):
    drag(asking, on_canvas(asking, 200, 100), on_canvas(asking, 300, 200), CTRL)
    return asking


def test_the_verdict_follows_the_slider_while_the_frame_stands(answered):
    sent = len(answered.sent(SetInquiry))
    answered.window.inspector.conf.slider.setValue(10)
    settle()
    assert answered.window.why.miss.verdict.text() == "car 0.18 at P4, found: it is detection 7"
    answered.controller.keep_only(0)
    answered.window.refresh()
    assert answered.window.why.miss.verdict.text() == "car 0.18 at P4, filtered by class"
    assert len(answered.sent(SetInquiry)) == sent


def test_thresholds_stand_beside_the_verdict_and_move_it_there_by_mouse_and_keys(answered):
    sliders, verdict = answered.window.why.miss.sliders, answered.window.why.miss.verdict
    assert sliders.isVisible()
    asked = len(regions(answered))
    slider = sliders.conf.slider
    at = QPoint(round(0.1 * (slider.width() - 12)) + 6, slider.height() // 2)
    QTest.mouseClick(slider, Qt.MouseButton.LeftButton, NONE, at)
    settle()
    assert "under the threshold" not in verdict.text()
    assert answered.state.thresholds.conf == pytest.approx(0.1)
    assert sliders.conf.field.text() == "0.10"
    sliders.conf.field.setFocus()
    sliders.conf.field.selectAll()
    QTest.keyClicks(sliders.conf.field, "0.5")
    QTest.keyClick(sliders.conf.field, Qt.Key.Key_Return)
    settle()
    assert verdict.text() == "car 0.18 at P4, under the threshold 0.50"
    assert answered.window.canvas.hasFocus(), "the keys are the pictures' again"
    QTest.keyClick(sliders.iou.slider, Qt.Key.Key_PageUp)
    settle()
    assert answered.state.thresholds.iou == pytest.approx(0.8)
    assert len(regions(answered)) == asked, "nothing is asked of the network anew"
    assert answered.state.side is Side.WHY
    answered.controller.show_side(Side.OBJECTS)
    answered.window.show_all()
    assert answered.window.inspector.conf.field.text() == "0.50", "it is one threshold"


def test_thresholds_keep_away_while_no_place_is_asked_about(answered):
    sliders = answered.window.why.miss.sliders
    answered.controller.look_out(True)
    answered.window.show_all()
    assert not sliders.isVisible(), "the place is about to be another"
    answered.controller.look_away()
    answered.window.show_all()
    assert not sliders.isVisible()


def test_scores_are_picked_by_mouse_and_by_keys(answered):
    table = answered.window.why.miss.table
    QTest.mouseClick(table, Qt.MouseButton.LeftButton, NONE, table.cell_rect(1, 0).center().toPoint())
    assert answered.state.picked == (0, 8)
    assert answered.window.why.miss.verdict.text() == "person 0.05 at P3, under the threshold 0.25"
    QTest.keyClick(table, Qt.Key.Key_Up)
    assert answered.state.miss.picked == (2, 16)  # at its best level, for this one has none of it
    QTest.mouseClick(table, Qt.MouseButton.LeftButton, NONE, QPoint(30, round(table.cell_rect(1, 0).center().y())))
    assert answered.state.picked == (0, 8)
    assert "car: P4 0.18" in table.accessibleDescription()


def test_the_best_candidate_of_a_place_is_explained_by_a_click_and_by_a_key(answered):
    section = answered.window.why.miss
    assert section.explain.isEnabled()
    assert section.explain.text() == "Explain the best candidate"
    assert "Alt U" in section.explain.toolTip()
    QTest.mouseClick(section.explain, Qt.MouseButton.LeftButton)
    settle()

    target = answered.sent(SetInquiry)[-1].inquiry.cam.target
    assert (target.region, target.label) == (answered.state.inquiry.region, None)
    tile = next(tile for tile in answered.controller.plan.tiles if tile.key == CAM_TILE)
    assert tile.title.startswith("Why car 0.18")
    assert tile.overlay is not None
    assert section.explain.isChecked()
    assert not answered.window.why.explain.explain.isChecked()
    assert "car 0.18" in section.answer.title.text()
    assert section.answer.channels.isVisible()
    assert not answered.window.why.explain.answer.channels.isVisible()
    assert not section.explain.visibleRegion().isEmpty()
    press(answered, Qt.Key.Key_U, Qt.KeyboardModifier.AltModifier)
    settle()
    assert not section.explain.isChecked()
    assert CAM_TILE not in [tile.key for tile in answered.controller.plan.tiles]


def test_a_head_that_keeps_no_gradients_says_so_once_below_the_button(answered):
    section, refusal = answered.window.why.miss, "no gradient leads from the scores of x to P3: it is numpy"
    before = answered.engine.packet

    def refusing(index):
        packet = before(index)
        asked = answered.engine.inquiry.cam is not None
        refusals, refused = ((refusal,), ("cam",)) if asked else ((), ())
        return replace(packet, findings=replace(packet.findings, cam=None, refusals=refusals, refused=refused))

    answered.engine.packet = refusing
    QTest.mouseClick(section.explain, Qt.MouseButton.LeftButton)
    settle()
    assert refusal in section.answer.note.text()
    assert refusal not in section.note.text()
    assert section.explain.isEnabled()  # to be put away again
    QTest.mouseClick(section.explain, Qt.MouseButton.LeftButton)
    settle()
    assert not section.answer.isVisible()


def test_a_candidate_that_is_not_kept_cannot_be_explained_and_the_button_says_why(answered):
    section, table = answered.window.why.miss, answered.window.why.miss.table
    QTest.mouseClick(table, Qt.MouseButton.LeftButton, NONE, table.cell_rect(1, 0).center().toPoint())
    settle()
    assert section.explain.text() == "Explain the picked candidate"
    assert not section.explain.isEnabled()
    assert "not among those that are kept" in section.explain.toolTip()
    press(answered, Qt.Key.Key_U, Qt.KeyboardModifier.AltModifier)
    assert all(intent.inquiry.cam is None for intent in answered.sent(SetInquiry))


def test_with_no_place_the_key_leads_to_the_page_that_says_how_to_ask(open_window):
    opened = open_window()
    press(opened, Qt.Key.Key_U, Qt.KeyboardModifier.AltModifier)
    settle()
    assert opened.state.side is Side.WHY
    assert not opened.window.why.miss.explain.isVisible()
    assert opened.sent(SetInquiry) == []


def test_maps_of_scores_come_as_tiles_and_go(answered):
    section = answered.window.why.miss
    count = len(answered.controller.plan.tiles)
    QTest.mouseClick(section.maps, Qt.MouseButton.LeftButton)
    settle()
    titles = [tile.title for tile in answered.controller.plan.tiles]
    assert titles[count:] == ["P3 · car score", "P4 · car score", "P5 · car score"]
    assert section.top.isVisible()
    section.top.slider.setValue(50)
    assert answered.controller.plan.tiles[-1].limits_text == ("0", "0.500")

    section.classes.setCurrentText("truck")
    section.classes.activated.emit(section.classes.currentIndex())
    settle()
    assert answered.controller.plan.tiles[-1].title == "P5 · truck score"
    press(answered, Qt.Key.Key_U, Qt.KeyboardModifier.ShiftModifier)
    settle()
    assert len(answered.controller.plan.tiles) == count


def test_everything_is_put_away_at_once(answered):
    QTest.mouseClick(answered.window.why.miss.clear, Qt.MouseButton.LeftButton)
    settle()
    assert answered.engine.inquiry == Inquiry()
    assert answered.state.miss is None
    assert not answered.window.why.miss.table.isVisible()
    assert "drag a box" in answered.window.why.miss.verdict.text()


def test_escape_lets_go_of_the_object_first_and_then_of_the_place(answered):
    answered.controller.choose_next(1)
    press(answered, Qt.Key.Key_Escape)
    assert answered.state.focus is None
    assert answered.state.inquiry.region is not None
    press(answered, Qt.Key.Key_Escape)
    assert answered.state.inquiry.region is None


def test_with_nothing_asked_the_page_says_in_a_line_what_to_do(open_window):
    opened = open_window()
    press(opened, Qt.Key.Key_F3)
    section = opened.window.why.miss
    shown = [w for w in (section.table, section.clear, section.maps, section.where, section.note) if w.isVisible()]
    assert shown == []
    assert "Press U and drag a box" in section.verdict.text()
    for control in (section.look, section.maps, section.classes, section.top.slider, section.table):
        assert control.accessibleName()
    assert opened.sent(SetInquiry) == []
