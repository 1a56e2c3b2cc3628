"""Sources whose frames come by themselves: one grabber thread, the newest frame wins, a lost link is made again.

Cameras and streams differ only in how a connection is made and read. Everything else is here once: the slot that
holds the newest picture, the count of those nobody read, the wait for the next, back-off and status.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from viewer.core.errors import SeekError, SourceError, SourceInterruptedError, SourceLostError
from viewer.core.frame import Frame, Link, SourceInfo, SourceStatus

BACKOFF_S = (0.5, 8.0)
"""First and longest pause between attempts to connect again; each is twice the one before."""

JOIN_S = 5.0
"""Longest wait for the grabber thread on closing; a driver can hold a read for ever, and nothing calls it back."""

_LEAST_STEP_S = 1e-3


@dataclass(frozen=True, slots=True)
class Arrival:
    """One picture as it came in, not yet converted: most of those a slow reader misses never need to be.

    Attributes:
        to_rgb: Makes (H, W, 3) uint8 RGB of it, C-contiguous.
        pts_s: The sender's time in seconds from an origin of its own; None if it has none.
        arrived_s: `time.perf_counter()` when it was complete.
        decode_ms: Time spent decoding it, without the wait for its data.
    """

    to_rgb: Callable[[], NDArray[np.uint8]]
    pts_s: float | None
    arrived_s: float
    decode_ms: float


class Connection(Protocol):
    """A link to a camera or server that is up. Used by one thread at a time."""

    def describe(self, image_hw: tuple[int, int]) -> SourceInfo:
        """What is known of the source."""
        ...

    def read(self) -> Arrival:
        """Wait for the next picture.

        Raises:
            SourceLostError: If the link is gone or silent, or it was told to stop.
        """
        ...

    def close(self) -> None:
        """Give the link back."""
        ...


class LiveSource:
    """A camera or stream.

    The thread that constructs it makes the first connection; after that the grabber thread, which this object owns,
    reads, loses and makes them. `__next__` belongs to one reading thread; everything else may be called from any.
    An interrupt that finds no read waiting holds for the next one.
    """

    def __init__(
        self,
        connect: Callable[[threading.Event], Connection],
        *,
        uri: str,
        backoff_s: tuple[float, float] = BACKOFF_S,
    ) -> None:
        """Connect and wait for the first picture.

        Args:
            connect: Makes a connection; it and the connection's reads give up soon once the event is set.
            uri: The source as messages name it, credentials removed.
            backoff_s: First and longest pause before connecting again.

        Raises:
            SourceError: If no connection or no picture comes.
        """
        self._connect = connect
        self._uri = uri
        self._backoff_s = backoff_s
        self._stop = threading.Event()
        self._changed = threading.Condition()
        self._newest: tuple[int, float, Arrival] | None = None
        self._status = SourceStatus()
        self._failure: Exception | None = None
        self._interrupted = False
        self._arrived = 0
        self._clock = _MediaClock()
        connection = connect(self._stop)
        try:
            first = connection.read()
            height, width, _ = first.to_rgb().shape
            self._info = connection.describe((height, width))
        except BaseException:
            connection.close()
            raise
        self._deposit(first)
        self._grabber = threading.Thread(
            target=self._grab, args=(connection,), name=f"featscope grab {uri}", daemon=True
        )
        self._grabber.start()

    @property
    def info(self) -> SourceInfo:
        """What was known when the source was opened."""
        return self._info

    @property
    def status(self) -> SourceStatus:
        """How it stands now."""
        with self._changed:
            return self._status

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Frame:
        """Wait for a frame newer than the last one; a lost source waits for its return.

        Raises:
            SourceInterruptedError: After `interrupt` or `close`.
            Exception: Whatever ended the grabber thread, at every call: no frame can come any more.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._newest or self._interrupted or self._stop.is_set())
            if self._failure is not None:
                raise self._failure
            if self._stop.is_set():
                raise SourceInterruptedError(f"{self._uri} is closed")
            if self._interrupted or self._newest is None:
                self._interrupted = False
                raise SourceInterruptedError(f"reading {self._uri} was interrupted")
            index, pts_s, arrival = self._newest
            self._newest = None
        started_s = time.perf_counter()
        rgb = arrival.to_rgb()
        rgb.setflags(write=False)
        decode_ms = arrival.decode_ms + (time.perf_counter() - started_s) * 1e3
        return Frame(rgb, index, pts_s, arrival.arrived_s, decode_ms, live=True)

    def seek(self, index: int) -> None:
        """Refuse: what was not kept cannot be shown again.

        Raises:
            SeekError: Always.
        """
        raise SeekError(f"{self._uri} is live; frame {index} cannot be shown again")

    def index_at(self, pts_s: float) -> int:
        """Refuse, as `seek` does.

        Raises:
            SeekError: Always.
        """
        raise SeekError(f"{self._uri} is live; there is no frame at {pts_s:g} s to go to")

    def quick_index(self, index: int) -> int:
        """Refuse, as `seek` does.

        Raises:
            SeekError: Always.
        """
        raise SeekError(f"{self._uri} is live; frame {index} cannot be shown again")

    def interrupt(self) -> None:
        """Make the read that is waiting, or else the next one, raise `SourceInterruptedError` once."""
        with self._changed:
            self._interrupted = True
            self._changed.notify_all()

    def close(self) -> None:
        """End the grabber thread and give the link back; twice is harmless.

        A read that a driver holds for ever is left alone after 5 s; the link is given back when it ends.
        """
        self._stop.set()
        with self._changed:
            self._changed.notify_all()
        self._grabber.join(JOIN_S)
        with self._changed:
            self._newest = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _grab(self, connection: Connection) -> None:
        """Thread: read until the link is lost, make it again, and so on until told to stop."""
        pause_s = self._backoff_s[0]
        link: Connection | None = connection
        try:
            while link is not None:
                arrived, why = self._arrived, self._read_until_lost(link)
                # A link that comes up and dies without one picture is no reason to hurry.
                pause_s = self._backoff_s[0] if self._arrived > arrived else min(pause_s * 2, self._backoff_s[1])
                link = self._connect_again(why, pause_s)
        except Exception as error:  # noqa: BLE001 - handed on: it belongs to whoever waits for a frame
            self._failure = error
        finally:  # nobody may wait for a frame that cannot come
            self._stop.set()
            with self._changed:
                self._changed.notify_all()

    def _read_until_lost(self, link: Connection) -> str:
        """Read until the link is lost or the source closed; what happened to it."""
        try:
            while not self._stop.is_set():
                self._deposit(link.read())
        except SourceLostError as lost:
            return str(lost)
        finally:
            link.close()
        return ""

    def _connect_again(self, why: str, pause_s: float) -> Connection | None:
        """Try until a connection is made; None once told to stop."""
        while not self._stop.is_set():
            self._report(Link.LOST, f"{why}; reconnecting in {pause_s:g} s")
            if self._stop.wait(pause_s):
                break
            self._report(Link.LOST, f"{why}; reconnecting")
            try:
                return self._connect(self._stop)
            except SourceError as error:
                why = str(error)
            pause_s = min(pause_s * 2, self._backoff_s[1])
        return None

    def _deposit(self, arrival: Arrival) -> None:
        with self._changed:
            was_lost = self._status.link is Link.LOST
            self._status = SourceStatus(
                dropped=self._status.dropped + (self._newest is not None),
                reconnects=self._status.reconnects + was_lost,
            )
            pts_s = self._clock.stamp(arrival.pts_s, arrival.arrived_s, rebase=was_lost)
            self._newest = self._arrived, pts_s, arrival
            self._arrived += 1
            self._changed.notify_all()

    def _report(self, link: Link, text: str) -> None:
        with self._changed:
            self._status = SourceStatus(link, text, self._status.dropped, self._status.reconnects)


class _MediaClock:
    """Media time that starts at 0.0 and only grows, over reconnects and senders whose clock jumps or is missing."""

    _JUMP_S = 10.0

    def __init__(self) -> None:
        self._last_s: float | None = None
        self._arrived_s = 0.0
        self._offset_s = 0.0

    def stamp(self, pts_s: float | None, arrived_s: float, *, rebase: bool) -> float:
        """Media time of a picture.

        Args:
            pts_s: The sender's time; None if it has none.
            arrived_s: When it came.
            rebase: Whether the sender's clock may have started anew.
        """
        if self._last_s is None:
            now_s = 0.0
            self._offset_s = -(pts_s or 0.0)
        else:
            waited_s = max(arrived_s - self._arrived_s, _LEAST_STEP_S)
            now_s = self._last_s + waited_s if pts_s is None else pts_s + self._offset_s
            step_s = now_s - self._last_s
            if pts_s is not None and (rebase or not 0 < step_s < waited_s + self._JUMP_S):
                now_s = self._last_s + waited_s
                self._offset_s = now_s - pts_s
        self._last_s, self._arrived_s = now_s, arrived_s
        return now_s
