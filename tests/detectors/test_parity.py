"""Detections agree with `YOLO.predict` on the same frames: same count, boxes to 0.5 px, scores to 0.002."""

import logging

import cv2
import numpy as np
import pytest
import torch

from tests.support.variants import variants
from viewer.core import Suppression, Thresholds, suppress
from viewer.core.errors import ViewerError
from viewer.core.resources import resource
from viewer.detectors import open_detector
from viewer.render.letterbox import letterbox_image

HEADS = ["yolo11n.yaml", "yolov8n-seg.yaml", "yolo11n-pose.yaml", "yolo11n-obb.yaml", "yolov10n.yaml", "yolo26n.yaml"]
# Other backbones before the same heads.
BACKBONES = ["yolov3-tiny.yaml", "yolov5n.yaml", "yolov9t.yaml", "yolo12n.yaml"]
ONE_TO_ONE = ["yolov10n.yaml", "yolo26n.yaml", "yolo26n-obb.yaml"]
FRAMES = ["landscape", "portrait", "odd", "odd-portrait", "small"]
ENOUGH = 10
SIZE = 320


def detect(detector, rgb, **thresholds):
    letterbox = detector.letterbox(rgb.shape[:2])
    pixels = torch.from_numpy(letterbox_image(rgb, letterbox)).to(detector.device)
    rows = detector.candidates(detector.forward(pixels.permute(2, 0, 1)[None].to(detector.dtype) / 255))
    candidates = detector.read_candidates(rows.cpu().numpy(), letterbox)
    # Theirs keeps boxes that cover nothing of the picture, of which random weights make many.
    return suppress(candidates, Thresholds(**thresholds), detector.info.suppression).clipped(rgb.shape[:2])


class Reference:
    """ultralytics' own pipeline."""

    def __init__(self, path, *, kind="YOLO", **options):
        import ultralytics

        logging.getLogger("ultralytics").setLevel(logging.ERROR)
        self._model = getattr(ultralytics, kind)(str(path))
        self._options = options

    def detect(self, rgb):
        """What it finds: xyxy, scores, labels and xywhr, best first."""
        bgr = np.ascontiguousarray(rgb[..., ::-1])
        result = self._model.predict(bgr, verbose=False, device="cpu", **self._options)[0]
        found = result.boxes if result.obb is None else result.obb
        order = np.argsort(-found.conf.numpy(), kind="stable")
        height, width = rgb.shape[:2]
        xyxy = found.xyxy.numpy()[order].clip(0, [width, height, width, height])
        xywhr = None if result.obb is None else result.obb.xywhr.numpy()[order]
        return xyxy, found.conf.numpy()[order], found.cls.numpy()[order], xywhr


def assert_same(found, reference):
    """Compare one frame's detections; return how many there were."""
    xyxy, scores, labels, xywhr = reference
    assert len(found) == len(scores)
    np.testing.assert_allclose(found.scores, scores, atol=0.002)
    taken = set()
    for row in range(len(scores)):  # scores may tie, so match each box with its nearest
        apart = np.abs(found.xyxy - xyxy[row]).max(1) + 1e6 * (found.labels != labels[row])
        apart[list(taken)] = np.inf
        nearest = int(apart.argmin())
        taken.add(nearest)
        assert apart[nearest] < 0.5
        assert abs(found.scores[nearest] - scores[row]) < 0.002
        if xywhr is not None:
            np.testing.assert_allclose(found.xywhr[nearest], xywhr[row], atol=0.5)
    return len(scores)


@pytest.mark.parametrize("description", variants([*HEADS, *BACKBONES], quick=["yolo11n.yaml", "yolo11n-obb.yaml"]))
def test_dense_heads_agree_with_predict(checkpoint, frames, description):
    path = checkpoint(description)
    detector = open_detector(str(path), device="cpu", imgsz=SIZE)
    reference = Reference(path, imgsz=SIZE, conf=0.25, iou=0.7)
    assert detector.info.suppression is not Suppression.NONE
    counts = [
        assert_same(detect(detector, frames[name], conf=0.25, iou=0.7), reference.detect(frames[name]))
        for name in FRAMES
    ]
    assert sum(counts) >= ENOUGH


@pytest.mark.parametrize("description", variants(ONE_TO_ONE, quick=["yolo26n.yaml"]))
def test_one_to_one_heads_agree_with_predict_without_suppression(checkpoint, frames, description):
    path = checkpoint(description)
    detector = open_detector(str(path), device="cpu", imgsz=SIZE, end_to_end=True)
    reference = Reference(path, imgsz=SIZE, conf=0.25, nms=False)
    assert detector.info.suppression is Suppression.NONE
    counts = [assert_same(detect(detector, frames[name], conf=0.25), reference.detect(frames[name])) for name in FRAMES]
    assert sum(counts) >= ENOUGH


def test_rt_detr_agrees_with_predict(checkpoint, frames):
    path = checkpoint("rtdetr-small.yaml")
    detector = open_detector(str(path), device="cpu", imgsz=160)
    reference = Reference(path, kind="RTDETR", imgsz=160, conf=0.25)
    assert detector.info.suppression is Suppression.NONE
    counts = [
        assert_same(detect(detector, frames[name], conf=0.25), reference.detect(frames[name]))
        for name in ("landscape", "odd-portrait")
    ]
    assert sum(counts) >= ENOUGH


def test_square_inputs_agree_with_predict(checkpoint, frames):
    path = checkpoint("yolo11n.yaml")
    detector = open_detector(str(path), device="cpu", imgsz=SIZE, rectangular=False)
    reference = Reference(path, imgsz=SIZE, conf=0.25, iou=0.7, rect=False)
    assert assert_same(detect(detector, frames["odd"], conf=0.25, iou=0.7), reference.detect(frames["odd"]))


def test_thresholds_and_classes_mean_the_same(checkpoint, frames):
    path = checkpoint("yolo11n.yaml")
    detector = open_detector(str(path), device="cpu", imgsz=SIZE)
    found = detect(detector, frames["portrait"], conf=0.4, iou=0.45, max_det=9, classes=frozenset({0, 1, 2, 3}))
    reference = Reference(path, imgsz=SIZE, conf=0.4, iou=0.45, max_det=9, classes=[0, 1, 2, 3])
    assert assert_same(found, reference.detect(frames["portrait"])) == 9


def test_the_demo_detector_agrees_with_predict():
    try:
        path, clip = resource("assets/demo.pt"), cv2.VideoCapture(str(resource("assets/demo.mp4")))
    except ViewerError:
        pytest.skip("no demo in this checkout")
    detector = open_detector(str(path), device="cpu")
    reference = Reference(path, imgsz=640, conf=0.25, iou=0.7)
    counts = []
    for index in (40, 250, 430):
        clip.set(cv2.CAP_PROP_POS_FRAMES, index)
        rgb = np.ascontiguousarray(clip.read()[1][..., ::-1])
        counts.append(assert_same(detect(detector, rgb, conf=0.25, iou=0.7), reference.detect(rgb)))
    clip.release()
    assert sum(counts) >= ENOUGH
