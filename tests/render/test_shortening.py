"""Words in little room, cut by the rule that windows and composed pictures share."""

import pytest

from viewer.render.shortening import whole_parts, without_middle
from viewer.render.stage_paths import shortened_path


def within(letters: int):
    """Room for so many letters, all as wide as each other."""
    return lambda words: len(words) <= letters


@pytest.mark.parametrize(
    ("room", "shown"),
    [(17, "a pedestrian 0.87"), (16, "a pedest…an 0.87"), (9, "a pe…0.87"), (4, "a…87"), (2, ""), (0, "")],
)
def test_the_middle_goes_first(room, shown) -> None:
    assert without_middle("a pedestrian 0.87", within(room)) == shown


def test_a_list_loses_whole_parts() -> None:
    text = "model.16 · neck · stride 8"
    assert whole_parts(text, within(len(text))) == text
    assert whole_parts(text, within(len(text) - 1)) == "model.16 · neck"
    assert whole_parts(text, within(3)) == ""


def test_a_path_keeps_its_end_and_what_tells_it_from_others() -> None:
    layers = ("backbone.body.layer3.2.conv1", "backbone.body.layer3.2.conv2", "backbone.body.layer4.0.conv1")
    assert shortened_path(layers[0], layers, within(28)) == layers[0]
    assert shortened_path(layers[0], layers, within(20)) == "…body.layer3.2.conv1"
    assert shortened_path(layers[0], layers, within(15)) == "…layer3.2.conv1"
    assert shortened_path(layers[0], layers, within(9)) == "…2.conv1"
    assert shortened_path(layers[0], layers[:2], within(6)) == "…conv1"
