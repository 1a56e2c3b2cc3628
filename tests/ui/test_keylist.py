"""The list of keys: groups stay whole and in order, and fill columns evenly."""

from viewer.ui.keylist import columns_of
from viewer.ui.keys import NATIVE

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
