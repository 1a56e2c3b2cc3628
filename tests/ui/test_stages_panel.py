"""The panel of stages, driven as a person drives it: folding, searching, presets, by mouse and by keyboard."""

import pytest
import yaml
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QStyleOptionComboBox, QToolTip

from tests.support.hands import press
from tests.ui.conftest import settle
from viewer.core.messages import SetTaps, Step
from viewer.session.stage_tree import Group, Heading
from viewer.ui.preset_row import PresetRow
from viewer.ui.stage_painter import question_mark
from viewer.ui.stage_rows import STAGE_ROLE

KEYS = Qt.Key
LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def opened(open_window):
    return open_window()


def listed(opened) -> list[str]:
    rows = opened.window.stages.list.rows
    items = [rows.index(row).data(STAGE_ROLE) for row in range(rows.rowCount())]
    return [str(item.group) if isinstance(item, Heading) else item.title for item in items]


def click_on(opened, row: int) -> None:
    stages = opened.window.stages.list
    index = stages.rows.index(row)
    stages.scrollTo(index)
    QTest.mouseClick(stages.viewport(), LEFT, NONE, stages.visualRect(index).center())
    QApplication.processEvents()


def test_stages_stand_by_their_part_and_fold_at_a_click(opened) -> None:
    assert listed(opened)[:8] == ["Suggested", "C3", "C4", "C5", "P3", "P4", "P5", "Backbone"]
    click_on(opened, 0)
    assert listed(opened)[:3] == ["Suggested", "Backbone", "model.0"]
    click_on(opened, 0)
    assert listed(opened)[1] == "C3"
    assert not opened.sent(SetTaps)


def test_the_question_mark_explains_and_folds_nothing(opened) -> None:
    stages = opened.window.stages.list
    index = stages.rows.index(0)
    mark = question_mark(QRectF(stages.visualRect(index)), index.data(STAGE_ROLE))
    before = listed(opened)
    QTest.mouseClick(stages.viewport(), LEFT, NONE, mark.center().toPoint())
    assert listed(opened) == before
    assert "enter the head" in QToolTip.text()
    QToolTip.hideText()


def test_the_tree_works_by_arrows_space_and_enter(opened) -> None:
    stages = opened.window.stages.list
    stages.setFocus(Qt.FocusReason.TabFocusReason)
    for _ in range(8):
        press(opened, KEYS.Key_Down)
    assert stages.currentIndex().data(STAGE_ROLE).title == "model.0"
    press(opened, KEYS.Key_Space)
    assert "model.0" in opened.state.tapped
    press(opened, KEYS.Key_Return)
    assert "model.0" not in opened.state.tapped
    press(opened, KEYS.Key_Left)
    assert stages.currentIndex().data(STAGE_ROLE).group is Group.BACKBONE
    press(opened, KEYS.Key_Left)
    assert "model.0" not in listed(opened)
    assert stages.currentIndex().data(STAGE_ROLE).folded
    press(opened, KEYS.Key_Down)
    assert stages.currentIndex().data(STAGE_ROLE).group is Group.NECK
    press(opened, KEYS.Key_Up)
    press(opened, KEYS.Key_Right)
    assert "model.0" in listed(opened)
    press(opened, KEYS.Key_Right)
    assert stages.currentIndex().data(STAGE_ROLE).title == "model.0"
    press(opened, KEYS.Key_Escape)
    assert QApplication.focusWidget() is opened.window.canvas


@pytest.mark.parametrize(("key", "modifiers"), [(KEYS.Key_Slash, NONE), (KEYS.Key_F, CTRL)])
def test_a_key_begins_a_search_and_escape_clears_and_leaves_it(opened, key, modifiers) -> None:
    search = opened.window.stages.search
    press(opened, key, modifiers)
    assert QApplication.focusWidget() is search.line
    sent = len(opened.engine.sent)
    QTest.keyClicks(search.line, "conv s4")
    assert listed(opened) == ["Backbone", "model.1", "model.2"]
    assert len(opened.engine.sent) == sent
    press(opened, KEYS.Key_Escape)
    assert len(listed(opened)) > 10
    assert QApplication.focusWidget() is opened.window.canvas


def test_a_click_on_anything_else_ends_the_typing_and_keeps_what_was_found(opened) -> None:
    search, tools = opened.window.stages.search, opened.window.tools
    press(opened, KEYS.Key_Slash)
    QTest.keyClicks(search.line, "s4")
    QTest.mouseClick(search.line, LEFT)
    assert QApplication.focusWidget() is search.line
    QTest.mouseClick(tools.overlays, LEFT)
    assert QApplication.focusWidget() is opened.window.canvas
    press(opened, KEYS.Key_Comma)
    assert search.line.text() == "s4"
    opened.window.pages.bring(opened.window.pages.open)
    search.line.setFocus()
    QTest.mouseClick(opened.window.pages.open.file.field, LEFT)
    assert opened.window.pages.open.isVisible(), "a click into a page does not put it away"
    assert QApplication.focusWidget() is opened.window.pages.open.file.field
    press(opened, KEYS.Key_Escape)
    assert opened.sent(Step)[-1].frames == -1


def test_a_hit_is_tapped_without_the_mouse(opened) -> None:
    press(opened, KEYS.Key_Slash)
    QTest.keyClicks(opened.window.stages.search.line, "13")
    press(opened, KEYS.Key_Return)
    press(opened, KEYS.Key_Space)
    assert "model.13" in opened.state.tapped
    assert opened.state.transport.playing


