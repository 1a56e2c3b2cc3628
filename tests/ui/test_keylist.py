"""The list of keys: groups stay whole and in order, and fill columns evenly."""

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from viewer.ui.keylist import columns_of
from viewer.ui.keys import NATIVE, all_bindings

HEIGHTS = {"Playing": 9, "Moving": 9, "Looking": 9, "Window": 9}


def test_groups_fill_the_columns_there_is_room_for() -> None:
    assert columns_of(HEIGHTS, 2) == [["Playing", "Moving"], ["Looking", "Window"]]
    assert columns_of(HEIGHTS | {"Objects": 3, "Stages": 2}, 3) == [
        ["Playing", "Moving"],
        ["Looking", "Window"],
        ["Objects", "Stages"],
    ]


def test_no_column_is_made_that_makes_nothing_lower() -> None:
    assert columns_of({"a": 9, "b": 3, "c": 3}, 3) == [["a"], ["b", "c"]]
    assert columns_of({"a": 4}, 3) == [["a"]]


def test_no_key_comes_with_two_meanings() -> None:
    keys = [key for keys in NATIVE.values() for key in keys]
    assert sorted(keys) == sorted(set(keys))


VERBS = {
    "Begin", "Cancel", "Choose", "Copy", "Cover", "End", "Explain", "Export", "Fade", "Fill", "Follow", "Give", "Go",
    "Look", "Loop", "Move", "Mute", "Name", "Open", "Pause", "Pin", "Play", "Quit", "Restart", "Save", "Search",
    "Show", "Solo", "Turn", "Undo", "Watch",
}  # fmt: skip


def test_every_action_says_first_what_it_does() -> None:
    texts = [binding.text for binding in all_bindings() if binding.action]
    assert [text for text in texts if text.split()[0].rstrip(";:") not in VERBS] == []


def test_no_text_is_longer_than_its_column() -> None:
    assert [binding.text for binding in all_bindings() if len(binding.text) > 40] == []


def test_no_two_actions_are_told_alike() -> None:
    texts = [binding.text for binding in all_bindings() if binding.action]
    assert len(set(texts)) == len(texts)


def test_every_action_with_a_key_shows_it_among_the_commands(open_window) -> None:
    actions = {action.text: action.keys for action in open_window().window.keyboard.actions()}
    assert actions["Go to 30 %"] == "3"
    assert actions["Move the crosshair left"] == "Alt ←"
    assert [binding.text for binding in all_bindings() if binding.keys and not actions[binding.text]] == []


@pytest.mark.parametrize("size", [(1024, 640), (1280, 800), (1920, 1080)])
def test_the_list_has_a_button_on_its_card_that_closes_it(open_window, size) -> None:
    opened = open_window()
    opened.window.resize(*size)
    keys = opened.window.keylist
    keys.toggle()
    QApplication.processEvents()
    card, scale = keys._card()
    button = keys.close_button.geometry()
    assert QRectF(QPointF(card.left() * scale, card.top() * scale), card.size() * scale).contains(QRectF(button))
    QTest.mouseClick(keys.close_button, Qt.MouseButton.LeftButton)
    assert not keys.isVisible()


def test_each_theme_that_is_not_worn_is_a_command(open_window) -> None:
    opened = open_window()
    themes = {action.text: action for action in opened.window.keyboard.actions() if action.text.startswith("Theme: ")}
    assert list(themes) == ["Theme: light", "Theme: high contrast"]
    themes["Theme: light"].act()
    try:
        assert opened.window.desk.preferences.theme == "light"
        names = [action.text for action in opened.window.keyboard.actions()]
        assert "Theme: dark" in names
        assert "Theme: light" not in names
    finally:
        opened.window.desk.theme_actions()[0].act()
