"""What every detector owes its users, whoever made the network. A new adapter is one more line in `MODELS`."""

import numpy as np
import pytest
import torch

from viewer.core import Letterbox, Suppression
from viewer.core.errors import DetectorError
from viewer.detectors import open_detector

MODELS = ["yolo11n.yaml", "yolov8n-seg.yaml", "yolo11n-obb.yaml", "yolo26n.yaml", "end-to-end"]
MODELS += ["torchvision:fasterrcnn_mobilenet_v3_large_320_fpn", "torchvision:retinanet_resnet50_fpn"]
MODELS += ["torchvision:ssdlite320_mobilenet_v3_large"]
STRIDES = {
    "fasterrcnn_mobilenet_v3_large_320_fpn": (32,),
    "retinanet_resnet50_fpn": (8, 16, 32, 64, 128),
    "ssdlite320_mobilenet_v3_large": (16, 32, 64, 128, 256, 512),
}
"""Of the levels that enter the head, where they are not 8, 16 and 32."""
FIXED = {"ssdlite320_mobilenet_v3_large": (320, 320)}
"""Inputs that have one size only."""


@pytest.fixture(scope="module", params=MODELS)
def detector(request):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    name = "yolov10n.yaml" if request.param == "end-to-end" else request.param
    weights = {"weights": "random"} if name.startswith("torchvision:") else {}
    detector = open_detector(name, device="cpu", imgsz=256, end_to_end=request.param == "end-to-end", **weights)
    yield detector
    detector.close()
    torch.set_num_threads(threads)


def run(detector, hw, seed=0):
    hw = FIXED.get(detector.info.name, hw)
    images = torch.rand((1, 3, *hw), generator=torch.Generator().manual_seed(seed)).to(detector.device, detector.dtype)
    return detector.candidates(detector.forward(images))


def test_info_is_filled(detector):
    info = detector.info
    assert info.name
    assert info.architecture.endswith((" detect", " segment", " obb"))
    assert len(info.names) >= 15
    assert info.parameters == sum(p.numel() for p in detector.module.parameters())
    assert info.strides == STRIDES.get(info.name, (8, 16, 32))
    assert (info.device, info.precision) == ("cpu", "fp32")
    assert any("random weights" in note for note in info.notes)
    assert (detector.device, detector.dtype) == (torch.device("cpu"), torch.float32)


def test_the_module_is_ready_to_be_driven(detector):
    assert not detector.module.training
    assert not any(p.requires_grad for p in detector.module.parameters())
    assert sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in detector.module.modules()) == 0


def test_stages_are_modules_of_the_network(detector):
    paths = dict(detector.module.named_modules())
    assert {stage.node.partition("@")[0] for stage in detector.stages} <= set(paths)
    assert len({stage.node for stage in detector.stages}) == len(detector.stages)
    assert any(stage.default for stage in detector.stages)
    titles = [stage.name for stage in detector.stages if stage.name]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("hw", [(160, 256), (256, 128)])
def test_stage_strides_hold_at_any_size(detector, hw):
    modules, seen = dict(detector.module.named_modules()), {}

    def note(path, shape):  # a module's second call is `path@2`
        calls = sum(node.partition("@")[0] == path for node in seen)
        seen[f"{path}@{calls + 1}" if calls else path] = shape

    handles = [
        modules[path].register_forward_hook(lambda _m, _i, out, path=path: note(path, out.shape))
        for path in {stage.node.partition("@")[0] for stage in detector.stages}
    ]
    run(detector, hw)
    for handle in handles:
        handle.remove()
    rows, columns = FIXED.get(detector.info.name, hw)
    for stage in detector.stages:
        # Levels above the input's own grid have a cell that is not all used.
        assert seen[stage.node] == (1, stage.channels, -(-rows // stage.stride), -(-columns // stage.stride))


def test_candidates_keep_their_shape_and_order(detector):
    columns = 8 if detector.info.suppression is Suppression.ROTATED else 7
    shapes = set()
    for hw in [(160, 256), (256, 256), (64, 64)]:
        rows = run(detector, hw)
        scores = rows[:, 4]
        assert rows.dtype == torch.float32
        assert torch.isfinite(rows).all()
        assert (scores[:-1] >= scores[1:]).all()
        assert ((scores >= 0) & (scores <= 1)).all()
        real = rows[scores > 0]
        assert set(real[:, 6].tolist()) <= {float(stride) for stride in detector.info.strides}
        assert ((real[:, 5] >= 0) & (real[:, 5] < len(detector.info.names))).all()
        shapes.add(tuple(rows.shape))
    assert shapes == {(len(rows), columns)}


def test_the_same_input_gives_the_same_rows(detector):
    assert torch.equal(run(detector, (160, 256), seed=3), run(detector, (160, 256), seed=3))


def test_rows_become_boxes_without_fill(detector):
    letterbox = detector.letterbox((90, 160))
    assert isinstance(letterbox, Letterbox)
    assert max(letterbox.input_hw) == max(FIXED.get(detector.info.name, (256,)))
    rows = run(detector, letterbox.input_hw).numpy().copy()
    rows[3:, 4] = 0
    boxes = detector.read_candidates(rows, letterbox)
    assert len(boxes) == 3
    rows[:] = -1  # the buffer is reused for the next frame
    assert (boxes.scores > 0).all()
    assert boxes.labels.dtype == boxes.strides.dtype == np.int32
    assert (boxes.xywhr is not None) == (rows.shape[1] == 8)


def test_closing_twice_is_harmless():
    detector = open_detector("yolo11n.yaml", device="cpu", imgsz=64)
    detector.close()
    detector.close()
    assert detector.info.name == "yolo11n"
    with pytest.raises(DetectorError, match="yolo11n is closed"):
        detector.module  # noqa: B018 - the property itself raises
