"""Which boxes lie at a place."""

import numpy as np
import torch

from viewer.core.region import Region

BOXES = np.array([[10, 10, 30, 30], [0, 0, 60, 24], [25, 10, 70, 30]], np.float32)


def test_a_rectangle_holds_the_boxes_whose_middle_lies_in_it():
    assert Region((15, 5, 32, 25)).holds(BOXES).tolist() == [True, True, False]


def test_a_point_is_held_by_the_boxes_that_contain_it():
    point = Region((28, 26, 28, 26))
    assert point.is_point
    assert point.holds(BOXES).tolist() == [True, False, True]


def test_tensors_are_told_the_same_as_arrays():
    for region in (Region((15, 5, 32, 25)), Region((28, 26, 28, 26))):
        assert region.holds(torch.from_numpy(BOXES)).tolist() == region.holds(BOXES).tolist()
