"""The names by which reducers are asked for, read and refused here for options, presets and the window alike.

Nothing that reduces is loaded for it, and no user's file is looked at.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from viewer.core.errors import ConfigError, ViewerError, did_you_mean

REDUCERS = ("absmean", "mean", "max", "rms", "pca", "pca-rgb", "difference", "reference", "strongest")
"""Reducers that take no argument; `strongest` is short for `strongest:16`."""

PATTERNS = ("channel:K", "strongest:K", "similarity:X,Y", "FILE.py:NAME")
"""Reducers that take one."""

IN_COLOUR = ("pca-rgb",)
"""Those whose maps are colours by themselves, so that no colour map is put on them."""

STRONGEST = 16
"""Channels of a mosaic unless the user says otherwise."""
MOST_STRONGEST = 64
"""More channels than this are specks."""


@dataclass(frozen=True, slots=True)
class ReducerName:
    """A name taken apart.

    Attributes:
        kind: What stands before the colon; `file` for a user's own class.
        number: Channel, or how many channels.
        at_xy: Pixel of the source, x and y.
        path: File of a user's own reducer.
        symbol: Name of the class in it.
    """

    kind: str
    number: int = 0
    at_xy: tuple[float, float] = (0.0, 0.0)
    path: str = ""
    symbol: str = ""

    def __str__(self) -> str:
        """The name it was read from, in its usual spelling."""
        match self.kind:
            case "channel" | "strongest":
                return f"{self.kind}:{self.number}"
            case "similarity":
                return f"similarity:{self.at_xy[0]:g},{self.at_xy[1]:g}"
            case "file":
                return f"{self.path}:{self.symbol}"
            case _:
                return self.kind


def read_reducer(name: str, error: type[ViewerError] = ConfigError) -> ReducerName:
    """Take the name of a reducer apart.

    Args:
        name: What the user called it: one of `REDUCERS`, or as in `PATTERNS`.
        error: What to raise, in the words of whoever asks.

    Raises:
        ViewerError: Of the kind of `error`, if it is none; the message says what is wrong or suggests the nearest.
    """
    if name == "strongest":
        return ReducerName("strongest", STRONGEST)
    if name in REDUCERS:
        return ReducerName(name)
    path, colon, symbol = name.rpartition(":")
    if path.lower().endswith(".py") and colon:
        if not symbol.isidentifier():
            raise error(f"reducer {name!r} names no class; give {path}:NAME with the class in that file")
        return ReducerName("file", path=path, symbol=symbol)
    if name.lower().endswith(".py"):
        raise error(f"reducer {name!r} names a file alone; give {name}:NAME with the class in it")
    kind, _, argument = name.partition(":")
    read = _READERS.get(kind)
    if read is None:
        known = [*REDUCERS, *PATTERNS]
        hint = did_you_mean(name, known) or did_you_mean(kind, (*REDUCERS, *_READERS))
        if _looks_like_file(path) or (not hint and _looks_like_file(name)):
            raise error(f"no reducer {name!r}: one of your own is a class in a Python file; give FILE.py:NAME")
        raise error(f"no reducer {name!r}{hint or '; there are ' + ', '.join(known)}")
    found = read(argument)
    if isinstance(found, str):
        raise error(f"no reducer {name!r}; {found}")
    return found


def check_reducer(name: str, error: type[ViewerError] = ConfigError) -> None:
    """Refuse a word that is no reducer, without loading what reduces; see `read_reducer`."""
    read_reducer(name, error)


def check_place(name: str, image_hw: tuple[int, int], error: type[ViewerError] = ConfigError) -> None:
    """Refuse a place that is not in the picture.

    Args:
        name: Of a reducer; those that have no place are in every picture.
        image_hw: Height and width of the picture in pixels.
        error: What to raise.

    Raises:
        ViewerError: Of the kind of `error`, if the place lies outside.
    """
    wanted = read_reducer(name, error)
    (x, y), (height, width) = wanted.at_xy, image_hw
    if x >= width or y >= height:
        raise error(
            f"reducer {name!r} looks outside the picture, which is {width}x{height} pixels; "
            f"give X below {width} and Y below {height}"
        )


def _looks_like_file(word: str) -> bool:
    path = PurePath(word)
    return "/" in word or "\\" in word or (path.suffix[1:].isalnum() and not path.suffix[1:].isdecimal())


def _channel(argument: str) -> ReducerName | str:
    number = _whole(argument)
    return "give the number of a channel, such as channel:3" if number is None else ReducerName("channel", number)


def _strongest(argument: str) -> ReducerName | str:
    number = _whole(argument)
    if number is None or not 1 <= number <= MOST_STRONGEST:
        return f"give how many channels, 1 to {MOST_STRONGEST}, such as strongest:16"
    return ReducerName("strongest", number)


def _similarity(argument: str) -> ReducerName | str:
    usage = "give a pixel of the source as X,Y, such as similarity:640,360"
    numbers = [_number(part) for part in argument.split(",")]
    if len(numbers) != 2 or any(number is None for number in numbers):
        return usage
    x, y = (number or 0.0 for number in numbers)
    return f"no pixel lies left of or above 0,0: {usage}" if x < 0 or y < 0 else ReducerName("similarity", at_xy=(x, y))


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


_READERS: dict[str, Callable[[str], ReducerName | str]] = {
    "channel": _channel,
    "strongest": _strongest,
    "similarity": _similarity,
}
