"""What the network and each of its taps take, as medians over the last frames: numbers calm enough to be read."""

import statistics
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from viewer.core.packet import FramePacket

FRAMES = 30
"""Frames a median is taken over, about a second of video."""
_PUBLISH_S = 0.5


@dataclass(frozen=True, slots=True)
class Costs:
    """Milliseconds a frame, medians over the last `FRAMES`; 0 where nothing was measured yet.

    Attributes:
        forward_ms: The network without its taps.
        taps_ms: All taps of a frame together, the first frame that has them left out.
        tap_ms: Each tapped node and what it costs, by its own clock.
    """

    forward_ms: float = 0.0
    taps_ms: float = 0.0
    tap_ms: tuple[tuple[str, float], ...] = ()

    def of(self, node: str) -> float | None:
        """What a tap costs; None where the node is not tapped or was in one frame only so far."""
        return next((spent_ms for tapped, spent_ms in self.tap_ms if tapped == node), None)


class CostMeter:
    """Collects packets and says a few times a second what they cost.

    Args:
        clock: Monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self.costs = Costs()
        self._clock = clock
        self._forward_ms: deque[float] = deque(maxlen=FRAMES)
        self._taps_ms: deque[float] = deque(maxlen=FRAMES)
        self._tap_ms: dict[str, deque[float]] = {}
        self._way: object = None
        self._published_s = float("-inf")

    def add(self, packet: FramePacket, *, playing: bool) -> bool:
        """Take in a frame.

        Args:
            packet: What came of it; one that no network has seen is passed over.
            playing: Whether frames run; of one that stands, the numbers are given at once.

        Returns:
            Whether `costs` was brought up to date.
        """
        if packet.letterbox is None:
            return False
        self._forward_ms.append(packet.timings.forward)
        # Maps that were carried over from the frame before cost nothing here, which is no measure of them.
        maps = tuple(tap for tap in packet.taps if tap.age == 0)
        changed = False
        if maps or not packet.taps:
            way = tuple((tap.stage.node, tap.reducer) for tap in maps)
            changed = way != self._way
            if changed:
                # What other taps took together says nothing about these.
                self._way = way
                self._taps_ms.clear()
                self._tap_ms = {tap.stage.node: deque(maxlen=FRAMES) for tap in maps}
            else:
                # The first frame with new taps has more to do than measure: it compiles, allocates, fills caches.
                self._taps_ms.append(packet.timings.reduce)
                for tap in maps:
                    self._tap_ms[tap.stage.node].append(tap.cost_ms)
        now_s = self._clock()
        if playing and not changed and now_s - self._published_s < _PUBLISH_S:
            return False
        self._published_s = now_s
        self.costs = Costs(
            statistics.median(self._forward_ms),
            statistics.median(self._taps_ms) if self._taps_ms else 0.0,
            tuple((node, statistics.median(spent)) for node, spent in self._tap_ms.items() if spent),
        )
        return True
