"""What is known of a frame that is seen again: dead channels and drift need frames before it, and the log has them.

After a jump nothing of a run is known, though the lines over time show that frame's numbers from when it was played.
Whoever tells how stages are tells those, and that they are from then.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from viewer.core.health import LIMITED, OF_A_RUN, HealthLimits, Measure, StageHealth
from viewer.session.health_log import HealthLog
from viewer.session.health_words import NAMES

SEEN_BEFORE = "from when this frame was seen before"

_NAMED = (Measure.DRIFT, Measure.DEAD)
"""Numbers that a sentence names; who knows how many channels are dead knows how many died."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """How a stage is in a frame.

    Attributes:
        health: As it is now.
        earlier: Numbers that are not known now and were when the frame was seen before.
    """

    health: StageHealth
    earlier: Mapping[Measure, float] = field(default_factory=dict[Measure, float])

    def value(self, measure: Measure) -> float:
        """A number, of now where it is known; nan where it never was."""
        return self.earlier.get(measure, self.health.value(measure))

    def crossed(self, limits: HealthLimits) -> tuple[Measure, ...]:
        """Which numbers are above their limits, the gravest first."""
        return tuple(measure for measure in LIMITED if self.value(measure) > limits.of(measure))

    @property
    def dead(self) -> int | None:
        """Number of dead channels; None where it never was known."""
        if self.health.dead is not None:
            return len(self.health.dead)
        share = self.earlier.get(Measure.DEAD)
        return None if share is None else round(share * (self.health.channels - self.health.muted))

    @property
    def is_known(self) -> bool:
        """Whether nothing is left to wait for."""
        values = [self.value(measure) for measure in _NAMED]
        return all(value == value for value in values)


def recall(health: Iterable[StageHealth], index: int, log: HealthLog | None) -> tuple[Recalled, ...]:
    """Add to how stages are now what is known of this frame from before.

    Args:
        health: Of the frame that is shown.
        index: Its number.
        log: Of the frames seen so far; None where nothing is kept.
    """
    return tuple(Recalled(each, {} if log is None else _earlier(each, index, log)) for each in health)


def _earlier(health: StageHealth, index: int, log: HealthLog) -> dict[Measure, float]:
    unknown = [measure for measure in OF_A_RUN if health.value(measure) != health.value(measure)]
    known = {measure: log.value(health.stage.node, index, measure) for measure in unknown}
    return {measure: value for measure, value in known.items() if value == value}


def earlier_words(recalled: Iterable[Recalled]) -> str:
    """Which numbers are from before, to follow a sentence; empty where none is."""
    known = {measure for each in recalled for measure in each.earlier}
    names = [NAMES[measure] for measure in _NAMED if measure in known]
    if not names:
        return ""
    is_one = names == [NAMES[Measure.DRIFT]]
    return f"; {' and '.join(names)} {'is' if is_one else 'are'} {SEEN_BEFORE}"
