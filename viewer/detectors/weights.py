"""A state dict from a file into a network that is already there, without running anything the file brings along."""

import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from viewer.core.errors import DetectorError, UntrustedCheckpointError, did_you_mean
from viewer.core.paths import expanded, path_errors

_HOLDERS = ("state_dict", "model_state_dict", "model", "ema")
"""Keys under which training scripts keep the state dict among other things."""


def load_weights(module: nn.Module, file: str, *, trust: bool = False) -> None:
    """Put the weights of a state dict into a network.

    Args:
        module: The network, on the CPU or a device.
        file: Path as typed; the state dict itself, or a dict that holds it under a usual key.
        trust: Unpickle whatever is in the file. Without it only tensors and plain containers are.

    Raises:
        UntrustedCheckpointError: If it holds more and `trust` is not set; none of its code has run.
        DetectorError: If it cannot be read, or its keys or shapes are not the network's; the network is to be thrown
            away then.
    """
    path = expanded(file, DetectorError)
    with path_errors(DetectorError, f"cannot read weights {file}"), path.open("rb"):
        pass
    state = _without_prefix(_state_of(_read(path, trust=trust), path), module)
    wanted = module.state_dict()
    missing = [key for key in wanted if key not in state]
    unknown = [key for key in state if key not in wanted]
    if missing or unknown:
        raise DetectorError(f"{path} does not fit the network: {_mismatch(missing, unknown)}")
    for key, tensor in state.items():
        if tensor.shape != wanted[key].shape:
            there, here = tuple(tensor.shape), tuple(wanted[key].shape)
            raise DetectorError(f"{path} does not fit the network: {key} is {there}, the network's is {here}")
    module.load_state_dict(state)


def _read(path: Path, *, trust: bool) -> Any:
    try:
        return torch.load(path, map_location="cpu", weights_only=not trust)
    except pickle.UnpicklingError as error:
        if trust:
            raise DetectorError(f"{path} is damaged and cannot be read: {_first_line(error)}") from error
        raise UntrustedCheckpointError(
            f"{path} holds more than weights{_foreign(path)}, which could run code when loaded; save the state dict "
            "alone or, if you trust where it comes from, add --trust-checkpoint"
        ) from error
    except (RuntimeError, EOFError, ValueError, KeyError, AttributeError, ImportError, zipfile.BadZipFile) as error:
        raise DetectorError(f"{path} is no state dict that can be read: {_first_line(error)}") from error


def _foreign(path: Path) -> str:
    try:
        names = sorted(torch.serialization.get_unsafe_globals_in_checkpoint(path))
    except (ValueError, RuntimeError, pickle.UnpicklingError):
        return ""
    return f" ({', '.join(names[:3])})" if names else ""


def _state_of(content: Any, path: Path) -> dict[str, Tensor]:
    for key in (None, *_HOLDERS):
        held = content if key is None else content.get(key) if isinstance(content, Mapping) else None
        state = held.state_dict() if isinstance(held, nn.Module) else held
        if isinstance(state, Mapping) and state and all(isinstance(value, Tensor) for value in state.values()):
            return {str(name): tensor for name, tensor in state.items()}
    raise DetectorError(f"{path} holds no state dict; save one with torch.save(network.state_dict(), FILE)")


def _without_prefix(state: dict[str, Tensor], module: nn.Module) -> dict[str, Tensor]:
    """Keys as the network has them, where all begin with what a wrapper for several GPUs or a compiler adds."""
    wanted = module.state_dict()
    for prefix in ("module.", "_orig_mod.", "model."):
        if all(key.startswith(prefix) for key in state) and not any(key.startswith(prefix) for key in wanted):
            return {key.removeprefix(prefix): tensor for key, tensor in state.items()}
    return state


def _mismatch(missing: list[str], unknown: list[str]) -> str:
    if unknown:
        hint = did_you_mean(unknown[0], missing)
        more = f" and {len(unknown) - 1} more" if len(unknown) > 1 else ""
        return f"it has {unknown[0]!r}{more}, which the network has not{hint}"
    more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
    return f"{missing[0]!r}{more} of the network are not in it"


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
