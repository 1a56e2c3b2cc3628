"""Decode a video file from any packet on, exactly there, whatever the container's own seek makes of it."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import av.error
import numpy as np
from av import Packet, VideoFrame
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from viewer.core.errors import SourceError
from viewer.core.paths import path_errors
from viewer.sources.packets import MISSING, PacketList

_MARGINS_S = (0.0, 1.0, 10.0)
"""How much earlier to seek when a seek landed behind the packet wanted. MPEG-TS needs it: its seeks are guesses."""


@dataclass(frozen=True, slots=True, eq=False)
class _Origin:
    """The packet a picture came from.

    A new object for every packet, never the bare number: PyAV keeps what a packet carries under its `id`
    (av/opaque.py), and small integers are one object for everybody, forgotten for all when the first lets go.
    """

    position: int


class Decoder:
    """An open video file that hands out pictures together with the position of the packet they came from.

    A seek is never trusted. The first packets after it are looked up in the packet list; if it went too far the next
    try seeks earlier, and packets before the wanted one are read over without decoding. Used by one thread at a time.
    """

    def __init__(self, path: Path) -> None:
        """Open a file and read through its packets.

        Raises:
            SourceError: If it is no video, or none that this FFmpeg can decode.
        """
        self.path = path
        self._container, self._stream = _open(path)
        try:
            self._packets = self._demux()
            self.packets = PacketList.scan(self._packets)
            self._identity = self.packets.identity()
            self._by_identity = None if self._identity is None else np.argsort(self._identity)
            self._decoded: deque[tuple[int, VideoFrame]] = deque()
            self._pending: Packet | None = None
            self.position = 0
            if len(self.packets):
                self.start(0)
        except BaseException:
            self._container.close()
            raise
        if not len(self.packets):
            self._container.close()
            raise SourceError(f"{path} holds no pictures; it may have been cut off while it was recorded")

    @property
    def stream(self) -> VideoStream:
        """The stream that is decoded."""
        return self._stream

    @property
    def container_name(self) -> str:
        """FFmpeg's name of the container, `mov`."""
        return self._container.format.name.split(",")[0]

    def start(self, position: int) -> None:
        """Make the packet at `position` the next one decoded.

        Raises:
            SourceError: If the file cannot be opened again or lost packets since it was scanned.
        """
        self._decoded.clear()
        for ticks in self._seek_targets(position):
            try:
                self._container.seek(ticks, stream=self._stream)
            except av.error.FFmpegError:
                continue
            if self._skip_to(position):
                return
        self.close()
        self._container, self._stream = _open(self.path)
        self._packets = self._demux()
        for number, packet in enumerate(self._packets):
            if number == position:
                self.position, self._pending = number, packet
                return
        raise SourceError(f"{self.path} changed while it was open; open it again")

    def read(self) -> tuple[int, VideoFrame] | None:
        """The next picture in the order of presentation.

        Returns:
            The position of its packet and the picture; None at the end.
        """
        while not self._decoded:
            packet = self._pending or next(self._packets, None)
            self._pending = None
            if packet is None:
                self._decode(None)  # the last pictures, which it held back for reordering
                return self._decoded.popleft() if self._decoded else None
            packet.opaque = _Origin(self.position)
            self.position += 1
            self._decode(packet)
        return self._decoded.popleft()

    def close(self) -> None:
        """Close the file; twice is harmless."""
        self._decoded.clear()
        # PyAV frees a decoder while it holds Python's lock, and that waits for decoder threads, which may need the
        # lock to let go of an _Origin. A flush waits for them without it.
        self._stream.codec_context.flush_buffers()
        self._container.close()

    def _decode(self, packet: Packet | None) -> None:
        try:
            pictures = self._stream.decode(packet)
        # A damaged picture costs itself, not the whole file. What FFmpeg calls it depends on which bytes were hit: one
        # that is invalid may look like one of a kind it does not know yet.
        except av.error.FFmpegError:
            return
        self._decoded.extend(
            (picture.opaque.position, picture) for picture in pictures if isinstance(picture.opaque, _Origin)
        )

    def _demux(self) -> Iterator[Packet]:
        """Packets with data in them; a file that breaks off ends there."""
        try:
            for packet in self._container.demux(self._stream):
                if packet.size:
                    yield packet
        # PyAV raises IndexError at the end of a file in which a stream turned up half-way (av/container/input.py, the
        # flush after the last packet).
        except (av.error.InvalidDataError, IndexError):
            return
        except av.error.FFmpegError as error:
            raise SourceError(f"{self.path} cannot be read on: {error.strerror}") from error

    def _seek_targets(self, position: int) -> Iterator[int]:
        if self._identity is None:
            return
        stamps = [int(field[position]) for field in (self.packets.pts, self.packets.dts)]
        known = [stamp for stamp in stamps if stamp != MISSING]
        if known:
            per_second = 1 / (self._stream.time_base or 1)
            yield known[0]
            yield from (min(known) - int(margin_s * per_second) for margin_s in _MARGINS_S)

    def _skip_to(self, position: int) -> bool:
        """Read packets up to the one at `position`; False if the seek landed behind it."""
        self._packets = self._demux()
        for packet in self._packets:
            self.position = self._position_of(packet)
            if self.position > position:
                return False
            if self.position == position:
                self._pending = packet
                return True
        return False

    def _position_of(self, packet: Packet) -> int:
        """Position of a packet, -1 if it is not one of the list (a container may lose a stamp after a seek)."""
        if self._identity is None or self._by_identity is None:
            return -1
        field = {id(self.packets.pts): packet.pts, id(self.packets.dts): packet.dts}.get(id(self._identity), packet.pos)
        if field is None:
            return -1
        row = int(np.searchsorted(self._identity, field, sorter=self._by_identity))
        if row == len(self._identity):
            return -1
        position = int(self._by_identity[row])
        return position if self._identity[position] == field else -1


def _open(path: Path) -> tuple[InputContainer, VideoStream]:
    try:
        # A title in no known encoding is no reason to refuse the pictures.
        container = av.open(str(path), "r", metadata_errors="replace")
    except av.error.FFmpegError as error:
        raise SourceError(_why_not(path, error)) from error
    moving = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not moving:
        kinds = sorted({stream.type for stream in container.streams})
        container.close()
        raise SourceError(f"{path} has no pictures, only {' and '.join(kinds) or 'an empty container'}; give a video")
    best = container.streams.best("video")
    stream = best if isinstance(best, VideoStream) and best in moving else moving[0]
    if stream.codec_context is None:
        container.close()
        raise SourceError(f"{path} is coded in a way this FFmpeg cannot decode; convert it to H.264")
    stream.thread_type = "AUTO"
    stream.codec_context.copy_opaque = True
    return container, stream


def _why_not(path: Path, error: av.error.FFmpegError) -> str:
    with path_errors(SourceError, f"cannot read {path}"), path.open("rb") as file:
        head = file.read(12)
    if head[4:8] == b"ftyp":
        return f"{path} is truncated: its index is missing, as when a recording was cut off; copy or record it again"
    return f"{path} is not a video ({error.strerror}); give a video file, an image, a folder, a camera or a URL"
