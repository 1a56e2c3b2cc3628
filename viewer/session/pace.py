"""How often frames reach the screen and how late: numbers calm enough to be read."""

import statistics
import time
from collections import deque
from collections.abc import Callable

from viewer.core.frame import Frame

_PAINTS = 30
_WINDOW_S = 1.5
"""As the engine counts its own, or the two rates would not be of one time."""
_PAUSE_S = 1.0
"""A longer gap between paints is a pause, not a slow frame."""
_PUBLISH_S = 0.25
READ_S = 0.4
"""How long words and numbers stay as they are while playing."""


class ReadingPace:
    """When words and numbers are brought up to date: once a frame they cost much and could not be read.

    Args:
        clock: Monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._last_s = float("-inf")

    def is_due(self, *, playing: bool) -> bool:
        """Whether to bring them up to date with this frame: while playing every `READ_S`, else always."""
        now_s = self._clock()
        if playing and now_s - self._last_s < READ_S:
            return False
        self._last_s = now_s
        return True


class PaintPace:
    """Display rate and latency over the last paints of distinct frames.

    Attributes:
        fps: Mean rate over the last paints; 0 until there are two.
        latency_ms: Median of arrival to painting over them; 0 before the first.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.fps = 0.0
        self.latency_ms = 0.0
        self._clock = clock
        self._last: tuple[int, float] | None = None
        self._painted_s: deque[float] = deque(maxlen=_PAINTS)
        self._latencies_ms: deque[float] = deque(maxlen=_PAINTS)
        self._published_s = float("-inf")

    def painted(self, frame: Frame, *, playing: bool = True) -> bool:
        """Count a paint, unless this frame was counted last.

        Args:
            frame: What was painted.
            playing: Whether frames run; steps and seeks have a latency and no rate.

        Returns:
            Whether the numbers were brought up to date, which happens a few times a second.
        """
        identity = (frame.index, frame.arrived_s)
        if identity == self._last:
            return False
        now = self._clock()
        if self._painted_s and now - self._painted_s[-1] > _PAUSE_S:
            self._painted_s.clear()
        self._last = identity
        if playing:
            self._painted_s.append(now)
            while now - self._painted_s[0] > _WINDOW_S:  # from before the network was there, or another load
                self._painted_s.popleft()
        self._latencies_ms.append((now - frame.arrived_s) * 1000)
        if now - self._published_s < _PUBLISH_S:
            return False
        self._published_s = now
        span = self._painted_s[-1] - self._painted_s[0] if self._painted_s else 0.0
        self.fps = (len(self._painted_s) - 1) / span if span > 0 else 0.0
        self.latency_ms = statistics.median(self._latencies_ms)
        return True

    @property
    def is_stale(self) -> bool:
        """Whether a rate is told of paints that are long past: frames fail to come."""
        return self.fps > 0 and (not self._painted_s or self._clock() - self._painted_s[-1] > _PAUSE_S)

    def rest(self) -> None:
        """Forget the rate: playing stopped, and what comes next is not slow."""
        self._painted_s.clear()
        self.fps = 0.0
