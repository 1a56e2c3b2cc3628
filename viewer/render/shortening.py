"""Words in little room, cut by one rule wherever they are drawn: what tells one thing from another stays.

Lists lose whole parts from their end, for half a number is another number; anything else its middle, but for paths,
for which see `viewer.render.stage_paths`. How wide words are, whoever draws them knows.
"""

from collections.abc import Callable

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


def _cut(text: str, letters: int) -> str:
    """The text with so many of its letters; of an odd number the beginning has one more."""
    end = letters // 2
    return text[: letters - end].rstrip() + CUT + (text[len(text) - end :].lstrip() if end else "")
