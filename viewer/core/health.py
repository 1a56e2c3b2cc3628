"""Whether a network is well: numbers for each stage and frame that tell of dead channels, overflow and drift.

What the numbers mean is said here, once; `viewer.inference.studies.health` computes them, and panels, timelines and
records tell them in the same words.

A *dead* channel says nothing whatever the picture: its magnitude, the largest |x| over its cells, stayed at or under
a share of its stage's magnitude, the root of the mean of x² over all channels, in each of the last frames. A share of
the stage and no value of its own, because stages differ by powers of ten, and of the root of mean squares, because
neither one loud channel nor a crowd of dead ones moves that far. A rectified channel that is dead is exactly 0; after
a smooth activation such as SiLU, which nears 0 from below and never stays there, it is merely close, and the share
tells both. In the same way two shares of zeros are counted: values that are exactly 0, and values within `epsilon` of
it.

A channel that somebody muted, or silenced by making others solo, counts neither as dead nor towards drift: it says
nothing because it may not.

A channel *died* in the frame in which it became dead, if it had been alive before: loud in each of as many frames, one
after the other. One that never was that is dead all the same, and did not die.

*Drift* tells how far the means of the channels are from what they lately were. With m the mean of a channel over its
finite values, r and v the exponentially weighted mean and variance of m over the frames before, and d = m - r:

    drift = mean over channels of |d| / sqrt(v + (mean of v) / 100 + (mean of r²) / 10000)
    r ← r + a·d,  v ← (1 - a)·(v + a·d²),  a = max(1 / n, 2 / (reference_frames + 1))

for the n-th frame, so that the first frames count alike (the update is that of D. H. D. West, "Updating mean and
variance estimates: an improved method", Communications of the ACM 22(9), 1979). The two added terms, a tenth of the
usual deviation and a hundredth of the usual mean of the stage's channels, keep a channel that hardly ever moves from
shouting at a trifle. Pictures of one kind give about 0.8, the mean of |z| of a normal distribution.

Dead channels and drift tell of frames that follow each other. After a jump, a step back or the wrap of a loop they
begin anew and are not known until enough frames have followed. Frames that a live source passed over break nothing.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

from viewer.core.stage import Stage


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """Asks how stages are.

    Attributes:
        nodes: Stages to look at, by node.
        epsilon: Values of this magnitude or less are close to zero, in activation units.
        quiet_share: Share of the stage's magnitude at or under which a channel's is quiet.
        dead_frames: Frames that a channel has to be quiet in, one after the other, to be dead.
        reference_frames: Frames the drift's reference is made of: the weight of one falls to 1/e² within so many.
        warm_up_frames: Frames before there is a drift.
        run: Another number begins anew: frames, quiet channels and the reference are forgotten.
    """

    nodes: tuple[str, ...]
    epsilon: float = 0.01
    quiet_share: float = 0.01
    dead_frames: int = 60
    reference_frames: int = 150
    warm_up_frames: int = 30
    run: int = 0


class Measure(StrEnum):
    """A number of a stage's health, by the word that tables and records have for it."""

    MEAN = "mean"
    STD = "std"
    MAX = "max"
    ZEROS = "zeros"
    DEAD = "dead"
    DIED = "died"
    DRIFT = "drift"
    SATURATED = "saturated"
    NONFINITE = "nonfinite"


@dataclass(frozen=True, slots=True, eq=False)
class StageHealth:
    """How one stage was in one frame.

    Attributes:
        stage: Which.
        frames: Frames seen one after the other, this one with them.
        channels: Channels of the activation.
        dtype: Its floating type, `float16`.
        mean: Of all finite values, in activation units; nan where there is none, as for the next two.
        std: Standard deviation of all finite values, in activation units.
        max: Largest finite value, in activation units.
        zeros: Share of the values that are exactly 0, 0..1.
        near_zeros: Share within `HealthCheck.epsilon` of 0, those that are 0 among them.
        saturated: Share at or beyond the largest finite value of `dtype`, infinities among them.
        nonfinite: Number of values that are infinite or not a number.
        dead: Numbers of the dead channels; None before enough frames have followed each other.
        broken: Numbers of the channels with values that are not finite.
        drift: As above, in deviations; nan during the warm-up.
        died: Numbers of the channels that died in this frame.
        muted: Number of channels that somebody silenced; they are neither dead nor alive.
    """

    stage: Stage
    frames: int
    channels: int
    dtype: str
    mean: float
    std: float
    max: float
    zeros: float
    near_zeros: float
    saturated: float
    nonfinite: int
    dead: tuple[int, ...] | None
    broken: tuple[int, ...]
    drift: float
    died: tuple[int, ...] = ()
    muted: int = 0

    def value(self, measure: Measure) -> float:
        """A number by its name; nan where it is not known.

        Zeros are those within epsilon, dead is a share of the channels that nobody silenced, died a number of them.
        """
        match measure:
            case Measure.ZEROS:
                return self.near_zeros
            case Measure.DEAD:
                return math.nan if self.dead is None else len(self.dead) / max(1, self.channels - self.muted)
            case Measure.DIED:
                return math.nan if self.dead is None else float(len(self.died))
            case _:
                return float(getattr(self, measure))


@dataclass(frozen=True, slots=True)
class HealthLimits:
    """Above what a number is worth a look.

    Attributes:
        zeros: Share of values within epsilon of 0.
        dead: Share of dead channels.
        died: Channels that died.
        drift: Deviations.
        saturated: Share of values at the end of their type.
        nonfinite: Values.
    """

    zeros: float = 0.95
    dead: float = 0.1
    died: float = 0.0
    drift: float = 2.5
    saturated: float = 0.0
    nonfinite: float = 0.0

    def of(self, measure: Measure) -> float:
        """The limit of a number; infinite where there is none."""
        return float(getattr(self, measure, math.inf))


SHARES = (Measure.ZEROS, Measure.DEAD, Measure.SATURATED)
"""Numbers that are shares, 0..1."""

OF_A_RUN = (Measure.DEAD, Measure.DIED, Measure.DRIFT)
"""Numbers that need frames right before this one."""

LIMITED = (Measure.NONFINITE, Measure.SATURATED, Measure.DEAD, Measure.DIED, Measure.ZEROS, Measure.DRIFT)
"""Numbers that have limits, the gravest first."""


def crossed(health: StageHealth, limits: HealthLimits) -> tuple[Measure, ...]:
    """Which numbers are above their limits, the gravest first; one that is not known is not."""
    return tuple(measure for measure in LIMITED if health.value(measure) > limits.of(measure))
