"""What the detections panel shows and asks for: order, candidates under the threshold, classes, hits, JSON."""

import json
from dataclasses import replace

import numpy as np
import pytest

from viewer.core import Boxes, Shapes, Suppression, Thresholds
from viewer.core.messages import DetectorReady, SetThresholds
from viewer.render.plan import BoxPlan, RenderPlan
from viewer.session.classes import class_rows
from viewer.session.hit import box_after, boxes_at
from viewer.session.order import SortBy, Sorting, StableOrder, in_order
from viewer.session.under import MOST_UNDER, under_rows
from viewer.sinks import packet_record


def box(left, score, name="car", *, width=50, stride=8, under=False, label=1):
    text = f"{name} {score:.2f}"
    return BoxPlan((left, 0, left + width, 50), text, (9, 9, 9), label=label, score=score, stride=stride, under=under)


BOXES = (
    box(0, 0.5, "truck", stride=16, label=7),
    box(100, 0.9, width=20),
    box(200, 0.7, width=90, stride=32),
    box(300, 0.1, "bus", width=400, under=True, label=5),
)


@pytest.mark.parametrize(
    ("sorting", "lefts"),
    [
        (Sorting(), [100, 200, 0, 300]),
        (Sorting(SortBy.SCORE, falling=False), [0, 200, 100, 300]),
        (Sorting(SortBy.CLASS, falling=False), [100, 200, 0, 300]),
        (Sorting(SortBy.CLASS), [0, 100, 200, 300]),
        (Sorting(SortBy.SIZE), [200, 0, 100, 300]),
        (Sorting(SortBy.STRIDE, falling=False), [100, 0, 200, 300]),
    ],
)
def test_rows_are_sorted_and_candidates_come_last(sorting, lefts):
    assert [box.xyxy[0] for box in in_order(BOXES, sorting)] == lefts


def test_a_column_again_turns_the_order_round():
    assert Sorting().turned_to(SortBy.SCORE) == Sorting(SortBy.SCORE, falling=False)
    assert Sorting().turned_to(SortBy.CLASS) == Sorting(SortBy.CLASS, falling=False)


def test_rows_keep_their_place_while_playing_and_are_exact_when_it_stands():
    order = StableOrder()
    order.listed(BOXES, Sorting(), playing=True)
    moved = (box(2, 0.95, "truck", label=7), box(103, 0.6, width=20), box(205, 0.8, width=90), box(600, 0.7))

    calm = order.listed(moved, Sorting(), playing=True)
    assert [box.xyxy[0] for box in calm if box.xyxy[0] != 600] == [103, 205, 2]
    assert len(calm) == 4
    assert order.listed(moved, Sorting(), playing=False) == in_order(moved, Sorting())
    assert order.listed(moved, Sorting(SortBy.SIZE), playing=True) == in_order(moved, Sorting(SortBy.SIZE))


# --- under the threshold ---------------------------------------------------------------------------------------------


def candidates(scores, lefts, labels=None):
    lefts = np.array(lefts, np.float32)
    xyxy = np.stack([lefts, np.zeros_like(lefts), lefts + 10, np.full_like(lefts, 10)], axis=1)
    count = len(lefts)
    numbers = np.array(labels or [0] * count, np.int32)
    return Boxes(xyxy, np.array(scores, np.float32), numbers, np.zeros(count, np.int32))


def test_under_the_threshold_is_what_a_lower_one_would_bring():
    #                       detection, hidden by it, free, hidden by the free one, another class, switched off
    found = candidates([0.9, 0.2, 0.15, 0.1, 0.05, 0.04], [0, 1, 50, 51, 2, 90], [0, 0, 0, 0, 1, 2])
    thresholds = Thresholds(conf=0.25, iou=0.5, classes=frozenset({0, 1}))

    assert under_rows(found, thresholds, Suppression.GREEDY).tolist() == [2, 4]
    assert under_rows(found, thresholds, Suppression.NONE).tolist() == [1, 2, 3, 4]


def test_their_number_is_capped_beside_any_number_of_detections():
    many = candidates(np.linspace(0.9, 0.01, 400), np.arange(400) * 20)
    thresholds = Thresholds(conf=0.5, max_det=3)

    rows = under_rows(many, thresholds, Suppression.GREEDY)

    assert len(rows) == MOST_UNDER
    assert many.scores[rows[0]] <= 0.5 < many.scores[rows[0] - 1]


