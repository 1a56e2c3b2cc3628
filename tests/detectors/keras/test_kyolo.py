"""A YOLO of the kyolo package, built without weights, has its original's stages and is read as kyolo does."""

import numpy as np
import pytest
import torch

from tests.detectors.keras.makers import lively_kyolo, save
from viewer.core import Role
from viewer.detectors import open_detector
from viewer.detectors.decoding import find_decoder
from viewer.detectors.keras.network import KerasNetwork
from viewer.detectors.keras.tapping import Way

pytestmark = pytest.mark.slow  # Keras takes seconds to import, in each process of the tests

SIZE = 128


@pytest.fixture(scope="module")
def model(checkpoint):
    return lively_kyolo(checkpoint("yolov8n.yaml"), SIZE)


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


def decoded(outputs, bins):
    """Every cell's box and best class as kyolo works them out: (A, 4) centre and size, (A, classes) scores."""
    from kyolo.layers.dfl import DFL
    from kyolo.ops.anchors import decode_raw_predictions

    classes = outputs[0].shape[-1] - 4 * bins
    boxes, scores = decode_raw_predictions(outputs, (8, 16, 32), bins, classes, DFL(bins) if bins > 1 else None)
    return boxes[0].numpy(), scores[0].numpy()


def assert_same_rows(rows, boxes, scores):
    order = np.argsort(-scores.max(1), kind="stable")
    count = min(len(rows), len(order))
    np.testing.assert_allclose(rows[:count, 4], scores.max(1)[order[:count]], atol=1e-5)
    corners = np.concatenate([boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2], 1)
    for row in rows[: count // 2]:  # scores may tie, so the order may differ
        apart = np.abs(corners - row[:4]).max(1) + 1e3 * np.abs(scores.max(1) - row[4])
        assert apart.min() < 0.02
        assert scores[apart.argmin()].argmax() == row[5]


def test_boxes_are_those_of_kyolos_own_reading(detector, model):
    with torch.inference_mode():
        outputs = model(images().permute(0, 2, 3, 1), training=False)
        rows = detector.candidates(detector.forward(images())).numpy()
    assert_same_rows(rows[rows[:, 4] > 0], *decoded(outputs, 16))
    assert set(rows[rows[:, 4] > 0, 6].tolist()) == {8.0, 16.0, 32.0}


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
        assert activation.shape[1] in (64, 256, 7)


def test_a_head_without_distribution_is_read_by_name():
    import kyolo

    model = kyolo.models.yolo26n(nc=3, input_shape=(SIZE, SIZE, 3))
    with torch.inference_mode():
        outputs = model(images().permute(0, 2, 3, 1), training=False)
    rows = find_decoder("ltrb").rows(outputs, (SIZE, SIZE)).numpy()
    assert_same_rows(rows[rows[:, 4] > 0], *decoded(outputs, 1))
