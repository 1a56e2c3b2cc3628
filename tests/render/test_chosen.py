"""The object that is followed, in a composed picture."""

from dataclasses import replace

import numpy as np
import pytest

from viewer.render.compose import compose
from viewer.render.palette import INK_LIGHT
from viewer.render.plan import BoxPlan

BOX = (48.0, 54.0, 168.0, 189.0)


def light_pixels(before: np.ndarray, after: np.ndarray) -> int:
    """How many pixels became as light as the mark."""
    is_light = (np.abs(after.astype(int) - INK_LIGHT).max(axis=-1) < 24) & (before != after).any(axis=-1)
    return int(is_light.sum())


@pytest.mark.parametrize("under", [False, True])
def test_what_is_followed_is_outlined_in_every_tile_and_named(make_plan, under):
    plan = make_plan(taps=2, boxes=0)
    bare = compose(plan, (1280, 720))
    box = BoxPlan(BOX, "car 0.42", (250, 120, 0), label=1, score=0.42, under=under)
    image = compose(replace(plan, chosen=box), (1280, 720))
    changed = (image != bare).any(axis=(0, 2)).astype(int)
    assert (np.diff(changed) == 1).sum() == 2  # in the large tile, and in the two that lie one over the other
    assert light_pixels(bare, image) > 1500 * (0.4 if under else 1)
    assert ((image == box.rgb).all(axis=-1)).sum() > 500  # its label, in the colour of its class


def test_one_that_is_a_detection_has_one_label(make_plan):
    plan = make_plan(taps=0)
    box = plan.boxes[0]
    marked = compose(replace(plan, chosen=box), (960, 540))
    plain = compose(plan, (960, 540))
    ground = lambda image: int((image == box.rgb).all(axis=-1).sum())  # noqa: E731 - short here
    assert 0 < ground(marked) < 1.2 * ground(plain)


def test_where_it_was_last_seen_is_dotted_while_nothing_stands_for_it(make_plan):
    plan = make_plan(taps=0, boxes=0)
    bare = compose(plan, (960, 540))
    image = compose(replace(plan, ghost=BOX), (960, 540))
    assert (
        200
        < light_pixels(bare, image)
        < light_pixels(bare, compose(replace(plan, chosen=BoxPlan(BOX, "", (0, 0, 0))), (960, 540)))
    )


def test_nothing_is_marked_on_a_tile_without_boxes(make_plan):
    plan = make_plan(taps=0, boxes=0)
    hidden = replace(plan, tiles=tuple(replace(tile, show_boxes=False) for tile in plan.tiles), ghost=BOX)
    assert (compose(hidden, (640, 360)) == compose(plan, (640, 360))).all()


def test_in_the_tile_that_answers_it_has_corners_beside_it_and_no_label(make_plan):
    plan = make_plan(taps=1, boxes=0)
    answering = replace(plan, tiles=(replace(plan.tiles[1], answers=True),))
    box = BoxPlan(BOX, "car 0.42", (250, 120, 0), label=1, score=0.42)
    bare = compose(answering, (960, 540))
    image = compose(replace(answering, boxes=(*answering.boxes, box), chosen=box), (960, 540))
    assert 20 < light_pixels(bare, image) < 200
    assert not (image == box.rgb).all(axis=-1).any()  # neither its outline nor its label covers the map