def test_they_are_drawn_on_request_only(controller):
    assert controller.plan.under == ()
    controller.set_under(True)
    under = controller.plan.under
    assert [(box.text, box.under) for box in under] == [("class 7 0.10", True)]
    controller.set_conf(0.5)
    assert [box.text for box in controller.plan.under] == ["class 7 0.10", "person 0.30"]


# --- classes ---------------------------------------------------------------------------------------------------------


def rows_of(controller):
    return [(row.name, row.count, row.kept) for row in class_rows(controller.state, controller.packet)]


def test_classes_seen_so_far_are_listed_with_their_counts(controller, engine, packet):
    assert rows_of(controller) == [("car", 1, True), ("person", 1, True)]
    engine.packet = replace(packet(8), candidates=packet().candidates.take([2]))
    controller.pump()
    assert rows_of(controller) == [("car", 0, True), ("person", 1, True)]


def test_a_class_is_left_out_at_once_and_counted_still(controller, engine):
    controller.keep_class(1, False)

    assert engine.sent == [SetThresholds(Thresholds(classes=frozenset({0})))]
    assert [box.text for box in controller.plan.boxes] == ["person 0.30"]
    assert rows_of(controller) == [("car", 1, False), ("person", 1, True)]
    controller.keep_class(1, True)
    assert controller.state.thresholds.classes is None


def test_only_all_and_none(controller):
    controller.keep_only(1)
    assert controller.state.thresholds.classes == {1}
    controller.keep_only(1)
    assert controller.state.thresholds.classes is None
    controller.keep_all_classes(False)
    assert controller.plan.boxes == ()
    controller.keep_all_classes(True)
    assert len(controller.plan.boxes) == 2


def test_without_names_leaving_one_out_keeps_what_comes_later(controller, engine, detector, stages):
    engine.events = [DetectorReady(replace(detector, names=()), stages)]
    controller.pump()
    controller.keep_class(0, False)

    assert 0 not in controller.state.thresholds.classes
    assert 500 in controller.state.thresholds.classes


def test_another_detector_knows_other_classes(controller, engine, detector, stages):
    controller.choose(controller.plan.boxes[0])
    engine.events = [DetectorReady(replace(detector, names=("cat",)), stages)]
    controller.pump()

    assert (controller.state.seen, controller.state.focus) == (frozenset(), None)


# --- pointing and choosing -------------------------------------------------------------------------------------------


def test_the_best_detection_under_the_pointer_is_meant_and_the_smallest_of_nearly_equal_ones():
    big, small, worse = box(0, 0.88, width=200), box(50, 0.86, width=30), box(55, 0.3, width=20)
    unders = box(60, 0.1, width=5, under=True), box(50, 0.2, width=40, under=True)
    plan = RenderPlan(None, (), (worse, big, small), unders)

    assert boxes_at(plan, (62, 20)) == (small, big, worse, unders[1], unders[0])
    assert boxes_at(plan, (10, 20)) == (big,)
    assert boxes_at(plan, (202, 20)) == ()
    assert boxes_at(plan, (202, 20), slack_px=3) == (big,)


def test_beside_a_small_box_the_nearest_one_is_meant_and_beside_a_large_one_the_ground():
    near, far = box(10, 0.4, width=12), box(34, 0.9, width=12)
    large = BoxPlan((100, 100, 300, 300), "bus 0.90", (9, 9, 9), label=5, score=0.9)
    plan = RenderPlan(None, (), (far, near, large), (box(60, 0.1, width=12, under=True),))

    assert boxes_at(plan, (27, 20), slack_px=3, reach_px=8) == (near,)
    assert boxes_at(plan, (29, 20), slack_px=3, reach_px=8) == (far,)
    assert boxes_at(plan, (1, 20), slack_px=3, reach_px=8) == ()
    assert boxes_at(plan, (80, 20), slack_px=3, reach_px=8) == plan.under
    assert boxes_at(plan, (305, 200), slack_px=3, reach_px=8) == ()
    assert boxes_at(plan, (302, 200), slack_px=3, reach_px=8) == (large,)


def test_another_click_means_the_box_after_the_chosen_one():
    boxes = box(0, 0.9), box(1, 0.5), box(2, 0.3)

    assert [box_after(boxes, chosen) for chosen in (None, *boxes)] == [*boxes, boxes[0]]
    assert box_after((), boxes[0]) is None


def test_a_turned_box_is_met_within_its_sides_only():
    turned = replace(box(0, 0.9), corners=((25, 0), (50, 25), (25, 50), (0, 25)))
    plan = RenderPlan(None, (), (turned,))

    assert boxes_at(plan, (25, 25)) == (turned,)
    assert boxes_at(plan, (3, 3)) == ()


