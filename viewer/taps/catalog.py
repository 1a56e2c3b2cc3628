"""Every reducer by the name a user gives it."""

from collections.abc import Callable

from viewer.core.errors import ReducerError
from viewer.core.reducer_names import read_reducer
from viewer.taps.change import Difference, FromReference
from viewer.taps.colours import PrincipalColours
from viewer.taps.mosaic import Strongest
from viewer.taps.own import load_own
from viewer.taps.principal import PrincipalComponent
from viewer.taps.reducers import AbsMean, Channel, Max, Mean, Reducer, Rms
from viewer.taps.similar import Similarity

REDUCERS: dict[str, Callable[[], Reducer]] = {
    **{kind.name: kind for kind in (AbsMean, Mean, Max, Rms, PrincipalComponent, PrincipalColours)},
    **{kind.name: kind for kind in (Difference, FromReference)},
    "strongest": Strongest,
}
"""Reducers that need no argument."""


def parse_reducer(name: str) -> Reducer:
    """Make the reducer a user named; of a user's own, the file is run.

    Args:
        name: As `viewer.core.reducer_names.read_reducer` reads it.

    Raises:
        ReducerError: If there is none of this name; the message suggests the nearest.
    """
    wanted = read_reducer(name, ReducerError)
    match wanted.kind:
        case "channel":
            return Channel(wanted.number)
        case "strongest":
            return Strongest(wanted.number)
        case "similarity":
            return Similarity(wanted.at_xy)
        case "file":
            return load_own(wanted)
        case _:
            return REDUCERS[wanted.kind]()
