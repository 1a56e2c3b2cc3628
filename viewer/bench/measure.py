"""Samples, medians, spreads, and taking turns."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured quantity.

    Attributes:
        median: Median of the samples.
        low: First quartile.
        high: Third quartile.
        count: Number of samples.
        unit: `ms`, `fps`, `MB`, `s`.
    """

    median: float
    low: float
    high: float
    count: int
    unit: str

    @classmethod
    def of(cls, samples: Sequence[float], unit: str) -> "Figure":
        """Summarise samples, at least one."""
        if len(samples) == 1:
            return cls(samples[0], samples[0], samples[0], 1, unit)
        low, middle, high = statistics.quantiles(samples, n=4, method="inclusive")
        return cls(middle, low, high, len(samples), unit)


def timed_ms(work: Callable[[], object]) -> float:
    """Wall-clock milliseconds of one call."""
    began_s = perf_counter()
    work()
    return (perf_counter() - began_s) * 1000


def take_turns(rounds: int, contestants: Mapping[str, Callable[[], Sequence[float]]]) -> dict[str, list[list[float]]]:
    """Let contestants sample in turn, forwards and backwards alternately.

    Args:
        rounds: How often each has a turn.
        contestants: Takes a few samples, by name.

    Returns:
        Samples by name, one list a round.
    """
    taken: dict[str, list[list[float]]] = {name: [] for name in contestants}
    for number in range(rounds):
        order = list(contestants)[:: 1 if number % 2 == 0 else -1]
        for name in order:
            taken[name].append(list(contestants[name]()))
    return taken


def flat(rounds: Sequence[Sequence[float]]) -> list[float]:
    """All samples of all rounds."""
    return [sample for one in rounds for sample in one]


def paired_difference(one: Sequence[Sequence[float]], other: Sequence[Sequence[float]]) -> Figure:
    """How much the first is above the second, a round at a time, so that a machine that slows down does not count."""
    differences = [statistics.median(a) - statistics.median(b) for a, b in zip(one, other, strict=True)]
    return Figure.of(differences, "ms")