def test_a_chosen_object_is_followed_from_packet_to_packet(controller, engine, packet):
    controller.choose(controller.plan.boxes[-1])
    engine.packet = packet(8)
    controller.pump()
    assert (controller.state.focus.index, controller.state.focus.box.text) == (8, "car 0.90")
    controller.set_conf(0.95)
    assert controller.state.focus.box.under
    controller.choose(None)
    assert controller.state.focus is None


def test_the_next_object_is_that_of_the_next_row(controller):
    texts = []
    for step in (1, 1, 1, -1):
        controller.choose_next(step)
        texts.append(controller.state.focus.box.text)
    assert texts == ["car 0.90", "person 0.30", "car 0.90", "person 0.30"]


def test_the_next_object_is_that_of_the_next_row_that_is_seen(controller):
    best, worst = controller.plan.boxes[::-1]
    seen = (replace(worst, score=0.95, text="person 0.95"), replace(best, score=0.5, text="car 0.50"))  # a frame before
    texts = []
    for step in (1, 1, 1, -1):
        controller.choose_next(step, seen)
        texts.append(controller.state.focus.box.text)
    assert texts == ["person 0.30", "car 0.90", "person 0.30", "car 0.90"]


def test_what_is_pointed_at_is_let_go_with_the_frame_that_lacks_it(controller, engine, packet):
    controller.point(controller.plan.boxes[-1])
    engine.packet = packet(8)
    controller.pump()
    assert controller.state.pointed.text == "car 0.90"
    engine.packet = replace(packet(9), candidates=Boxes.empty())
    controller.pump()
    assert controller.state.pointed is None


# --- JSON ------------------------------------------------------------------------------------------------------------


def test_an_object_is_copied_as_packets_write_it(controller, engine, packet, detector):
    points = np.zeros((2, 1, 3), np.float32)
    engine.packet = replace(packet(8), shapes=Shapes(np.array([0, 2], np.int32), None, points))
    controller.pump()
    controller.choose(controller.plan.boxes[-1])

    copied = json.loads(controller.focus_json())
    kept = packet_record(controller.packet, detector)["detections"][0]

    assert copied == {"source": "clip.mp4", "index": 8, "pts_s": 0.32, "fate": "found", **kept}
    assert copied["keypoints"] == [[0, 0, 0]]


def test_a_lost_object_is_copied_from_where_it_was(controller, engine, packet):
    assert controller.focus_json() == ""
    controller.choose(controller.plan.boxes[-1])
    engine.packet = replace(packet(8), candidates=Boxes.empty())
    controller.pump()

    copied = json.loads(controller.focus_json())

    assert (copied["index"], copied["fate"], copied["name"], copied["score"]) == (7, "gone", "car", 0.9)


def lefts(boxes) -> list[float]:
    return [box.xyxy[0] for box in boxes]


def test_under_a_hand_every_row_stays_and_what_is_gone_leaves_its_row():
    order = StableOrder()
    cars = [box(left, 0.9 - left / 1000) for left in (0, 100, 200, 300)]
    assert lefts(order.listed(cars, Sorting(), playing=True)) == [0, 100, 200, 300]
    turned = [box(left, 0.5 + left / 1000) for left in (0, 100, 200, 300)]
    assert lefts(order.listed(turned, Sorting(), playing=True, held=True)) == [0, 100, 200, 300]
    # One is gone and a better one is new, two are new, two are gone.
    assert lefts(order.listed([*turned[:1], *turned[2:], box(600, 0.99)], Sorting(), playing=True, held=True)) == [
        0,
        600,
        200,
        300,
    ]
    two = [*turned[:1], *turned[2:], box(600, 0.99), box(700, 0.98), box(800, 0.97)]
    assert lefts(order.listed(two, Sorting(), playing=True, held=True)) == [0, 600, 200, 300, 700, 800]
    few = [two[0], two[2], two[4], two[5]]
    assert lefts(order.listed(few, Sorting(), playing=True, held=True)) == [0, 800, 700, 300]
    # The hand is gone, and the picture stands.
    assert order.listed(few, Sorting(), playing=False) == in_order(few, Sorting())


def test_a_click_on_a_head_sorts_whatever_the_hand_holds():
    order = StableOrder()
    order.listed(BOXES, Sorting(), playing=True)
    wanted = Sorting(SortBy.SIZE)
    assert order.listed(BOXES, wanted, playing=True, held=True) == in_order(BOXES, wanted)
