"""Weights of torchvision's models: the published ones found or downloaded, and what differs about some of them."""

import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from viewer.core.errors import DetectorError
from viewer.detectors.download import download, models_folder
from viewer.detectors.torchvision.builders import published_weights
from viewer.detectors.weights import RANDOM, find_weights_file, put_in

_HASH = re.compile(r"-([0-9a-f]{8,})\.pth$")
_NO_EPSILON = (
    "fasterrcnn_resnet50_fpn",
    "keypointrcnn_resnet50_fpn",
    "maskrcnn_resnet50_fpn",
    "retinanet_resnet50_fpn",
)
"""Models whose published weights were trained before normalisation layers had an epsilon (torchvision's own builders
say `overwrite_eps(model, 0.0)`)."""


def find_weights(name: str, given: str | None, progress: Callable[[str, float | None], None]) -> Path:
    """Find a state dict: the file that was given, or the published one, downloading it if it is not here.

    Args:
        name: Builder.
        given: What the user named; None takes the published weights.
        progress: Told how far a download is.

    Raises:
        DetectorError: If it is nowhere; nothing half-downloaded is left.
    """
    if given is not None:
        return find_weights_file(given, words=[RANDOM])
    url: str = published_weights(name).url
    file_name = url.rpartition("/")[2]
    cached = models_folder() / file_name
    for path in (cached, Path(torch.hub.get_dir()) / "checkpoints" / file_name):
        if path.is_file():
            return path
    try:
        download(url, cached, title=f"downloading {file_name}", progress=progress)
        _check_hash(cached)
    except OSError as error:
        why = getattr(error, "reason", error)
        raise DetectorError(
            f"{file_name} is not here and cannot be downloaded ({why}); put it into {models_folder()}, "
            f"give a file with --weights, or try the architecture with --weights {RANDOM}"
        ) from error
    return cached


def put_in_published(model: nn.Module, state: Mapping[str, Tensor], path: Path, name: str) -> None:
    """Load weights into a model, which may be those that torchvision publishes for it.

    Raises:
        DetectorError: If they do not fit; see `viewer.detectors.weights.put_in`.
    """
    put_in(model, state, path, name)
    if name in _NO_EPSILON and path.name == published_weights(name).url.rpartition("/")[2]:
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eps = 0.0


def _check_hash(path: Path) -> None:
    """Compare a download with the beginning of its hash, which its name carries.

    Raises:
        OSError: If they differ; the file is removed.
    """
    promised = _HASH.search(path.name)
    with path.open("rb") as file:
        actual = hashlib.file_digest(file, "sha256").hexdigest()
    if promised is not None and not actual.startswith(promised[1]):
        path.unlink()
        raise OSError("what came is not what was published")
