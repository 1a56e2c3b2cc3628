"""What every source whose frames can be counted shares: a cursor, seeks, interruption, one clean end."""

import threading
import time
from abc import ABC, abstractmethod
from typing import Self

import numpy as np
from numpy.typing import NDArray

from viewer.core.errors import SeekError, SourceInterruptedError
from viewer.core.frame import Frame, SourceInfo, SourceStatus

_ROUNDING_S = 1e-6
"""Media times that went through a text come back a little smaller; they still mean their frame."""


class IndexedSource(ABC):
    """A source of numbered frames.

    The cursor (which frame comes next) is kept here, apart from wherever a decoder happens to stand, so a seek that
    fails has moved nothing. Seeks are free: the work is done by the read that follows.

    One thread reads and seeks; `interrupt`, `status` and `close` may be called from any. An interrupt that finds no
    read waiting holds for the next one, so that whoever stops a reader cannot miss it.
    """

    def __init__(self, info: SourceInfo, times_s: NDArray[np.float64]) -> None:
        """Start at the first frame.

        Args:
            info: What is known of the source.
            times_s: (N,) media time of every frame in seconds, not decreasing, the first 0.0.
        """
        self._info = info
        self._times_s = times_s
        self._next_index = 0
        self._reading = threading.RLock()
        self._interrupted = threading.Event()
        self._closed = threading.Event()

    @abstractmethod
    def _read(self, index: int) -> tuple[int, NDArray[np.uint8]] | None:
        """Picture of frame `index`, or of the next one that can be read; None if none follows.

        Long work calls `_check` between its steps.

        Returns:
            The number of the frame found and its pixels, (H, W, 3) uint8 RGB, C-contiguous.
        """

    @abstractmethod
    def _release(self) -> None:
        """Give back what the source holds; called once, never during a read."""

    @property
    def info(self) -> SourceInfo:
        """What is known of the source."""
        return self._info

    @property
    def status(self) -> SourceStatus:
        """Always up: what is on disk does not go away by itself."""
        return SourceStatus()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Frame:
        """The next frame.

        Raises:
            StopIteration: At the end, and again at every call until a seek.
            SourceInterruptedError: After `interrupt` or `close`; the position is unchanged.
            SourceError: If the data cannot be read.
        """
        with self._reading:
            self._check()
            started_s = time.perf_counter()
            found = self._read(self._next_index) if self._next_index < len(self._times_s) else None
            if found is None:
                self._next_index = len(self._times_s)
                raise StopIteration
            index, rgb = found
            rgb.setflags(write=False)
            self._next_index = index + 1
            arrived_s = time.perf_counter()
            return Frame(rgb, index, float(self._times_s[index]), arrived_s, (arrived_s - started_s) * 1e3)

    def seek(self, index: int) -> None:
        """Make frame `index` the next one.

        Raises:
            SeekError: If there is no such frame; the position is unchanged.
        """
        self._check_index(index)
        with self._reading:
            self._next_index = index

    def quick_index(self, index: int) -> int:
        """The frame itself, unless a kind of source has some that are sooner there.

        Raises:
            SeekError: If there is no such frame.
        """
        self._check_index(index)
        return index

    def index_at(self, pts_s: float) -> int:
        """Number of the frame shown at a media time, clamped to the source."""
        following = int(np.searchsorted(self._times_s, pts_s + _ROUNDING_S, side="right"))
        return min(max(following - 1, 0), len(self._times_s) - 1)

    def interrupt(self) -> None:
        """Make the read that is waiting, or else the next one, raise `SourceInterruptedError` once."""
        self._interrupted.set()

    def close(self) -> None:
        """Give back the file; a read in another thread ends first. Twice is harmless."""
        already = self._closed.is_set()
        self._closed.set()
        with self._reading:
            if not already:
                self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _check_index(self, index: int) -> None:
        if not 0 <= index < len(self._times_s):
            raise SeekError(f"no frame {index} in {self._info.name}; it has frames 0 to {len(self._times_s) - 1}")

    def _check(self) -> None:
        if self._closed.is_set():
            raise SourceInterruptedError(f"{self._info.name} is closed")
        if self._interrupted.is_set():
            self._interrupted.clear()
            raise SourceInterruptedError(f"reading {self._info.name} was interrupted")
