"""How the numbers of health are told: with their units, as short as a table needs."""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from viewer.core.health import SHARES, HealthCheck, Measure, StageHealth
from viewer.session.health_log import HealthEvent

NAMES = {
    Measure.MEAN: "mean",
    Measure.STD: "standard deviation",
    Measure.MAX: "max",
    Measure.ZEROS: "zeros",
    Measure.DEAD: "dead channels",
    Measure.DIED: "channels that died",
    Measure.DRIFT: "drift",
    Measure.SATURATED: "saturated",
    Measure.NONFINITE: "not finite",
}
"""What a number is called in a sentence."""

UNITS = {
    Measure.MEAN: "activation",
    Measure.STD: "activation",
    Measure.MAX: "activation",
    Measure.ZEROS: "% of values",
    Measure.DEAD: "% of channels",
    Measure.DIED: "channels",
    Measure.DRIFT: "deviations",
    Measure.SATURATED: "% of values",
    Measure.NONFINITE: "values",
}

UNKNOWN = "\N{EN DASH}"

_NONE_EARLIER: Mapping[Measure, float] = MappingProxyType({})


def how_computed(measure: Measure, check: HealthCheck) -> str:
    """A line or two for a tooltip: what a number is, with its unit."""
    match measure:
        case Measure.MEAN:
            return "Mean of all finite values of the stage, in activation units"
        case Measure.STD:
            return "Standard deviation of all finite values of the stage, in activation units"
        case Measure.MAX:
            return "Largest finite value of the stage, in activation units"
        case Measure.ZEROS:
            return f"Share of values within {check.epsilon:g} of zero, in percent, those that are exactly 0 among them"
        case Measure.DEAD:
            quiet = f"{check.quiet_share * 100:.0f} %"
            return (
                f"Channels whose largest |x| stayed at or under {quiet} of the stage's root mean\n"
                f"square in each of the last {check.dead_frames} frames; known once so many followed each other.\n"
                "Muted channels, and those that a solo silences, are left out"
            )
        case Measure.DIED:
            return (
                f"Channels that became dead in this frame and had been alive: over their share in {check.dead_frames}\n"
                f"frames one after the other, then at or under it in {check.dead_frames}"
            )
        case Measure.DRIFT:
            return (
                "How far the means of the channels are from what they lately were: mean over channels of\n"
                "|mean - reference| / deviation, both exponentially weighted over the "
                f"last {check.reference_frames} frames.\n"
                f"About 0.8 on pictures of one kind; known once {check.warm_up_frames} frames\n"
                "followed each other"
            )
        case Measure.SATURATED:
            return "Share of values at or beyond the largest finite number of their type, in percent"
        case Measure.NONFINITE:
            return "Values that are infinite or not a number"


def told(value: float, measure: Measure) -> str:
    """A number with its sign or percent, in five or six letters; a dash where it is not known."""
    if math.isnan(value):
        return UNKNOWN
    if math.isinf(value):
        return "\N{INFINITY}" if value > 0 else "-\N{INFINITY}"
    if measure in SHARES:
        return _percent(value)
    if measure in (Measure.NONFINITE, Measure.DIED):
        return f"{round(value)}"
    return _short(value)


def scale_text(value: float, measure: Measure) -> str:
    """A round number at the end of a scale."""
    return f"{value * 100:g} %" if measure in SHARES else f"{value:g}"


def _percent(share: float) -> str:
    if 0 < share < 0.0005:
        return "<0.1 %"
    return f"{share * 100:.0f} %" if share in (0, 1) or share >= 0.0995 else f"{share * 100:.1f} %"


def _short(value: float) -> str:
    magnitude = abs(value)
    if magnitude >= 10_000:
        return f"{value:.0e}".replace("e+0", "e").replace("e+", "e")
    if 0 < magnitude < 0.005:
        return f"{value:.0e}".replace("e-0", "e-")
    return f"{value:.0f}" if magnitude >= 99.95 else f"{value:.1f}" if magnitude >= 9.995 else f"{value:.2f}"


