"""State dicts: found or downloaded, read without running code, and compared with the model before they go in."""

import hashlib
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from viewer.core.errors import DetectorError, UntrustedCheckpointError, did_you_mean
from viewer.core.paths import expanded, path_errors
from viewer.detectors.devices import memory_guarded
from viewer.detectors.download import download, models_folder
from viewer.detectors.exported.torchscript import is_torchscript
from viewer.detectors.torchvision.builders import published_weights

RANDOM = "random"
"""What `--weights` says for a model without any."""

_HASH = re.compile(r"-([0-9a-f]{8,})\.pth$")
_STARTS = (b"PK\x03\x04", b"\x80")  # of a zip archive and of a bare pickle
_COUNTER = ".num_batches_tracked"
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
        path = expanded(given, DetectorError)
        with path_errors(DetectorError, f"cannot open weights {given}"):
            if path.is_file():
                return path
            near = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        hint = did_you_mean(path.name, [*near, RANDOM]) or f"; give a state dict (.pth) or {RANDOM!r}"
        raise DetectorError(f"no weights file {given!r}{hint}")
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


def read_state(path: Path) -> dict[str, Tensor]:
    """Read the tensors of a state dict; a training checkpoint's is taken out of its `model` or `state_dict`.

    Raises:
        UntrustedCheckpointError: If the file holds more than tensors; none of its code has run.
        DetectorError: If it cannot be read or is no state dict.
        DeviceError: If memory runs out.
    """
    with path_errors(DetectorError, f"cannot read {path}"), path.open("rb") as file:
        start = file.read(4)
    if not start.startswith(_STARTS):
        raise DetectorError(f"{path} is not a PyTorch file" if start else f"{path} is empty")
    if is_torchscript(path):
        raise DetectorError(f"{path} is a TorchScript export and no state dict; give what model.state_dict() saved")
    try:
        with path_errors(DetectorError, f"cannot read {path}"), memory_guarded(torch.device("cpu")):
            loaded: Any = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise UntrustedCheckpointError(
            f"{path} holds more than weights, which could run code when loaded; save model.state_dict() instead"
        ) from error
    except (RuntimeError, EOFError, ValueError, KeyError) as error:
        raise DetectorError(f"{path} is not a state dict that PyTorch can read; it may be damaged") from error
    for key in ("model", "state_dict", "model_state_dict"):
        if isinstance(loaded, dict) and isinstance(loaded.get(key), dict):
            loaded = loaded[key]
    if not isinstance(loaded, dict) or not loaded or not all(isinstance(value, Tensor) for value in loaded.values()):
        raise DetectorError(f"{path} holds no state dict; save model.state_dict() and give that file")
    # Models that were trained on several cards carry their wrapper's name.
    return {str(key).removeprefix("module."): value for key, value in loaded.items()}


def put_in(model: nn.Module, state: dict[str, Tensor], path: Path, name: str) -> None:
    """Load weights into a model.

    Raises:
        DetectorError: If they do not fit; the message names the first parameter that differs.
    """
    own = model.state_dict()
    # Whether a layer counted its batches depends on how it was trained, and changes nothing here.
    state = {key: value for key, value in state.items() if key in own or not key.endswith(_COUNTER)}
    state |= {key: value for key, value in own.items() if key.endswith(_COUNTER) and key not in state}
    for key, value in own.items():
        if key not in state:
            raise DetectorError(f"{path} does not fit {name}: it has no {key!r}{did_you_mean(key, state)}")
        if state[key].shape != value.shape:
            has, wants = (tuple(shape) for shape in (state[key].shape, value.shape))
            raise DetectorError(f"{path} does not fit {name}: {key!r} is {has}, the model has {wants}")
    extra = next((key for key in state if key not in own), None)
    if extra is not None:
        raise DetectorError(f"{path} does not fit {name}: the model has no {extra!r}{did_you_mean(extra, own)}")
    model.load_state_dict(state)
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
