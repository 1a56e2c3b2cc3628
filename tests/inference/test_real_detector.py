"""Real dashcam footage through a real COCO detector, where both are at hand."""

import numpy as np
import pytest
import torch

from tests.support.centernet import FOLDER, GLUE, IS_THERE, write_glue
from viewer.core.tapping import Limits, LimitsMode, TapSettings

pytestmark = pytest.mark.skipif(not IS_THERE, reason="the real detector is not at hand")


@pytest.fixture
def detector(tmp_path):
    from viewer.detectors import open_detector

    return open_detector(str(write_glue(tmp_path)), device="cpu")


@pytest.fixture
def pipeline(detector):
    from viewer.core import Thresholds
    from viewer.inference import TappedNetwork
    from viewer.pipeline import Pipeline

    module = detector.module
    settings = TapSettings(limits=Limits(LimitsMode.FRAME))
    with Pipeline(TappedNetwork(detector, settings), Thresholds(conf=0.3)) as pipeline:
        yield pipeline
    assert sum(len(m._forward_hooks) for m in module.modules()) == 0


@pytest.fixture
def frames():
    from viewer.sources import open_source

    with open_source(str(FOLDER / "dashcam.mp4")) as source:
        source.seek(100)
        yield [next(source) for _ in range(3)]


def test_the_glue_is_short():
    assert len(GLUE.splitlines()) <= 25


def test_cars_are_found_where_the_detector_itself_finds_them(pipeline, detector, frames):
    import centernet_coco  # the glue put its folder on the path

    from viewer.render.letterbox import letterbox_image

    for frame in frames:
        packet = pipeline.process(frame)
        names = [pipeline.info.name_of(int(label)) for label in packet.detections.labels]
        assert names.count("car") >= 3, names
        rgb = letterbox_image(frame.rgb, detector.letterbox(frame.image_hw))
        with torch.inference_mode():
            outputs = detector.module(torch.from_numpy(rgb).permute(2, 0, 1)[None].float())
            boxes, scores, _ = centernet_coco.decode(*outputs, image_hw=frame.image_hw, threshold=0.3)
        assert len(packet.detections) == len(boxes)
        limit = np.array([960, 540, 960, 540], np.float32)
        np.testing.assert_allclose(packet.detections.xyxy, boxes.numpy().clip(0, limit), atol=0.5)
        np.testing.assert_allclose(packet.detections.scores, scores.numpy(), atol=2e-3)


def test_default_taps_fire_on_every_frame_and_see_more_road_users_than_sky(pipeline, frames):
    assert [(stage.name, stage.stride) for stage in pipeline.tapped] == [
        ("C3", 8),
        ("C4", 16),
        ("C5", 32),
        ("P5", 32),
        ("P4", 16),
        ("P3", 8),
    ]
    for frame in frames:
        packet = pipeline.process(frame)
        fine = packet.taps[0].codes.astype(float)
        assert packet.taps[0].nonfinite == 0
        cells = [
            fine[packet.letterbox.cell_at(*(box.reshape(2, 2).mean(0)), fine.shape)] for box in packet.detections.xyxy
        ]
        sky = fine[: fine.shape[0] // 4]
        assert np.mean(cells) > np.mean(sky)
