"""Names of stages that are paths of modules, cut so that what tells them apart stays."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from viewer.render.shortening import CUT, Fits, whole_parts, without_middle

_LEAST_END = 2
"""Letters of a last part that still tell it."""
_WORD = re.compile(r"(?<!\S)\d+\.\d+(?!\S)|[^\s._/:]+")
"""A word of a path; a number such as a score stays one."""


def shortened_path(path: str, others: Sequence[str], fits: Fits) -> str:
    """As much of a path as there is room for: its last part and what tells it from others first, numbers above all.

    Words in parts, `Why car 0.69 · P3`, lose whole parts from their end where that leaves them apart from others.
    Of `MobilenetV3.expanded_conv_5.expand.Relu` beside its like, `…5.expand.Relu` is left, and `…5…Relu` of that.

    Args:
        path: `backbone.body.layer3.2.conv1`, or a short name.
        others: Those it is to be told from; may hold it.
        fits: Whether there is room.
    """
    if fits(path):
        return path
    begin = whole_parts(path, fits)
    if begin and not any(other.startswith(begin) for other in others if other != path):
        return begin
    read = _read(path, tuple(others))
    kept = frozenset(read.order[: read.least])
    if not fits(read.shown(kept)):
        return _in_little_room(read, fits)
    for word in read.order[read.least :]:
        if fits(read.shown(kept | {word})):
            kept |= {word}
    return read.shown(kept)


def _in_little_room(read: "_Read", fits: Fits) -> str:
    """What tells it apart before the end of its last part; its block alone where that is too much."""
    telling = read.order[read.ending : read.least]
    numbers = [number for number in telling if read.word(number).isdecimal()]
    end = read.path[read.words[min(read.order[: read.ending])][0] :]
    block = (*numbers, min(telling)) if telling else ()
    for kept in (telling, block, numbers, numbers[:1], ()):
        before = read.shown(frozenset(kept)) if kept else CUT
        for length in range(len(end), min(_LEAST_END, len(end)) - 1, -1):
            shown = before + end[-length:]
            if fits(shown):
                return shown
    return without_middle(read.path, fits)


@dataclass(frozen=True, slots=True)
class _Read:
    """A path in words.

    Attributes:
        path: As it is.
        words: Where each begins and ends.
        order: Numbers of the words as they matter.
        ending: How many of them are its last part.
        least: How many of them tell it from all others.
    """

    path: str
    words: tuple[tuple[int, int], ...]
    order: tuple[int, ...]
    ending: int
    least: int

    def word(self, number: int) -> str:
        return self.path[slice(*self.words[number])]

    def shown(self, kept: frozenset[int]) -> str:
        return _shown(self.path, self.words, kept)


@lru_cache(maxsize=4096)
def _read(path: str, others: tuple[str, ...]) -> _Read:
    words = tuple(match.span() for match in _WORD.finditer(path)) or ((0, len(path)),)
    last_part = 0 if len(words) == 1 else max(path.rfind(sign, 0, words[-1][0]) for sign in ". ")
    order = [number for number, (begin, _) in enumerate(words) if begin > last_part][::-1] or [len(words) - 1]
    ending = len(order)
    rivals = _alike(path, words, order, [other for other in others if other != path])
    while rivals and len(order) < len(words):
        left = [number for number in range(len(words)) if number not in order]
        worth = {number: _worth(path, words, order, number, rivals) for number in left}
        order.append(min(left, key=worth.__getitem__))
        rivals = _alike(path, words, order, rivals)
    rest = [number for number in reversed(range(len(words))) if number not in order]
    return _Read(path, words, (*order, *rest), ending, len(order))


def _worth(
    path: str, words: tuple[tuple[int, int], ...], order: Sequence[int], number: int, rivals: Sequence[str]
) -> tuple[bool, int, int]:
    """What sorts first: a number that tells it from some, then what leaves fewest rivals, then what stands last."""
    left = len(_alike(path, words, [*order, number], rivals))
    is_telling = path[slice(*words[number])].isdecimal() and left < len(rivals)
    return not is_telling, left, -number


def _alike(path: str, words: tuple[tuple[int, int], ...], kept: Sequence[int], others: Sequence[str]) -> list[str]:
    """Those of which the same words may be left."""
    shown = _shown(path, words, frozenset(kept))
    middle = r"[\s._/:](?:.*[\s._/:])?"
    pattern = middle.join(re.escape(part) for part in shown.removeprefix(CUT).split(CUT))
    begin = r"(?:.*[\s._/:])?" if shown.startswith(CUT) else ""
    meant = re.compile(begin + pattern)
    return [other for other in others if meant.fullmatch(other)]


def _shown(path: str, words: tuple[tuple[int, int], ...], kept: frozenset[int]) -> str:
    """The path with these of its words, an ellipsis in the place of each run of others."""
    text, before = "", -1
    for number in sorted(kept):
        begin, end = words[number]
        follows = number == before + 1
        text += path[0 if number == 0 else words[before][1] : end] if follows else CUT + path[begin:end]
        before = number
    return text + path[words[before][1] :] if before == len(words) - 1 else text + CUT
