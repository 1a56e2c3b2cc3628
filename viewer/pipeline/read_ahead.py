"""Decoding beside the network: the next frames are read while the present one is processed."""

from collections.abc import Iterator
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import Self

from viewer.core.frame import Frame
from viewer.core.protocols import Source

_DEPTH = 2
_POLL_S = 0.1


class ReadAhead:
    """Iterates over a source one thread ahead, in order and without loss. A context manager that owns its thread.

    The caller's thread iterates; nobody else may read the source meanwhile. What ends or breaks the source ends or
    breaks the iteration at the same frame.

    Args:
        source: Open source; it is not closed.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._ready: Queue[Frame | BaseException] = Queue(_DEPTH)
        self._stopping = Event()
        self._thread = Thread(target=self._read, name="featscope-read-ahead", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[Frame]:
        return self

    def __next__(self) -> Frame:
        while True:
            try:
                item = self._ready.get(timeout=_POLL_S)  # a timeout, so that Ctrl+C is heard while a source is silent
            except Empty:
                if self._stopping.is_set():
                    raise StopIteration from None
                continue
            if isinstance(item, Frame):
                return item
            self._stopping.set()
            raise item

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the thread; twice is harmless."""
        self._stopping.set()
        if self._thread.is_alive():
            self._source.interrupt()
            self._thread.join()

    def _read(self) -> None:
        try:
            for frame in self._source:
                if not self._put(frame):
                    return
            self._put(StopIteration())
        except Exception as error:  # noqa: BLE001 - raised again in the thread that iterates
            self._put(error)

    def _put(self, item: Frame | BaseException) -> bool:
        while not self._stopping.is_set():
            try:
                self._ready.put(item, timeout=_POLL_S)
            except Full:
                continue
            return True
        return False
