"""Masks and poses agree with `YOLO.predict` on the same frames: masks overlap by 0.95, keypoints to 0.5 px."""

import logging

import cv2
import numpy as np
import pytest
import torch

from tests.support.variants import variants
from viewer.core import Letterbox, Suppression, Thresholds, kept_rows
from viewer.core.errors import DetectorError
from viewer.detectors import open_detector
from viewer.render.letterbox import letterbox_image

SIZE = 320
FRAMES = ["portrait", "odd-portrait"]
FINER = 5
LEAST_CELLS = 40
LEAST_WIDTH = 4
"""Masks of fewer cells, or in boxes narrower than this many, have little but edge."""


def detect(detector, rgb, **thresholds):
    """Detections of a frame and their shapes."""
    letterbox = detector.letterbox(rgb.shape[:2])
    pixels = torch.from_numpy(letterbox_image(rgb, letterbox)).to(detector.device)
    outputs = detector.forward(pixels.permute(2, 0, 1)[None].to(detector.dtype) / 255)
    candidates = detector.read_candidates(detector.candidates(outputs).cpu().numpy(), letterbox)
    rows = kept_rows(candidates, Thresholds(**thresholds), detector.info.suppression)
    detections = candidates.take(rows).clipped(rgb.shape[:2])
    shapes = detector.shapes(outputs, rows, detections, letterbox)
    assert (shapes.rows == rows).all()
    return detections, shapes


def predict(path, rgb, **options):
    import ultralytics

    logging.getLogger("ultralytics").setLevel(logging.ERROR)
    model = ultralytics.YOLO(str(path))
    return model.predict(np.ascontiguousarray(rgb[..., ::-1]), imgsz=SIZE, verbose=False, device="cpu", **options)[0]


def partners(found, result):
    """Which of our detections is which of theirs: the one of its place and score."""
    theirs, scores = result.boxes.xyxy.numpy(), result.boxes.conf.numpy()
    pairs = []
    for row in range(len(theirs)):
        apart = np.abs(found.xyxy - theirs[row]).max(1) + 1e4 * np.abs(found.scores - scores[row])
        assert apart.min() < 0.5
        pairs.append((int(apart.argmin()), row))
    assert len({ours for ours, _ in pairs}) == len(pairs)
    return pairs


