"""A YOLO of the kyolo package, random weights, opens with the stages of its original and is read as kyolo reads it."""

import numpy as np
import pytest
import torch

from tests.detectors.keras.makers import keras, save
from viewer.core import Role
from viewer.detectors import open_detector
from viewer.detectors.decoding import find_decoder
from viewer.detectors.keras.network import KerasNetwork
from viewer.detectors.keras.tapping import Way

SIZE = 128


@pytest.fixture(scope="module")
def model():
    kyolo = pytest.importorskip("kyolo")
    keras.utils.set_random_seed(3)
    model = kyolo.models.yolov8n(nc=5, input_shape=(SIZE, SIZE, 3))
    for layer in model.layers:  # boxes and scores that differ from cell to cell
        if layer.name.startswith("model-22-cv") and layer.name.endswith("-2"):
            layer.kernel.assign(keras.random.normal(layer.kernel.shape, seed=4))
    return model


@pytest.fixture(scope="module")
def detector(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("kyolo") / "yolov8n.keras"
    save(model, path)
    detector = open_detector(str(path), device="cpu")
    yield detector
    detector.close()


def images():
    return torch.rand((1, 3, SIZE, SIZE), generator=torch.Generator().manual_seed(1))


def test_the_stages_are_those_of_its_original(detector):
    named = {stage.name: (stage.node, stage.role, stage.stride) for stage in detector.stages if stage.default}
    assert named == {
        "C3": ("model-4-cv2-act", Role.BACKBONE, 8),
        "C4": ("model-6-cv2-act", Role.BACKBONE, 16),
        "C5": ("model-9-cv2-act", Role.BACKBONE, 32),
        "P3": ("model-15-cv2-act", Role.NECK, 8),
        "P4": ("model-18-cv2-act", Role.NECK, 16),
        "P5": ("model-21-cv2-act", Role.NECK, 32),
    }
    assert {s.node for s in detector.stages if s.role is Role.HEAD} >= {"model-22-cv2-0-2", "model-22-cv3-2-2"}
    assert "decoded as dfl, guessed from its outputs (--decode says otherwise)" in detector.info.notes


def test_boxes_are_those_of_kyolos_own_reading(detector, model):
    from kyolo.postprocessing import YOLOPostprocessor

    with torch.inference_mode():
        outputs = model(images().permute(0, 2, 3, 1), training=False)
        reading = YOLOPostprocessor(nc=5, conf_threshold=0.0, iou_threshold=1.0, max_detections=300)(outputs)
    expected = reading[0].numpy()
    rows = detector.candidates(detector.forward(images())).numpy()
    assert len(rows[rows[:, 4] > 0]) >= 300
    np.testing.assert_allclose(rows[:300, 4], expected[:300, 4], atol=1e-5)
    np.testing.assert_allclose(rows[:50, :4].clip(0, SIZE), expected[:50, :4].clip(0, SIZE), atol=0.05)
    assert set(rows[:, 6].tolist()) <= {0.0, 8.0, 16.0, 32.0}


def test_all_three_ways_agree(model):
    seen = {}
    for way in Way:
        network = KerasNetwork(model, device=torch.device("cpu"), way=way)
        handles = [
            network.get_submodule(path).register_forward_hook(
                lambda _m, _i, out, key=(way, path): seen.update({key: out.clone()})
            )
            for path in ("model-4-cv2-act", "model-9-cv2-act", "model-15-cv2-act", "model-22-cv3-0-2")
        ]
        with torch.inference_mode():
            network(images())
        for handle in handles:
            handle.remove()
        network.close()
    assert len(seen) == 12
    for (_, path), activation in seen.items():
        torch.testing.assert_close(activation, seen[Way.HOOKS, path])
        assert activation.shape[1] in (64, 256, 5)


def test_a_head_without_distribution_is_read_by_name():
    kyolo = pytest.importorskip("kyolo")
    from kyolo.postprocessing import YOLOPostprocessor

    model = kyolo.models.yolo26n(nc=3, input_shape=(SIZE, SIZE, 3))
    with torch.inference_mode():
        outputs = model(images().permute(0, 2, 3, 1), training=False)
        reader = YOLOPostprocessor(nc=3, reg_max=1, conf_threshold=0.0, iou_threshold=1.0, max_detections=100)
        expected = reader(outputs)[0].numpy()
    rows = find_decoder("ltrb").rows(outputs, (SIZE, SIZE)).numpy()
    np.testing.assert_allclose(rows[:100, 4], expected[:, 4], atol=1e-5)
