"""How far the handles of fixed limits can be dragged: a span with all that the maps show now, and some room beyond."""

import math
from collections.abc import Iterable

from viewer.core.packet import TapMap
from viewer.core.tapping import Limits

_ROOM = 0.25
"""Share of the width that is left beyond the values on each side."""
_ROUND = (1, 1.5, 2, 3, 4, 6, 8, 10, 15)


def span_of(limits: Limits, taps: Iterable[TapMap]) -> tuple[float, float]:
    """The values at the ends of a control for fixed limits.

    Args:
        limits: Those that hold.
        taps: Maps that are shown.

    Returns:
        Low and high in activation units, low below high. Values that are never negative keep 0 as their lower end.
    """
    known = [limits.low, limits.high]
    known += [value for tap in taps for value in (*tap.limits, tap.mean, tap.max) if math.isfinite(value)]
    low, high = min(known), max(known)
    room = (high - low) * _ROOM or 1.0
    return (0.0 if low >= 0 else -_round_up(room - low)), _round_up(high + room)


def _round_up(value: float) -> float:
    """The next round number, so that the ends stand still while maps change from frame to frame."""
    if value <= 0:
        return value
    unit = 10.0 ** math.floor(math.log10(value))
    return next(unit * step for step in _ROUND if unit * step >= value)
