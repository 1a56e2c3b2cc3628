"""The list of keys: groups stay whole and in order, and fill columns evenly."""

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
