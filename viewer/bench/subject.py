"""What is measured: frames of a source, and a network that finds a believable number of things in them.

No weights can be assumed to be at hand. A network built from its description has random ones and finds nothing,
which would make suppression free for everybody. So such a network is livened first: its normalisation is calibrated
on the frames that will be measured, and its class branch is moved until as many candidates as a busy street has,
about sixty a frame, pass the usual threshold. Of these at most twenty are kept. It is saved, and everybody who is
measured loads the same file. What a forward computes does not depend on its weights, so its speed is the real one's.
"""

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch

from viewer.assembly import open_configured_source, prepare_process, source_address
from viewer.config import Config
from viewer.core.errors import DetectorError
from viewer.core.frame import Frame, SourceInfo
from viewer.core.geometry import Letterbox
from viewer.core.protocols import Detector, Source
from viewer.inference.entry import DeviceEntry, HostEntry
from viewer.render.letterbox import letterbox_image

_FRAMES = 32
_PASSING = 60
_MOST = 20
"""Detections a frame: random weights see crowds where nobody is, and drawing those would measure drawing."""
_CALIBRATING = 16
_PLAYED = 240
_THRESHOLD_LOGIT = -1.0986  # of score 0.25
_SPREAD = 3.0


@dataclass(frozen=True, slots=True)
class Subject:
    """What is measured.

    Attributes:
        config: What was asked for, its model replaced by the livened file where it had random weights.
        model: Name for the report.
        address: Path of the source.
        info: What is known of the source.
        frames: Decoded frames, for what is measured without decoding.
    """

    config: Config
    model: str
    address: str
    info: SourceInfo
    frames: tuple[Frame, ...]


def open_subject(config: Config, folder: Path) -> Subject:
    """Read frames and get the network ready.

    Args:
        config: Source, model, device.
        folder: Where a livened network may be saved.

    Raises:
        ViewerError: If source or model cannot be opened.
    """
    prepare_process()
    with open_configured_source(config) as source:
        info, spread = source.info, _spread(source)
        frames = tuple(islice(source, _FRAMES))
    if Path(config.model).suffix.lower() in (".yaml", ".yml"):
        path = folder / f"{Path(config.model).stem}.pt"
        save_lively(config.model, spread, path, imgsz=config.imgsz)
        config = config.model_copy(update={"model": str(path), "max_det": _MOST})
    return Subject(config, Path(config.model).stem, source_address(config), info, frames)


def _spread(source: Source) -> tuple[Frame, ...]:
    """Some of the frames that will be measured; a file stands at its start afterwards."""
    count = source.info.frame_count
    if not count:
        return tuple(islice(source, _CALIBRATING))
    frames: list[Frame] = []
    for number in range(_CALIBRATING):
        source.seek(number * min(count, _PLAYED) // _CALIBRATING)
        frames.append(next(source))
    source.seek(0)
    return tuple(frames)


def input_of(detector: Detector, frame: Frame) -> torch.Tensor:
    """(1, 3, h, w) on the detector's device as the detector wants it of a frame; the caller's own."""
    letterbox = detector.letterbox(frame.image_hw)
    if detector.device.type == "cpu":
        entry = HostEntry(letterbox, detector.dtype)
        entry.load(frame.rgb)
        return entry.images()
    beside = DeviceEntry(letterbox, detector.dtype, detector.device)
    beside.raw.copy_(torch.from_numpy(frame.rgb.copy()))
    return beside.images()


def save_lively(description: str, frames: tuple[Frame, ...], path: Path, *, imgsz: int) -> None:
    """Build a detection network with seeded weights that pass about a hundred candidates a frame, and save it.

    Args:
        description: An ultralytics model description with a dense head.
        frames: To calibrate on.
        path: Checkpoint to write.
        imgsz: Longest side of its input in pixels.

    Raises:
        DetectorError: If the description is none, or its head is of another kind.
    """
    from viewer.detectors.ultralytics.checkpoint import build_network
    from viewer.detectors.ultralytics.files import find_description

    torch.manual_seed(0)
    network: Any = build_network(find_description(description))
    head = network.model[-1]
    if not hasattr(head, "cv3"):
        raise DetectorError(f"bench cannot liven {description}; give a checkpoint (.pt) of it")
    images = _images(frames, imgsz)
    with torch.no_grad():
        _calibrate(network, images)
        network.eval()
        levels = [branch for name in ("cv3", "one2one_cv3") if (branch := getattr(head, name, None)) is not None]
        # Random weights tell frames apart more than places in them; spread scores make every frame find something.
        scores = _logits(network, images)
        within = (scores - scores.mean(dim=2, keepdim=True)).std()
        for level in (level for branch in levels for level in branch):
            level[-1].weight *= _SPREAD / within
        best = _logits(network, images).amax(1)
        passing = best.topk(min(2 * _PASSING, best.shape[1]), dim=1).values  # no frame counts for more than two
        shift = _THRESHOLD_LOGIT - passing.flatten().topk(min(_PASSING * len(images), passing.numel())).values[-1]
        for level in (level for branch in levels for level in branch):
            level[-1].bias += shift
    task = {"model": network.half().requires_grad_(requires_grad=False), "train_args": {"imgsz": imgsz}}
    torch.save(task, path)


def _images(frames: tuple[Frame, ...], imgsz: int) -> torch.Tensor:
    letterbox = Letterbox.fit(frames[0].image_hw, (imgsz, imgsz))
    stack = np.stack([letterbox_image(frame.rgb, letterbox) for frame in frames])
    return torch.from_numpy(stack).permute(0, 3, 1, 2).float() / 255


def _calibrate(network: Any, images: torch.Tensor) -> None:
    network.eval()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.train()
            module.momentum = 1.0
    network(images)


def _logits(network: Any, images: torch.Tensor) -> torch.Tensor:
    """Class logits of every anchor, (1, classes, anchors)."""
    raw = network(images)[-1]
    return raw.get("one2many", raw)["scores"]
