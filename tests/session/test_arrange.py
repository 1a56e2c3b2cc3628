"""Tiles keep the user's order while taps come and go."""

from hypothesis import given
from hypothesis import strategies as st

from viewer.session.arrange import arranged, moved, page_of, tile_beside

KEYS = ("detections", "a", "b", "c", "d")


def test_without_an_order_tiles_stand_as_they_come():
    assert arranged(KEYS, ()) == KEYS


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
