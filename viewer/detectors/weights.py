"""A state dict from a file into a network that is already there, without running anything the file brings along."""

import pickle
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from viewer.core.errors import DetectorError, UntrustedCheckpointError, did_you_mean
from viewer.core.nearby import meant, neighbours
from viewer.core.paths import expanded, path_errors
from viewer.detectors.devices import memory_guarded
from viewer.detectors.exported.torchscript import is_torchscript
from viewer.detectors.fitting import fitted, misfit
from viewer.detectors.foreign import as_weights

_HOLDERS = ("state_dict", "model_state_dict", "model", "ema")
"""Keys under which training scripts keep the state dict among other things, the likeliest first."""
_SUFFIXES = frozenset({".pth", ".pt", ".bin", ".ckpt", ".pkl"})
_STARTS = (b"PK\x03\x04", b"\x80")  # of a zip archive and of a bare pickle
_LACKING = (ImportError, AttributeError)  # of code that a file names, once it is trusted
_DAMAGED = (RuntimeError, EOFError, ValueError, KeyError, zipfile.BadZipFile)
_GIVE = "give what torch.save(model.state_dict(), FILE) wrote"
_CPU = torch.device("cpu")

RANDOM = "random"
"""What `--weights` says for a model that is to have none."""


def find_weights_file(given: str, *, words: Collection[str] = ()) -> Path:
    """The file of weights that a user named.

    Args:
        given: Path as typed.
        words: What could stand there instead of a path, for the message.

    Raises:
        DetectorError: If it is not there; the message suggests what is near.
    """
    path = expanded(given, DetectorError)
    with path_errors(DetectorError, f"cannot open weights {given}"):
        if path.is_file():
            return path
        if path.is_dir():
            raise DetectorError(f"weights {given!r} are a folder; give the state dict (.pth) in it")
        near = meant(path, neighbours(path, suffixes=_SUFFIXES))  # .pt for .pth is a slip as well
    instead = " or ".join(("a state dict (.pth)", *map(repr, words)))
    raise DetectorError(f"no weights file {given!r}{did_you_mean(given, words) or near or f'; give {instead}'}")


def load_weights(module: nn.Module, file: str, *, name: str, trust: bool = False) -> None:
    """Put the weights of a state dict into a network.

    Args:
        module: The network, on the CPU or a device.
        file: Path as typed; the state dict itself, or a dict that holds it under some key.
        name: What the network is called, for messages.
        trust: Unpickle whatever is in the file. Without it only tensors and plain containers are.

    Raises:
        UntrustedCheckpointError: If it holds more and `trust` is not set; none of its code has run.
        DetectorError: If it is not there, cannot be read, or is not the network's.
    """
    path = find_weights_file(file)
    put_in(module, read_state(path, trust=trust), path, name)


def read_state(path: Path, *, trust: bool | None = None) -> dict[str, Tensor]:
    """Read the tensors of a state dict; a training checkpoint's is taken out of what else it holds.

    Args:
        path: A file.
        trust: Unpickle whatever is in the file; None where no user may ask for that.

    Raises:
        UntrustedCheckpointError: If the file holds more than tensors and `trust` is not set; none of its code has run.
        DetectorError: If it cannot be read or holds no state dict.
        DeviceError: If memory runs out.
    """
    with path_errors(DetectorError, f"cannot read {path}"), path.open("rb") as file:
        start = file.read(4)
    if not start:
        raise DetectorError(f"{path} is empty; {_GIVE}")
    if not start.startswith(_STARTS):
        raise _no_weights(path, "is not a PyTorch file")
    if is_torchscript(path):
        raise DetectorError(f"{path} is a TorchScript export and no state dict; give what model.state_dict() saved")
    try:
        with path_errors(DetectorError, f"cannot read {path}"), memory_guarded(_CPU):
            content = torch.load(path, map_location="cpu", weights_only=not trust)
    except (pickle.UnpicklingError, *_LACKING, *_DAMAGED) as error:
        raise _refusal(path, error, trust=trust) from error
    return _state_of(content, path)


def put_in(module: nn.Module, state: Mapping[str, Tensor], path: Path, name: str) -> None:
    """Load weights into a network, if they are its own.

    Args:
        module: The network.
        state: Weights as they were read.
        path: Where from, for messages.
        name: What the network is called, for messages.

    Raises:
        DetectorError: If they do not fit; the message says what differs and what is probably the case.
    """
    wanted = module.state_dict()
    state = fitted(state, wanted)
    if wrong := misfit(state, wanted):
        raise DetectorError(f"{path} does not fit {name}: {wrong}")
    module.load_state_dict(state)


def _refusal(path: Path, error: Exception, *, trust: bool | None) -> DetectorError:
    """Why PyTorch did not read a file."""
    if trust and isinstance(error, _LACKING):
        return DetectorError(f"{path} needs {_lacking(error)} or save model.state_dict() alone")
    if trust or not isinstance(error, pickle.UnpicklingError):
        return _no_weights(path, "is no state dict that PyTorch can read; it may be damaged")
    instead = "" if trust is None else " or, if you trust where it comes from, add --trust-checkpoint"
    return UntrustedCheckpointError(
        f"{path} holds more than weights{_foreign(path)}, which could run code when loaded; save "
        f"model.state_dict() alone{instead}"
    )


def _foreign(path: Path) -> str:
    try:
        names = sorted(torch.serialization.get_unsafe_globals_in_checkpoint(path))
    except (ValueError, RuntimeError, pickle.UnpicklingError):
        return ""
    return f" ({', '.join(names[:3])})" if names else ""


def _lacking(error: ImportError | AttributeError) -> str:
    """What code is not there, or not as it was, and what to do about it."""
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"{error.name}, which is not installed; install it"
    said = str(error).partition("\n")[0]
    return f"code that is not here as it was when the file was saved ({said}); install that version"


def _no_weights(path: Path, wrong: str) -> DetectorError:
    """What is wrong with a file, by its ending where that says more, and what to give instead."""
    return DetectorError(f"{path} {as_weights(path.name) or wrong}; {_GIVE}")


def _state_of(content: Any, path: Path) -> dict[str, Tensor]:
    if (state := _as_state(content) or _held(content)) is not None:
        return state
    keys = [repr(str(key)) for key in content] if isinstance(content, Mapping) else []
    inside = f" but {', '.join(keys[:4])}" if keys else ""
    raise DetectorError(f"{path} holds no state dict{inside}; save one with torch.save(network.state_dict(), FILE)")


def _held(content: Any, *, deeper: bool = True) -> dict[str, Tensor] | None:
    """The state dict that a mapping holds under a usual key, once more where that key holds a mapping like it.

    An unusual key will do where there is no choice.
    """
    if not isinstance(content, Mapping):
        return None
    for value in (content[key] for key in _HOLDERS if key in content):
        if state := _as_state(value) or (_held(value, deeper=False) if deeper else None):
            return state
    states = [state for value in content.values() if (state := _as_state(value))]
    return states[0] if len(states) == 1 else None


def _as_state(value: Any) -> dict[str, Tensor] | None:
    state = value.state_dict() if isinstance(value, nn.Module) else value
    if isinstance(state, Mapping) and state and all(isinstance(one, Tensor) for one in state.values()):
        return {str(name): tensor for name, tensor in state.items()}
    return None
