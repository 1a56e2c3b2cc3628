"""From a file to a network in memory, without running code that the file brings along."""

import pickle
import re
import zipfile
from pathlib import Path
from typing import Any

import torch
from torch import nn

from viewer.core.errors import DetectorError, UntrustedCheckpointError
from viewer.core.paths import path_errors
from viewer.detectors.devices import memory_guarded
from viewer.detectors.exported.torchscript import holds_torchscript, torchscript_error
from viewer.detectors.ultralytics.quiet import sealed

_ZIP, _PICKLE = b"PK\x03\x04", b"\x80"
_SEED = 0
_CPU = torch.device("cpu")
_ADVICE = re.compile(r"[^.]*(?:https?://|pip install|Recommend fixes).*")
_UNBUILDABLE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NameError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)
"""What ultralytics' builder says to a description that makes no sense; it evaluates words of it as names."""


def load_checkpoint(path: Path, *, trust: bool) -> nn.Module:
    """Read the network of an ultralytics checkpoint: the averaged weights if it has them, in 32-bit floats.

    Args:
        path: A file that exists.
        trust: Unpickle whatever is in it. Without it only tensors and known classes are.

    Raises:
        UntrustedCheckpointError: If it holds more and `trust` is not set; none of its code has run.
        DetectorError: If it cannot be read or holds no network.
        DeviceError: If memory runs out.
    """
    _check_container(path)
    checkpoint = _unpickle(path, trust=trust)
    network = (checkpoint.get("ema") or checkpoint.get("model")) if isinstance(checkpoint, dict) else None
    if not isinstance(network, nn.Module):
        raise DetectorError(
            f"{path} holds weights but no network; give a checkpoint saved by ultralytics (best.pt, last.pt)"
        )
    if isinstance(checkpoint, dict) and checkpoint.get("modelopt"):
        raise DetectorError(f"{path} was trained with simulated quantisation, which needs nvidia-modelopt; export it")
    return _modernised(network.float())


def build_network(path: Path) -> nn.Module:
    """Build the network of a model description with random weights, the same ones every time.

    Raises:
        DetectorError: If the description is not understood or has no detection head.
    """
    with sealed(), torch.random.fork_rng(devices=[]):
        from ultralytics.nn import tasks

        torch.manual_seed(_SEED)
        try:
            description, head = _read_description(path)
            kind = {
                "RTDETRDecoder": tasks.RTDETRDetectionModel,
                "Segment": tasks.SegmentationModel,
                "Segment26": tasks.SegmentationModel,
                "Pose": tasks.PoseModel,
                "Pose26": tasks.PoseModel,
                "OBB": tasks.OBBModel,
                "OBB26": tasks.OBBModel,
                "Detect": tasks.DetectionModel,
                "v10Detect": tasks.DetectionModel,
            }.get(head)
            if kind is None:
                raise DetectorError(f"{path.name} ends in {head}, not in a detection head Featscope can read")
            with memory_guarded(_CPU):
                return kind(description, verbose=False)
        except _UNBUILDABLE as error:
            raise DetectorError(
                f"{path} is not a model description that ultralytics can build: {type(error).__name__}: "
                f"{_first_line(error)}"
            ) from error


def _read_description(path: Path) -> tuple[dict[str, Any], str]:
    """A model description, and the name of the module it ends in.

    Raises:
        DetectorError: If the file cannot be read, or is something else.
    """
    from ultralytics.nn import tasks

    no_description = f"{path} is not a model description"
    try:
        with path_errors(DetectorError, f"cannot read {path}"):
            description: dict[str, Any] = tasks.yaml_model_load(path)
    except _UNBUILDABLE as error:
        raise DetectorError(f"{no_description}: it is no YAML of 'key: value' lines") from error
    lacking = [key for key in ("backbone", "head") if not description.get(key)]
    if lacking:
        raise DetectorError(f"{no_description}: it has no {' and no '.join(lacking)}; give one such as yolo11n.yaml")
    try:
        return description, str(description["head"][-1][2])
    except (LookupError, TypeError) as error:
        raise DetectorError(f"{no_description}: its head is no list of [from, repeats, module, arguments]") from error


