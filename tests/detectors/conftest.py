"""Small seeded checkpoints that detect plenty, and the frames to try them on.

No weights can be downloaded in a test, and random weights detect nothing: so batch norms are calibrated on two real
pictures, and the class branch is scaled and shifted until a known share of anchors passes the usual threshold.
"""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from viewer.core import Letterbox
from viewer.detectors.ultralytics.quiet import load_library
from viewer.render.letterbox import letterbox_image

Maker = Callable[[str], Path]
PASSING_PER_LEVEL = 40
CLASSES = 7
THRESHOLD_LOGIT = -1.0986  # of score 0.25

SMALL_RT_DETR = {
    "backbone": [[-1, 1, "Conv", [c, 3, 2]] for c in (16, 32, 64, 64, 64)],
    "head": [
        [-1, 1, "AIFI", [128, 4]],
        [-1, 1, "Conv", [64, 1, 1]],
        [-1, 1, "nn.Upsample", ["None", 2, "nearest"]],
        [[-1, 3], 1, "Concat", [1]],
        [-1, 1, "Conv", [64, 3, 1]],
        [[2, 9, 6], 1, "RTDETRDecoder", [CLASSES, 64, 80, 4, 4, 2, 128]],
    ],
    "yaml_file": "rtdetr-small.yaml",
}


def real_frames() -> dict[str, np.ndarray]:
    """RGB pictures that ship with ultralytics, in several shapes."""
    assets = Path(load_library().__file__).parent / "assets"
    street, people = (cv2.imread(str(assets / name))[..., ::-1] for name in ("bus.jpg", "zidane.jpg"))
    return {
        "landscape": np.ascontiguousarray(people),
        "portrait": np.ascontiguousarray(street),
        "odd": cv2.resize(np.ascontiguousarray(people), (1283, 721)),
        "odd-portrait": cv2.resize(np.ascontiguousarray(street), (373, 611)),
        "small": cv2.resize(np.ascontiguousarray(street), (90, 61)),
    }


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    """Threads that wait for each other on a busy machine cost far more than they bring to small networks."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def frames() -> dict[str, np.ndarray]:
    return real_frames()


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory) -> Maker:
    """Path of a lively checkpoint built from a model description, made once a session."""
    folder = tmp_path_factory.mktemp("checkpoints")

    def make(description: str) -> Path:
        # ultralytics' own loader looks for yolov5n.pt under another name, online
        path = folder / description.replace("yolov", "v").replace(".yaml", ".pt")
        if not path.exists():
            save_lively(description, path)
        return path

    return make


def save_lively(description: str, path: Path) -> None:
    load_library()
    from ultralytics.nn import tasks

    torch.manual_seed(1)
    config = dict(SMALL_RT_DETR) if description == "rtdetr-small.yaml" else tasks.yaml_model_load(description)
    config["nc"] = CLASSES
    head = config["head"][-1][2]
    kind = {"RTDETRDecoder": tasks.RTDETRDetectionModel, "Segment": tasks.SegmentationModel, "Pose": tasks.PoseModel}
    kind |= {"OBB": tasks.OBBModel, "OBB26": tasks.OBBModel}
    kind |= {"Segment26": tasks.SegmentationModel, "Pose26": tasks.PoseModel}
    model = kind.get(head, tasks.DetectionModel)(config, verbose=False)
    model.names = {i: f"thing {i}" for i in range(CLASSES)}
    task = {"Segment": "segment", "Pose": "pose", "OBB": "obb"}.get(head.removesuffix("26"), "detect")
    images = _calibration_images()
    _calibrate(model, images)
    with torch.no_grad():
        (_liven_queries if head == "RTDETRDecoder" else _liven_anchors)(model, images)
    if hasattr(model.model[-1], "proto"):
        _smooth_masks(model.model[-1].proto)
    model.half().requires_grad_(False)
    torch.save({"model": model, "ema": None, "epoch": -1, "train_args": {"imgsz": 320, "task": task}}, path)


def _calibration_images() -> torch.Tensor:
    """(4, 3, 320, 320) in 0..1: with and without the grey bars of a letterbox."""
    shots = []
    for rgb in (real_frames()[name] for name in ("landscape", "portrait")):
        fit = Letterbox.fit(rgb.shape[:2], (320, 320), rectangular=False)
        shots += [letterbox_image(rgb, fit), cv2.resize(rgb, (320, 320))]
    return torch.from_numpy(np.stack(shots)).permute(0, 3, 1, 2).float() / 255


def _calibrate(model: torch.nn.Module, images: torch.Tensor) -> None:
    norms = [m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.train()
        norm.momentum = 1.0
    with torch.no_grad():
        model.eval()
        for norm in norms:
            norm.train()
        model(images)
    model.eval()


def _liven_anchors(model: torch.nn.Module, images: torch.Tensor) -> None:
    head = model.model[-1]
    for key, boxes, classes in (("one2many", "cv2", "cv3"), ("one2one", "one2one_cv2", "one2one_cv3")):
        if getattr(head, classes, None) is None:
            continue
        for (_, box_logits), box in zip(_levels(model, images, key), getattr(head, boxes), strict=True):
            box[-1].weight *= 1.0 / box_logits.std()
        for (logits, _), level in zip(_levels(model, images, key), getattr(head, classes), strict=True):
            level[-1].weight *= 1.0 / logits.std(dim=(0, 2)).mean()
        for (logits, _), level in zip(_levels(model, images, key), getattr(head, classes), strict=True):
            best = logits.amax(1).flatten()
            edge = best.topk(min(PASSING_PER_LEVEL * len(images) // 2, best.numel() // 3)).values[-1]
            level[-1].bias += THRESHOLD_LOGIT - edge


def _levels(model: torch.nn.Module, images: torch.Tensor, key: str) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Class and box logits of each level, (N, channels, anchors)."""
    raw = model(images)[-1]
    raw = raw.get(key, raw)
    sizes = [feature.shape[2] * feature.shape[3] for feature in raw["feats"]]
    return list(zip(raw["scores"].split(sizes, 2), raw["boxes"].split(sizes, 2), strict=True))


@torch.no_grad()
def _smooth_masks(proto: torch.nn.Module) -> None:
    """Trained prototypes are smooth; random ones are a checkerboard, where every cell is an edge."""
    weights = proto.upsample.weight
    weights.copy_(weights.mean(dim=(2, 3), keepdim=True).expand_as(weights))
    kernel = torch.tensor([1.0, 2.0, 1.0])
    weights = proto.cv2.conv.weight
    weights.copy_(weights.mean(dim=(2, 3), keepdim=True) * (kernel[:, None] * kernel / 16 * 9))


def _liven_queries(model: torch.nn.Module, images: torch.Tensor) -> None:
    head = model.model[-1]
    scorer = head.dec_score_head[-1]
    scorer.weight *= 1.0 / model(images)[1][1].std()
    logits = model(images)[1][1].squeeze(0).amax(-1).flatten()
    scorer.bias += THRESHOLD_LOGIT - logits.topk(PASSING_PER_LEVEL).values[-1]
