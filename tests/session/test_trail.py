"""The object that is followed in a film, frame by frame."""

from dataclasses import replace

import pytest

from viewer.core.cam import CamTarget, Waypoint
from viewer.session.resolve import resolve
from viewer.session.trail import Trail


@pytest.fixture
def state(controller):
    return controller.state


def numbered(packet, index: int):
    made = packet()
    return replace(made, frame=replace(made.frame, index=index, pts_s=index / 25))


def box_of(state, packet):
    return resolve(state, packet()).boxes[-1]


def marked(trail, state, packet, index: int):
    shown = numbered(packet, index)
    return trail.mark(resolve(state, shown), shown)


def test_it_is_marked_from_the_frame_on_in_which_it_is_known(state, packet):
    box = box_of(state, packet)
    trail = Trail(state, CamTarget(box.label, box.xyxy, path=(Waypoint(5, 0.2, box.xyxy),)))
    assert marked(trail, state, packet, 4).chosen is None
    for index in (5, 6, 9):
        assert marked(trail, state, packet, index).chosen.is_same(box)


def test_a_film_that_begins_later_takes_it_up_where_it_was_last(state, packet):
    box = box_of(state, packet)
    target = CamTarget(box.label, box.xyxy, path=(Waypoint(5, 0.2, box.xyxy),))
    assert marked(Trail(state, target), state, packet, 9).chosen.is_same(box)
    assert marked(Trail(state, target), state, packet, 500).chosen is None  # too long after


def test_where_nothing_stands_for_it_its_last_place_is_marked(state, packet):
    away = (600.0, 300.0, 630.0, 330.0)
    trail = Trail(state, CamTarget(box_of(state, packet).label, away, path=(Waypoint(5, 0.2, away),)))
    plan = marked(trail, state, packet, 5)
    assert (plan.chosen, plan.ghost) == (None, away)


def test_nothing_is_marked_where_nothing_is_followed(state, packet):
    shown = packet()
    plan = resolve(state, shown)
    assert Trail(state, None).mark(plan, shown) is plan
