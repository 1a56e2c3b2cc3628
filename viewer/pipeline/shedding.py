"""Which taps give way when playing cannot hold its rate because of them: a policy, fed with timings made or measured.

A frame's time is modelled as the network's own part and the sum of its taps. While that is more than the source's
period allows, one tap after the other is left out, the largest map first (cells times channels, which is what reading
it costs), and when a single one is left it is made for every second frame only. They come back in the opposite order
once they would fit with room to spare for some seconds. A tap that has to be left out again soon after it came back
doubles those seconds, so the picture never flickers between two states.

Nothing is left out where that would not help: the network alone must fit into the period, and the taps must take a
noticeable part of the frame.
"""

import statistics
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from viewer.core.frame import SourceInfo
from viewer.core.messages import Transport
from viewer.core.stage import Stage
from viewer.core.tapping import Shed

_FRAMES = 10
"""Frames that are looked at before something is decided, and as many after each change."""
_UNSTEADY = 3
"""Frames after a change that are not looked at: they lay storage out anew."""
_FULL = 0.97
"""Part of the period a frame may take; the rest goes to handing it on."""
_ROOMY = 0.85
"""Part of the period that the frame may take with one more tap for that tap to come back."""
_HOPELESS = 1.15
"""Part of the period from which on the network alone is too slow, and leaving taps out does not pay."""
_NOTICEABLE = 0.05
"""Part of the frame's time below which taps are not what makes it slow."""
_PATIENCE_S = 3.0
_MOST_PATIENCE_S = 60.0
_CALM_S = 30.0
"""A tap that stays this long after it came back was right to come back."""


@dataclass(frozen=True, slots=True)
class FrameCost:
    """What one frame took.

    Attributes:
        frame_ms: All of it.
        taps_ms: The taps' part of it; None for a frame without maps.
        tap_ms: What each node cost by its own clock. Their sum may differ from `taps_ms`, which counts.
    """

    frame_ms: float
    taps_ms: float | None
    tap_ms: Mapping[str, float]


def period_ms(source: SourceInfo, transport: Transport) -> float | None:
    """Milliseconds a frame may take now for playing to hold its rate.

    Returns:
        None where there is no rate to hold: paused, faster than the source's own rate, or a source that names none.
    """
    if not transport.playing or not source.fps:
        return None
    speed = 1.0 if source.is_live else transport.speed
    return 1000 / (float(source.fps) * speed) if speed <= 1 else None


