"""Cameras through OpenCV: V4L2 on Linux, AVFoundation on macOS, Media Foundation on Windows."""

import os
import sys
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from viewer.core.errors import SourceError, SourceLostError
from viewer.core.frame import SourceInfo, SourceKind
from viewer.sources.camera_list import list_cameras
from viewer.sources.live import BACKOFF_S, Arrival, LiveSource

# OpenCV waits ten seconds for a V4L2 camera that hangs, with no way to call it back; it reads this when it is loaded.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "1")
import cv2

SILENCE_S = 3.0
"""Time without a picture after which a camera counts as lost."""

_RETRY_S = 0.02
_RAW_PIXELS = 640 * 480
"""USB 2 carries larger pictures at full rate only when the camera compresses them."""

_BACKENDS = {"linux": cv2.CAP_V4L2, "darwin": cv2.CAP_AVFOUNDATION, "win32": cv2.CAP_MSMF}


class Capture(Protocol):
    """The part of `cv2.VideoCapture` that is used."""

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        """Whether the device answered."""
        ...

    def read(self) -> tuple[bool, Any]:
        """Whether a picture came, and the picture, (H, W, 3) uint8 BGR."""
        ...

    def get(self, propId: int, /) -> float:  # noqa: N803 - OpenCV's name
        """A `cv2.CAP_PROP_*` value; 0 where unknown."""
        ...

    def set(self, propId: int, value: float, /) -> bool:  # noqa: N803 - OpenCV's name
        """Ask for a `cv2.CAP_PROP_*` value."""
        ...

    def release(self) -> None:
        """Give the device back."""
        ...


def open_camera(
    index: int,
    *,
    uri: str = "",
    size: tuple[int, int] | None = None,
    fps: float | None = None,
    device: Callable[[int], Capture] | None = None,
    silence_s: float = SILENCE_S,
    backoff_s: tuple[float, float] = BACKOFF_S,
) -> LiveSource:
    """Open a camera and wait for its first picture.

    Args:
        index: Number of the camera, from 0.
        uri: What the user named; the number unless given.
        size: Width and height in pixels to ask for; the camera may give another.
        fps: Frames per second to ask for; the camera may give another.
        device: Opens the device; OpenCV's own unless given.
        silence_s: Time without a picture after which it counts as lost.
        backoff_s: First and longest pause before opening it again.

    Raises:
        SourceError: If it is not there, in use, or sends nothing.
    """

    def connect(stop: threading.Event) -> "CameraConnection":
        capture = (device or open_capture)(index)
        if not capture.isOpened():
            capture.release()
            raise SourceError(_not_there(index))
        _ask(capture, size, fps)
        return CameraConnection(capture, index, uri or str(index), stop, silence_s)

    return LiveSource(connect, uri=f"camera {index}", backoff_s=backoff_s)


class CameraConnection:
    """An open camera."""

    def __init__(self, capture: Capture, index: int, uri: str, stop: threading.Event, silence_s: float) -> None:
        self._capture = capture
        self._index = index
        self._uri = uri
        self._stop = stop
        self._silence_s = silence_s

    def describe(self, image_hw: tuple[int, int]) -> SourceInfo:
        """What is known of the camera."""
        fps = self._capture.get(cv2.CAP_PROP_FPS)
        return SourceInfo(
            uri=self._uri,
            name=f"camera {self._index}",
            kind=SourceKind.CAMERA,
            image_hw=image_hw,
            fps=Fraction(fps).limit_denominator(1001) if 0 < fps < 1000 else None,
            codec=_fourcc(self._capture.get(cv2.CAP_PROP_FOURCC)),
        )

    def read(self) -> Arrival:
        """Wait for the next picture.

        Raises:
            SourceLostError: If none comes in time; a camera that was pulled out says no more than that.
        """
        deadline_s = time.monotonic() + self._silence_s
        while not self._stop.is_set():
            ok, bgr = self._capture.read()
            arrived_s = time.perf_counter()
            if ok and bgr is not None:
                # No decode time: most of a read is the wait for the camera, and OpenCV does not tell them apart.
                return Arrival(partial(_to_rgb, bgr), None, arrived_s, 0.0)
            if time.monotonic() >= deadline_s:
                raise SourceLostError(f"camera {self._index}: no picture for {self._silence_s:g} s")
            self._stop.wait(_RETRY_S)
        raise SourceLostError(f"camera {self._index} is closed")

    def close(self) -> None:
        """Give the camera back."""
        self._capture.release()


def _to_rgb(bgr: NDArray[np.uint8]) -> NDArray[np.uint8]:
    code = cv2.COLOR_GRAY2RGB if bgr.ndim == 2 else cv2.COLOR_BGR2RGB
    return np.ascontiguousarray(cv2.cvtColor(bgr, code), np.uint8)


def open_capture(index: int) -> Capture:
    """Open a device quietly; whether it is there, `isOpened` tells."""
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # the error we raise says it better
    try:
        return cv2.VideoCapture(index, _BACKENDS.get(sys.platform, cv2.CAP_ANY))
    finally:
        cv2.utils.logging.setLogLevel(level)


def _ask(capture: Capture, size: tuple[int, int] | None, fps: float | None) -> None:
    """Ask for a format; what a camera cannot do it ignores."""
    if size is not None:
        if size[0] * size[1] > _RAW_PIXELS:
            capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])
    if fps is not None:
        capture.set(cv2.CAP_PROP_FPS, fps)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)


def _fourcc(value: float) -> str:
    text = int(value).to_bytes(4, "little", signed=True).decode("ascii", "ignore") if value else ""
    return text.strip("\0 ").lower() if text.isprintable() else ""


def _not_there(index: int) -> str:
    if not sys.platform.startswith("linux"):
        return f"no camera {index}, or another program uses it; `featscope doctor` lists cameras"
    cameras = list_cameras()
    if any(camera.index == index for camera in cameras):
        return (
            f"camera {index} cannot be opened; another program may be using it, or you may not read /dev/video{index}"
        )
    there = f"there are {', '.join(map(str, cameras))}" if cameras else "no camera is connected"
    return f"no camera {index}; {there}"
