"""Which device a network runs on, chosen once and said in words."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from viewer.core.errors import DeviceError, OutOfMemoryError, did_you_mean
from viewer.userfile.no_fault import is_out_of_memory

_KNOWN = ("auto", "cpu", "cuda", "mps")


def choose_device(name: str = "auto") -> torch.device:
    """Turn a user's word into a device that is there.

    Args:
        name: `auto` takes CUDA, then MPS, then the CPU; or `cpu`, `cuda`, `cuda:1`, `mps`.

    Raises:
        DeviceError: If there is no such device here, or the word is none.
    """
    kind, _, number = name.partition(":")
    if kind not in _KNOWN or (number and not (kind == "cuda" and number.isdecimal())):
        meant = "cuda" if kind == "gpu" else kind
        hint = did_you_mean(meant, _KNOWN) if kind not in _KNOWN else ""
        raise DeviceError(f"unknown device {name!r}{hint or '; give auto, cpu, cuda, cuda:1 or mps'}")
    if kind == "auto":
        kind = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    if kind == "cuda":
        return _cuda(name, int(number or 0))
    if kind == "mps" and not torch.backends.mps.is_available():
        raise DeviceError(f"no Apple GPU here for device {name!r}; give --device auto or cpu")
    return torch.device(kind)


def list_devices() -> list[str]:
    """Every device here in words, the best first; the CPU is always last."""
    cards = [describe_device(torch.device("cuda", number)) for number in range(torch.cuda.device_count())]
    return [*cards, *(["mps"] if torch.backends.mps.is_available() else []), "cpu"]


def describe_device(device: torch.device) -> str:
    """Name for status lines: `cpu`, `mps`, `cuda:0 NVIDIA H200`."""
    return f"{device} {torch.cuda.get_device_name(device)}" if device.type == "cuda" else device.type


def set_arithmetic(*, tf32: bool) -> None:
    """Choose how exactly a CUDA card multiplies single-precision numbers, for the whole process.

    Args:
        tf32: Let it round factors to ten bits, which is faster and moves scores in the third digit. Torch lets
            convolutions do so unless told otherwise.
    """
    torch.backends.cuda.matmul.allow_tf32 = tf32
    torch.backends.cudnn.allow_tf32 = tf32
    # Shapes stay the same from frame to frame, so trying every algorithm once pays.
    torch.backends.cudnn.benchmark = True


def wait_for(device: torch.device) -> None:
    """Block until all work queued on the device is done; nothing to wait for on the CPU."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


@contextmanager
def memory_guarded(device: torch.device) -> Iterator[None]:
    """Context for whatever allocates on a device.

    Raises:
        DeviceError: In place of the many ways in which memory runs out.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        elsewhere = "" if device.type == "cpu" else ", --half or --device cpu"
        raise OutOfMemoryError(str(device), elsewhere) from error


def _cuda(name: str, number: int) -> torch.device:
    if not torch.cuda.is_available():
        why = "this torch was built without CUDA" if torch.version.cuda is None else "no CUDA device or driver here"
        raise DeviceError(f"device {name!r} asked, but {why}; give --device auto or cpu")
    if number >= torch.cuda.device_count():
        raise DeviceError(f"no device {name!r}; this machine has cuda:0 to cuda:{torch.cuda.device_count() - 1}")
    return torch.device("cuda", number)
