"""Network streams: RTSP, MJPEG over HTTP, MPEG-TS over UDP and TCP, and whatever else FFmpeg can open by URL."""

import threading
import time
from collections import deque
from functools import partial
from urllib.parse import urlsplit

import av
import av.error
from av.video.frame import VideoFrame

from viewer.core.errors import SourceError, SourceLostError
from viewer.core.frame import SourceInfo, SourceKind
from viewer.sources.credentials import without_credentials
from viewer.sources.ffmpeg_waits import give_up
from viewer.sources.live import BACKOFF_S, Arrival, LiveSource
from viewer.sources.pixels import to_rgb

OPEN_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 5.0

_TIMELESS = frozenset({"mpjpeg", "mjpeg"})
"""Formats without times of their own: FFmpeg makes them up from a rate that it made up, too."""

_OPTIONS = {
    "rtsp_transport": "tcp",  # over UDP a lost packet smears the picture, and that is what people then tap
    "fflags": "nobuffer",
    "flags": "low_delay",
    "analyzeduration": "1000000",
    "fpsprobesize": "0",
    "fifo_size": "65536",
    "overrun_nonfatal": "1",
}


def open_stream(
    url: str,
    *,
    open_timeout_s: float = OPEN_TIMEOUT_S,
    read_timeout_s: float = READ_TIMEOUT_S,
    backoff_s: tuple[float, float] = BACKOFF_S,
) -> LiveSource:
    """Open a stream and wait for its first picture.

    Args:
        url: Of the stream; a user and password in it are used and never shown.
        open_timeout_s: Longest wait for the connection and its first picture.
        read_timeout_s: Silence after which the stream counts as lost.
        backoff_s: First and longest pause before connecting again.

    Raises:
        SourceError: If nobody answers, or with something that is no video.
    """

    def connect(stop: threading.Event) -> "StreamConnection":
        return StreamConnection(url, stop, open_timeout_s=open_timeout_s, read_timeout_s=read_timeout_s)

    return LiveSource(connect, uri=without_credentials(url), backoff_s=backoff_s)


class StreamConnection:
    """One connection to a server; gone for good when it is lost."""

    def __init__(self, url: str, stop: threading.Event, *, open_timeout_s: float, read_timeout_s: float) -> None:
        """Connect.

        Raises:
            SourceError: If that fails, takes too long, or brings no video.
        """
        self._uri = without_credentials(url)
        self._stop = stop
        self._read_timeout_s = read_timeout_s
        started_s = time.monotonic()
        try:
            with give_up(stop, within_s=open_timeout_s):
                self._container = av.open(
                    url,
                    "r",
                    options=_OPTIONS,
                    timeout=(open_timeout_s, read_timeout_s),
                    metadata_errors="replace",  # a title in no known encoding is no reason to refuse the pictures
                )
        except av.error.FFmpegError as error:
            if stop.is_set() or time.monotonic() - started_s >= open_timeout_s:
                raise SourceError(f"{self._uri} does not answer within {open_timeout_s:g} s; is it running?") from None
            raise SourceError(f"cannot open {self._uri}: {error.strerror}; check the address") from None
        videos = [stream for stream in self._container.streams.video if stream.codec_context is not None]
        if not videos:
            self._container.close()
            raise SourceError(f"{self._uri} sends no video that can be decoded")
        self._stream = videos[0]
        self._stream.thread_type = "SLICE"  # threads over frames would hold back one frame each
        self._packets = self._container.demux(self._stream)
        self._ready: deque[Arrival] = deque()

    def describe(self, image_hw: tuple[int, int]) -> SourceInfo:
        """What is known of the stream."""
        parts = urlsplit(self._uri)
        codec = self._stream.codec_context
        return SourceInfo(
            uri=self._uri,
            name=parts.hostname or parts.netloc or parts.scheme,
            kind=SourceKind.STREAM,
            image_hw=image_hw,
            fps=self._stream.average_rate or None,
            codec=f"{codec.codec.canonical_name} over {parts.scheme}",
            pixel_format=codec.pix_fmt or "",
        )

    def read(self) -> Arrival:
        """Wait for the next picture.

        Raises:
            SourceLostError: If none comes in time, the server ends the stream, or the connection breaks.
        """
        try:
            with give_up(self._stop, within_s=self._read_timeout_s):
                while not self._ready:
                    self._decode(next(self._packets))
        except (StopIteration, av.error.EOFError, IndexError):  # the last: PyAV's, see `decoder`
            raise SourceLostError(f"{self._uri}: the server ended the stream") from None
        except av.error.ExitError:
            raise SourceLostError(f"{self._uri}: no data for {self._read_timeout_s:g} s") from None
        except av.error.FFmpegError as error:
            raise SourceLostError(f"{self._uri}: connection lost ({error.strerror})") from None
        return self._ready.popleft()

    def close(self) -> None:
        """Hang up."""
        with give_up(self._stop, within_s=0.5):
            self._container.close()

    def _decode(self, packet: av.Packet) -> None:
        arrived_s = time.perf_counter()
        try:
            pictures = self._stream.decode(packet)
        except av.error.FFmpegError:  # joined between key frames, or a packet was damaged on its way
            return
        decode_ms = (time.perf_counter() - arrived_s) * 1e3
        for picture in pictures:
            self._ready.append(Arrival(partial(to_rgb, picture), self._time_of(picture), arrived_s, decode_ms))

    def _time_of(self, picture: VideoFrame) -> float | None:
        timeless = self._container.format.name in _TIMELESS or picture.pts is None
        return None if timeless else picture.time
