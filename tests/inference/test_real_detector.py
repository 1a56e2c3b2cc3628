"""Real dashcam footage through a real COCO detector, where both are at hand."""

import numpy as np
import pytest
import torch

from tests.support.centernet import FOLDER, IS_THERE
from viewer.core.tapping import Limits, LimitsMode, TapSettings

pytestmark = pytest.mark.skipif(not IS_THERE, reason="the real detector is not at hand")


@pytest.fixture
def pipeline():
    from tests.support.centernet import CenterNetDetector
    from viewer.core import Thresholds
    from viewer.inference import TappedNetwork
    from viewer.pipeline import Pipeline

    detector = CenterNetDetector()
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


def test_cars_are_found_where_the_detector_itself_finds_them(pipeline, frames):
    from tests.support.centernet import CenterNetDetector
    from viewer.render.letterbox import letterbox_image

    reference = CenterNetDetector()
    for frame in frames:
        packet = pipeline.process(frame)
        names = [pipeline.info.name_of(int(label)) for label in packet.detections.labels]
        assert names.count("car") >= 3, names
        rgb = letterbox_image(frame.rgb, reference.letterbox(frame.image_hw))
        with torch.inference_mode():
            outputs = reference.module(torch.from_numpy(rgb).permute(2, 0, 1)[None].float())
            boxes, scores, _ = reference.source.decode(*outputs, image_hw=frame.image_hw, threshold=0.3)
        assert len(packet.detections) == len(boxes)
        limit = np.array([960, 540, 960, 540], np.float32)
        np.testing.assert_allclose(packet.detections.xyxy, boxes.numpy().clip(0, limit), atol=0.5)
        np.testing.assert_allclose(packet.detections.scores, scores.numpy(), atol=2e-3)


def test_default_taps_fire_on_every_frame_and_see_more_road_users_than_sky(pipeline, frames):
    for frame in frames:
        packet = pipeline.process(frame)
        assert [tap.stage.stride for tap in packet.taps] == [8, 16, 32]
        fine = packet.taps[0].codes.astype(float)
        assert packet.taps[0].nonfinite == 0
        cells = [
            fine[packet.letterbox.cell_at(*(box.reshape(2, 2).mean(0)), fine.shape)] for box in packet.detections.xyxy
        ]
        sky = fine[: fine.shape[0] // 4]
        assert np.mean(cells) > np.mean(sky)
