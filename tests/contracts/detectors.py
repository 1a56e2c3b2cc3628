"""The detectors that the contract suite runs over, each with its framework's own answer to compare with.

A new adapter is one more entry in `CASES`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torchvision

from tests.detectors.conftest import save_lively
from tests.detectors.test_parity import Reference
from tests.support.lively_torchvision import liven
from tests.support.programs import SIZE, save_program, spotter
from viewer.core.protocols import Detector
from viewer.detectors import open_detector
from viewer.render.letterbox import letterbox_image

CONF, IOU = 0.25, 0.7
Found = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Boxes (N, 4) as corners in source pixels, scores (N,), labels (N,), in any order."""


@dataclass(frozen=True)
class Case:
    """One detector of the suite, the same on every run.

    Attributes:
        make: Writes what is to be opened into a folder and says what to give to `open_detector`.
        own: What the framework itself finds in an RGB picture at `CONF` and `IOU`, given what `make` returned; None
            where that is compared elsewhere.
        options: Further options of `open_detector`.
        strides: Strides of the levels that enter its head.
        classes: How many classes it knows.
        imgsz: Size it is opened with.
        free: Whether it takes inputs of other sizes too, in multiples of 32.
        note: Part of a line that its notes must have.
        boxes_px: How far a box may lie from the framework's own, in pixels.
        fills: Whether a picture's longer side takes all of `imgsz`; torchvision limits the shorter side as well.
        bf16: Whether it runs in bfloat16 on a CPU; if not, it is refused.
    """

    make: Callable[[Path], str]
    own: Callable[[str, np.ndarray], Found] | None
    options: dict[str, Any]
    strides: tuple[int, ...] = (8, 16, 32)
    classes: int = 7
    imgsz: int = 320
    free: bool = True
    note: str = "fused"
    boxes_px: float = 0.5
    bf16: bool = True
    fills: bool = True

    def open(self, folder: Path, **options: Any) -> Detector:
        """Make it and open it, on the CPU unless told otherwise."""
        return open_detector(self.make(folder), **({"device": "cpu", "imgsz": self.imgsz} | self.options | options))


def _lively(description: str, folder: Path) -> str:
    path = folder / description.replace("yolov", "v").replace(".yaml", ".pt")
    if not path.exists():
        save_lively(description, path)
    return str(path)


def _predict(options: dict[str, Any], model: str, rgb: np.ndarray) -> Found:
    return Reference(model, imgsz=320, conf=CONF, iou=IOU, **options).detect(rgb)[:3]


def ultralytics(description: str, *, kind: str = "YOLO", one_to_one: bool = False, **facts: Any) -> Case:
    """A checkpoint that detects plenty, against `predict`."""
    options = {"kind": kind} | ({"nms": False} if one_to_one else {})
    own = partial(_predict, options)
    return Case(partial(_lively, description), own, {"end_to_end": one_to_one}, **facts)


SPOTTER = """
from tests.support.programs import spotter

names, input_size = ["near", "far", "other"], 64

def build(device):
    return spotter()

def decode(outputs, letterbox):
    x, y, w, h = outputs[0, :4] * letterbox.input_hw[0]
    scores, labels = outputs[0, 4:].max(0)
    return __import__("torch").stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], 1), scores, labels
"""


def _own_file(folder: Path) -> str:
    path = folder / "spotter.py"
    path.write_text(SPOTTER)
    return str(path)


def _program(folder: Path) -> str:
    path = folder / "spotter.pt2"
    return str(path if path.exists() else save_program(path))


