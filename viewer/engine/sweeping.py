"""A sweep between frames: a masked picture at a time on the worker, so that whatever else is wished for comes first."""

from collections.abc import Callable, Iterator
from threading import Lock
from time import perf_counter
from typing import Protocol

from viewer.core.errors import ViewerError
from viewer.core.frame import Frame
from viewer.core.messages import Failed, FailedPart, Swept
from viewer.core.sweep import SweepMap, SweepWish

_TOLD_S = 0.1


class Standing(Protocol):
    """A player, as a sweep sees it."""

    @property
    def frame(self) -> Frame | None:
        """The frame that stands."""
        ...

    def call(self, job: Callable[[], None], *, refresh: bool = True) -> None:
        """Run something on the worker between two frames."""
        ...


class Sweeping:
    """Runs one sweep at a time; a newer one ends the one before.

    `begin` and `end` may be called from any thread; the rest happens on the player's worker.

    Args:
        player: Stands on the frame, and lends its worker.
        sweep: Sweeps a frame, see `Pipeline.sweep`.
        tell: Takes what is known by now.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        player: Standing,
        sweep: Callable[[Frame, SweepWish], Iterator[SweepMap]],
        tell: Callable[[Swept | Failed], None],
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self._player, self._sweep, self._tell, self._clock = player, sweep, tell, clock
        self._lock = Lock()
        self._wish: SweepWish | None = None

    def begin(self, wish: SweepWish) -> None:
        """Sweep the frame that stands; returns at once."""
        self.end()
        self._wish = wish
        self._player.call(lambda: self._start(wish), refresh=False)

    def end(self) -> None:
        """Let the masked picture that is under way be the last, and say that nothing comes of the sweep."""
        wish = self._take(self._wish)
        if wish is not None:
            self._tell(Swept(wish, None))

    def _take(self, wish: SweepWish | None) -> SweepWish | None:
        """End this sweep if it is the one that runs; only one caller gets it."""
        with self._lock:
            if wish is None or wish is not self._wish:
                return None
            self._wish = None
            return wish

    def _start(self, wish: SweepWish) -> None:
        frame = self._player.frame
        if frame is not None:
            self._go_on(wish, self._sweep(frame, wish), self._clock())

    def _go_on(self, wish: SweepWish, sweep: Iterator[SweepMap], told_s: float) -> None:
        """Run one masked picture, and queue up again behind whatever was wished for meanwhile."""
        if wish is not self._wish:
            return
        try:
            known = next(sweep)
        except ViewerError as error:
            self._tell(Failed(FailedPart.INQUIRY, f"no sweep: {error}"))
            self.end()
            return
        if known.is_done:
            if self._take(wish) is not None:
                self._tell(Swept(wish, known))
            return
        now_s = self._clock()
        if now_s - told_s >= _TOLD_S:
            told_s = now_s
            self._tell(Swept(wish, known))
        self._player.call(lambda: self._go_on(wish, sweep, told_s), refresh=False)
