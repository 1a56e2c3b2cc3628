"""A number of each stage over time, brought down to the columns of a strip that is so many pixels wide."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.core.health import SHARES, HealthLimits, Measure
from viewer.session.health_log import HealthLog
from viewer.session.lanes import frames_of, round_up

_DENSE = 2
"""Columns a frame below which a line goes through columns, and no more through frames."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One stage.

    Attributes:
        node: Which.
        at: (n,) float, where each value lies, 0 at the first frame of the timeline and 1 at its last.
        values: (n,) float32; nan where nothing is known, which ends a piece of the line.
    """

    node: str
    at: NDArray[np.float64]
    values: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """All stages of one number.

    Attributes:
        measure: The number.
        lines: A line a stage.
        low: Value at the bottom.
        high: Value at the top.
        limit: What is too much; infinite where there is no limit.
    """

    measure: Measure
    lines: tuple[Line, ...]
    low: float
    high: float
    limit: float


def lines_of(log: HealthLog, measure: Measure, limits: HealthLimits, *, first: int, width: int) -> Lines:
    """What a strip draws.

    Args:
        log: Frames seen so far.
        measure: The number.
        limits: For the line that shows what is too much.
        first: Number of the first frame the timeline spans.
        width: Of the strip in pixels; where several frames share a column, it shows the largest value of them.
    """
    tracks = {node: log.track(node, measure, first) for node in log.nodes}
    lines = tuple(Line(node, *_drawn(track, width)) for node, track in tracks.items())
    limit = limits.of(measure)
    low, high = _span([line.values for line in lines], limit)
    return Lines(measure, lines, low, min(high, 1.0) if measure in SHARES else high, limit)


def _drawn(track: NDArray[np.float32], width: int) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    if len(track) * _DENSE <= width:
        return np.linspace(0, 1, len(track)), track
    starts, stop = frames_of(len(track), width, 0, width)
    part = np.where(np.isinf(track), np.nan, track)[:stop]
    columns = np.fmax.reduceat(part, starts).astype(np.float32)
    return (np.arange(width) + 0.5) / width, columns


def _span(values: list[NDArray[np.float32]], limit: float) -> tuple[float, float]:
    """Round numbers, so that the scale seldom changes; the limit lies within them."""
    known = np.concatenate([each[np.isfinite(each)] for each in values] or [np.zeros(0, np.float32)])
    most = max([limit * 1.25] if np.isfinite(limit) else [], default=0.0)
    high = max(most, float(known.max(initial=0.0)))
    low = float(known.min(initial=0.0))
    return (-round_up(-low) if low < 0 else 0.0), (round_up(high) if high > 0 else 1.0)
