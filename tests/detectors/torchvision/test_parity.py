"""Detections agree with the models' own forward on the same frames: boxes to 1 px, scores to 0.01."""

import cv2
import numpy as np
import pytest
import torch

from tests.support.lively_torchvision import frames_for
from tests.support.variants import variants
from viewer.core import Thresholds, kept_rows
from viewer.detectors.torchvision.builders import builder_names
from viewer.render.letterbox import letterbox_image

ENOUGH = 10
FINER = 5
LEAST_PX = 2000
LEAST_SIDE_PX = 40
"""Masks that are smaller, or in narrower boxes, have little but edge."""


def detect(detector, rgb):
    """What passes the model's own thresholds, and its shapes."""
    letterbox = detector.letterbox(rgb.shape[:2])
    pixels = torch.from_numpy(letterbox_image(rgb, letterbox)).permute(2, 0, 1)[None]
    outputs = detector.forward(pixels.to(detector.dtype) / 255)
    candidates = detector.read_candidates(detector.candidates(outputs).numpy(), letterbox)
    own = getattr(detector.module, "roi_heads", detector.module)
    thresholds = Thresholds(conf=own.score_thresh, iou=own.nms_thresh, max_det=own.detections_per_img)
    rows = kept_rows(candidates, thresholds, detector.info.suppression)
    detections = candidates.take(rows).clipped(rgb.shape[:2])
    return detections, detector.shapes(outputs, rows, detections, letterbox)


@torch.inference_mode()
def reference(detector, rgb):
    return detector.module([torch.from_numpy(rgb).permute(2, 0, 1).float() / 255])[0]


def matched(found, theirs):
    """Pairs of rows of the same detection, ours and theirs."""
    xyxy, scores, labels = (theirs[key].numpy() for key in ("boxes", "scores", "labels"))
    pairs = []
    for row in range(len(scores)):
        other = (found.labels != labels[row]) | (np.abs(found.scores - scores[row]) > 0.01)
        apart = np.where(other, np.inf, np.abs(found.xyxy - xyxy[row]).max(1))
        apart[[ours for ours, _ in pairs]] = np.inf
        if apart.min() < 1:
            pairs.append((int(apart.argmin()), row))
    return pairs


# One of each kind of head in every run; the others differ in their backbone.
_QUICK = {
    "fasterrcnn_mobilenet_v3_large_320_fpn",
    "retinanet_resnet50_fpn",
    "ssdlite320_mobilenet_v3_large",
}


@pytest.mark.parametrize("name", variants(builder_names(), quick=_QUICK))
def test_every_builder_agrees_with_its_own_forward(lively, name):
    detector = lively(name)
    for rgb in frames_for(detector.module):
        (found, shapes), theirs = detect(detector, rgb), reference(detector, rgb)
        assert len(found) == len(theirs["scores"]) >= ENOUGH
        pairs = matched(found, theirs)
        assert len(pairs) == len(found)
        if "masks" in theirs:
            assert_same_masks(found, shapes.masks, theirs["masks"][:, 0].numpy(), pairs)
        if "keypoints" in theirs:
            ours, rows = np.array(pairs).T
            np.testing.assert_allclose(shapes.keypoints[ours, :, :2], theirs["keypoints"][rows, :, :2], atol=0.5)
            chances = theirs["keypoints_scores"][rows].sigmoid()
            np.testing.assert_allclose(shapes.keypoints[ours, :, 2], chances, atol=0.01)


def assert_same_masks(detections, masks, chances, pairs):
    overlaps = []
    for ours, row in pairs:
        inside = chances[row] > 0.5
        filled = fill(masks.rings(ours), inside.shape)
        side_px = (detections.xyxy[ours, 2:] - detections.xyxy[ours, :2]).min()
        if inside.sum() >= LEAST_PX and side_px >= LEAST_SIDE_PX:
            overlaps.append((filled & inside).sum() / (filled | inside).sum())
    assert len(overlaps) >= ENOUGH // 2
    assert min(overlaps) > 0.95


def fill(rings, hw):
    """Pixels whose centres lie in an odd number of rings; finer than asked, since OpenCV fills the edge as well."""
    canvas = np.zeros((hw[0] * FINER, hw[1] * FINER), np.uint8)
    corners = [np.rint((ring * FINER - 0.5) * 16).astype(np.int32) for ring in rings]
    if corners:
        cv2.fillPoly(canvas, corners, 1, shift=4)
    return canvas[FINER // 2 :: FINER, FINER // 2 :: FINER].astype(bool)
