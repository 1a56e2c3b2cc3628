"""An engine that also says what it is told to: states that no real engine enters on demand."""

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from viewer.core.messages import Event, Intent
from viewer.core.packet import FramePacket

if TYPE_CHECKING:
    from viewer.engine.port import EnginePort


class StagedEngine:
    """Passes everything to a real engine and back, and adds events.

    Args:
        real: What runs; None stands for an engine that has only just been started and says nothing.
    """

    def __init__(self, real: "EnginePort | None") -> None:
        self._real = real
        self._added: deque[Event] = deque()
        self._wake: Callable[[], None] = lambda: None
        self._last: Callable[[Event], bool] | None = None
        self._is_muted = False
        self._is_dead = False

    @property
    def is_alive(self) -> bool:
        """Whether the real engine lives, unless `die` was called."""
        return not self._is_dead and (self._real is None or self._real.is_alive)

    def say(self, *events: Event) -> None:
        """Let the session hear these, and from now on nothing of the real engine."""
        self._is_muted = True
        self._added += events
        self._wake()

    def hush_after(self, is_last: Callable[[Event], bool]) -> None:
        """Let the session hear nothing more of the real engine once it has said such an event."""
        self._last = is_last

    def die(self) -> None:
        """Look as if the process were gone."""
        self._is_dead = True
        self._wake()

    def resume(self) -> None:
        """Let the real engine be heard again."""
        self._is_muted = self._is_dead = False
        self._last = None
        self._wake()

    def start(self, wake: Callable[[], None]) -> None:
        """Start the real engine."""
        self._wake = wake
        if self._real is not None:
            self._real.start(wake)

    def send(self, intent: Intent) -> None:
        """Hand an intent over."""
        if self._real is not None and not self._is_muted:
            self._real.send(intent)

    def take_events(self) -> list[Event]:
        """What was added, or what the real engine said; the latter is lost while muted."""
        real = [] if self._real is None else self._real.take_events()
        added = list(self._added)
        self._added.clear()
        if self._is_muted:
            return added
        last = (
            None if self._last is None else next((place for place, event in enumerate(real) if self._last(event)), None)
        )
        if last is None:
            return real
        self._is_muted = True
        return real[: last + 1]

    def take_packet(self) -> FramePacket | None:
        """The real engine's newest packet; none of one that is said to be gone."""
        return None if self._real is None or self._is_muted or self._is_dead else self._real.take_packet()

    def restart(self, *, index: int, playing: bool) -> None:
        """Start the real engine anew."""
        self.resume()
        if self._real is not None:
            self._real.restart(index=index, playing=playing)

    def close(self) -> None:
        """End the real engine."""
        if self._real is not None:
            self._real.close()
