"""Call a thread back that waits inside FFmpeg, at once and wherever it waits: connecting, probing or reading.

FFmpeg asks an interrupt callback ten times a second whether to go on waiting. PyAV fills that callback with a
time-out and nothing else (av/container/core.py, `interrupt_cb`), and asks `time.monotonic` whether it is over; its
time-out cannot be changed while a call runs. So PyAV is given a clock which, for a thread that is to stop, says that
a very long time has passed. Without it a closed stream would hold its thread until the full time-out, since a socket
that FFmpeg opened cannot be shut down from outside.

The clock answers other threads with the real time. Every call must be made with a time-out set, or FFmpeg does not
ask at all.
"""

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import av.container.core

_LONG_S = 1e6


class _Clock:
    """Stands for the `time` module in PyAV's eyes."""

    def __init__(self) -> None:
        self._waiting = threading.local()
        self._jumps = itertools.count(1)

    def monotonic(self) -> float:
        """Seconds; further ahead with every call in a thread that is to stop, so that any time-out is over."""
        now_s = time.monotonic()
        until: tuple[threading.Event, float] | None = getattr(self._waiting, "until", None)
        if until is None or not (until[0].is_set() or now_s > until[1]):
            return now_s
        return now_s + _LONG_S * next(self._jumps)

    @contextmanager
    def watch(self, stop: threading.Event, within_s: float) -> Iterator[None]:
        self._waiting.until = (stop, time.monotonic() + within_s)
        try:
            yield
        finally:
            self._waiting.until = None


_clock = _Clock()
setattr(av.container.core, "time", _clock)  # noqa: B010 - the name is not in PyAV's stubs


def give_up(stop: threading.Event, *, within_s: float) -> AbstractContextManager[None]:
    """Context in which FFmpeg's waits in this thread end once `stop` is set or the time is over.

    They end with `av.error.ExitError`, or with what a demuxer makes of it.
    """
    return _clock.watch(stop, within_s)
