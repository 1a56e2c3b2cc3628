"""What is measured: frames of a source, and a network that finds a believable number of things in them.

No weights can be assumed to be at hand. A network built from its description has random ones and finds nothing,
which would make suppression free for everybody. So such a network is livened first: its normalisation is calibrated
on the frames, and the bias of its class branch is moved until about a hundred candidates a frame pass the usual
threshold. It is saved, and everybody who is measured loads the same file. The arithmetic of a forward does not depend
on its weights, so speed is that of the real one.
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
from viewer.core.protocols import Detector
from viewer.inference.entry import DeviceEntry, HostEntry
from viewer.render.letterbox import letterbox_image

_FRAMES = 32
_PASSING = 100
_CALIBRATING = 4
_THRESHOLD_LOGIT = -1.0986  # of score 0.25


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
        info, frames = source.info, tuple(islice(source, _FRAMES))
    if Path(config.model).suffix.lower() in (".yaml", ".yml"):
        path = folder / f"{Path(config.model).stem}.pt"
        save_lively(config.model, frames, path, imgsz=config.imgsz)
        config = config.model_copy(update={"model": str(path)})
    return Subject(config, Path(config.model).stem, source_address(config), info, frames)


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
        scores = _logits(network, images[:1]).amax(1).flatten()
        shift = _THRESHOLD_LOGIT - scores.topk(min(_PASSING, len(scores))).values[-1]
        for branch in ("cv3", "one2one_cv3"):
            for level in getattr(head, branch, None) or ():
                level[-1].bias += shift
    task = {"model": network.half().requires_grad_(requires_grad=False), "train_args": {"imgsz": imgsz}}
    torch.save(task, path)


def _images(frames: tuple[Frame, ...], imgsz: int) -> torch.Tensor:
    chosen = frames[:: max(1, len(frames) // _CALIBRATING)][:_CALIBRATING]
    letterbox = Letterbox.fit(chosen[0].image_hw, (imgsz, imgsz))
    stack = np.stack([letterbox_image(frame.rgb, letterbox) for frame in chosen])
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
