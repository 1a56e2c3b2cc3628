"""Masks and poses as values."""

import numpy as np
import pytest

from viewer.core import Boxes, MaskOutlines, Shapes, Suppression, Thresholds, kept_rows, suppress


def ring(*points):
    return np.array(points, np.float32)


TRIANGLE, SQUARE = ring((0, 0), (4, 0), (0, 4)), ring((1, 1), (3, 1), (3, 3), (1, 3))


@pytest.mark.parametrize("masks", [[], [[]], [[TRIANGLE], [], [SQUARE, TRIANGLE]], [[], [SQUARE], []]])
def test_rings_come_back_by_mask(masks):
    outlines = MaskOutlines.of(masks)
    for number, rings in enumerate(masks):
        back = outlines.rings(number)
        assert len(back) == len(rings)
        assert all((a == b).all() for a, b in zip(back, rings, strict=True))


def test_arrays_are_read_only_and_copies_own_theirs():
    shapes = Shapes(
        np.array([3, 5], np.int32), MaskOutlines.of([[TRIANGLE], [SQUARE]]), np.zeros((2, 17, 3), np.float32)
    )
    copy = shapes.copy()
    arrays = [shapes.rows, shapes.keypoints, shapes.masks.points, shapes.masks.ends, shapes.masks.owners]
    copies = [copy.rows, copy.keypoints, copy.masks.points, copy.masks.ends, copy.masks.owners]
    for array, other in zip(arrays, copies, strict=True):
        assert not array.flags.writeable
        assert not other.flags.writeable
        assert not np.shares_memory(array, other)
        assert (array == other).all()
    assert Shapes(np.zeros(0, np.int32)).copy().masks is None


@pytest.mark.parametrize("method", list(Suppression))
def test_kept_rows_are_those_that_suppression_keeps(method):
    rng = np.random.default_rng(5)
    corner = rng.random((80, 2), np.float32) * 60
    xyxy = np.concatenate([corner, corner + 5 + rng.random((80, 2), np.float32) * 30], 1)
    scores = np.sort(rng.random(80, np.float32))[::-1].copy()
    xywhr = np.concatenate([(xyxy[:, :2] + xyxy[:, 2:]) / 2, xyxy[:, 2:] - xyxy[:, :2], rng.random((80, 1))], 1)
    oriented = xywhr.astype(np.float32) if method is Suppression.ROTATED else None
    labels = rng.integers(0, 3, 80).astype(np.int32)
    candidates = Boxes(xyxy, scores, labels, np.full(80, 8, np.int32), oriented)
    thresholds = Thresholds(conf=0.2, iou=0.3, max_det=20, classes=frozenset({0, 2}))

    rows = kept_rows(candidates, thresholds, method)
    chosen = suppress(candidates, thresholds, method)

    assert 0 < len(rows) <= 20
    assert (candidates.scores[rows] == chosen.scores).all()
    assert (candidates.xyxy[rows] == chosen.xyxy).all()
    assert len(kept_rows(Boxes.empty(), thresholds, method)) == 0


def test_boxes_are_clipped_to_the_picture():
    boxes = Boxes(ring((-5, -5, 30, 30)), np.ones(1, np.float32), np.zeros(1, np.int32), np.zeros(1, np.int32))
    assert boxes.clipped((10, 20)).xyxy.tolist() == [[0, 0, 20, 10]]
    assert boxes.xyxy.tolist() == [[-5, -5, 30, 30]]
