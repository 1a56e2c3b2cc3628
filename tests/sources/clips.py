"""Small videos whose pixels say which frame they are, made with PyAV as the tests need them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

os.environ.setdefault("SVT_LOG", "1")  # errors only; it announces itself on stderr otherwise

WIDTH, HEIGHT = 160, 96
_BITS = 8
_CELL = WIDTH // _BITS


def numbered(number: int, *, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """A picture with its number as eight black or white columns, and below them some texture for the encoder."""
    rng = np.random.default_rng(number)
    rgb = np.full((height, width, 3), 128, np.uint8)
    cell = width // _BITS
    for bit in range(_BITS):
        rgb[: height * 2 // 3, bit * cell : (bit + 1) * cell] = 235 if number >> bit & 1 else 16
    coarse = rng.integers(60, 200, (4, _BITS * 2, 3)).astype(np.uint8)
    rows = height - height * 2 // 3
    texture = np.kron(coarse, np.ones((rows // 4 + 1, cell // 2, 1), np.uint8))[:rows, :width]
    rgb[height * 2 // 3 :, : texture.shape[1]] = texture
    return rgb


def number_in(rgb: np.ndarray) -> int:
    """Read the number back."""
    height, width, _ = rgb.shape
    cell = width // _BITS
    middle = rgb[height // 6 : height // 2].mean(axis=(0, 2))
    return sum(int(middle[bit * cell + cell // 2] > 125) << bit for bit in range(_BITS))


@dataclass(frozen=True)
class Clip:
    name: str
    codec: str = "libx264"
    frames: int = 40
    options: dict[str, str] = field(default_factory=dict)
    pts: tuple[int, ...] = ()
    rotation: int = 0

    def write(self, folder: Path) -> Path:
        path = folder / self.name
        encode(path, self)
        return path


def encode(path: Path, clip: Clip, first: int = 0) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(clip.codec, rate=25, options=clip.options)
        stream.width, stream.height = WIDTH, HEIGHT
        stream.pix_fmt = "yuvj420p" if clip.codec == "mjpeg" else "yuv420p"
        if clip.codec == "mpeg4":
            stream.max_b_frames, stream.gop_size, stream.bit_rate = 2, 12, 2_000_000
        if clip.rotation:
            stream.set_display_rotation(clip.rotation)
        for number in range(clip.frames):
            frame = av.VideoFrame.from_ndarray(numbered(first + number))
            frame.pts = clip.pts[number] if clip.pts else number
            frame.time_base = Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def x264(params: str = "") -> dict[str, str]:
    return {"preset": "ultrafast", "crf": "20", "x264-params": params or "keyint=12:bframes=2"}


def x265(params: str) -> dict[str, str]:
    return {"preset": "ultrafast", "crf": "20", "x265-params": f"log-level=none:pools=1:frame-threads=1:{params}"}


_VP9 = {"deadline": "realtime", "cpu-used": "8", "g": "12", "crf": "20", "b": "0"}
_AV1 = {"preset": "12", "crf": "20", "g": "12", "svtav1-params": "lp=1"}
_VFR = tuple(int(pts) for pts in np.cumsum([0, *(1 + n * n % 4 for n in range(39))]))

CLIPS = (
    *(Clip(f"h264.{suffix}", options=x264()) for suffix in ("mp4", "mkv", "avi", "mov", "ts")),
    *(
        Clip(f"hevc.{suffix}", "libx265", options=x265("keyint=12:open-gop=0"))
        for suffix in ("mp4", "mkv", "mov", "ts")
    ),
    *(Clip(f"mpeg4.{suffix}", "mpeg4") for suffix in ("mp4", "mkv", "avi", "mov", "ts")),
    *(Clip(f"mjpeg.{suffix}", "mjpeg", frames=15, options={"q": "3"}) for suffix in ("mp4", "mkv", "avi", "mov")),
    *(Clip(f"vp9.{suffix}", "libvpx-vp9", frames=25, options=_VP9) for suffix in ("mp4", "mkv", "webm", "avi")),
    *(Clip(f"av1.{suffix}", "libsvtav1", frames=25, options=_AV1) for suffix in ("mp4", "mkv")),
    Clip("long_group.mp4", frames=250, options=x264("keyint=250:min-keyint=250:scenecut=0:bframes=3:b-adapt=0")),
    Clip("variable_rate.mp4", options=x264(), pts=_VFR),
    Clip("variable_rate.mkv", options=x264(), pts=_VFR),
    Clip("late_start.mkv", options=x264(), pts=tuple(range(100, 140))),
    Clip("late_start.ts", options=x264(), pts=tuple(range(100, 140))),
    Clip("open_group.ts", frames=60, options=x264("open-gop=1:keyint=12:min-keyint=12:bframes=3:b-adapt=0:scenecut=0")),
    Clip("open_group.mp4", frames=60, options=x264("open-gop=1:keyint=12:min-keyint=12:bframes=3:b-adapt=0")),
    Clip(
        "open_group_hevc.ts",
        "libx265",
        frames=60,
        options=x265("open-gop=1:keyint=12:min-keyint=12:bframes=3:b-adapt=0"),
    ),
    Clip(
        "open_group_hevc.mkv",
        "libx265",
        frames=60,
        options=x265("open-gop=1:keyint=12:min-keyint=12:bframes=3:b-adapt=0"),
    ),
    Clip("refresh.ts", frames=60, options=x264("intra-refresh=1:keyint=12:bframes=0")),
    Clip("raw.h264", options=x264("keyint=12:bframes=2")),
    Clip("one_frame.mp4", frames=1, options=x264()),
)


def cut(path: Path, target: Path, *, packets: slice) -> Path:
    """Copy a range of packets without encoding them again, as a stream copy that starts where it likes does."""
    with av.open(str(path)) as source, av.open(str(target), "w") as out:
        stream = out.add_stream_from_template(source.streams.video[0])
        kept = [packet for packet in source.demux(source.streams.video[0]) if packet.size][packets]
        for packet in kept:
            packet.stream = stream
            out.mux(packet)
    return target


def trim(path: Path, target: Path, *, frames: int) -> Path:
    """Copy all packets but hide the first frames by an edit list, as a phone's trimming does."""
    with (
        av.open(str(path)) as source,
        av.open(str(target), "w", options={"avoid_negative_ts": "disabled"}) as out,
    ):
        video = source.streams.video[0]
        stream = out.add_stream_from_template(video)
        ticks = round(frames / 25 / video.time_base)
        for packet in [packet for packet in source.demux(video) if packet.size]:
            packet.pts, packet.dts, packet.stream = packet.pts - ticks, packet.dts - ticks, stream
            out.mux(packet)
    return target


def audio_only(path: Path) -> None:
    """Sound under the name of a video."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 44100), np.float32), format="fltp", layout="mono")
        sound.sample_rate = 44100
        container.mux(stream.encode(sound))
        container.mux(stream.encode(None))


def zero_frames(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        container.start_encoding()


def truncated(path: Path) -> None:
    Clip(path.name, options=x264()).write(path.parent)
    path.write_bytes(path.read_bytes()[:5000])


def text(path: Path) -> None:
    path.write_text("this is not a video\n" * 50)


def noise(path: Path) -> None:
    path.write_bytes(np.random.default_rng(0).bytes(20_000))
