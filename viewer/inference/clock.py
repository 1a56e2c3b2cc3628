"""Milliseconds between points of one frame, on the device's own clock where it has one."""

from time import perf_counter

import torch


class Stopwatch:
    """Marks points of a frame and tells the time between them afterwards.

    Work on a GPU is only enqueued when a call returns, so there the marks are events, read once the frame has been
    waited for anyway; reading them costs no extra synchronisation.

    Args:
        device: Whose clock to read.
        marks: How many points a frame has.
    """

    def __init__(self, device: torch.device, marks: int) -> None:
        self._events = [torch.cuda.Event(enable_timing=True) for _ in range(marks)] if device.type == "cuda" else None
        self._times = [0.0] * marks

    def mark(self, point: int) -> None:
        """Note that point number `point` was reached."""
        if self._events is None:
            self._times[point] = perf_counter()
        else:
            self._events[point].record()

    def between_ms(self, start: int, end: int) -> float:
        """Milliseconds from one point to another; the frame must have been waited for."""
        if self._events is None:
            return (self._times[end] - self._times[start]) * 1000
        return self._events[start].elapsed_time(self._events[end])