def filled(rings, hw, scale=1.0, shift=(0.0, 0.0)):
    """Pixels whose centres lie in an odd number of rings; finer than asked, since OpenCV fills the edge as well."""
    canvas = np.zeros((hw[0] * FINER, hw[1] * FINER), np.uint8)
    corners = [np.rint(((ring * scale + shift) * FINER - 0.5) * 16).astype(np.int32) for ring in rings]
    if corners:
        cv2.fillPoly(canvas, corners, 1, shift=4)
    return canvas[FINER // 2 :: FINER, FINER // 2 :: FINER].astype(bool)


@pytest.mark.parametrize(
    ("description", "end_to_end"),
    variants(
        [("yolov8n-seg.yaml", False), ("yolo26n-seg.yaml", False), ("yolo26n-seg.yaml", True)],
        quick=[("yolov8n-seg.yaml", False)],
    ),
)
def test_masks_agree_with_predict(checkpoint, frames, description, end_to_end):
    path = checkpoint(description)
    detector = open_detector(str(path), device="cpu", imgsz=SIZE, end_to_end=end_to_end)
    assert detector.info.shapes == ("masks",)
    assert (detector.info.suppression is Suppression.NONE) == end_to_end
    overlaps = []
    for name in FRAMES:
        rgb = frames[name]
        found, shapes = detect(detector, rgb, conf=0.25, iou=0.7)
        cell_px = 4 / detector.letterbox(rgb.shape[:2]).scale_xy[0]
        # `retina_masks` are masks at the size of the picture.
        result = predict(path, rgb, conf=0.25, iou=0.7, retina_masks=True, **({"nms": False} if end_to_end else {}))
        for ours, theirs in partners(found, result):
            reference = result.masks.data[theirs].numpy() > 0
            width_px = (found.xyxy[ours, 2:] - found.xyxy[ours, :2]).min()
            if reference.sum() >= LEAST_CELLS * cell_px**2 and width_px >= LEAST_WIDTH * cell_px:
                mask = filled(shapes.masks.rings(ours), rgb.shape[:2])
                overlaps.append((mask & reference).sum() / (mask | reference).sum())
    assert len(overlaps) >= 10
    assert min(overlaps) > 0.95


@pytest.mark.parametrize(
    ("description", "end_to_end"),
    variants(
        [("yolo11n-pose.yaml", False), ("yolo26n-pose.yaml", False), ("yolo26n-pose.yaml", True)],
        quick=[("yolo11n-pose.yaml", False)],
    ),
)
def test_keypoints_agree_with_predict(checkpoint, frames, description, end_to_end):
    path = checkpoint(description)
    detector = open_detector(str(path), device="cpu", imgsz=SIZE, end_to_end=end_to_end)
    assert detector.info.shapes == ("keypoints",)
    compared = 0
    for name in FRAMES:
        rgb = frames[name]
        found, shapes = detect(detector, rgb, conf=0.25, iou=0.7)
        result = predict(path, rgb, conf=0.25, iou=0.7, **({"nms": False} if end_to_end else {}))
        assert shapes.keypoints.shape == (len(found), 17, 3)
        for ours, theirs in partners(found, result):
            points, reference = shapes.keypoints[ours], result.keypoints.data[theirs].numpy()
            np.testing.assert_allclose(points[:, 2], reference[:, 2], atol=0.002)
            height, width = rgb.shape[:2]
            sure = reference[:, 2] >= 0.5  # theirs are put to (0, 0) where they are not
            clipped = points[:, :2].clip(0, [width, height])
            np.testing.assert_allclose(clipped[sure], reference[sure, :2], atol=0.5)
            compared += int(sure.sum())
    assert compared >= 50


def test_a_model_without_masks_or_poses_makes_none(checkpoint, frames):
    detector = open_detector(str(checkpoint("yolo11n.yaml")), device="cpu", imgsz=SIZE)
    assert detector.info.shapes == ()
    found, shapes = detect(detector, frames["landscape"])
    assert len(found)
    assert (shapes.masks, shapes.keypoints) == (None, None)


def test_no_detection_has_no_shape(checkpoint, frames):
    for description in ("yolov8n-seg.yaml", "yolo11n-pose.yaml"):
        detector = open_detector(str(checkpoint(description)), device="cpu", imgsz=SIZE)
        found, shapes = detect(detector, frames["landscape"], conf=0.999)
        assert len(found) == len(shapes.rows) == 0


def test_keypoints_of_two_numbers_are_all_sure():
    from viewer.detectors.ultralytics.shapes import keypoints

    letterbox = Letterbox.fit((100, 200), (320, 320))
    points = keypoints(torch.tensor([[16.0, 36.0, 160.0, 80.0]]), (2, 2), letterbox)
    np.testing.assert_allclose(
        points, [[[10.0, (36 - letterbox.top) / 1.6, 1.0], [100.0, (80 - letterbox.top) / 1.6, 1]]]
    )


def save_model(path, description, *, channels=3, classes=3, names=None):
    from viewer.detectors.ultralytics.quiet import load_library

    load_library()
    from ultralytics.nn.tasks import DetectionModel

    torch.manual_seed(0)
    model = DetectionModel(description, ch=channels, nc=classes, verbose=False)
    if names is not None:
        model.names = names
    torch.save({"model": model.half(), "ema": None, "train_args": {"task": "detect", "single_cls": classes == 1}}, path)
    return path


@pytest.mark.parametrize(("channels", "word"), [(4, "4 channels"), (1, "1 channel")])
def test_pictures_of_other_channels_are_refused_in_one_line(tmp_path, channels, word):
    path = save_model(tmp_path / "infrared.pt", "yolo11n.yaml", channels=channels)
    with pytest.raises(DetectorError, match=f"takes pictures of {word}; Featscope has red, green and blue") as refusal:
        open_detector(str(path), device="cpu", imgsz=64)
    assert "\n" not in str(refusal.value)


def test_a_class_agnostic_model_has_one_class(tmp_path, frames):
    path = save_model(tmp_path / "anything.pt", "yolo11n.yaml", classes=1, names={0: "item"})
    detector = open_detector(str(path), device="cpu", imgsz=SIZE)
    assert detector.info.names == ("item",)
    found, _ = detect(detector, frames["landscape"], conf=0.0)
    assert len(found)
    assert set(found.labels.tolist()) == {0}
