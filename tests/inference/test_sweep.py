"""An occlusion sweep points at the object, and its masks are what its docstring says."""

import numpy as np
import pytest
import torch

from tests.support.tiny import TinyDetector
from viewer.core import Boxes, Frame, Limits, LimitsMode, TapSettings, Thresholds
from viewer.core.alteration import Alteration, ChannelEdit
from viewer.core.inquiry import Inquiry
from viewer.core.sweep import SweepWish
from viewer.inference import TappedNetwork
from viewer.inference.sweep import random_mask, similarity_to
from viewer.pipeline import Pipeline

TAPS = TapSettings(limits=Limits(LimitsMode.FRAME))
SPOT = (60, 20, 76, 36)


def spot_frame():
    rgb = np.full((96, 128, 3), 30, np.uint8)
    left, top, right, bottom = SPOT
    rgb[top:bottom, left:right] = 250
    return Frame(rgb, 9, 0.36, 0.0)


@pytest.fixture
def pipeline():
    with Pipeline(TappedNetwork(TinyDetector(size=128), TAPS), Thresholds(conf=0.5)) as pipeline:
        yield pipeline


def swept(pipeline, frame, masks=150):
    box = pipeline.process(frame).detections
    wish = SweepWish(tuple(box.xyxy[0].tolist()), 0, masks=masks)
    return box, list(pipeline.sweep(frame, wish))


def test_the_map_is_highest_on_the_object(pipeline):
    _, maps = swept(pipeline, spot_frame())
    assert [one.done for one in maps] == list(range(1, 151))
    last = maps[-1]
    assert last.is_done
    assert last.index == 9
    row, column = np.unravel_index(last.codes.argmax(), last.codes.shape)
    rows, columns = last.codes.shape
    x, y = (column + 0.5) / columns * 128, (row + 0.5) / rows * 96
    # The tiny detector's box is one bright cell in the upper left of the spot.
    assert abs(x - 62) <= 12
    assert abs(y - 22) <= 12
    assert last.codes.min() == 1
    assert 0 <= last.limits[0] < last.limits[1] <= 1


def test_frames_run_between_two_masks_and_are_not_changed_by_them(pipeline):
    frame = spot_frame()
    before = pipeline.process(frame)
    sweep = pipeline.sweep(frame, SweepWish((60.0, 20.0, 64.0, 24.0), 0, masks=3))
    next(sweep)
    between = pipeline.process(frame)
    assert next(sweep).done == 2
    np.testing.assert_array_equal(between.candidates.xyxy, before.candidates.xyxy)
    for one, other in zip(between.taps, before.taps, strict=True):
        np.testing.assert_array_equal(one.codes, other.codes)


def test_what_is_altered_stays_so_in_a_sweep(pipeline):
    pipeline.set_inquiry(Inquiry(alteration=Alteration((ChannelEdit("stem", 0),))))
    *_, last = pipeline.sweep(spot_frame(), SweepWish((60.0, 20.0, 64.0, 24.0), 0, masks=20))
    assert last.limits[1] < 1e-6  # the channel that scores is muted, so nothing is found


def test_similarity_is_the_best_overlap_times_score_of_the_class():
    boxes = Boxes(
        np.array([[0, 0, 10, 10], [0, 0, 10, 5], [0, 0, 10, 10]], np.float32),
        np.array([0.9, 0.8, 0.3], np.float32),
        np.array([1, 0, 0], np.int32),
        np.zeros(3, np.int32),
    )
    target = np.array([[0, 0, 10, 10]], np.float32)
    assert similarity_to(target, 0, boxes) == pytest.approx(max(0.5 * 0.8, 1.0 * 0.3))
    assert similarity_to(target, 1, boxes) == pytest.approx(0.9)
    assert similarity_to(target, 7, boxes) == 0


def test_masks_keep_half_of_the_picture_and_are_smooth():
    generator = torch.Generator().manual_seed(0)
    wish = SweepWish((0.0, 0.0, 1.0, 1.0), 0, grid=8)
    masks = torch.stack([random_mask((96, 160), wish, generator) for _ in range(60)])
    assert masks.shape == (60, 96, 160)
    assert masks.min() >= 0
    assert masks.max() <= 1
    assert masks.mean() == pytest.approx(0.5, abs=0.03)
    assert masks.mean(0).min() > 0.3  # no place is hidden more often than others
    # A cell of 20 pixels: bilinear between centres, so a step a pixel is at most a twentieth.
    assert masks.diff(dim=2).abs().max() <= 1 / 20 + 1e-5
