"""How stages were in the frames seen so far: for lines over time, and for the places where a number crossed its limit.

Beside `History` and kept by it: rows by frame number, made when the first frame comes that was looked at. Where limits
were crossed is worked out from the numbers, so that it follows limits that the user moves.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.core.health import LIMITED, OF_A_RUN, HealthLimits, Measure, StageHealth

CALM_FRAMES = 25
"""Frames without a crossing, looked at or not, after which the next one is another event: about a second."""

_COLUMNS = {measure: column for column, measure in enumerate(Measure)}
_NEEDS_RUN = np.array([measure in OF_A_RUN for measure in Measure])


@dataclass(frozen=True, slots=True)
class HealthEvent:
    """A number that crossed its limit.

    Attributes:
        index: The first frame above it.
        last: The last one, as far as was seen.
        node: The stage.
        title: What it is called.
        measure: The number.
        peak: Its largest value there; of channels that died, how many did in all.
        limit: What it crossed.
    """

    index: int
    last: int
    node: str
    title: str
    measure: Measure
    peak: float
    limit: float


class HealthLog:
    """Numbers of each stage a frame; of a live source, of the newest frames.

    Args:
        size: Frames that are kept; one more takes the place of the oldest.
    """

    def __init__(self, size: int) -> None:
        self.revision = 0
        self._size = size
        self._values: dict[str, NDArray[np.float32]] = {}
        self._titles: dict[str, str] = {}
        self._frame = np.zeros(0, np.int64)
        self._told: tuple[object, tuple[HealthEvent, ...]] = (None, ())

    @property
    def nodes(self) -> tuple[str, ...]:
        """Stages that were looked at, in the order in which they turned up."""
        return tuple(self._values)

    def add(self, index: int, health: Iterable[StageHealth]) -> None:
        """Note a frame; one seen again replaces what was noted of it, by all that is known this time.

        What needs frames before it is not known right after a jump: then the number of the time before stays, and so
        do those of stages that are not looked at any more.
        """
        told = tuple(health)
        if not told:
            return
        if not len(self._frame):
            self._frame = np.full(self._size, -1, np.int64)
        place = index % self._size
        for each in told:
            self._make_room(each)
        if self._frame[place] != index:
            for rows in self._values.values():
                rows[place] = np.nan
        for each in told:
            new = np.array([each.value(measure) for measure in Measure], np.float32)
            rows = self._values[each.stage.node]
            rows[place] = np.where(_NEEDS_RUN & np.isnan(new), rows[place], new)
        self._frame[place] = index
        self.revision += 1

    def begin_anew(self) -> None:
        """Forget all of it."""
        self._values.clear()
        self._frame = np.zeros(0, np.int64)
        self.revision += 1

    def at(self, index: int, measure: Measure) -> dict[str, float]:
        """A number of each stage that is known in a frame, by its title."""
        if not len(self._frame) or index < 0 or self._frame[index % self._size] != index:
            return {}
        column, place = _COLUMNS[measure], index % self._size
        values = {self._titles[node]: float(rows[place, column]) for node, rows in self._values.items()}
        return {title: value for title, value in values.items() if not np.isnan(value)}

    def value(self, node: str, index: int, measure: Measure) -> float:
        """A number of a stage in a frame; nan where it was not looked at or is not known."""
        place = index % self._size
        if node not in self._values or self._frame[place] != index:
            return float("nan")
        return float(self._values[node][place, _COLUMNS[measure]])

    def track(self, node: str, measure: Measure, first: int) -> NDArray[np.float32]:
        """A number of a stage over time.

        Args:
            node: The stage.
            measure: The number.
            first: Number of the first frame wanted, as in `History.first`.

        Returns:
            (size,) float32, a frame each; nan where it was not looked at or is not known.
        """
        wanted = np.arange(first, first + self._size)
        if node not in self._values:
            return np.full(self._size, np.nan, np.float32)
        places = wanted % self._size
        return np.where(self._frame[places] == wanted, self._values[node][places, _COLUMNS[measure]], np.nan)

    def events(self, limits: HealthLimits) -> tuple[HealthEvent, ...]:
        """Where numbers crossed these limits, in the order of frames; the gravest first where several did at once."""
        key = self.revision, limits
        if self._told[0] != key:
            seen = np.sort(self._frame[self._frame >= 0])
            found = [
                event for measure in LIMITED for node in self._values for event in self._of(node, measure, seen, limits)
            ]
            self._told = key, tuple(sorted(found, key=lambda event: event.index))
        return self._told[1]

    def _of(self, node: str, measure: Measure, seen: NDArray[np.int64], limits: HealthLimits) -> Iterable[HealthEvent]:
        limit = limits.of(measure)
        values = self._values[node][seen % self._size, _COLUMNS[measure]]
        is_over = values > limit
        frames, peaks = seen[is_over], values[is_over]
        if not len(frames):
            return
        breaks = np.flatnonzero(np.diff(frames) > CALM_FRAMES) + 1
        for run, high in zip(np.split(frames, breaks), np.split(peaks, breaks), strict=True):
            peak = float(high.sum() if measure is Measure.DIED else high.max())
            yield HealthEvent(int(run[0]), int(run[-1]), node, self._titles[node], measure, peak, limit)

    def _make_room(self, health: StageHealth) -> None:
        node = health.stage.node
        self._titles[node] = health.stage.title
        if node not in self._values:
            rows = self._values[node] = np.zeros((self._size, len(Measure)), np.float32)
            rows[self._frame >= 0] = np.nan  # pages that are never written to cost nothing


def beside(events: Iterable[HealthEvent], index: int, step: int) -> HealthEvent | None:
    """The next event after a frame, or the one before; round the ends, None where there is none."""
    ordered = sorted(events, key=lambda event: event.index)
    if step > 0:
        return next((event for event in ordered if event.index > index), ordered[0] if ordered else None)
    before = [event for event in ordered if event.index < index]
    return before[-1] if before else ordered[-1] if ordered else None
