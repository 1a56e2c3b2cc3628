"""Which frames a window is given when a file runs faster than its own rate."""

import time
from collections.abc import Callable
from fractions import Fraction

from viewer.core.messages import Transport

_ENOUGH_FPS = 10.0
"""Shown of a fast-forward that runs as fast as the network can."""


class DisplayPace:
    """Lets no more frames a second through than the source itself has, and fewer where the network is what holds it up.

    A window shows motion at the rate it was filmed; painting every frame of a fast-forward costs the network a sixth
    of its speed where both share two cores, and nobody sees them. At its own rate or slower every frame is shown.

    Args:
        fps: Nominal rate of the source; None lets everything through.
        clock: Monotonic seconds.
    """

    def __init__(self, fps: Fraction | None, clock: Callable[[], float] = time.perf_counter) -> None:
        self._fps = float(fps) if fps else 0.0
        self._clock = clock
        self._due_s = float("-inf")

    def lets_through(self, transport: Transport, inference_fps: float = float("inf")) -> bool:
        """Whether to show the frame that is ready now.

        Args:
            transport: How it plays.
            inference_fps: Frames through the network a second, lately.
        """
        if not transport.playing or transport.speed <= 1 or not self._fps:
            return True
        is_held_up = inference_fps < 0.95 * self._fps * transport.speed
        period_s = 1 / (min(self._fps, _ENOUGH_FPS) if is_held_up else self._fps)
        now_s = self._clock()
        if now_s < self._due_s:
            return False
        # Counted from when it was due, so that a rate in between is met on average.
        self._due_s = max(self._due_s, now_s - period_s) + period_s
        return True
