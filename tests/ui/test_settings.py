"""Settings, as a person changes them: keys, clicks and typing, and what the next window then does."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton

from tests.support.hands import press
from viewer.config.settings import Settings, read_settings
from viewer.core.errors import ConfigError
from viewer.core.messages import Pause, Step
from viewer.session.preferences import Preferences
from viewer.ui import app, tokens
from viewer.ui.keys import NATIVE, all_bindings, key_text, spelled
from viewer.ui.option_control import CheckControl, ChoiceControl

KEYS = Qt.Key
LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.yaml"


@pytest.fixture
def opened(open_window, themed, path):
    del themed  # whatever the test wears, the next one finds the dark theme
    return open_window(preferences=Preferences(NATIVE, path, spell=spelled))


def click(widget) -> None:
    QTest.mouseClick(widget, LEFT)
    QApplication.processEvents()


def kept(path: Path) -> Settings:
    return read_settings(path, NATIVE)


def open_part(opened, title: str):
    press(opened, KEYS.Key_Comma, CTRL)
    page = opened.window.settings
    assert page.isVisible()
    click(page.tabs[title])
    return page


def choose(page, action: str):
    editor = page.keys
    row = editor.list.rows.row_of(action)
    editor.list.scrollTo(row)
    QTest.mouseClick(editor.list.viewport(), LEFT, NONE, editor.list.visualRect(row).center())
    assert editor.chosen.action == action
    return editor


def test_a_key_and_a_choice_change_the_theme_and_the_next_window_wears_it(opened, open_window, path) -> None:
    press(opened, KEYS.Key_T, CTRL)
    assert (tokens.THEME, kept(path).theme) == (tokens.LIGHT, "light")
    page = open_part(opened, "General")
    page.theme.setFocus()
    press(opened, KEYS.Key_Down)
    QTest.keyClick(page.theme, KEYS.Key_Down)
    page.theme.textActivated.emit("High contrast")
    assert (tokens.THEME, kept(path).theme) == (tokens.CONTRAST, "contrast")
    open_window(preferences=Preferences(NATIVE, path))
    assert tokens.THEME is tokens.CONTRAST


def test_a_theme_that_is_put_on_is_the_one_that_is_named_and_no_longer_the_one_that_is_offered(opened) -> None:
    palette = opened.window.pages.palette
    press(opened, KEYS.Key_K, CTRL)
    QTest.keyClicks(palette.field, "theme")
    assert "Theme: light" in [row.text for row in palette.rows.rows]
    opened.window.desk.wear("light")
    QApplication.processEvents()
    offered = [row.text for row in palette.rows.rows]
    assert "Theme: dark" in offered
    assert "Theme: light" not in offered
    assert opened.window.settings.theme.currentText() == "Light"


def test_the_page_opens_by_its_button_and_goes_by_escape_click_and_cross(opened) -> None:
    page = opened.window.settings
    for leave in (
        lambda: press(opened, KEYS.Key_Escape),
        lambda: click(page.close_button),
        lambda: QTest.mouseClick(page, LEFT, NONE, QPoint(2, 2)),
    ):
        click(opened.window.tools.settings)
        assert page.isVisible()
        assert page.has_focus()
        leave()
        assert not page.isVisible()
        assert QApplication.focusWidget() is opened.window.canvas


def test_the_video_plays_on_under_the_page_and_the_mouse_does_not_reach_it(opened) -> None:
    page = open_part(opened, "General")
    before = opened.state.viewport
    QTest.mouseDClick(page, LEFT, NONE, page.card.geometry().center())
    assert (opened.state.viewport, opened.state.maximised) == (before, None)
    opened.show(90)
    assert opened.window.canvas.plan.frame.index == 90
    press(opened, KEYS.Key_Space)
    assert Pause() not in opened.engine.sent


def test_tab_walks_through_the_page_and_not_the_tiles(opened) -> None:
    page = open_part(opened, "General")
    seen = set()
    for _ in range(12):
        press(opened, KEYS.Key_Tab)
        seen.add(QApplication.focusWidget())
        if not page.has_focus():
            break
    assert {page.folder, page.reset, page.close_button} <= seen
    assert opened.state.maximised is None


def test_defaults_are_typed_kept_and_refused_with_the_reason(opened, path) -> None:
    page = open_part(opened, "Defaults")
    assert QApplication.focusWidget() is page.defaults.controls["source"].focus
    assert page.defaults.verticalScrollBar().value() == 0
    field: QLineEdit = page.defaults.controls["conf"].field
    field.setFocus()
    assert field.placeholderText() == "0.25"
    QTest.keyClicks(field, "0.4")
    press(opened, KEYS.Key_Return)
    assert kept(path).defaults == {"conf": 0.4}
    field.selectAll()
    QTest.keyClicks(field, "7")
    press(opened, KEYS.Key_Return)
    assert "less than or equal to 1" in page.defaults.says["conf"].text()
    assert page.defaults.says["conf"].isVisible()
    assert kept(path).defaults == {"conf": 0.4}
    assert field.text() == "7"
    press(opened, KEYS.Key_Tab)
    assert field.text() == "0.4"
    assert not page.defaults.says["conf"].isVisible()


def test_every_option_has_the_control_of_its_kind(opened) -> None:
    controls = open_part(opened, "Defaults").defaults.controls
    for key in ("half", "tf32", "fade", "loop"):
        assert isinstance(controls[key], CheckControl), key
    for key in ("device", "reducer", "limits", "colormap", "view", "grid", "channels_last"):
        assert isinstance(controls[key], ChoiceControl), key
    for key in ("conf", "iou", "imgsz", "max_det", "alpha", "speed"):
        assert controls[key].slider is not None, key
    for key in ("source", "model", "weights", "decode"):
        assert controls[key].choose.isVisibleTo(controls[key]), key


def test_a_default_is_chosen_checked_dragged_stepped_and_taken_back(opened, path, tmp_path) -> None:
    page = open_part(opened, "Defaults")
    controls = page.defaults.controls
    assert not path.exists(), "what nobody touched stays unset"
    controls["colormap"].choice.setFocus()
    while controls["colormap"].choice.currentText() != "viridis":
        press(opened, KEYS.Key_Down)
    controls["colormap"].choice.textActivated.emit("viridis")
    controls["fade"].box.setFocus()
    press(opened, KEYS.Key_Space)
    controls["imgsz"].slider.setFocus()
    press(opened, KEYS.Key_Left)
    controls["max_det"].field.setFocus()
    press(opened, KEYS.Key_Up)
    controls["model"].choose.picked.emit(str(tmp_path))
    assert kept(path).defaults == {
        "colormap": "viridis",
        "fade": True,
        "imgsz": 608,
        "max_det": 301,
        "model": str(tmp_path),
    }
    for key in ("colormap", "fade", "imgsz", "max_det", "model"):
        controls[key].reset.setFocus()
        press(opened, KEYS.Key_Return)
        assert not controls[key].reset.isVisible()
    assert kept(path).defaults == {}
    assert controls["colormap"].choice.currentText() == "inferno"
    assert not controls["fade"].box.isChecked()


def test_a_word_that_is_not_on_the_list_is_typed_or_refused_beside_it(opened, path) -> None:
    page = open_part(opened, "Defaults")
    control = page.defaults.controls["device"]
    line = control.choice.lineEdit()
    control.choice.setFocus()
    line.selectAll()
    QTest.keyClicks(QApplication.focusWidget(), "cuda:1")
    press(opened, KEYS.Key_Return)
    assert kept(path).defaults == {"device": "cuda:1"}
    line.selectAll()
    QTest.keyClicks(QApplication.focusWidget(), "gpux")
    press(opened, KEYS.Key_Return)
    assert "unknown device" in page.defaults.says["device"].text()
    assert kept(path).defaults == {"device": "cuda:1"}
    press(opened, KEYS.Key_Tab)
    assert line.text() == "cuda:1"


def test_the_folder_is_kept_or_refused(opened, path, tmp_path) -> None:
    page = open_part(opened, "General")
    page.folder.setFocus()
    QTest.keyClicks(page.folder, "/nowhere/at/all")
    press(opened, KEYS.Key_Return)
    assert "no folder /nowhere/at" in page.folder_says.text()
    assert not page.folder_make.isVisible()
    page.folder.selectAll()
    QTest.keyClicks(page.folder, str(tmp_path))
    press(opened, KEYS.Key_Return)
    assert kept(path).defaults == {"snapshots": str(tmp_path)}
    assert page.says.text() == f"Kept in {path}"
    assert not page.folder_says.isVisible()


@pytest.mark.parametrize("by_mouse", [True, False])
def test_the_folder_is_chosen_in_a_dialog_beside_the_window(opened, path, tmp_path, by_mouse) -> None:
    page = open_part(opened, "General")
    if by_mouse:
        click(page.choose)
    else:
        page.folder.setFocus()
        press(opened, KEYS.Key_Tab)
        assert QApplication.focusWidget() is page.choose
        press(opened, KEYS.Key_Return)
    dialog = page.choose.dialog
    assert dialog.isVisible()
    assert not dialog.isModal()
    dialog.fileSelected.emit(str(tmp_path))
    assert kept(path).defaults == {"snapshots": str(tmp_path)}
    assert page.folder.text() == str(tmp_path)
    page.put_away()
    assert not dialog.isVisible()


@pytest.mark.parametrize("by_mouse", [True, False])
def test_a_folder_that_is_not_there_is_said_at_once_and_made_on_request(opened, path, tmp_path, by_mouse) -> None:
    page = open_part(opened, "General")
    page.folder.setFocus()
    QTest.keyClicks(page.folder, str(tmp_path / "shots"))
    press(opened, KEYS.Key_Return)
    assert "is not there" in page.folder_says.text()
    assert page.folder.text() == str(tmp_path / "shots")
    assert not path.exists()
    if by_mouse:
        click(page.folder_make)
    else:
        press(opened, KEYS.Key_Tab)
        press(opened, KEYS.Key_Tab)
        assert QApplication.focusWidget() is page.folder_make
        assert page.folder.text() == str(tmp_path / "shots")
        press(opened, KEYS.Key_Return)
    assert (tmp_path / "shots").is_dir()
    assert kept(path).defaults == {"snapshots": str(tmp_path / "shots")}
    assert not page.folder_says.isVisible()
    assert not page.folder_make.isVisible()


def test_what_was_refused_is_forgotten_with_the_page(opened, tmp_path) -> None:
    page = open_part(opened, "General")
    page.folder.setFocus()
    QTest.keyClicks(page.folder, str(tmp_path / "shots"))
    press(opened, KEYS.Key_Return)
    press(opened, KEYS.Key_Escape)
    page = open_part(opened, "General")
    assert (page.folder.text(), page.folder_says.text()) == ("", "")


def test_a_free_key_is_bound_by_keyboard_and_works_at_once_and_in_the_next_window(opened, open_window, path) -> None:
    page = open_part(opened, "Keys")
    choose(page, "next_frame")
    press(opened, KEYS.Key_Return)
    assert "Press a key for “Go one frame on”" in page.keys.says.text()
    press(opened, KEYS.Key_F9)
    assert kept(path).keys == {"next_frame": ("F9",)}
    press(opened, KEYS.Key_Escape)
    press(opened, KEYS.Key_F9)
    assert opened.engine.sent[-1] == Step(1)
    sent = len(opened.engine.sent)
    press(opened, KEYS.Key_Period)
    assert len(opened.engine.sent) == sent
    later = open_window(preferences=Preferences(NATIVE, path, spell=spelled))
    press(later, KEYS.Key_F9)
    assert later.engine.sent[-1] == Step(1)


def test_tooltips_and_key_list_name_the_new_key(opened) -> None:
    forward = opened.window.transport.forward
    assert forward.toolTip() == "Go one frame on  ( . or → )"
    page = open_part(opened, "Keys")
    editor = choose(page, "next_frame")
    click(editor.buttons["add"])
    press(opened, KEYS.Key_W, SHIFT)
    assert forward.toolTip() == "Go one frame on  ( . or → or Shift W )"
    assert next(line for line in all_bindings() if line.action == "next_frame").shown == ".  →  Shift W"
    click(editor.buttons["none"])
    assert forward.toolTip() == "Go one frame on  ( no key )"
    click(editor.buttons["reset"])
    assert forward.toolTip() == "Go one frame on  ( . or → )"


def test_a_key_that_another_action_has_is_asked_for_and_taken_or_left(opened, path) -> None:
    page = open_part(opened, "Keys")
    editor = choose(page, "boxes")
    click(editor.buttons["change"])
    press(opened, KEYS.Key_G)
    assert "G is the key of “Go to a frame or time”" in editor.says.text()
    assert editor.take.isVisible()
    press(opened, KEYS.Key_Escape)
    assert page.isVisible()
    assert not path.exists()
    press(opened, KEYS.Key_Return)
    press(opened, KEYS.Key_G)
    click(editor.take)
    assert kept(path).keys == {"boxes": ("G",), "goto": ()}
    click(editor.buttons["all"])
    assert kept(path).keys == {}


def test_tab_and_letters_are_taken_as_keys_while_one_is_awaited(opened, path) -> None:
    page = open_part(opened, "Keys")
    choose(page, "maps")
    sent = len(opened.engine.sent)
    press(opened, KEYS.Key_Insert)
    press(opened, KEYS.Key_Shift)
    press(opened, KEYS.Key_Tab)
    assert "Tab is the key of “Show the next tile”" in page.keys.says.text()
    press(opened, KEYS.Key_Return)
    assert kept(path).keys == {"maps": ("V", "Tab"), "next_tile": ()}
    assert len(opened.engine.sent) == sent
    press(opened, KEYS.Key_Escape)
    press(opened, KEYS.Key_Tab)
    assert (opened.state.overlays, opened.state.maximised) == (False, None)


def test_reset_brings_everything_back(opened, path) -> None:
    press(opened, KEYS.Key_T, CTRL)
    page = open_part(opened, "General")
    button: QPushButton = page.reset
    click(button)
    assert (tokens.THEME, kept(path)) == (tokens.DARK, Settings())


def test_a_broken_file_is_said_in_the_window_and_set_aside(open_window, path) -> None:
    path.write_text("theme: pink\n")
    opened = open_window(preferences=Preferences(NATIVE, path, spell=spelled))
    assert "Theme is 'pink'" in opened.window.notice.text.text()
    assert not path.exists()
    press(opened, KEYS.Key_Escape)
    assert not opened.window.notice.isVisible()


def test_actions_have_names_of_their_own_and_keys_that_can_be_spelled() -> None:
    named = [line.action for line in all_bindings() if line.action]
    assert len(named) == len(set(named))
    for keys in NATIVE.values():
        assert [spelled(key) for key in keys] == list(keys)
    shown = {"Shift+Left": "Shift ←", "Ctrl++": "Ctrl +", "+": "+", "Ctrl+,": "Ctrl ,", "Space": "Space"}
    assert {key: key_text(key) for key in shown} == shown


def test_a_theme_for_one_run_must_be_one() -> None:
    assert app.load_preferences("light").theme == "light"
    with pytest.raises(ConfigError, match="no theme 'ligth'; did you mean 'light'"):
        app.load_preferences("ligth")


# --- presentation ---------------------------------------------------------------------------------------------------


def test_the_presentation_leaves_the_pictures_alone_and_brings_everything_back(opened) -> None:
    window = opened.window
    panels = (window.stages, window.inspector, window.timeline, window.transport, window.status)
    for leave in (
        lambda: press(opened, KEYS.Key_F11),
        lambda: press(opened, KEYS.Key_Escape),
        lambda: click(window.presentation.leave),
    ):
        press(opened, KEYS.Key_F11)
        assert not any(panel.isVisible() for panel in panels)
        assert window.isFullScreen()
        QTest.mouseMove(window.canvas, QPoint(40, 40))
        QTest.mouseMove(window.canvas, QPoint(60, 60))
        QApplication.processEvents()
        assert window.presentation.leave.isVisible()
        press(opened, KEYS.Key_Period)
        assert opened.engine.sent[-1] == Step(1)
        leave()
        assert all(panel.isVisible() for panel in panels)
        assert not window.isFullScreen()
        assert not window.presentation.leave.isVisible()
