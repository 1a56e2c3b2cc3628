"""A few pictures shown in turn, as a GIF: the one moving picture that every reader of a README shows."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import av.filter
from av import VideoFrame
from av.error import BlockingIOError as NothingYetError
from av.error import EOFError as NothingLeftError
from av.error import FFmpegError

from viewer.core.errors import SinkError

_TICKS = 100
"""A GIF counts time in hundredths of a second."""


def write_animation(pictures: Sequence[Path], path: Path, *, each_s: float, width: int) -> None:
    """Write pictures one after the other, again and again without end.

    They share one palette, made of the colours of all of them, so nothing flickers between two.

    Args:
        pictures: PNG files of one size, at least one.
        path: File to write; it is there whole or not at all.
        each_s: Seconds that each is shown.
        width: Width in pixels, the height follows.

    Raises:
        SinkError: If it cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        last = {"final_delay": str(round(each_s * _TICKS))}
        with av.open(str(part), "w", format="gif", options=last) as container:
            frames = [_read(picture) for picture in pictures]
            height = round(frames[0].height * width / frames[0].width / 2) * 2
            stream = container.add_stream("gif", rate=Fraction(_TICKS))
            stream.width, stream.height, stream.pix_fmt = width, height, "pal8"
            stream.codec_context.time_base = Fraction(1, _TICKS)
            for number, frame in enumerate(_with_palette(frames, width, height)):
                frame.pts, frame.time_base = round(number * each_s * _TICKS), Fraction(1, _TICKS)
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
        part.replace(path)
    except (OSError, FFmpegError) as error:
        part.unlink(missing_ok=True)
        raise SinkError(f"cannot write {path}: {error.strerror or error}") from error


def _read(picture: Path) -> VideoFrame:
    with av.open(str(picture)) as container:
        return next(container.decode(video=0)).reformat(format="rgb24")


def _with_palette(frames: Sequence[VideoFrame], width: int, height: int) -> list[VideoFrame]:
    """The frames in 256 colours that suit all of them."""
    graph = av.filter.Graph()
    first = frames[0]
    source = graph.add_buffer(
        width=first.width, height=first.height, format=first.format, time_base=Fraction(1, _TICKS)
    )
    scale = graph.add("scale", f"{width}:{height}:flags=area")
    split = graph.add("split")
    palette = graph.add("palettegen", "stats_mode=full")
    use = graph.add("paletteuse", "dither=sierra2_4a:diff_mode=rectangle")
    sink = graph.add("buffersink")
    source.link_to(scale)
    scale.link_to(split)
    split.link_to(palette, 0, 0)
    split.link_to(use, 1, 0)
    palette.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    for number, frame in enumerate(frames):
        frame.pts = number
        source.push(frame)
    source.push(None)
    made: list[VideoFrame] = []
    while True:
        try:
            made.append(cast("VideoFrame", sink.pull()))
        except (NothingYetError, NothingLeftError):
            return made