def _modernised(network: nn.Module) -> nn.Module:
    """Give a network saved by an old torch or ultralytics what today's expects (ultralytics/nn/tasks.py, 8.4)."""
    if not hasattr(network, "stride"):
        network.stride = torch.tensor([32.0])
    for module in network.modules():
        if isinstance(module, nn.Upsample) and not hasattr(module, "recompute_scale_factor"):
            module.recompute_scale_factor = None
    return network


def _check_container(path: Path) -> None:
    """Say in plain words what is wrong with a file that cannot be a checkpoint."""
    with path_errors(DetectorError, f"cannot read {path}"), path.open("rb") as file:
        start = file.read(4)
    if not start:
        raise DetectorError(f"{path} is empty")
    if start != _ZIP:
        if not start.startswith(_PICKLE):
            raise DetectorError(f"{path} is not a PyTorch checkpoint")
        return
    if not zipfile.is_zipfile(path):
        raise DetectorError(f"{path} is truncated; copy or download it again")
    try:
        with path_errors(DetectorError, f"cannot read {path}"), zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise DetectorError(f"{path} is damaged and cannot be read; copy or download it again") from error
    if holds_torchscript(names):
        raise torchscript_error(path)
    if not any(name.endswith("/data.pkl") for name in names):
        raise DetectorError(f"{path} is a zip archive, not a PyTorch checkpoint")


def _unpickle(path: Path, *, trust: bool) -> Any:
    with sealed():
        from ultralytics.nn.tasks import torch_safe_load

        try:
            # Absolute, since it deletes a damaged file given by the bare name of a published one, to fetch it again.
            with memory_guarded(_CPU):
                return torch_safe_load(path.absolute(), safe_only=not trust)[0]
        except (TypeError, ImportError, pickle.UnpicklingError) as error:
            if trust:
                raise DetectorError(f"cannot load {path}: {_first_line(error)}") from error
            refusal = error
        except (RuntimeError, EOFError, OSError, ValueError, KeyError, AttributeError, zipfile.BadZipFile) as error:
            if isinstance(error, AttributeError) and error.name == "model" and isinstance(error.obj, nn.Module):
                raise _whole_network_error(path, error.obj) from error
            raise DetectorError(f"{path} is damaged and cannot be read: {_first_line(error)}") from error
    return _refuse(path, refusal)


def _whole_network_error(path: Path, network: nn.Module) -> DetectorError:
    """For a file that torch.save wrote of a network: it lacks what ultralytics puts beside one."""
    return DetectorError(
        f"{path} holds {type(network).__name__}, a whole network, and is not an ultralytics checkpoint; give a .py "
        "file whose build() returns it"
    )


def _refuse(path: Path, refusal: Exception) -> Any:
    foreign = _foreign_names(path)
    if foreign is not None and any(name.startswith("models.") for name in foreign):
        raise DetectorError(f"{path} comes from the old YOLOv5 repository, whose classes ultralytics does not have")
    if foreign == []:
        raise DetectorError(f"{path} is damaged and cannot be read: {_first_line(refusal)}") from refusal
    holds = "more than weights" if foreign is None else ", ".join(foreign[:3])
    raise UntrustedCheckpointError(
        f"{path} holds {holds}, which could run code when loaded; if you trust where it comes from, "
        "add --trust-checkpoint"
    ) from refusal


def _foreign_names(path: Path) -> list[str] | None:
    """Names in the checkpoint that are not known to be harmless; None where its old format does not tell."""
    try:
        return sorted(torch.serialization.get_unsafe_globals_in_checkpoint(path))
    except (ValueError, RuntimeError, pickle.UnpicklingError):
        return None


def _first_line(error: Exception) -> str:
    """What an error says, less what its library advises: its own pages, tools and packages to install."""
    said = _ADVICE.sub("", str(error).strip().partition("\n")[0]).strip()
    return said or type(error).__name__
