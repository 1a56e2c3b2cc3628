"""Thresholds and suppression choose what ultralytics' own would, and never more than asked."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.core import Boxes, Suppression, Thresholds, kept_rows, suppress
from viewer.core.suppression import probabilistic_iou


def crowd(seed, count=200, classes=3, *, rotated=False):
    """Boxes that pile up on a few objects, best score first."""
    rng = np.random.default_rng(seed)
    place = rng.integers(0, 25, count)
    centre = rng.uniform(0, 600, (25, 2))[place] + rng.normal(0, 6, (count, 2))
    size = rng.uniform(40, 160, (25, 2))[place] * rng.uniform(0.8, 1.2, (count, 2))
    xywhr = np.concatenate([centre, size, rng.uniform(-0.7, 2.3, (count, 1))], 1).astype(np.float32)
    return Boxes(
        xyxy=np.concatenate([centre - size / 2, centre + size / 2], 1).astype(np.float32),
        scores=np.sort(rng.uniform(0, 1, count))[::-1].astype(np.float32),
        labels=rng.integers(0, classes, 25)[place].astype(np.int32),
        strides=np.full(count, 8, np.int32),
        xywhr=xywhr if rotated else None,
    )


def overlaps(a, b):
    """Intersection over union of every box of `a` with every box of `b`."""
    sides = np.minimum(a[:, None, 2:], b[None, :, 2:]) - np.maximum(a[:, None, :2], b[None, :, :2])
    shared = sides.clip(0).prod(-1)
    area_a, area_b = ((xyxy[:, 2:] - xyxy[:, :2]).prod(-1) for xyxy in (a, b))
    return shared / (area_a[:, None] + area_b[None] - shared)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("iou", [0.3, 0.7])
@pytest.mark.parametrize("rotated", [False, True])
def test_agrees_with_ultralytics(seed, iou, rotated):
    torch = pytest.importorskip("torch")
    from viewer.detectors.ultralytics.quiet import load_library

    load_library()
    from ultralytics.utils.nms import non_max_suppression

    boxes, classes = crowd(seed, rotated=rotated), 3
    x1, y1, x2, y2 = boxes.xyxy.T
    geometry = boxes.xywhr[:, :4] if rotated else np.stack([(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1], 1)
    scores = np.zeros((len(boxes), classes), np.float32)
    scores[np.arange(len(boxes)), boxes.labels] = boxes.scores
    parts = [geometry, scores, boxes.xywhr[:, 4:]] if rotated else [geometry, scores]
    predictions = torch.from_numpy(np.concatenate(parts, 1).T[None].copy())
    theirs = non_max_suppression(predictions, 0.25, iou, nc=classes, max_det=30, rotated=rotated)[0].numpy()

    method = Suppression.ROTATED if rotated else Suppression.GREEDY
    ours = suppress(boxes, Thresholds(conf=0.25, iou=iou, max_det=30), method)
    np.testing.assert_array_equal(ours.scores, theirs[:, 4])
    np.testing.assert_array_equal(ours.labels, theirs[:, 5])


@pytest.mark.parametrize("method", list(Suppression))
def test_nothing_in_nothing_out(method):
    assert len(suppress(Boxes.empty(), Thresholds(), method)) == 0


def test_a_score_equal_to_the_threshold_is_left_out():
    boxes = crowd(0, count=2)
    at = float(boxes.scores[1])
    assert len(suppress(boxes, Thresholds(conf=at), Suppression.NONE)) == 1


def test_classes_and_most_detections():
    found = suppress(crowd(1), Thresholds(conf=0.0, classes=frozenset({2}), max_det=4), Suppression.GREEDY)
    assert len(found) == 4
    assert set(found.labels) == {2}
    assert len(suppress(crowd(1), Thresholds(classes=frozenset()), Suppression.GREEDY)) == 0


def test_without_suppression_every_box_above_the_threshold_stays():
    boxes = crowd(2)
    assert len(suppress(boxes, Thresholds(conf=0.5), Suppression.NONE)) == int((boxes.scores > 0.5).sum())


def test_overlap_is_judged_before_clipping():
    boxes = Boxes(
        xyxy=np.array([[-100, 0, 100, 100], [-20, 0, 100, 100]], np.float32),  # overlap 0.6; inside the picture 1.0
        scores=np.array([0.9, 0.8], np.float32),
        labels=np.zeros(2, np.int32),
        strides=np.zeros(2, np.int32),
    )
    found = suppress(boxes, Thresholds(), Suppression.GREEDY, image_hw=(80, 90))
    assert found.xyxy.tolist() == [[0, 0, 90, 80], [0, 0, 90, 80]]


def test_boxes_turned_inside_out_suppress_nobody():
    boxes = Boxes(
        xyxy=np.array([[50, 50, 10, 90], [0, 0, 100, 100], [60, 60, 20, 30]], np.float32),
        scores=np.array([0.9, 0.8, 0.7], np.float32),
        labels=np.zeros(3, np.int32),
        strides=np.zeros(3, np.int32),
    )
    assert len(suppress(boxes, Thresholds(iou=0.0), Suppression.GREEDY)) == 3


@given(st.integers(0, 10_000), st.floats(0.05, 0.95), st.floats(0, 0.9))
def test_survivors_do_not_overlap_and_the_rest_does(seed, iou, conf):
    boxes = crowd(seed, count=60)
    found = suppress(boxes, Thresholds(conf=conf, iou=iou), Suppression.GREEDY)
    overlap = overlaps(found.xyxy, found.xyxy) * (found.labels[:, None] == found.labels[None])
    np.fill_diagonal(overlap, 0)
    assert (overlap <= iou + 1e-5).all()
    assert (np.diff(found.scores) <= 0).all()
    above = boxes.take(boxes.scores > conf)
    covered = overlaps(above.xyxy, found.xyxy) * (above.labels[:, None] == found.labels[None])
    assert len(above) == 0 or (covered.max(1) > iou - 1e-5).all()


def test_probabilistic_iou_of_known_boxes():
    same, turned, far = [50, 50, 40, 10, 0.3], [50, 50, 10, 40, 0.3 + np.pi / 2], [500, 500, 40, 10, 0.3]
    overlap = probabilistic_iou(np.array([same, turned, far], np.float32))
    assert overlap[0, 1] > 0.99
    assert overlap[0, 2] < 0.01
    np.testing.assert_allclose(overlap, overlap.T, atol=1e-6)


def test_boxes_that_cover_nothing_of_the_picture_are_no_detections_and_rows_stay_those_of_the_candidates():
    xyxy = np.array([[5, -40, 30, -2], [5, 5, 30, 30], [90, 5, 99, 30], [40, 40, 35, 60], [60, 60, 99, 99]], np.float32)
    scores = np.linspace(0.9, 0.5, 5, dtype=np.float32)
    boxes = Boxes(xyxy, scores, np.zeros(5, np.int32), np.zeros(5, np.int32))
    for method in (Suppression.GREEDY, Suppression.NONE):
        assert kept_rows(boxes, Thresholds(), method, image_hw=(80, 90)).tolist() == [1, 4]
        found = suppress(boxes, Thresholds(), method, image_hw=(80, 90))
        assert found.xyxy.tolist() == [[5, 5, 30, 30], [60, 60, 90, 80]]
    assert kept_rows(boxes, Thresholds(max_det=1), Suppression.NONE, image_hw=(80, 90)).tolist() == [1]