class Shedding:
    """Decides frame by frame; knows no clock and no network.

    Args:
        stages: What the user wants tapped.
    """

    def __init__(self, stages: Sequence[Stage]) -> None:
        self._order = tuple(stage.node for stage in sorted(stages, key=_size, reverse=True))
        self._level = 0  # how many were left out; the last one halves what is left instead
        self._fps = 0.0
        self._alone_ms: deque[float] = deque(maxlen=_FRAMES)
        self._tap_ms: dict[str, deque[float]] = {node: deque(maxlen=_FRAMES) for node in self._order}
        self._alone_then_ms: dict[str, float] = {}
        self._unsteady = _UNSTEADY
        self._roomy_since_s: float | None = None
        self._returned_s: float | None = None
        self._patience_s = _PATIENCE_S

    @property
    def shed(self) -> Shed:
        """What is left out now."""
        if self._level == 0:
            return Shed()
        return Shed(self._order[: self._left_out(self._level)], self._is_halved(self._level), self._fps)

    def rest(self) -> None:
        """Playing was interrupted: what was measured says nothing about what comes, what was decided stands."""
        self._look_afresh()

    def note(self, cost: FrameCost, *, period_ms: float, can_skip: bool, now_s: float) -> bool:
        """Take in what a frame took.

        Args:
            cost: Of a frame that ran with `shed` as it is.
            period_ms: What it may take.
            can_skip: Whether frames can be run without any maps.
            now_s: Monotonic seconds.

        Returns:
            Whether `shed` changed.
        """
        if self._unsteady:
            self._unsteady -= 1
            return False
        self._measure(cost)
        if len(self._alone_ms) < _FRAMES:
            return False
        alone_ms = statistics.median(self._alone_ms)
        if self._should_shed(alone_ms, period_ms, can_skip=can_skip):
            self._roomy_since_s = None
            self._shed_one(alone_ms, period_ms, now_s)
            return True
        if not self._has_room(alone_ms, period_ms):
            self._roomy_since_s = None
        elif self._roomy_since_s is None:
            self._roomy_since_s = now_s
        elif now_s - self._roomy_since_s >= self._patience_s:
            self._level -= 1
            self._returned_s = now_s
            self._look_afresh()
            return True
        return False

    def _measure(self, cost: FrameCost) -> None:
        self._alone_ms.append(cost.frame_ms - (cost.taps_ms or 0.0))
        clocked_ms = sum(cost.tap_ms.values())
        if cost.taps_ms is None or not clocked_ms:
            return
        for node, spent_ms in cost.tap_ms.items():
            if node in self._tap_ms:
                self._tap_ms[node].append(spent_ms / clocked_ms * cost.taps_ms)

    def _should_shed(self, alone_ms: float, period_ms: float, *, can_skip: bool) -> bool:
        top = len(self._order) if can_skip else len(self._order) - 1
        taps_ms = self._taps_ms(self._level)
        now_ms = alone_ms + taps_ms
        is_late = now_ms > _FULL * period_ms
        helps = alone_ms <= period_ms and taps_ms >= _NOTICEABLE * now_ms
        return is_late and helps and self._level < top

    def _has_room(self, alone_ms: float, period_ms: float) -> bool:
        if self._level == 0:
            return False
        fits = alone_ms + self._taps_ms(self._level - 1, alone_ms) <= _ROOMY * period_ms
        return fits or alone_ms > _HOPELESS * period_ms

    def _shed_one(self, alone_ms: float, period_ms: float, now_s: float) -> None:
        stayed_s = float("inf") if self._returned_s is None else now_s - self._returned_s
        if stayed_s < _CALM_S:
            self._patience_s = min(2 * self._patience_s, _MOST_PATIENCE_S)
        else:
            self._patience_s = _PATIENCE_S
        self._returned_s = None
        for node in self._order[self._left_out(self._level) : self._left_out(self._level + 1)]:
            self._alone_then_ms[node] = alone_ms
        self._level += 1
        self._fps = 1000 / period_ms
        self._look_afresh()

    def _look_afresh(self) -> None:
        self._alone_ms.clear()
        self._unsteady = _UNSTEADY
        self._roomy_since_s = None

    def _taps_ms(self, level: int, alone_ms: float | None = None) -> float:
        """What the taps of a level cost a frame.

        Args:
            level: Which one.
            alone_ms: What the network takes now. A tap that is left out is taken to cost what it did when it was last
                there, less what the network has become faster since: a busy machine makes both slow.
        """
        spent_ms = 0.0
        for node in self._order[self._left_out(level) :]:
            if self._tap_ms[node]:
                spent_ms += statistics.median(self._tap_ms[node]) * self._easing(node, alone_ms)
        return spent_ms / 2 if self._is_halved(level) else spent_ms

    def _easing(self, node: str, alone_ms: float | None) -> float:
        is_out = node in self._order[: self._left_out(self._level)]
        then_ms = self._alone_then_ms.get(node, 0.0)
        return min(1.0, alone_ms / then_ms) if is_out and alone_ms is not None and then_ms else 1.0

    def _left_out(self, level: int) -> int:
        return min(level, max(0, len(self._order) - 1))

    def _is_halved(self, level: int) -> bool:
        return level > 0 and level == len(self._order)


def _size(stage: Stage) -> int:
    rows, columns = stage.map_hw
    return stage.channels * rows * columns
