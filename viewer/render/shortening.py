"""Words in little room, cut by one rule wherever they are drawn: what tells one thing from another stays.

Lists lose whole parts from their end, for half a number is another number; paths lose what they share with others;
anything else its middle. How wide words are, whoever draws them knows.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import takewhile

CUT = "\N{HORIZONTAL ELLIPSIS}"
_SEPARATOR = " · "
_LEAST = 3
"""Letters that still say something."""

Fits = Callable[[str], bool]
"""Whether there is room for these words."""


def whole_parts(text: str, fits: Fits) -> str:
    """As many whole parts of `a · b · c` as fit, from the first on; half a word helps nobody."""
    parts = text.split(_SEPARATOR)
    while parts and not fits(_SEPARATOR.join(parts)):
        parts.pop()
    return _SEPARATOR.join(parts)


def without_middle(text: str, fits: Fits) -> str:
    """The text, or as much of its beginning and end as fits; empty where hardly a letter does."""
    if fits(text):
        return text
    least, most = 0, len(text) - 1  # letters that are known to fit, and that may
    while least < most:
        half = (least + most + 1) // 2
        if fits(_cut(text, half)):
            least = half
        else:
            most = half - 1
    return _cut(text, least) if least >= _LEAST else ""


def shortened_path(path: str, others: Sequence[str], fits: Fits) -> str:
    """As much of a path as fits: less of the beginning that others have too, then less of its middle.

    Args:
        path: `backbone.body.layer3.2.conv1`, or a short name.
        others: Those it is to be told from; may hold it.
        fits: Whether there is room.
    """
    shown = path
    for parts in range(common_parts(path, tuple(others)) + 1):
        shown = CUT + ".".join(path.split(".")[parts:]) if parts else path
        if fits(shown):
            return shown
    return without_middle(shown, fits)


@lru_cache(maxsize=2048)
def common_parts(path: str, others: tuple[str, ...]) -> int:
    """How many parts from its first on a path shares with all others of the same first part; its last is never one.

    Others that begin otherwise are told from it by its end as well.
    """
    parts = path.split(".")
    alike = [other.split(".") for other in others if other != path and other.split(".")[0] == parts[0]]
    if not alike:
        return 0
    columns = list(zip(parts[:-1], *alike, strict=False))
    return len(list(takewhile(lambda column: len(set(column)) == 1, columns)))


def _cut(text: str, letters: int) -> str:
    """The text with so many of its letters; of an odd number the beginning has one more."""
    end = letters // 2
    return text[: letters - end].rstrip() + CUT + (text[len(text) - end :].lstrip() if end else "")
