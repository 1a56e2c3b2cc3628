"""The history brought down to the columns of a timeline that is so many pixels wide."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.session.history import UNSEEN, Columns, History

_LEAST_COUNT = 5
_LEAST_MS = 10
_ENOUGH = 5000
"""Times that tell what is usual as well as all times of a long film do."""


@dataclass(frozen=True, slots=True, eq=False)
class LaneBins:
    """What a timeline draws, one value a column; a column in which several frames lie shows the most of them.

    Attributes:
        seen: Whether any of its frames was seen.
        stale: Whether none of those was under the thresholds that hold; if one was, the others do not count.
        timed: Whether any of its frames went through the network.
        count: Most detections of a frame, -1 where unseen.
        score: Mean of the frames' mean scores.
        inference_ms: Longest inference, 0 where unseen.
        missed: Whether frames were passed over or late.
    """

    seen: NDArray[np.bool_]
    stale: NDArray[np.bool_]
    timed: NDArray[np.bool_]
    count: NDArray[np.int16]
    score: NDArray[np.float32]
    inference_ms: NDArray[np.float32]
    missed: NDArray[np.bool_]


def bins(history: History, width: int, begin: int, end: int) -> LaneBins:
    """Columns `begin` up to, not with, `end` of a timeline `width` columns wide.

    Frame i of n lies at i / (n - 1) of the width, where the timeline's head stands on it, and reaches half-way to its
    neighbours.

    Args:
        history: Of a source with two frames or more.
        width: Columns of the whole timeline.
        begin: First column wanted.
        end: Column after the last one wanted, at most `width`.
    """
    starts, stop = frames_of(len(history), width, begin, end)
    base = int(starts[0])
    part = history.columns(base, stop)
    return _reduced(part, starts - base)


def columns_of(history: History, width: int, first: int, last: int) -> tuple[int, int]:
    """The columns in which the frames at places `first` to `last` lie, as begin and end."""
    span = len(history) - 1
    begin = int((first - 0.5) / span * width) - 1
    end = int((last + 0.5) / span * width) + 2
    return max(begin, 0), min(end, width)


def scales(history: History) -> tuple[float, float]:
    """Tops of the lanes of detections and of milliseconds: round numbers, so that a lane seldom changes its scale."""
    columns = history.columns()
    count = int(columns.count.max(initial=0))
    timed = columns.inference_ms[~np.isnan(columns.inference_ms)]
    timed = timed[:: 1 + len(timed) // _ENOUGH]
    # One slow frame, as the first of a network is, must not press all others to the ground.
    rank = int(0.99 * (len(timed) - 1))
    ms = float(np.partition(timed, rank)[rank]) if len(timed) else 0.0
    return round_up(max(count, _LEAST_COUNT)), round_up(max(ms, _LEAST_MS))


def frames_of(frames: int, width: int, begin: int, end: int) -> tuple[NDArray[np.intp], int]:
    """The first frame of each column of a timeline, and the frame after the last one of the last column.

    Args:
        frames: How many there are, two or more.
        width: Columns of the whole timeline.
        begin: First column wanted.
        end: Column after the last one wanted.
    """
    edges = np.floor(np.arange(begin, end + 1) / width * (frames - 1) + 0.5).astype(np.intp)
    return np.minimum(edges[:-1], frames - 1), min(max(int(edges[-1]), int(edges[-2]) + 1), frames)


def _reduced(part: Columns, starts: NDArray[np.intp]) -> LaneBins:
    known = part.count >= 0
    holds = np.add.reduceat((known & ~part.stale).astype(np.int32), starts) > 0
    here = known & ~(part.stale & np.repeat(holds, np.diff(starts, append=len(known))))
    number = np.add.reduceat(here.astype(np.int32), starts)
    total = np.add.reduceat(np.where(here, part.mean_score, 0).astype(np.float32), starts)
    ms = np.fmax.reduceat(part.inference_ms.astype(np.float32), starts)
    return LaneBins(
        seen=number > 0,
        stale=(number > 0) & ~holds,
        timed=~np.isnan(ms),
        count=np.maximum.reduceat(np.where(here, part.count, UNSEEN), starts),
        score=(total / np.maximum(number, 1)).astype(np.float32),
        inference_ms=np.nan_to_num(ms),
        missed=np.maximum.reduceat(part.missed, starts) > 0,
    )


def round_up(value: float) -> float:
    """The next of 1, 2, 5, 10, 20, 50 …, in all powers of ten, that is not below a value above 0."""
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= value))
