"""The page on altering, used as a person uses it: keys, sliders, a rectangle dragged with the mouse."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QSlider

from tests.support.hands import press
from tests.ui.conftest import settle
from viewer.core.alteration import ChannelEdit, Unaltered
from viewer.core.inquiry import NOTHING, Findings
from viewer.core.messages import DetectorReady, SetInquiry, Step, Sweep, Swept, TapsChanged
from viewer.core.perturbation import Kind, Perturbation
from viewer.core.stage import Role, Stage
from viewer.core.sweep import SweepMap
from viewer.session.side import Side
from viewer.session.stage_tree import NO_MATCH
from viewer.ui.marks import labels_of
from viewer.ui.tokens import TIMES

KEYS = Qt.Key
LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def altering(fake_engine):
    """An engine whose best object goes when anything is altered, and whose picture darkens when it is covered."""

    class Altering(fake_engine):
        inquiry = NOTHING

        def send(self, intent):
            super().send(intent)
            if isinstance(intent, SetInquiry):
                self.inquiry = intent.inquiry
                self.show(self.transport.index)

        def packet(self, index):
            packet = super().packet(index)
            if not self.inquiry.alteration:
                return packet
            before = packet.candidates
            left = before.take(np.arange(1, len(before)))
            findings = Findings(alteration=Unaltered(before))
            return replace(packet, detections=left, candidates=left, findings=findings)

    return Altering


@pytest.fixture
def opened(open_window, altering):
    """A window on the page about altering that stands on frame 40."""
    opened = open_window(altering())
    opened.controller.pause()
    opened.window.refresh()
    opened.show(40)
    press(opened, KEYS.Key_F4)
    return opened


def alteration(opened):
    return opened.sent(SetInquiry)[-1].inquiry.alteration


def at(opened, x: float, y: float, tile: int = 0) -> QPoint:
    """A point of the picture, in source pixels, on the canvas."""
    _, _, place = opened.window.canvas.places()[tile]
    return place.transform.map(QPointF(x, y)).toPoint()


def drag(opened, start: QPoint, end: QPoint) -> None:
    canvas = opened.window.canvas
    QTest.mousePress(canvas, LEFT, NONE, start)
    for step in (0.3, 0.7, 1.0):
        QTest.mouseMove(canvas, start + (end - start) * step)
        QApplication.processEvents()
    QTest.mouseRelease(canvas, LEFT, NONE, end)
    QApplication.processEvents()


def test_the_page_is_quiet_until_something_is_altered(opened) -> None:
    assert opened.state.side is Side.ALTER
    page = opened.window.alter
    assert page.outcome.quiet.isVisible()
    assert not page.outcome.counts.isVisible()
    assert not page.undo.isEnabled()
    assert opened.sent(SetInquiry) == []


def test_a_channel_is_muted_and_everything_undone_with_keys(opened) -> None:
    page = opened.window.alter
    field = page.channels.channel
    field.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClicks(field, "17")
    press(opened, KEYS.Key_Return)
    press(opened, KEYS.Key_M, CTRL)
    assert alteration(opened).edits == (ChannelEdit("model.22", 17),)
    assert page.outcome.counts.text() == "before 6 \N{RIGHTWARDS ARROW} after 5"
    assert page.outcome.gone.text() == "1 gone"
    assert page.channels.mute.isChecked()
    assert page.channels.list.itemAt(0).widget().taken.text() == "P5 · channel 17 muted"
    press(opened, KEYS.Key_M, CTRL)
    assert not alteration(opened)
    press(opened, KEYS.Key_M, CTRL | SHIFT)
    assert alteration(opened).edits == (ChannelEdit("model.22", 17, 1.0, solo=True),)
    press(opened, KEYS.Key_Z)
    assert not alteration(opened)
    assert page.outcome.quiet.isVisible()


def test_buttons_and_the_list_do_the_same(opened) -> None:
    channels = opened.window.alter.channels
    channels.stage.showPopup()
    QTest.keyClicks(channels.stage.picker.field, "model.16")
    QTest.keyClick(channels.stage.picker.field, KEYS.Key_Return)
    QApplication.processEvents()
    QTest.mouseClick(channels.mute, LEFT)
    QApplication.processEvents()
    assert alteration(opened).edits == (ChannelEdit("model.16", 0),)
    channels.factor.slider.setValue(50)
    QApplication.processEvents()
    assert alteration(opened).edits == (ChannelEdit("model.16", 0, 2.5),)
    QTest.mouseClick(channels.list.itemAt(0).widget().restore, LEFT)
    QApplication.processEvents()
    assert not alteration(opened)
    assert channels.list.count() == 0


def test_a_channel_that_is_looked_at_is_in_hand(opened) -> None:
    opened.controller.show_channel("model.16", 9)
    opened.window.refresh()
    press(opened, KEYS.Key_Down)
    press(opened, KEYS.Key_M, CTRL)
    assert alteration(opened).edits == (ChannelEdit("model.16", 10),)
    press(opened, KEYS.Key_F2)
    shown = opened.window.cell.channel
    assert shown.mute.isChecked()
    QTest.mouseClick(shown.solo, LEFT)
    QApplication.processEvents()
    assert alteration(opened).edits == (ChannelEdit("model.16", 10, 1.0, solo=True),)
    QTest.mouseClick(shown.solo, LEFT)
    QApplication.processEvents()
    assert not alteration(opened)


def test_what_vanished_is_dashed_in_the_colour_of_its_class(opened) -> None:
    canvas = opened.window.canvas
    box = opened.controller.plan.boxes[-1]
    _, top, right, bottom = box.xyxy
    line = [at(opened, right, y) for y in np.linspace(top + 4, bottom - 4, 60)]

    def coloured() -> int:
        image = canvas.grab().toImage()
        around = [[QColor(image.pixel(point + QPoint(dx, 0))) for dx in (-1, 0, 1)] for point in line]
        return sum(any(near(colour, box.rgb) for colour in colours) for colours in around)

    whole = coloured()
    press(opened, KEYS.Key_M, CTRL)
    gone = opened.controller.plan.gone
    assert [one.xyxy for one in gone] == [box.xyxy]
    assert 0.3 * whole < coloured() < 0.9 * whole


def near(colour: QColor, rgb: tuple[int, int, int]) -> bool:
    return sum(abs(a - b) for a, b in zip(colour.getRgb()[:3], rgb, strict=True)) < 90


def test_the_page_says_that_it_works_until_there_is_something_to_compare(opened, monkeypatch) -> None:
    page = opened.window.alter
    answer = opened.engine.show
    monkeypatch.setattr(opened.engine, "show", lambda _: None)
    press(opened, KEYS.Key_M, CTRL)
    assert page.outcome.working.isVisible()
    assert page.outcome.working.text().startswith("Running this frame twice")
    assert not page.outcome.counts.isVisible()
    monkeypatch.setattr(opened.engine, "show", answer)
    opened.show(40)
    assert not page.outcome.working.isVisible()
    assert page.outcome.counts.isVisible()


def test_a_rectangle_is_dragged_over_an_object_and_moved(opened) -> None:
    press(opened, KEYS.Key_O, SHIFT)
    assert opened.window.alter.occluder.draw.isChecked()
    viewport = opened.state.viewport
    drag(opened, at(opened, 100, 60), at(opened, 220, 150))
    (cover,) = alteration(opened).perturbations
    assert cover.kind is Kind.OCCLUDE
    assert cover.rect == pytest.approx((100, 60, 220, 150), abs=2)
    assert opened.state.viewport == viewport  # the picture stayed where it was
    assert opened.state.focus is None
    width, height = (round(cover.rect[place + 2] - cover.rect[place]) for place in (0, 1))
    assert opened.window.alter.occluder.value.text == f"{width}{TIMES}{height} px"
    drag(opened, at(opened, 150, 100), at(opened, 250, 140))
    (moved,) = alteration(opened).perturbations
    assert moved.rect == pytest.approx((200, 100, 320, 190), abs=3)
    QTest.mouseClick(opened.window.alter.occluder.reset, LEFT)
    QApplication.processEvents()
    assert not alteration(opened)
    press(opened, KEYS.Key_Escape)
    assert not opened.state.occluding
    drag(opened, at(opened, 100, 60), at(opened, 220, 150))
    assert not alteration(opened)


def test_the_label_of_what_is_gone_lies_over_the_edge_of_what_covers_it(opened) -> None:
    press(opened, KEYS.Key_O, SHIFT)
    box = opened.controller.plan.boxes[-1]
    left, top, right, bottom = box.xyxy
    drag(opened, at(opened, left + 12, top - 6), at(opened, right, bottom))
    (gone,) = opened.controller.plan.gone
    canvas = opened.window.canvas
    pane = canvas.tiles()[0].panes[0]
    shown = labels_of(canvas.plan, canvas._marks, pane.place, 1.0, labelled=True).standing
    label = next(one for one in shown if one.box is gone)
    occluder = pane.place.transform.mapRect(QRectF(QPointF(left + 12, top - 6), QPointF(right, bottom)))
    assert label.area.left() < occluder.left() < label.area.right()  # its edge crosses the label
    assert label.area.top() < occluder.top() < label.area.bottom()
    image = canvas.grab().toImage().copy(label.area.toRect())
    assert image == label.picture.convertToFormat(image.format())


def hover(opened, point) -> Qt.CursorShape:
    QTest.mouseMove(opened.window.canvas, point)
    QApplication.processEvents()
    return opened.window.canvas.cursor().shape()


def cover_of(opened):
    return alteration(opened).occluder


def test_a_rectangle_is_resized_by_its_edges_and_corners_and_the_pointer_says_so(opened) -> None:
    press(opened, KEYS.Key_O, SHIFT)
    opened.controller.occlude((200.0, 100.0, 320.0, 190.0))
    opened.window.refresh()
    shapes = Qt.CursorShape
    assert hover(opened, at(opened, 60, 300)) is shapes.CrossCursor
    assert hover(opened, at(opened, 260, 145)) is shapes.SizeAllCursor
    assert hover(opened, at(opened, 320, 145)) is shapes.SizeHorCursor
    assert hover(opened, at(opened, 260, 100)) is shapes.SizeVerCursor
    assert hover(opened, at(opened, 200, 100)) is shapes.SizeFDiagCursor
    assert hover(opened, at(opened, 320, 100)) is shapes.SizeBDiagCursor

    drag(opened, at(opened, 320, 145), at(opened, 400, 145))
    assert cover_of(opened) == pytest.approx((200, 100, 400, 190), abs=2)
    drag(opened, at(opened, 200, 100), at(opened, 240, 120))
    assert cover_of(opened) == pytest.approx((240, 120, 400, 190), abs=4)
    drag(opened, at(opened, 320, 190), at(opened, 320, 60))  # over the other side
    assert cover_of(opened) == pytest.approx((240, 60, 400, 120), abs=5)
    press(opened, KEYS.Key_Escape)
    assert hover(opened, at(opened, 260, 100)) is not shapes.CrossCursor


def test_escape_takes_a_drag_back_and_then_puts_the_tool_away(opened) -> None:
    press(opened, KEYS.Key_O, SHIFT)
    opened.controller.occlude((200.0, 100.0, 320.0, 190.0))
    opened.window.refresh()
    canvas = opened.window.canvas
    QTest.mousePress(canvas, LEFT, NONE, at(opened, 260, 145))
    QTest.mouseMove(canvas, at(opened, 160, 145))
    QApplication.processEvents()
    assert cover_of(opened) == pytest.approx((100, 100, 220, 190), abs=3)
    press(opened, KEYS.Key_Escape)
    assert cover_of(opened) == (200, 100, 320, 190)
    QTest.mouseRelease(canvas, LEFT, NONE, at(opened, 160, 145))
    assert cover_of(opened) == (200, 100, 320, 190)
    assert opened.state.occluding
    press(opened, KEYS.Key_Escape)
    assert not opened.state.occluding


def test_arrows_move_and_resize_what_is_held_and_step_frames_else(opened) -> None:
    opened.controller.occlude((200.0, 100.0, 320.0, 190.0))
    opened.window.refresh()
    press(opened, KEYS.Key_Right)
    assert opened.sent(Step) == [Step(1)]
    assert cover_of(opened) == (200, 100, 320, 190)
    press(opened, KEYS.Key_O, SHIFT)
    press(opened, KEYS.Key_Right)
    press(opened, KEYS.Key_Down, SHIFT)
    assert cover_of(opened) == (201, 110, 321, 200)
    press(opened, KEYS.Key_Left, CTRL)
    press(opened, KEYS.Key_Up, CTRL | SHIFT)
    assert cover_of(opened) == (201, 110, 320, 190)
    assert opened.sent(Step) == [Step(1)]
    press(opened, KEYS.Key_Period)
    assert opened.sent(Step) == [Step(1), Step(1)]
    press(opened, KEYS.Key_Escape)
    press(opened, KEYS.Key_Left)
    assert opened.sent(Step)[-1] == Step(-1)
    assert cover_of(opened) == (201, 110, 320, 190)


def test_what_covers_the_picture_is_laid_without_a_mouse(opened) -> None:
    opened.window.alter.occluder.draw.setFocus(Qt.FocusReason.TabFocusReason)
    press(opened, KEYS.Key_Space)
    assert opened.state.occluding
    press(opened, KEYS.Key_Right)
    assert cover_of(opened) == (240, 135, 400, 225)
    press(opened, KEYS.Key_Right)
    assert cover_of(opened) == (241, 135, 401, 225)


def test_the_edge_of_what_is_held_stays_while_shift_hides_all_else(opened) -> None:
    press(opened, KEYS.Key_O, SHIFT)
    opened.window.keyboard.peek(True)
    canvas = opened.window.canvas
    bare = canvas.grab().toImage()
    opened.controller.occlude((200.0, 100.0, 320.0, 190.0))
    opened.window.refresh()
    opened.window.keyboard.peek(True)
    edge = at(opened, 260, 100)
    around = [edge + QPoint(0, dy) for dy in (-2, -1, 0, 1, 2)]
    assert [bare.pixel(point) for point in around] != [canvas.grab().toImage().pixel(point) for point in around]


def test_an_object_is_covered_by_a_key_and_by_a_button(opened) -> None:
    best = opened.controller.plan.boxes[-1].xyxy
    press(opened, KEYS.Key_O, CTRL | SHIFT)
    assert cover_of(opened) == best
    press(opened, KEYS.Key_Z)
    opened.controller.choose(opened.controller.plan.boxes[0])
    followed = opened.state.focus.box.xyxy
    QTest.mouseClick(opened.window.alter.occluder.object, LEFT)
    QApplication.processEvents()
    assert cover_of(opened) == followed


def test_while_nobody_holds_it_a_rectangle_stays(opened) -> None:
    opened.controller.occlude((100.0, 60.0, 220.0, 150.0))
    opened.window.refresh()
    count = len(opened.sent(SetInquiry))
    drag(opened, at(opened, 150, 100), at(opened, 250, 140))
    assert len(opened.sent(SetInquiry)) == count


@pytest.mark.parametrize(
    ("kind", "steps", "amount", "text"),
    [
        (Kind.BRIGHTNESS, 26, 1.4, f"1.40 {TIMES}"),
        (Kind.NOISE, 12, 12.0, "12 levels"),
        (Kind.JPEG, 9, 10.0, "10 %"),
    ],
)
def test_a_slider_perturbs_the_picture_and_is_reset(opened, kind, steps, amount, text) -> None:
    row = opened.window.alter.knobs.rows[kind]
    assert row.value.text() == "off"
    row.slider.setValue(steps)
    QApplication.processEvents()
    assert alteration(opened).perturbations == (Perturbation(kind, amount),)
    assert row.value.text() == text
    QTest.mouseClick(row.reset, LEFT)
    QApplication.processEvents()
    assert not alteration(opened)
    assert row.value.text() == "off"


def test_a_sweep_shows_how_far_it_is_and_is_cancelled(opened) -> None:
    box = opened.window.alter.sweep
    press(opened, KEYS.Key_S, SHIFT)
    wish = opened.sent(Sweep)[-1].wish
    known = SweepMap(wish, 40, 100, np.full((48, 80), 9, np.uint8), (0.0, 0.5))
    opened.engine.post(Swept(wish, known))
    QApplication.processEvents()
    assert box.bar.value() == 100
    assert "100 of 400" in box.words.text()
    assert opened.controller.plan.tiles[1].key == "sweep"
    QTest.mouseClick(box.end, LEFT)
    QApplication.processEvents()
    assert opened.sent(Sweep)[-1] == Sweep(None)
    assert opened.state.sweep is None
    assert box.begin.isVisible()


def test_nothing_of_the_page_is_wider_than_the_panel(opened) -> None:
    opened.controller.occlude((10.0, 10.0, 630.0, 350.0))
    opened.window.refresh()
    for width in (1280, 1024):
        opened.window.resize(width, 640)
        QApplication.processEvents()
        content = opened.window.alter.scroller.widget()
        assert content.width() <= opened.window.alter.scroller.viewport().width()


def test_every_control_of_the_page_has_a_name_and_a_tooltip(opened) -> None:
    opened.controller.mute("model.16", 3)
    opened.window.refresh()
    controls = [
        c for kind in (QAbstractButton, QComboBox, QLineEdit, QSlider) for c in opened.window.alter.findChildren(kind)
    ]
    assert len(controls) > 20
    for control in controls:
        assert control.toolTip() or control.parentWidget().toolTip(), control
        assert control.accessibleName() or control.text(), control


def test_nothing_moves_from_under_the_hand_when_something_is_altered_first(opened):
    page = opened.window.alter
    slider = page.knobs.findChildren(QSlider)[-1]
    settle()
    before = slider.mapTo(page, QPoint(0, 0))
    opened.controller.perturb(Kind.RAIN, 40.0)
    settle()
    opened.window.refresh()
    assert page.outcome.counts.isVisible()
    assert slider.mapTo(page, QPoint(0, 0)) == before


def long_network(opened) -> tuple[Stage, ...]:
    """A network of 90 stages of which most have like names; two have short ones and are tapped."""
    parts = ("expand.Relu", "depthwise.depthwise", "project.BatchNorm.FusedBatchNorm")
    nodes = [f"MobilenetV3.expanded_conv_{block}.{part}" for block in range(30) for part in parts]
    names = {nodes[15]: "C3", nodes[60]: "C4"}
    stages = tuple(Stage(node, Role.BACKBONE, 8, 64, (24, 40), "Conv", names.get(node, "")) for node in nodes)
    opened.engine.tapped = tuple(stage for stage in stages if stage.name)
    opened.engine.post(DetectorReady(opened.state.detector, stages))
    opened.engine.post(TapsChanged(opened.engine.tapped, opened.engine.settings))
    opened.show(41)
    return stages


def test_the_list_of_stages_is_short_begins_with_the_tapped_and_is_searched(opened) -> None:
    stages = long_network(opened)
    box = opened.window.alter.channels.stage
    box.showPopup()
    QApplication.processEvents()
    picker = box.picker
    assert picker.isVisible()
    assert picker.height() < 16 * 28 + 80
    assert [row.text.split(" ")[0] for row in picker.rows.rows[:2]] == ["C3", "C4"]
    assert [row.key for row in picker.rows.rows[:3]] == ["tapped", "tapped", ""]
    assert all(row.detail == "stride 8" for row in picker.rows.rows)
    assert len({row.text for row in picker.rows.rows}) == len(stages)
    QTest.keyClicks(picker.field, "7 depth")
    assert [row.text.endswith("7.depthwise.depthwise") for row in picker.rows.rows] == [True]
    QTest.keyClick(picker.field, KEYS.Key_Return)
    QApplication.processEvents()
    assert not picker.isVisible()
    assert opened.state.pick.node == "MobilenetV3.expanded_conv_7.depthwise.depthwise"
    box.showPopup()
    QTest.keyClicks(picker.field, "nothing of that kind")
    assert [row.text for row in picker.rows.rows] == [NO_MATCH]
    QTest.keyClick(picker.field, KEYS.Key_Return)
    assert picker.isVisible()
    QTest.keyClick(picker.field, KEYS.Key_Escape)
    assert not picker.isVisible()


def test_the_box_of_stages_shows_which_block_is_in_hand(opened) -> None:
    stages = long_network(opened)
    box = opened.window.alter.channels.stage

    def picture(stage):
        opened.controller.pick_channel(stage.node, 0)
        opened.window.refresh()
        QApplication.processEvents()
        return box.grab().toImage()

    assert picture(stages[3]) != picture(stages[6])