def event_text(event: HealthEvent) -> str:
    """What crossed its limit, in one line."""
    peak, limit = told(event.peak, event.measure), told(event.limit, event.measure)
    unit = {Measure.DRIFT: " deviations", Measure.NONFINITE: " values"}.get(event.measure, "")
    where = f"frame {event.index}" if event.index == event.last else f"frames {event.index} to {event.last}"
    if event.measure is Measure.DIED:
        return f"{event.title}: {_counted(round(event.peak), 'channel')} died ({where})"
    over = "" if event.limit == 0 else f", above {limit}"
    return f"{event.title}: {NAMES[event.measure]} up to {peak}{unit}{over} ({where})"


def events_text(events: Sequence[HealthEvent]) -> str:
    """The same for all that happened in one frame: the gravest in full."""
    rest = "" if len(events) < 2 else f" · and {len(events) - 1} more"
    return f"{event_text(events[0])}{rest}" if events else ""


def numbers(channels: Sequence[int], most: int = 60) -> str:
    """Channel numbers, runs drawn together: `3, 5 to 9, 12`; of many, the first."""
    runs: list[list[int]] = []
    for channel in channels:
        if runs and channel == runs[-1][-1] + 1:
            runs[-1].append(channel)
        else:
            runs.append([channel])
    words = [str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]
    rest = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + rest


def details(
    health: StageHealth, check: HealthCheck, earlier: Mapping[Measure, float] = _NONE_EARLIER
) -> tuple[tuple[str, str, str], ...]:
    """All that is known of a stage in a frame: names, values with units, and how each was computed.

    Numbers of channels have a line of their own where there are some.

    Args:
        health: Of the stage.
        check: How it was looked at.
        earlier: What is not known now and was when this frame was seen before.
    """

    def line(name: str, words: str, measure: Measure) -> tuple[str, str, str]:
        return name, words, how_computed(measure, check)

    lines = [
        line("Mean", told(health.mean, Measure.MEAN), Measure.MEAN),
        line("Standard deviation", told(health.std, Measure.STD), Measure.STD),
        line("Largest value", told(health.max, Measure.MAX), Measure.MAX),
        ("Exactly 0", _percent(health.zeros), "Share of values that are exactly 0, in percent"),
        line(f"Within {check.epsilon:g} of 0", _percent(health.near_zeros), Measure.ZEROS),
        line(f"Saturated, {health.dtype}", _percent(health.saturated), Measure.SATURATED),
        line("Not finite", _counted(health.nonfinite, "value"), Measure.NONFINITE),
        ("in channels", numbers(health.broken), "Numbers of the channels with values that are not finite, from 0"),
        line("Dead", _dead(health, check, earlier), Measure.DEAD),
        ("channels", numbers(health.dead or ()), "Numbers of the dead channels, from 0"),
        ("Just died", numbers(health.died), how_computed(Measure.DIED, check)),
        line("Drift", _drift(health, check, earlier), Measure.DRIFT),
    ]
    return tuple(line for line in lines if line[1])


def _dead(health: StageHealth, check: HealthCheck, earlier: Mapping[Measure, float]) -> str:
    muted = f", {health.muted} muted" if health.muted else ""
    if health.dead is not None:
        return f"{len(health.dead) or 'none'} of {health.channels - health.muted} channels{muted}"
    if Measure.DEAD in earlier:
        return f"{told(earlier[Measure.DEAD], Measure.DEAD)} of channels, seen before{muted}"
    return f"known after {check.dead_frames} frames{muted}"


def _drift(health: StageHealth, check: HealthCheck, earlier: Mapping[Measure, float]) -> str:
    if not math.isnan(health.drift):
        return f"{told(health.drift, Measure.DRIFT)} deviations"
    if Measure.DRIFT in earlier:
        return f"{told(earlier[Measure.DRIFT], Measure.DRIFT)} deviations, seen before"
    return f"known after {check.warm_up_frames} frames"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
