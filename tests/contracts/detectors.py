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

from tests.detectors.conftest import real_frames, save_lively
from tests.detectors.test_parity import Reference
from tests.support.lively_torchvision import frames_for, liven
from tests.support.programs import SIZE, save_program, spotter
from viewer.core import Thresholds
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
        own: What the framework itself finds in an RGB picture at the case's thresholds, given the folder that `make`
            has written into.
        options: Further options of `open_detector`.
        strides: Strides of the levels that enter its head.
        classes: How many classes it knows.
        imgsz: Size it is opened with.
        free: Whether it takes inputs of other sizes too, in multiples of 32.
        note: Part of a line that its notes must have.
        boxes_px: How far a box may lie from the framework's own, in pixels.
        fills: Whether a picture's longer side takes all of `imgsz`; torchvision limits the shorter side as well.
        bf16: Whether it runs in bfloat16 on a CPU; if not, it is refused.
        cells: What it says that its head's cells are scored by; empty where it has none, or they are not known.
    """

    make: Callable[[Path], str]
    own: Callable[[Path, np.ndarray], Found]
    options: dict[str, Any]
    strides: tuple[int, ...] = (8, 16, 32)
    classes: int = 7
    imgsz: int = 320
    free: bool = True
    note: str = "fused"
    boxes_px: float = 0.5
    bf16: bool = True
    fills: bool = True
    cells: str = "dense head"

    def open(self, folder: Path, **options: Any) -> Detector:
        """Make it and open it, on the CPU unless told otherwise."""
        return open_detector(self.make(folder), **({"device": "cpu", "imgsz": self.imgsz} | self.options | options))

    def pictures(self, _detector: Detector) -> list[np.ndarray]:
        """RGB pictures on which its answers are the framework's own."""
        return [real_frames()[name] for name in ("landscape", "odd-portrait")]

    def thresholds(self, _detector: Detector) -> Thresholds:
        """Those at which `own` answers."""
        return Thresholds(conf=CONF, iou=IOU)


def _lively(description: str, folder: Path) -> str:
    path = folder / description.replace("yolov", "v").replace(".yaml", ".pt")
    if not path.exists():
        save_lively(description, path)
    return str(path)


def _predict(description: str, options: dict[str, Any], folder: Path, rgb: np.ndarray) -> Found:
    """What `predict` finds with a checkpoint, or with the one that a file of another format was made from."""
    model = _lively(description, folder)
    return Reference(model, imgsz=320, conf=CONF, iou=IOU, **options).detect(rgb)[:3]


def ultralytics(description: str, *, kind: str = "YOLO", one_to_one: bool = False, **facts: Any) -> Case:
    """A checkpoint that detects plenty, against `predict`."""
    options = {"kind": kind} | ({"nms": False} if one_to_one else {})
    own = partial(_predict, description, options)
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


def _spot(_folder: Path, rgb: np.ndarray) -> Found:
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


@dataclass(frozen=True)
class Builder(Case):
    """A builder of torchvision's with weights that detect, saved once as a state dict."""

    def open(self, folder: Path, **options: Any) -> Detector:
        """Open it with those weights."""
        model = self.make(folder)
        weights = _state_file(folder, model.partition(":")[2])
        if not weights.exists():
            first = open_detector(model, device="cpu", imgsz=self.imgsz, weights="random")
            liven(first.module)
            torch.save(first.module.state_dict(), weights)
            first.close()
        return super().open(folder, **({"weights": str(weights)} | options))

    def pictures(self, detector: Detector) -> list[np.ndarray]:
        """Pictures that torchvision, which resizes in floats, resizes as exactly as whole grey levels do."""
        return frames_for(detector.module)

    def thresholds(self, detector: Detector) -> Thresholds:
        """The model's own."""
        own: Any = getattr(detector.module, "roi_heads", detector.module)
        return Thresholds(conf=own.score_thresh, iou=own.nms_thresh, max_det=own.detections_per_img)


def _state_file(folder: Path, name: str) -> Path:
    return folder / f"{name}.pth"


@torch.inference_mode()
def _call(name: str, limits: dict[str, int], folder: Path, rgb: np.ndarray) -> Found:
    """What torchvision's own model returns, built without this project."""
    model = torchvision.models.get_model(name, weights=None, weights_backbone=None, num_classes=91, **limits).eval()
    model.load_state_dict(torch.load(_state_file(folder, name)))
    found = model([torch.from_numpy(rgb).permute(2, 0, 1) / 255])[0]
    return found["boxes"].numpy(), found["scores"].numpy(), found["labels"].numpy()


def torchvision_builder(name: str, *, limits: tuple[int, int] | None = None, **facts: Any) -> Builder:
    """One that lets no side of a picture pass `limits`, the shorter and the longer, in pixels; None if it is fixed."""
    sizes = {} if limits is None else {"min_size": limits[0], "max_size": limits[1]}
    own = partial(_call, name, sizes)
    return Builder(lambda _: f"torchvision:{name}", own, {}, classes=91, note="weights of", **facts)


CASES: dict[str, Case] = {
    "yolo11": ultralytics("yolo11n.yaml"),
    "segment": ultralytics("yolov8n-seg.yaml"),
    "oriented": ultralytics("yolo11n-obb.yaml"),
    "yolo26": ultralytics("yolo26n.yaml", cells="one-to-many head"),
    "one-to-one": ultralytics("yolov10n.yaml", one_to_one=True, cells="one-to-one head"),
    "rt-detr": ultralytics("rtdetr-small.yaml", kind="RTDETR", bf16=False, cells=""),
    "own file": Case(
        _own_file, _spot, {}, (8, 16), 3, 64, free=False, note="runs the code of spotter.py", boxes_px=6, cells=""
    ),
    "onnx": Case(_onnx, partial(_predict, "yolo11n.yaml", {}), {}, note="nodes in torch", cells="head read as yolo"),
    "keras": Case(
        _keras,
        partial(_predict, "yolov8n.yaml", {"rect": False}),
        {},
        classes=0,
        free=False,
        note="layers tapped by hooks",
        cells="head read as dfl",
    ),
    "ssdlite": torchvision_builder("ssdlite320_mobilenet_v3_large", strides=(16, 32, 64, 128, 256, 512), free=False),
    "faster r-cnn": torchvision_builder(
        "fasterrcnn_mobilenet_v3_large_320_fpn", limits=(160, 320), strides=(32,), fills=False, cells=""
    ),
    "fcos": torchvision_builder("fcos_resnet50_fpn", limits=(192, 320), strides=(8, 16, 32, 64, 128)),
    "program": Case(
        _program,
        _spot,
        {},
        (8, 16),
        0,
        64,
        free=False,
        note="exported program",
        boxes_px=6,
        cells="head read as yolo",
    ),
}
"""Every adapter at least once, each way of reading its heads once."""
