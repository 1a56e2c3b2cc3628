"""Boxes that are the same before and after are matched by class and overlap, each once."""

import numpy as np

from viewer.core import Boxes
from viewer.core.difference import difference


def boxes(*rows):
    corners = np.array([row[:4] for row in rows], np.float32).reshape(-1, 4)
    count = len(rows)
    scores = np.linspace(0.9, 0.5, count).astype(np.float32)
    return Boxes(corners, scores, np.array([row[4] for row in rows], np.int32), np.zeros(count, np.int32))


def test_what_moved_a_little_is_the_same_and_another_class_is_not():
    before = boxes((0, 0, 10, 10, 0), (50, 50, 60, 60, 1), (80, 80, 90, 90, 2))
    after = boxes((80, 80, 90, 90, 3), (1, 0, 11, 10, 0))
    found = difference(before, after)
    assert found.gone.tolist() == [1, 2]
    assert found.new.tolist() == [0]


def test_each_box_is_matched_once_and_the_best_overlap_first():
    before = boxes((0, 0, 10, 10, 0), (0, 0, 10, 9, 0))
    after = boxes((0, 0, 10, 9, 0))
    found = difference(before, after)
    assert found.gone.tolist() == [0]
    assert found.new.tolist() == []
    back = difference(after, before)
    assert (back.gone.tolist(), back.new.tolist()) == ([], [0])


def test_under_half_an_overlap_it_is_another_object():
    before = boxes((0, 0, 10, 10, 0))
    assert len(difference(before, boxes((0, 5.1, 10, 15.1, 0))).gone) == 1
    assert len(difference(before, boxes((0, 3, 10, 13, 0))).gone) == 0


def test_nothing_against_nothing():
    assert difference(Boxes.empty(), Boxes.empty()).gone.tolist() == []
    assert difference(Boxes.empty(), boxes((0, 0, 1, 1, 0))).new.tolist() == [0]
    assert difference(boxes((0, 0, 1, 1, 0)), Boxes.empty()).gone.tolist() == [0]
