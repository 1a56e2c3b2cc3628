"""What a few letters find among commands."""

import pytest

from viewer.session.palette import Action, closeness, found, match

ACTIONS = [
    Action(text, group, "", lambda: None)
    for text, group in (
        ("Play or pause", "Playing"),
        ("Previous control", "Window"),
        ("Tap P3 model.16", "Stages"),
        ("Tap P4 model.19", "Stages"),
        ("Stop tapping C3 model.4", "Stages"),
        ("Restart the engine", "Window"),
    )
]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("pop", "Play or pause"),
        ("tap p3", "Tap P3 model.16"),
        ("p3 tap", "Tap P3 model.16"),
        ("rest", "Restart the engine"),
        ("16", "Tap P3 model.16"),
        ("PLAY", "Play or pause"),
        ("stages c3", "Stop tapping C3 model.4"),
    ],
)
def test_the_likeliest_comes_first(query, first) -> None:
    assert found(query, ACTIONS)[0].text == first


def test_without_a_query_all_are_there_in_their_order() -> None:
    assert found("  ", ACTIONS) == ACTIONS


def test_what_does_not_occur_finds_nothing() -> None:
    assert found("xyz", ACTIONS) == []
    assert match("ba", "ab") == 0


WORDS = [
    Action(text, group, "", lambda: None)
    for text, group in (
        ("Go to the frame with the best match", "Moving"),
        ("Show the next theme", "Window"),
        ("Theme: light", "Window"),
        ("Stop tapping the model's first stem", "Stages"),
        ("Take themed stills", "Window"),
    )
]


def test_what_has_the_word_itself_hides_what_has_only_its_letters() -> None:
    assert {match("theme", action.text) > 0 for action in WORDS} == {True}
    assert [action.text for action in found("theme", WORDS)] == [
        "Theme: light",
        "Show the next theme",
        "Take themed stills",
    ]
    assert [action.text for action in found("theme li", WORDS)] == ["Theme: light"]


def test_initials_count_as_a_part_of_a_name() -> None:
    assert (closeness("pop", "Play or pause"), closeness("theme", "Go to the frame")) == (1, 0)
    assert (closeness("mode", "model.16"), closeness("16", "model.16")) == (2, 3)
