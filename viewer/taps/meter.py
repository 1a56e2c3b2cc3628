"""What each tap costs, measured while frames run.

On a CPU a hook's work is done when it returns. On a GPU it is only enqueued: there each tap stands between two events,
which are read once a later frame finds them passed, so that nothing is ever waited for. A captured graph replays
without hooks; what its taps cost was measured on the frames that ran before it was captured.
"""

from time import perf_counter
from typing import Protocol

import torch


class Meter(Protocol):
    """Milliseconds a tap; one thread."""

    def start(self, tap: int) -> None:
        """A tap begins to reduce."""
        ...

    def stop(self, tap: int) -> None:
        """It is done, or enqueued."""
        ...

    def pause(self, *, on: bool) -> None:
        """Measure nothing while it is on."""
        ...

    def read_ms(self) -> list[float]:
        """What each tap took last, as far as that is known yet; 0.0 before the first frame."""
        ...


class HostMeter:
    """Wall-clock time in the hook.

    Args:
        taps: How many there are.
    """

    def __init__(self, taps: int) -> None:
        self._spent_ms = [0.0] * taps
        self._began_s = 0.0

    def start(self, tap: int) -> None:  # noqa: ARG002 - taps never overlap on one thread
        """A tap begins to reduce."""
        self._began_s = perf_counter()

    def stop(self, tap: int) -> None:
        """It is done."""
        self._spent_ms[tap] = (perf_counter() - self._began_s) * 1000

    def pause(self, *, on: bool) -> None:
        """Nothing to pause: reading a clock harms nobody."""

    def read_ms(self) -> list[float]:
        """What each tap took last."""
        return self._spent_ms.copy()


class DeviceMeter:
    """The device's own time between two events a tap.

    Args:
        taps: How many there are.
    """

    def __init__(self, taps: int) -> None:
        self._events = [_pair() for _ in range(taps)]
        self._spent_ms = [0.0] * taps
        self._asked: set[int] = set()
        self._is_paused = False

    def start(self, tap: int) -> None:
        """A tap begins to enqueue."""
        if tap not in self._asked and not self._is_paused:
            self._events[tap][0].record()

    def stop(self, tap: int) -> None:
        """It is enqueued. Events that were not read yet are not recorded anew."""
        if tap not in self._asked and not self._is_paused:
            self._events[tap][1].record()
            self._asked.add(tap)

    def pause(self, *, on: bool) -> None:
        """Record no event while it is on."""
        self._is_paused = on

    def read_ms(self) -> list[float]:
        """What each tap took in the last frame whose events have passed."""
        for tap in [tap for tap in self._asked if self._events[tap][1].query()]:
            began, ended = self._events[tap]
            self._spent_ms[tap] = began.elapsed_time(ended)
            self._asked.discard(tap)
        return self._spent_ms.copy()


def meter_for(device: torch.device, taps: int) -> Meter:
    """The meter that tells the truth on a device."""
    return DeviceMeter(taps) if device.type == "cuda" else HostMeter(taps)


def _pair() -> tuple[torch.cuda.Event, torch.cuda.Event]:
    return torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
