"""From the sums of each channel to how stages are, with what has to be remembered from frame to frame.

This runs on the host: what is remembered is three numbers a channel, the sums have come down anyway to say which
channels are dead, and a dozen operations over all channels of all stages at once take less than one launch on a GPU
would save. The sums themselves are taken where the activation is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from viewer.core.health import HealthCheck, StageHealth
from viewer.core.stage import Stage
from viewer.inference.studies.channel_sums import Row

_FLOOR_OF_USUAL = 0.01
"""Share of the mean variance of a stage's channels that every channel is granted."""
_FLOOR_OF_MEAN = 1e-4
"""The same of the mean square of their means."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A stage as it is looked at.

    Attributes:
        stage: Which.
        channels: Channels of its activation.
        cells: Cells of a channel.
        dtype: Its floating type.
    """

    stage: Stage
    channels: int
    cells: int
    dtype: str


@dataclass(frozen=True, slots=True)
class _Memory:
    """What is remembered of the frames before; arrays are (channels of all stages,)."""

    frames: int
    quiet_for: NDArray[np.int32]
    loud_for: NDArray[np.int32]
    alive: NDArray[np.bool_]
    died: NDArray[np.bool_]
    mean: NDArray[np.float64]
    variance: NDArray[np.float64]

    @classmethod
    def of(cls, channels: int) -> "_Memory":
        """Of no frame."""
        counts, no, sums = np.zeros(channels, np.int32), np.zeros(channels, np.bool_), np.zeros(channels)
        return cls(0, counts, counts, no, no, sums, sums)


class HealthTracker:
    """Follows stages through frames.

    A frame that comes again, as one that stands still does, counts once. After a jump, a step back or the wrap of a
    loop all begins anew: what is told of a frame depends on those right before it and on nothing else.

    Args:
        check: What is asked.
        watched: The stages, in the order of the sums.
    """

    def __init__(self, check: HealthCheck, watched: Sequence[Watched]) -> None:
        self.watched = tuple(watched)
        self._check = check
        channels = np.array([each.channels for each in watched])
        self._starts = np.concatenate(([0], np.cumsum(channels)[:-1])).astype(np.intp)
        self._channels = channels
        self._cells = np.repeat([each.cells for each in watched], channels)
        total = int(channels.sum())
        self._nothing = _Memory.of(total)
        self._before = self._after = self._nothing
        self._index: int | None = None

    def see(
        self, index: int, sums: NDArray[np.float32], *, silenced: NDArray[np.bool_] | None = None, live: bool = False
    ) -> tuple[StageHealth, ...]:
        """Take a frame.

        Args:
            index: Its number.
            sums: (8, channels of all stages), rows as `Row` says.
            silenced: (channels of all stages,) which channels somebody muted; None where nobody did.
            live: Whether frames may be missing before it, fewer than the drift's reference is made of.
        """
        if index != self._index:
            most = max(1, self._check.reference_frames) if live else 1
            follows = self._index is not None and 0 < index - self._index <= most
            self._before, self._index = self._after if follows else self._nothing, index
        muted = np.zeros(len(self._cells), np.bool_) if silenced is None else silenced
        figures = _Figures.of(sums, self._cells, self)
        figures = replace(figures, sound=figures.sound & ~muted)
        drift = self._drift(figures)
        self._after = self._remember(figures)
        return tuple(self._told(place, figures, drift, sums, muted) for place in range(len(self.watched)))

    def of_stages(self, per_channel: NDArray[np.generic]) -> NDArray[np.float64]:
        """Sums over the channels of each stage."""
        return np.add.reduceat(per_channel.astype(np.float64), self._starts)

    def spread(self, per_stage: NDArray[np.float64]) -> NDArray[np.float64]:
        """A number of each stage for all its channels."""
        return np.repeat(per_stage, self._channels)

    def _drift(self, figures: "_Figures") -> NDArray[np.float64]:
        """(stages,) deviations of the channels' means from what they lately were."""
        before = self._before
        usual = self.of_stages(before.variance) / self._channels
        level = self.of_stages(before.mean**2) / self._channels
        floor = self.spread(_FLOOR_OF_USUAL * usual + _FLOOR_OF_MEAN * level)
        scale = np.sqrt(before.variance + floor)
        distance = np.abs(np.where(figures.sound, figures.mean - before.mean, 0.0))
        # A stage that never was anything but 0 is infinitely far away once it is.
        scores = np.divide(distance, scale, out=np.where(distance > 0, np.inf, 0.0), where=scale > 0)
        sound = self.of_stages(figures.sound)
        drift = np.divide(self.of_stages(scores), sound, out=np.full(len(sound), np.nan), where=sound > 0)
        return drift if before.frames >= max(1, self._check.warm_up_frames) else np.full_like(drift, np.nan)

    def _remember(self, figures: "_Figures") -> _Memory:
        before, most = self._before, self._check.dead_frames
        frames = before.frames + 1
        weight = max(1 / frames, 2 / (self._check.reference_frames + 1))
        apart = np.where(figures.sound, figures.mean - before.mean, 0.0)
        mean = before.mean + weight * apart
        variance = (1 - weight) * (before.variance + weight * apart**2)
        is_quiet = figures.magnitude <= self._check.quiet_share * self.spread(figures.stage_magnitude)
        tells = figures.sound & (figures.bad == 0)
        quiet_for = np.where(is_quiet & tells, before.quiet_for + 1, 0).astype(np.int32)
        loud_for = np.where(~is_quiet & tells, before.loud_for + 1, 0).astype(np.int32)
        was_alive = before.alive | (loud_for >= most)
        died = was_alive & (quiet_for >= most)
        usual = np.where(figures.sound, variance, before.variance)
        return _Memory(frames, quiet_for, loud_for, was_alive & ~died, died, mean, usual)

    def _told(
        self,
        place: int,
        figures: "_Figures",
        drift: NDArray[np.float64],
        sums: NDArray[np.float32],
        muted: NDArray[np.bool_],
    ) -> StageHealth:
        each, start = self.watched[place], int(self._starts[place])
        part = slice(start, start + each.channels)
        values = each.channels * each.cells
        after, check = self._after, self._check
        is_known = after.frames >= check.dead_frames
        counts = sums[:, part].sum(1, dtype=np.float64)
        return StageHealth(
            stage=each.stage,
            frames=after.frames,
            channels=each.channels,
            dtype=each.dtype,
            mean=float(figures.stage_mean[place]),
            std=float(figures.stage_std[place]),
            max=float(sums[Row.HIGH, part].max()) if figures.stage_sound[place] else float("nan"),
            zeros=counts[Row.ZEROS] / values,
            near_zeros=counts[Row.NEAR_ZEROS] / values,
            saturated=counts[Row.SATURATED] / values,
            nonfinite=round(counts[Row.NONFINITE]),
            dead=_numbers(after.quiet_for[part] >= check.dead_frames) if is_known else None,
            broken=_numbers(sums[Row.NONFINITE, part] > 0),
            drift=float(drift[place]),
            died=_numbers(after.died[part]),
            muted=int(muted[part].sum()),
        )


