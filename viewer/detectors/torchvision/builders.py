"""Names of torchvision's detection builders, and how each is built for weights of any number of classes."""

from dataclasses import dataclass
from typing import Any

import torch
import torchvision
from torch import Tensor, nn
from torchvision.models import detection

from viewer.core.errors import DetectorError, did_you_mean

_COCO = 91
"""Classes of COCO as torchvision counts them: 80, gaps in their numbers, and the background."""
_POSE_CLASSES = 2
_SEED = 0


@dataclass(frozen=True, slots=True)
class Sizes:
    """What of a model's shape its weights decide.

    Attributes:
        classes: Number of classes, the background included where the model has one.
        keypoints: Number of keypoints of a pose model; None for all others.
    """

    classes: int
    keypoints: int | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """What the builders of one kind have in common.

    Attributes:
        title: For people: `Faster R-CNN detect`.
        class_key: Parameter whose first dimension grows with the number of classes.
        per_class: Rows of that parameter for each class.
    """

    title: str
    class_key: str
    per_class: int = 1


_PREDICTOR = "roi_heads.box_predictor.cls_score.weight"
_KEYPOINT_KEY = "roi_heads.keypoint_predictor.kps_score_lowres.weight"
_LOGITS = "head.classification_head.cls_logits.weight"
_FAMILIES = {
    "fasterrcnn": Family("Faster R-CNN detect", _PREDICTOR),
    "maskrcnn": Family("Mask R-CNN segment", _PREDICTOR),
    "keypointrcnn": Family("Keypoint R-CNN pose", _PREDICTOR),
    "retinanet": Family("RetinaNet detect", _LOGITS, per_class=9),
    "fcos": Family("FCOS detect", _LOGITS),
    "ssd300": Family("SSD detect", "head.classification_head.module_list.0.weight", per_class=4),
    "ssdlite320": Family("SSDlite detect", "head.classification_head.module_list.0.1.weight", per_class=6),
}


def builder_names() -> list[str]:
    """All names, sorted."""
    return torchvision.models.list_models(module=detection)


def check_name(name: str) -> str:
    """Return a builder's name as it was given.

    Raises:
        DetectorError: If there is no such builder; the message suggests the nearest.
    """
    names = builder_names()
    if name in names:
        return name
    hint = did_you_mean(name, names) or f"; give one of {', '.join(names)}"
    raise DetectorError(f"torchvision has no detector {name!r}{hint}")


def family_of(name: str) -> Family:
    """What a builder's kind needs."""
    return _FAMILIES[name.partition("_")[0]]


def default_sizes(name: str) -> Sizes:
    """As many classes and keypoints as the published weights have."""
    return Sizes(_POSE_CLASSES, 17) if name.startswith("keypointrcnn") else Sizes(_COCO)


def sizes_of(name: str, state: dict[str, Tensor]) -> Sizes:
    """Read from weights how many classes and keypoints they were trained for.

    Weights that lack the telling parameters get the usual numbers; comparing them with the model says what is wrong.
    """
    usual, family = default_sizes(name), family_of(name)
    classes = state[family.class_key].shape[0] // family.per_class if family.class_key in state else usual.classes
    is_pose = usual.keypoints is not None
    keypoints = state[_KEYPOINT_KEY].shape[1] if is_pose and _KEYPOINT_KEY in state else usual.keypoints
    return Sizes(max(1, classes), keypoints)


def build(name: str, sizes: Sizes) -> nn.Module:
    """Build a model with random weights, the same ones every time; nothing is downloaded."""
    options: dict[str, Any] = {} if sizes.keypoints is None else {"num_keypoints": sizes.keypoints}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_SEED)
        return torchvision.models.get_model(
            name, weights=None, weights_backbone=None, num_classes=sizes.classes, **options
        )


def published_weights(name: str) -> Any:
    """What is known of a builder's published weights: their `url` and `meta`."""
    kinds: Any = torchvision.models.get_model_weights(name)
    return kinds.DEFAULT


def class_names(name: str, classes: int) -> tuple[str, ...]:
    """Names by class number: those of the published weights where the number fits, else `class 1`, `class 2`."""
    published: list[str] = published_weights(name).meta["categories"]
    return tuple(published) if len(published) == classes else tuple(f"class {number}" for number in range(classes))