def _spot(_model: str, rgb: np.ndarray) -> Found:
    """What the network finds, worked out with torchvision's suppression on a square letterbox made by hand."""
    from viewer.core import Letterbox

    letterbox = Letterbox.fit(rgb.shape[:2], (SIZE, SIZE), rectangular=False)
    images = torch.from_numpy(letterbox_image(rgb, letterbox)).permute(2, 0, 1)[None] / 255
    with torch.inference_mode():
        outputs = spotter()(images)[0]
    boxes = torchvision.ops.box_convert(outputs[:4].T * SIZE, "cxcywh", "xyxy")
    scores, labels = outputs[4:].max(0)
    kept = torchvision.ops.batched_nms(boxes, scores, labels, IOU)
    kept = kept[scores[kept] > CONF]
    height, width = rgb.shape[:2]
    gain = min(SIZE / height, SIZE / width)
    pad = torch.tensor([(SIZE - width * gain) / 2, (SIZE - height * gain) / 2] * 2)
    limit = torch.tensor([width, height] * 2)
    xyxy = ((boxes[kept] - pad) / gain).clamp(min=torch.zeros(4), max=limit)
    return xyxy.numpy(), scores[kept].numpy(), labels[kept].numpy()


def _onnx(folder: Path) -> str:
    from tests.detectors.onnx.makers import export

    path = folder / "exported.onnx"
    return str(path if path.exists() else export(Path(_lively("yolo11n.yaml", folder)), path, dynamo=False, free=True))


def _keras(folder: Path) -> str:
    from tests.detectors.keras.makers import lively_kyolo, save

    path = folder / "kyolo.keras"
    return str(path if path.exists() else save(lively_kyolo(_lively("yolov8n.yaml", folder), 320), path))


def _its_checkpoint(description: str, options: dict[str, Any], model: str, rgb: np.ndarray) -> Found:
    """What `predict` finds with the checkpoint that a file was made from."""
    return _predict(options, _lively(description, Path(model).parent), rgb)


@dataclass(frozen=True)
class Builder(Case):
    """A builder of torchvision's with weights that detect, saved once as a state dict."""

    def open(self, folder: Path, **options: Any) -> Detector:
        """Open it with those weights."""
        model = self.make(folder)
        weights = folder / f"{model.partition(':')[2]}.pth"
        if not weights.exists():
            first = open_detector(model, device="cpu", imgsz=self.imgsz, weights="random")
            liven(first.module)
            torch.save(first.module.state_dict(), weights)
            first.close()
        return super().open(folder, **({"weights": str(weights)} | options))


def torchvision_builder(name: str, **facts: Any) -> Builder:
    """Its own answer is compared in tests/detectors/torchvision, on pictures whose resizing is exact."""
    return Builder(lambda _: f"torchvision:{name}", None, {}, classes=91, note="", bf16=True, **facts)


CASES: dict[str, Case] = {
    "yolo11": ultralytics("yolo11n.yaml"),
    "segment": ultralytics("yolov8n-seg.yaml"),
    "oriented": ultralytics("yolo11n-obb.yaml"),
    "yolo26": ultralytics("yolo26n.yaml"),
    "one-to-one": ultralytics("yolov10n.yaml", one_to_one=True),
    "rt-detr": ultralytics("rtdetr-small.yaml", kind="RTDETR", bf16=False),
    "own file": Case(_own_file, _spot, {}, (8, 16), 3, 64, free=False, note="runs the code of spotter.py", boxes_px=6),
    "onnx": Case(_onnx, partial(_its_checkpoint, "yolo11n.yaml", {}), {}, note="nodes in torch"),
    "keras": Case(
        _keras,
        partial(_its_checkpoint, "yolov8n.yaml", {"rect": False}),
        {},
        classes=0,
        free=False,
        note="layers tapped by hooks",
    ),
    "ssdlite": torchvision_builder("ssdlite320_mobilenet_v3_large", strides=(16, 32, 64, 128, 256, 512), free=False),
    "faster r-cnn": torchvision_builder("fasterrcnn_mobilenet_v3_large_320_fpn", strides=(32,), fills=False),
    "program": Case(_program, _spot, {}, (8, 16), 0, 64, free=False, note="exported program", boxes_px=6),
}
"""Every adapter at least once, each way of reading its heads once."""