@dataclass(frozen=True, slots=True)
class _Figures:
    """A frame's sums, with values that are not finite left out; arrays are (channels,), of stages (stages,).

    Attributes:
        bad: Values that are not finite.
        sound: Whether a channel has finite values, and nobody silenced it.
        mean: Of those.
        magnitude: Largest of their magnitudes.
        stage_sound: Finite values of a stage.
        stage_mean: Their mean.
        stage_std: Their standard deviation.
        stage_magnitude: Root of their mean square.
    """

    bad: NDArray[np.float64]
    sound: NDArray[np.bool_]
    mean: NDArray[np.float64]
    magnitude: NDArray[np.float64]
    stage_sound: NDArray[np.float64]
    stage_mean: NDArray[np.float64]
    stage_std: NDArray[np.float64]
    stage_magnitude: NDArray[np.float64]

    @classmethod
    def of(cls, sums: NDArray[np.float32], cells: NDArray[np.intp], tracker: HealthTracker) -> "_Figures":
        rows = sums.astype(np.float64)
        finite = cells - rows[Row.NONFINITE]
        total, squares = rows[Row.MEAN] * cells, (rows[Row.DEVIATION] ** 2 + rows[Row.MEAN] ** 2) * cells
        stage_sound = tracker.of_stages(finite)
        count = np.where(stage_sound > 0, stage_sound, np.nan)
        mean, square = tracker.of_stages(total) / count, tracker.of_stages(squares) / count
        # Not as the mean square less the squared mean: that drowns in rounding where the mean is large.
        between = tracker.of_stages(cells * (rows[Row.MEAN] - tracker.spread(np.nan_to_num(mean))) ** 2)
        within = tracker.of_stages(cells * rows[Row.DEVIATION] ** 2)
        holes = tracker.of_stages(rows[Row.NONFINITE]) * np.nan_to_num(mean) ** 2  # zeros in the place of those
        return cls(
            bad=rows[Row.NONFINITE],
            sound=finite > 0,
            mean=total / np.maximum(finite, 1),
            magnitude=np.maximum(np.abs(rows[Row.LOW]), np.abs(rows[Row.HIGH])),
            stage_sound=stage_sound,
            stage_mean=mean,
            stage_std=np.sqrt(np.maximum(between + within - holes, 0.0) / count),
            stage_magnitude=np.nan_to_num(np.sqrt(square)),
        )


def _numbers(mask: NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(np.flatnonzero(mask).tolist())
