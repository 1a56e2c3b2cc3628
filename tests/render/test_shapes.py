"""Masks traced and drawn where they are; poses without what is not likely there."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from viewer.core import Frame, Rect
from viewer.render import BoxPlan, RenderPlan, TilePlan
from viewer.render.boxes import draw_boxes
from viewer.render.compose import compose
from viewer.render.outline import trace_mask
from viewer.render.plan import PosePlan
from viewer.render.skeleton import limbs

EVERYWHERE = (-1e6, -1e6, 1e6, 1e6)


def cells(rows, columns, inside):
    y, x = np.mgrid[:rows, :columns] + 0.5
    return inside(x, y).astype(np.float32)


def area(rings):
    return abs(sum(signed_area(ring) for ring in rings))


def signed_area(ring):
    x, y = ring.T.astype(float)
    return float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum() / 2)


@pytest.mark.parametrize("cell_px", [1.0, 4.0, 17.3])
def test_a_disc_comes_out_round_and_in_its_place(cell_px):
    values = cells(40, 50, lambda x, y: 12 - np.hypot(x - 20, y - 25))
    (ring,) = trace_mask(values, 0.0, Rect(100, 30, 50 * cell_px, 40 * cell_px), EVERYWHERE)
    centre = np.array([100 + 20 * cell_px, 30 + 25 * cell_px])
    radius = np.hypot(*(ring - centre).T)
    assert np.abs(radius - 12 * cell_px).max() < max(0.75, 0.1 * cell_px)
    assert area([ring]) == pytest.approx(np.pi * (12 * cell_px) ** 2, rel=0.04)
    assert 12 <= len(ring) <= 120


def test_a_hole_is_a_ring_of_its_own():
    values = cells(40, 40, lambda x, y: 5 - np.abs(np.hypot(x - 20, y - 20) - 11))
    outer, inner = sorted(trace_mask(values, 0.0, Rect(0, 0, 40, 40), EVERYWHERE), key=lambda ring: -area([ring]))
    assert area([outer]) == pytest.approx(np.pi * 16**2, rel=0.04)
    assert area([inner]) == pytest.approx(np.pi * 6**2, rel=0.15)


def test_nothing_of_a_mask_lies_outside_its_box():
    values = np.ones((20, 20), np.float32)
    (ring,) = trace_mask(values, 0.5, Rect(0, 0, 80, 80), (10.25, 20.5, 50.75, 61.0))
    assert (ring.min(0).tolist(), ring.max(0).tolist()) == ([10.25, 20.5], [50.75, 61.0])
    assert area([ring]) == pytest.approx(40.5 * 40.5, rel=1e-3)


def test_a_mask_that_fills_its_cells_reaches_their_border():
    (ring,) = trace_mask(np.ones((3, 5), np.float32), 0.5, Rect(7, 9, 50, 30), EVERYWHERE)
    assert (ring.min(0).tolist(), ring.max(0).tolist()) == ([7, 9], [57, 39])


def test_an_empty_mask_has_no_ring():
    assert trace_mask(np.zeros((6, 6), np.float32), 0.5, Rect(0, 0, 60, 60), EVERYWHERE) == []


OUTER = ((20.0, 20.0), (80.0, 20.0), (80.0, 80.0), (20.0, 80.0))
HOLE = ((40.0, 40.0), (60.0, 40.0), (60.0, 60.0), (40.0, 60.0))
MASKED = BoxPlan((20, 20, 80, 80), "", (0, 255, 0), rings=(OUTER, HOLE))


def drawn(box, *, filled=True, hw=(100, 100)):
    tile = np.zeros((*hw, 3), np.uint8)
    draw_boxes(tile, (box,), Rect(0, 0, hw[1], hw[0]), (100, 100), line_px=1, filled=filled)
    return tile[..., 1]


def test_a_mask_is_filled_but_for_its_holes_and_what_lies_outside():
    green = drawn(MASKED)
    assert set(np.unique(green[25:36, 25:76])) == {89}  # 35 % of 255
    assert (green[44:56, 44:56] == 0).all()
    assert (green[:18] == 0).all()
    assert (green[41:59, 40] > 150).all()  # the outline of the hole


def test_over_a_map_a_mask_is_its_outline():
    green = drawn(MASKED, filled=False)
    assert (green[25:36, 25:76] == 0).all()
    assert (green[41:59, 40] > 150).all()


def test_a_mask_beside_the_tile_is_no_matter():
    away = tuple((x + 500, y) for x, y in OUTER)
    assert (drawn(replace(MASKED, xyxy=(520, 20, 580, 80), rings=(away,))) == 0).all()


def test_limbs_and_joints_lie_where_they_are():
    pose = PosePlan((((20.0, 50.0), (80.0, 50.0)),), ((20.0, 50.0), (50.0, 80.0)))
    tile = np.zeros((200, 200, 3), np.uint8)
    draw_boxes(tile, (BoxPlan((0, 0, 1, 1), "", (0, 255, 0), pose=pose),), Rect(0, 0, 200, 200), (100, 100))
    assert (tile[99:101, 60:140, 1] > 200).all()
    assert (tile[159:161, 99:101] > 200).all()  # a joint without a limb is a bright dot
    assert (tile[110:150, 20:95] == 0).all()


def test_a_person_has_limbs_and_others_have_none():
    assert {joint for limb in limbs(17) for joint in limb} == set(range(17))
    assert limbs(5) == ()


def test_only_tiles_without_a_map_are_filled(make_plan):
    plan = make_plan(taps=1, boxes=0, image_hw=(100, 100))
    blank = Frame(np.zeros((100, 100, 3), np.uint8), 0, 0.0, 0.0)
    clear = replace(plan.tiles[1].overlay, lut=np.zeros((256, 4), np.uint8))
    bare, mapped = plan.tiles[0], replace(plan.tiles[1], overlay=clear)

    def green(tile: TilePlan) -> int:
        image = compose(RenderPlan(blank, (replace(tile, show_labels=False),), (MASKED,)), (400, 400))
        return int(cv2.inRange(image, (0, 80, 0), (8, 100, 8)).astype(bool).sum())

    assert green(bare) > 5 * green(mapped)
