"""Which sizes and rates a Linux camera offers, asked of the kernel without starting the camera.

OpenCV can only set a size and see what comes of it, which takes the camera from whoever uses it. The numbers below are
those of linux/videodev2.h, which are fixed for all time.
"""

import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_CAPTURE = 1
_DISCRETE = 1
_FORMAT = struct.Struct("III32sII12x")
_SIZE = struct.Struct("III6I8x")
_INTERVAL = struct.Struct("IIIII6I8x")
_MOST = 64
"""Entries of a kind that are asked for; a driver that never ends its list must not hold us."""

Ioctl = Callable[[int, int, bytes], bytes]


@dataclass(frozen=True, slots=True)
class CameraMode:
    """A picture size that a camera offers.

    Attributes:
        width: In pixels.
        height: In pixels.
        fps: Most frames a second at this size, in any pixel format; 0 where the camera does not say.
    """

    width: int
    height: int
    fps: float

    def __str__(self) -> str:
        rate = f" at {self.fps:g} fps" if self.fps else ""
        return f"{self.width}x{self.height}{rate}"


def camera_modes(path: str, ioctl: Ioctl | None = None) -> tuple[CameraMode, ...]:
    """Sizes of a camera, the largest first, each with its highest rate; empty where it does not say.

    Args:
        path: Device file, `/dev/video0`.
        ioctl: How the kernel is asked: file, request, structure; gives the structure back filled in.
    """
    try:
        with _opened(path) as device:
            fastest = _fastest(device, ioctl or _system_ioctl())
    except OSError:
        return ()
    sizes = sorted(fastest, key=lambda size: (size[0] * size[1], size), reverse=True)
    return tuple(CameraMode(width, height, fastest[width, height]) for width, height in sizes)


@contextmanager
def _opened(path: str) -> Iterator[int]:
    device = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    try:
        yield device
    finally:
        os.close(device)


def _system_ioctl() -> Ioctl:
    import fcntl  # not on every system

    return fcntl.ioctl


def _fastest(device: int, ioctl: Ioctl) -> dict[tuple[int, int], float]:
    """Highest rate by width and height."""
    fastest: dict[tuple[int, int], float] = {}

    def ask(index: int) -> bytes:
        return ioctl(device, _request(2, _FORMAT), _FORMAT.pack(index, _CAPTURE, 0, b"", 0, 0))

    for found in _listed(ask):
        pixel_format = _FORMAT.unpack(found)[4]
        for width, height in _sizes(device, ioctl, pixel_format):
            fps = _rate(device, ioctl, pixel_format, width, height)
            fastest[width, height] = max(fps, fastest.get((width, height), 0.0))
    return fastest


def _sizes(device: int, ioctl: Ioctl, pixel_format: int) -> Iterator[tuple[int, int]]:
    empty = (0,) * 6
    for found in _listed(lambda index: ioctl(device, _request(74, _SIZE), _SIZE.pack(index, pixel_format, 0, *empty))):
        _, _, kind, *fields = _SIZE.unpack(found)
        if kind == _DISCRETE:
            yield fields[0], fields[1]
        else:
            yield fields[1], fields[4]  # any size up to this one
            return


def _rate(device: int, ioctl: Ioctl, pixel_format: int, width: int, height: int) -> float:
    rates = [0.0]
    empty = (0,) * 6

    def ask(index: int) -> bytes:
        return ioctl(device, _request(75, _INTERVAL), _INTERVAL.pack(index, pixel_format, width, height, 0, *empty))

    for found in _listed(ask):
        _, _, _, _, kind, numerator, denominator, *_ = _INTERVAL.unpack(found)
        rates.append(round(denominator / numerator, 2) if numerator else 0.0)
        if kind != _DISCRETE:
            break  # the shortest interval comes first
    return max(rates)


def _listed(ask: Callable[[int], bytes]) -> Iterator[bytes]:
    """What the kernel answers for 0, 1, 2 … until it refuses, which is how its lists end."""
    for index in range(_MOST):
        try:
            yield ask(index)
        except OSError:
            return


def _request(number: int, layout: struct.Struct) -> int:
    """The number of a request that is written and read: `_IOWR('V', number, size)`."""
    return 3 << 30 | layout.size << 16 | ord("V") << 8 | number