def test_no_hit_is_said_and_a_button_shows_all_again(opened) -> None:
    stages = opened.window.stages
    press(opened, KEYS.Key_Slash)
    QTest.keyClicks(stages.search.line, "nothing")
    assert not stages.list.isVisible()
    assert stages._empty.isVisible()
    opened.show(50)
    assert not stages.list.isVisible()
    press(opened, KEYS.Key_Down)  # nothing to go to, and no harm
    QTest.mouseClick(stages.search.clear, LEFT)
    assert stages.list.isVisible()
    assert not stages.search.clear.isVisible()


def test_f6_leads_out_of_the_search(opened) -> None:
    press(opened, KEYS.Key_Slash)
    press(opened, KEYS.Key_F6)
    assert QApplication.focusWidget() is not opened.window.stages.search.line


def test_why_stages_are_suggested_is_told_where_one_asks(opened) -> None:
    rows = opened.window.stages.list.rows
    told = rows.index(0).data(Qt.ItemDataRole.ToolTipRole)
    assert "enter the head" in told
    assert "C3 C4 C5 (stride 8, 16, 32)" in told
    assert "enters the head at stride 8" in rows.index(rows.row_of("model.16")).data(Qt.ItemDataRole.ToolTipRole)
    assert "Suggested" not in rows.index(rows.row_of("model.13")).data(Qt.ItemDataRole.ToolTipRole)
    assert rows.index(0).data(Qt.ItemDataRole.DisplayRole) == "Suggested, 6 of 6 tapped"


def test_a_preset_is_saved_chosen_and_deleted_by_hand(opened) -> None:
    presets = opened.window.stages.presets
    assert presets.choice.currentText() == "Suggested"
    assert not presets.delete.isEnabled()
    opened.controller.toggle_tap("model.13", on=True)
    opened.window.refresh()
    assert presets.choice.currentIndex() == -1

    QTest.mouseClick(presets.save, LEFT)
    assert QApplication.focusWidget() is presets.name
    QTest.keyClicks(presets.name, "night")
    press(opened, KEYS.Key_Return)
    assert QApplication.focusWidget() is opened.window.canvas
    assert not presets.name.isVisible()
    assert presets.choice.currentText() == "night"
    saved = yaml.safe_load(opened.places.presets.read_text())
    assert "model.13" in saved["YOLO11"]["night"]

    presets.choice.textActivated.emit("Suggested")
    assert "model.13" not in opened.sent(SetTaps)[-1].settings.nodes
    presets.choice.textActivated.emit("night")
    assert "model.13" in opened.sent(SetTaps)[-1].settings.nodes

    QTest.mouseClick(presets.delete, LEFT)
    assert "night" not in [presets.choice.itemText(row) for row in range(presets.choice.count())]
    assert "model.13" in opened.state.tapped
    assert "Deleted" in opened.window.taking.strip.said.text


def test_a_preset_is_named_by_keyboard_or_given_up(opened) -> None:
    presets = opened.window.stages.presets
    press(opened, KEYS.Key_P, CTRL)
    QTest.keyClicks(presets.name, "suggested")
    press(opened, KEYS.Key_Return)
    assert presets.name.isVisible()  # to be mended
    press(opened, KEYS.Key_Escape)
    assert not presets.name.isVisible()
    assert QApplication.focusWidget() is opened.window.canvas
    assert not opened.places.presets.exists()


def test_a_broken_file_of_presets_is_said_and_stops_nothing(starting) -> None:
    starting.places.presets.write_text("- no")
    starting.engine.open_source()
    starting.engine.load_detector()
    starting.show(1)
    strip = starting.window.taking.strip
    assert strip.isVisible()
    assert "taps.broken.yaml" in strip.said.text
    assert len(starting.window.canvas.places()) == 7


def test_before_a_detector_there_is_nothing_to_choose_or_search(starting) -> None:
    stages = starting.window.stages
    assert not stages.presets.choice.isEnabled()
    assert not stages.presets.save.isEnabled()
    assert not stages.search.isEnabled()
    press(starting, KEYS.Key_P, CTRL)
    assert not stages.presets.name.isVisible()


def test_the_pointer_over_a_heading_shows_that_it_can_be_clicked(opened) -> None:
    stages = opened.window.stages.list
    before = stages.grab().toImage()
    QTest.mouseMove(stages.viewport(), QPoint(60, 12))
    QApplication.processEvents()
    assert stages.grab().toImage() != before


def test_what_is_below_folds_to_give_the_stages_room(opened) -> None:
    stages = opened.window.stages
    before = stages.list.height()
    QTest.mouseClick(stages.maps.heading, LEFT)
    settle()
    assert not stages.reducer.isVisible()
    assert stages.list.height() > before
    stages.maps.heading.setFocus(Qt.FocusReason.TabFocusReason)
    press(opened, KEYS.Key_Space)
    assert stages.reducer.isVisible()
    assert opened.state.transport.playing  # Space was the heading's


def test_the_row_of_presets_wants_the_same_room_whatever_came_first(opened) -> None:
    row = opened.window.stages.presets
    late = PresetRow()
    late.show_presets(tuple(40 * letter for letter in "ab"), "", can_delete=False)
    late.show()
    QApplication.processEvents()
    wanted = late.sizeHint()
    late.close()
    late.deleteLater()
    assert row.sizeHint() == wanted
    option = QStyleOptionComboBox()
    row.choice.initStyleOption(option)
    assert option.currentText == "Suggested"
    row.choice.resize(row.choice.sizeHint())
    assert row.choice.word_room(option) >= row.choice.fontMetrics().horizontalAdvance("Suggested")
