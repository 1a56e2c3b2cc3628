"""An exported YOLO gives what onnxruntime gives, and finds what the checkpoint it came from finds."""

import numpy as np
import onnxruntime
import pytest
import torch

from tests.detectors.onnx.makers import brightness_pyramid, export, saved
from tests.support.variants import variants
from viewer.core import Suppression, Thresholds, suppress
from viewer.detectors import open_detector
from viewer.render.letterbox import letterbox_image

SIZE = 256
KINDS = {"torchscript": {"dynamo": False}, "dynamo": {"dynamo": True}, "free": {"dynamo": False, "free": True}}


# The newer exporter takes ten seconds to make a graph.
@pytest.fixture(scope="module", params=variants(KINDS, quick=["torchscript", "free"]))
def exported(request, checkpoint, tmp_path_factory):
    path = tmp_path_factory.mktemp("onnx") / f"{request.param}.onnx"
    return export(checkpoint("yolo11n.yaml"), path, size=SIZE, **KINDS[request.param])


@pytest.fixture(scope="module")
def detector(exported):
    detector = open_detector(str(exported), device="cpu", imgsz=SIZE)
    yield detector
    detector.close()


def prepared(detector, rgb):
    letterbox = detector.letterbox(rgb.shape[:2])
    pixels = torch.from_numpy(letterbox_image(rgb, letterbox))
    return letterbox, pixels.permute(2, 0, 1)[None].to(detector.dtype) / 255


def detect(detector, rgb):
    letterbox, images = prepared(detector, rgb)
    candidates = detector.read_candidates(detector.candidates(detector.forward(images)).numpy(), letterbox)
    return suppress(candidates, Thresholds(), detector.info.suppression, image_hw=rgb.shape[:2])


def test_a_graph_by_hand_agrees_with_onnxruntime(tmp_path):
    path = saved(brightness_pyramid(("h", "w")), tmp_path / "pyramid.onnx")
    detector = open_detector(str(path), device="cpu", imgsz=64)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    for hw in ((64, 64), (32, 96)):
        images = torch.rand((1, 3, *hw), generator=torch.Generator().manual_seed(2))
        expected = session.run(None, {"images": images.numpy()})[0]
        np.testing.assert_allclose(detector.forward(images)[0].numpy(), expected, atol=1e-5)


def test_outputs_agree_with_onnxruntime(exported, detector, frames):
    session = onnxruntime.InferenceSession(str(exported), providers=["CPUExecutionProvider"])
    for name in ("landscape", "portrait"):
        images = prepared(detector, frames[name])[1]
        (expected,) = session.run(None, {"images": images.contiguous().numpy()})
        for _ in range(2):
            (found,) = detector.forward(images)
            np.testing.assert_allclose(found[0, :4].numpy() / SIZE, expected[0, :4] / SIZE, atol=1e-3)
            np.testing.assert_allclose(found[0, 4:].numpy(), expected[0, 4:], atol=1e-3)


def test_detections_are_those_of_the_checkpoint(detector, checkpoint, frames):
    is_free = "free" in detector.info.name
    own = open_detector(str(checkpoint("yolo11n.yaml")), device="cpu", imgsz=SIZE, rectangular=is_free)
    total = 0
    for name in ("landscape", "odd-portrait"):
        found, expected = detect(detector, frames[name]), detect(own, frames[name])
        np.testing.assert_allclose(found.scores, expected.scores, atol=2e-3)
        np.testing.assert_allclose(found.xyxy[:5], expected.xyxy[:5], atol=0.5)
        np.testing.assert_array_equal(found.labels[:5], expected.labels[:5])
        assert set(found.strides.tolist()) <= {8, 16, 32}
        total += len(found)
    assert total > 10
    own.close()


def test_the_file_says_what_it_is(detector):
    info = detector.info
    assert info.architecture.startswith("ONNX opset 18 by pytorch")
    assert info.names == tuple(f"thing {number}" for number in range(7))
    assert info.strides == (8, 16, 32)
    assert info.suppression is Suppression.GREEDY
    assert info.parameters == sum(p.numel() for p in detector.module.parameters()) > 2_500_000
    assert "decoded as yolo, guessed from its outputs (--decode says otherwise)" in info.notes
    assert "stages guessed from the graph" in info.notes
    assert ("input size free, --imgsz decides" in info.notes) == ("free" in info.name)


def test_the_input_is_the_graphs_own(detector):
    hw = (160, 256) if "free" in detector.info.name else (256, 256)
    assert detector.letterbox((72, 128)).input_hw == hw


def test_the_same_stages_are_chosen_as_from_the_checkpoint(detector, checkpoint):
    own = open_detector(str(checkpoint("yolo11n.yaml")), device="cpu", imgsz=SIZE, rectangular=False)
    _, images = prepared(own, np.random.default_rng(0).integers(0, 255, (SIZE, SIZE, 3), np.uint8))

    def maps(one):
        modules, seen = dict(one.module.named_modules()), {}
        chosen = {stage.name: stage for stage in one.stages if stage.default}
        handles = [
            modules[stage.node].register_forward_hook(lambda _m, _i, out, name=name: seen.update({name: out.clone()}))
            for name, stage in chosen.items()
        ]
        one.forward(images)
        for handle in handles:
            handle.remove()
        return {name: (stage.role, stage.stride) for name, stage in chosen.items()}, seen

    (places, found), (own_places, expected) = maps(detector), maps(own)
    assert places == own_places
    assert set(places) == {"C3", "C4", "C5", "P3", "P4", "P5"}
    for name, activation in found.items():
        torch.testing.assert_close(activation, expected[name], atol=0.02, rtol=0.01)
    own.close()
