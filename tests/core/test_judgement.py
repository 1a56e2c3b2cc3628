"""What is said of a candidate is what suppression did, with the box that did it and the overlap that counted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.test_suppression import crowd
from viewer.core import Boxes, Suppression, Thresholds, kept_rows
from viewer.core.judgement import Judge, Judgement, Outcome

HW = (200, 400)


def row_of(*boxes):
    """Boxes of left edge, width, score and class, all 40 px high at the same height, best first."""
    left, width, scores, labels = np.array(boxes, np.float32).T
    xyxy = np.stack([left, np.full_like(left, 100), left + width, np.full_like(left, 140)], 1)
    return Boxes(xyxy, scores, labels.astype(np.int32), np.full(len(left), 8, np.int32))


def judge(boxes, method=Suppression.GREEDY, **thresholds):
    return Judge(boxes, Thresholds(**thresholds), method, HW)


def test_a_box_over_a_better_one_of_its_class_names_it_and_their_overlap():
    # 100 wide each and 20 apart: 80 shared of 120.
    boxes = row_of((200, 50, 0.9, 0), (0, 100, 0.8, 1), (20, 100, 0.61, 1), (20, 100, 0.6, 0))
    said = judge(boxes, iou=0.6)

    assert said.of(2) == Judgement(Outcome.SUPPRESSED, by=1, place=2, iou=pytest.approx(80 / 120))
    assert said.of(1) == Judgement(Outcome.FOUND, place=2)
    assert said.of(3) == Judgement(Outcome.FOUND, place=3)  # another class is no rival
    assert judge(boxes, iou=0.7).of(2).outcome is Outcome.FOUND


def test_what_suppression_drops_at_the_very_limit_is_not_said_to_lie_outside():
    # 0.12 shared of 0.3, which is 0.4 once it is divided, and more than that by the product that suppression takes.
    xyxy = np.array([[0.1, 0.9, 1.1, 1.2], [0.5, 1.0, 1.1, 1.2]], np.float32)
    boxes = Boxes(xyxy, np.array([0.9, 0.8], np.float32), np.zeros(2, np.int32), np.zeros(2, np.int32))
    assert len(kept_rows(boxes, Thresholds(iou=0.4), Suppression.GREEDY)) == 1
    assert judge(boxes, iou=0.4).of(1) == Judgement(Outcome.SUPPRESSED, by=0, place=1, iou=pytest.approx(0.4))


def test_only_what_is_kept_suppresses_others():
    # Each overlaps its neighbour by 60 of 140, but the outer two share nothing.
    boxes = row_of((0, 100, 0.9, 0), (40, 100, 0.8, 0), (80, 100, 0.7, 0))
    said = judge(boxes, iou=0.4)

    assert said.of(1) == Judgement(Outcome.SUPPRESSED, by=0, place=1, iou=pytest.approx(60 / 140))
    assert said.of(2).outcome is Outcome.FOUND


def test_of_two_that_overlap_it_the_better_one_took_its_place():
    boxes = row_of((0, 100, 0.9, 0), (30, 100, 0.8, 0), (10, 100, 0.7, 0))
    assert judge(boxes, iou=0.6).of(2) == Judgement(Outcome.SUPPRESSED, by=0, place=1, iou=pytest.approx(90 / 110))


def test_thresholds_come_before_overlap_and_the_class_before_the_score():
    boxes = row_of((0, 100, 0.9, 0), (5, 100, 0.2, 0), (5, 100, 0.18, 1), (300, 50, 0.17, 2))
    said = judge(boxes, classes=frozenset({0, 2}))

    assert [said.of(row).outcome for row in range(4)] == [
        Outcome.FOUND,
        Outcome.UNDER,
        Outcome.CLASS_OFF,
        Outcome.UNDER,
    ]
    assert judge(boxes, conf=0.2).of(1).outcome is Outcome.UNDER  # a score equal to it is left out


def test_what_is_one_too_many_is_cut_off_unless_it_was_suppressed_anyway():
    boxes = row_of((0, 50, 0.9, 0), (100, 50, 0.8, 0), (2, 50, 0.7, 0), (200, 50, 0.6, 0))
    said = judge(boxes, max_det=2)

    assert [said.of(row).outcome for row in range(4)] == [
        Outcome.FOUND,
        Outcome.FOUND,
        Outcome.SUPPRESSED,
        Outcome.CUT_OFF,
    ]
    assert said.detections == 2


def test_a_box_beside_the_picture_is_said_to_be_there():
    boxes = row_of((-60, 50, 0.9, 0), (100, 50, 0.8, 0), (-62, 50, 0.7, 0))
    said = judge(boxes)

    assert said.of(0).outcome is Outcome.OUTSIDE
    assert said.of(1) == Judgement(Outcome.FOUND, place=1)
    # It suppresses all the same, and is no detection.
    assert said.of(2) == Judgement(Outcome.SUPPRESSED, by=0, place=0, iou=pytest.approx(48 / 52))


def test_a_head_that_chooses_itself_suppresses_nothing():
    boxes = row_of((0, 100, 0.9, 0), (2, 100, 0.8, 0), (4, 100, 0.2, 0))
    said = judge(boxes, Suppression.NONE, max_det=1)
    assert [said.of(row).outcome for row in range(3)] == [Outcome.FOUND, Outcome.CUT_OFF, Outcome.UNDER]


def test_oriented_boxes_are_compared_as_suppression_compares_them():
    # Two crossed sticks: their envelopes are the same square, they themselves hardly meet.
    xywhr = np.array([[100, 100, 80, 8, 0.785], [100, 100, 80, 8, -0.785], [101, 101, 80, 8, 0.785]], np.float32)
    xyxy = np.tile(np.array([[69, 69, 131, 131]], np.float32), (3, 1))
    boxes = Boxes(xyxy, np.array([0.9, 0.8, 0.7], np.float32), np.zeros(3, np.int32), np.full(3, 8, np.int32), xywhr)
    said = judge(boxes, Suppression.ROTATED, iou=0.5)

    assert said.of(1) == Judgement(Outcome.FOUND, place=2)
    assert (said.of(2).outcome, said.of(2).by) == (Outcome.SUPPRESSED, 0)
    assert 0.5 < said.of(2).iou < 1


@given(
    seed=st.integers(0, 1000),
    iou=st.sampled_from((0.3, 0.5, 0.7)),
    most=st.sampled_from((3, 30, 300)),
    rotated=st.booleans(),
)
def test_every_candidate_is_judged_as_it_was_chosen(seed, iou, most, rotated):
    boxes = crowd(seed, 60, rotated=rotated)
    method = Suppression.ROTATED if rotated else Suppression.GREEDY
    thresholds = Thresholds(conf=0.3, iou=iou, max_det=most, classes=frozenset({0, 1}))
    said = Judge(boxes, thresholds, method, (600, 600))
    kept = kept_rows(boxes, thresholds, method, image_hw=(600, 600)).tolist()

    for row in range(len(boxes)):
        judgement = said.of(row)
        assert (judgement.outcome is Outcome.FOUND) == (row in kept)
        if judgement.outcome is Outcome.SUPPRESSED:
            assert judgement.by is not None
            assert judgement.by < row
            assert boxes.labels[judgement.by] == boxes.labels[row]
            assert judgement.iou > iou
            assert (judgement.place > 0) == (judgement.by in kept)
