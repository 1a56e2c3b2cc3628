"""How often something happens lately."""

from collections import deque
from collections.abc import Callable
from time import perf_counter


class RateMeter:
    """Events per second over a sliding window; not safe to share between threads.

    Args:
        window_s: Length of the window in seconds.
        clock: Monotonic seconds.
    """

    def __init__(self, window_s: float = 1.5, clock: Callable[[], float] = perf_counter) -> None:
        self._window_s = window_s
        self._clock = clock
        self._times: deque[float] = deque()

    def tick(self) -> None:
        """Note one event."""
        self._times.append(self._clock())
        self._forget()

    @property
    def per_second(self) -> float:
        """Rate over the window; 0.0 when fewer than two events fell into it."""
        self._forget()
        if len(self._times) < 2:
            return 0.0
        return (len(self._times) - 1) / (self._times[-1] - self._times[0])

    def _forget(self) -> None:
        horizon = self._clock() - self._window_s
        while self._times and self._times[0] < horizon:
            self._times.popleft()
