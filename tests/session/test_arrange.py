"""Tiles keep the user's order while taps come and go."""

from hypothesis import given
from hypothesis import strategies as st

from tests.session.conftest import STAGES
from viewer.session.arrange import arranged, moved, order_named, page_of, tile_beside

KEYS = ("detections", "a", "b", "c", "d")


def test_without_an_order_tiles_stand_as_they_come():
    assert arranged(KEYS, ()) == KEYS


def test_tiles_named_in_an_option_stand_first_and_the_others_follow_as_they_come():
    nodes = [stage.node for stage in STAGES]
    last = STAGES[-1]
    for name in (last.node, last.name):
        order = order_named((name,), STAGES)
        assert arranged(("detections", *nodes), order) == (last.node, "detections", *nodes[:-1])
    assert order_named(("detections", last.node), STAGES)[:2] == ("detections", last.node)
    assert order_named((), STAGES) == ()
    assert order_named(("score@8",), STAGES) == ("score@8", "detections", *nodes)


def test_a_tile_takes_the_place_of_another_from_either_side():
    assert moved(KEYS, (), "d", "a") == ("detections", "d", "a", "b", "c")
    assert moved(KEYS, (), "a", "d") == ("detections", "b", "c", "d", "a")
    assert moved(KEYS, (), "a", "a") == KEYS
    assert moved(KEYS, (), "a", "elsewhere") == KEYS


def test_a_tile_that_comes_back_finds_its_place_and_a_new_one_follows_its_neighbour():
    order = moved(KEYS, (), "d", "detections")

    assert arranged(("detections", "a", "c"), order) == ("detections", "a", "c")
    assert arranged(("detections", "a", "c", "d"), order) == ("d", "detections", "a", "c")
    assert arranged(("detections", "a", "new", "c", "d"), order) == ("d", "detections", "a", "new", "c")
    assert arranged(("new", "detections"), order) == ("new", "detections")


@given(st.lists(st.sampled_from("abcdefg"), unique=True), st.lists(st.sampled_from("abcdefg")))
def test_every_tile_is_there_once(keys, order):
    assert sorted(arranged(keys, order)) == sorted(keys)


def test_neighbours_end_at_the_ends():
    assert [tile_beside(KEYS, "a", steps) for steps in (-1, 1, -9, 9)] == ["detections", "b", "detections", "d"]


def test_pages_are_those_that_there_are():
    assert page_of(7, 4, 0) == (0, 2)
    assert page_of(7, 4, 9) == (1, 2)
    assert page_of(8, 4, -1) == (0, 2)
    assert page_of(0, 4, 3) == (0, 1)
