"""Boxes cover each other by the area they share, of that which they take together."""

import numpy as np
import pytest

from viewer.core.overlap import pairwise_iou


@pytest.mark.parametrize("given", [list, lambda rows: np.array(rows, np.float32)], ids=["tuples", "array"])
def test_overlap_is_shared_area_over_joint_area(given):
    ones, others = [(0, 0, 10, 10), (5, 5, 5, 5)], [(0, 0, 10, 10), (5, 0, 15, 10), (20, 0, 30, 10)]
    np.testing.assert_allclose(pairwise_iou(given(ones), given(others)), [[1, 1 / 3, 0], [0, 0, 0]])


def test_nothing_is_compared_with_nothing():
    assert pairwise_iou([], [(0, 0, 1, 1)]).shape == (0, 1)
    assert pairwise_iou([(0, 0, 1, 1)], np.empty((0, 4), np.float32)).shape == (1, 0)
    assert pairwise_iou([(3, 3, 3, 3)], [(3, 3, 3, 3)]).tolist() == [[0.0]], "boxes without an area"
