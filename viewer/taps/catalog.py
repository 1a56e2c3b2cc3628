"""Every reducer by the name a user gives it."""

from collections.abc import Callable

from viewer.core.errors import ReducerError
from viewer.core.tapping import check_reducer
from viewer.taps.change import Difference, FromReference
from viewer.taps.principal import PrincipalComponent
from viewer.taps.reducers import AbsMean, Channel, Max, Mean, Reducer, Rms

REDUCERS: dict[str, Callable[[], Reducer]] = {
    kind.name: kind for kind in (AbsMean, Mean, Max, Rms, PrincipalComponent, Difference, FromReference)
}
"""Reducers that need no argument."""


def parse_reducer(name: str) -> Reducer:
    """Make the reducer a user named.

    Args:
        name: A key of `REDUCERS`, or `channel:K`.

    Raises:
        ReducerError: If there is none of this name; the message suggests the nearest.
    """
    check_reducer(name, ReducerError)
    return REDUCERS[name]() if name in REDUCERS else Channel(int(name.partition(":")[2]))
