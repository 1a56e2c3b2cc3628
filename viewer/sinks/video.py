"""Video files: H.264 that plays everywhere, with the times the frames really had."""

import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Self

import av
import av.error
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from viewer.core.errors import SinkError
from viewer.sinks.output import OutputFile

if TYPE_CHECKING:
    from av.container import OutputContainer

_CLOCK = Fraction(1, 90_000)
_BT709 = 1
_LIMITED_RANGE = 1


@dataclass(frozen=True, slots=True)
class _Recipe:
    codec: str
    options: dict[str, str]
    container: dict[str, str]


_H264 = {"crf": "20", "preset": "veryfast"}
_RECIPES = {
    ".mp4": _Recipe("libx264", _H264, {"movflags": "+faststart"}),
    ".mov": _Recipe("libx264", _H264, {"movflags": "+faststart"}),
    ".mkv": _Recipe("libx264", _H264, {}),
    ".avi": _Recipe("libx264", {**_H264, "bf": "0"}, {}),  # AVI knows no presentation times, so nothing is reordered
    ".webm": _Recipe("libvpx-vp9", {"crf": "30", "b": "0", "deadline": "realtime", "cpu-used": "8"}, {}),
}

VIDEO_SUFFIXES = tuple(_RECIPES)
"""Suffixes a video can be written under."""


class VideoSink:
    """Writes frames to a video file. Used by one thread.

    Frames keep their own times, so footage of variable rate stays so; only AVI, which cannot, gets them at the
    nominal rate. Odd sizes are padded by repeating the last row or column, since 4:2:0 needs even ones.
    """

    def __init__(self, path: Path, *, fps: Fraction | float) -> None:
        """Begin a file; its size is that of the first frame.

        Args:
            path: Where the video will be; its suffix names the format.
            fps: Nominal frames per second, above 0.

        Raises:
            SinkError: If the suffix is unknown, the rate is no rate or the file cannot be written.
        """
        recipe = _RECIPES.get(path.suffix.lower())
        if recipe is None:
            raise SinkError(f"cannot write video to {path}: give it one of the suffixes {' '.join(VIDEO_SUFFIXES)}")
        self._recipe = recipe
        self._fps = _exact(fps, path)
        self._clock = 1 / self._fps if path.suffix.lower() == ".avi" else _CLOCK
        self._last_ticks = -1
        self._stream: VideoStream | None = None
        self._shape: tuple[int, ...] = ()
        self._is_open = True
        self._output = OutputFile(path, errors=(OSError, av.error.FFmpegError))
        self._container: OutputContainer | None = None

    def write(self, rgb: NDArray[np.uint8], pts_s: float) -> None:
        """Append a frame.

        Args:
            rgb: (H, W, 3) uint8 RGB, the same size every time.
            pts_s: Media time in seconds; one that does not follow the last is moved to just after it.

        Raises:
            SinkError: If the size changes, or the disk is full or gone; nothing is left.
        """
        if not self._is_open:
            raise SinkError(f"{self._output.path} is closed; nothing more can be written to it")
        if self._shape and rgb.shape != self._shape:
            raise SinkError(
                f"cannot write a frame of {rgb.shape[1]}x{rgb.shape[0]} to {self._output.path}, whose frames are "
                f"{self._shape[1]}x{self._shape[0]}; frames of one video have one size"
            )
        with self._writing():
            stream = self._stream or self._begin(rgb)
            picture = av.VideoFrame.from_ndarray(_even(rgb), format="rgb24").reformat(
                format="yuv420p", dst_colorspace="itu709", dst_color_range=_LIMITED_RANGE
            )
            self._last_ticks = max(self._last_ticks + 1, round(Fraction(pts_s) / self._clock))
            picture.pts, picture.time_base = self._last_ticks, self._clock
            self._mux(stream, picture)

    def close(self) -> None:
        """Finish the file and put it in its place; twice is harmless. A video without frames leaves no file.

        Raises:
            SinkError: If the last of it cannot be written; nothing is left.
        """
        if not self._is_open:
            return
        if self._stream is None or self._container is None:
            self.abort()
            return
        with self._writing():
            self._mux(self._stream, None)
            self._container.close()
        self._is_open = False
        self._output.commit()

    def abort(self) -> None:
        """Remove whatever was written."""
        self._is_open = False
        if self._container is not None:
            with suppress(OSError, av.error.FFmpegError):  # it is thrown away, and the disk may be full
                self._container.close()
        self._output.abort()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """As `OutputFile.writing`, and let go of the file: an open one cannot be removed on Windows."""
        with self._output.writing():
            try:
                yield
            except BaseException:
                self.abort()
                raise

    def _begin(self, rgb: NDArray[np.uint8]) -> VideoStream:
        self._container = av.open(str(self._output.part), "w", options=self._recipe.container)
        stream = self._container.add_stream(self._recipe.codec, rate=self._fps, options=self._recipe.options)
        if not isinstance(stream, VideoStream):
            raise TypeError(f"{self._recipe.codec} makes no video")
        height, width, _ = self._shape = rgb.shape
        stream.height, stream.width = height + height % 2, width + width % 2
        stream.pix_fmt = "yuv420p"
        codec = stream.codec_context
        codec.time_base = self._clock
        codec.colorspace = codec.color_primaries = codec.color_trc = _BT709
        codec.color_range = _LIMITED_RANGE
        self._stream = stream
        return stream

    def _mux(self, stream: VideoStream, picture: av.VideoFrame | None) -> None:
        if self._container is not None:
            self._container.mux(stream.encode(picture))


def _exact(fps: Fraction | float, path: Path) -> Fraction:
    """The rate as a fraction; a float such as 29.97003 becomes the 30000/1001 that it stands for."""
    if isinstance(fps, float):
        fps = Fraction(fps).limit_denominator(1001) if math.isfinite(fps) else Fraction()
    if fps <= 0:
        raise SinkError(f"cannot write video to {path} at {float(fps):g} frames a second; give a rate above 0")
    return Fraction(fps)


def _even(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width, _ = rgb.shape
    return np.pad(rgb, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge") if height % 2 or width % 2 else rgb
