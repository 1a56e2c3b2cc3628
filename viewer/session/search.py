"""Where the next frame is that has an object of a class, or the first that has it no more: decided on what was seen.

Only frames that were seen can be known. Where one that was not lies on the way it has to be looked at first; the
search says which, is told what came, and goes on from there.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from viewer.core.frame import Frame
from viewer.core.messages import Intent, Seek, Step
from viewer.session.history import UNSEEN

Direction = Literal[1, -1]
_TRIES = 2
"""How often a frame is asked for. Where another comes each time, it is damaged and cannot be shown."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is looked for.

    Attributes:
        label: A class; None means any object.
        lost: Look for the first frame without it after one with it, instead of for a frame with it.
        followed: Look for the one object of the class that is followed; frame by frame, for it is known in none before.
    """

    label: int | None = None
    lost: bool = False
    followed: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """A search, as the window shows it.

    Attributes:
        target: What is looked for.
        direction: 1 towards the end, -1 towards the beginning.
        origin: Frame at which it began.
        at: Frame that is looked at.
        over: Whether it ended.
        found: Whether it ended where it was to; told of a loss only, which is not seen in the picture.
        there: Whether what is looked for was in the frame at which it began.
    """

    target: Target
    direction: Direction
    origin: int
    at: int
    over: bool = False
    found: bool = False
    there: bool = False

    def way(self, last: int) -> float:
        """Part of the way to the end that was looked at, 0..1; `last` is the number of the last frame."""
        length = last - self.origin if self.direction > 0 else self.origin
        return abs(self.at - self.origin) / length if length else 1.0


@dataclass(frozen=True, slots=True)
class Move:
    """The next move of a search.

    Attributes:
        index: Frame to go to.
        found: Whether it is what was looked for; else it has to be looked at.
    """

    index: int
    found: bool


def next_move(presence: NDArray[np.int8], target: Target, start: int, direction: Direction) -> Move | None:
    """Where to go for the next match, the frame `start` itself left out.

    Args:
        presence: (N,) of the target's class: 1 there, 0 not there, -1 not seen.
        target: What is looked for.
        start: Where to begin.
        direction: 1 towards the end, -1 towards the beginning.

    Returns:
        None where there is none and no frame on the way is unseen.
    """
    if target.followed:
        return _next_on_trail(presence, start, direction)
    before = np.concatenate([np.zeros(1, np.int8), presence[:-1]])
    wanted = (presence <= 0) & (before != 0) if target.lost else presence != 0
    way = wanted[start + 1 :] if direction > 0 else wanted[: max(start, 0)][::-1]
    if not way.any():
        return None
    index = start + direction * (1 + int(way.argmax()))
    if presence[index] == UNSEEN:
        return Move(index, found=False)
    if target.lost and before[index] == UNSEEN:
        return Move(index - 1, found=False)
    return Move(index, found=True)


def _next_on_trail(presence: NDArray[np.int8], start: int, direction: Direction) -> Move | None:
    """The next frame in which an object is lost, seen along the way, or the next one to look at."""
    way = presence[start:] if direction > 0 else presence[: start + 1][::-1]
    lost, unseen = (way[1:] == 0) & (way[:-1] == 1), way[1:] == UNSEEN
    if not (lost | unseen).any():
        return None
    step = int((lost | unseen).argmax())
    return Move(start + direction * (1 + step), found=bool(lost[step]))


def told(search: Search, name: str, last: int) -> str:
    """A search in words: what is looked for, where, and how to stop; or that there is nothing.

    Args:
        search: What to tell of.
        name: Of the class that is looked for; empty for any object.
        last: Number of the source's last frame.
    """
    lost = search.target.lost
    what = name or ("every object" if lost else "any object")
    if search.target.followed:
        what = f"the followed {what}"
    if search.found:
        return f"Frame {search.at} · no {name or 'object'} in it, but in frame {search.at - 1}"
    if search.over:
        end = f"until the end (frame {last})" if search.direction > 0 else "back to the beginning (frame 0)"
        other = "other " if search.there else ""
        nothing = f"No frame where {what} is lost" if lost else f"No {other}{name or 'object'}"
        return f"{nothing} {end} · back at frame {search.origin}"
    nearest = "next" if search.direction > 0 else "previous"
    goal = f"where {what} is lost" if lost else f"the {nearest} frame with {what}"
    return f"Looking for {goal} · frame {search.at} of {last} · Esc stops"


class Finder:
    """Carries a search from frame to frame. One thread uses it.

    Args:
        clock: Monotonic seconds, the clock of `Frame.arrived_s`.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self.search: Search | None = None
        self._clock = clock
        self._start = 0
        self._shown = 0
        self._asked: int | None = None
        self._asked_s = 0.0
        self._tries = 0
        self._gone: set[int] = set()

    @property
    def is_looking(self) -> bool:
        """Whether it waits for a frame."""
        return self.search is not None and not self.search.over

    def begin(self, target: Target, direction: Direction, shown: int, presence: NDArray[np.int8]) -> list[Intent]:
        """Look for the next match from the frame that is shown; what to ask of the engine."""
        there = 0 <= shown < len(presence) and presence[shown] > 0
        self.search = Search(target, direction, shown, shown, there=bool(there))
        self._start = self._shown = shown
        self._gone.clear()
        return self._go_on(presence)

    def saw(self, frame: Frame, presence: NDArray[np.int8]) -> list[Intent]:
        """Go on with a frame that came; what to ask of the engine.

        Frames from before the last request are no answer to it and only read.
        """
        self._shown = frame.index
        if self._asked is None or not self.is_looking:
            return []
        if frame.index != self._asked:
            if frame.arrived_s < self._asked_s:
                return []
            if self._tries < _TRIES:
                return self._ask(self._asked)
            self._gone.add(self._asked)
        return self._go_on(presence)

    def stop(self) -> None:
        """Look no further."""
        self.search = self._asked = None

    def _go_on(self, presence: NDArray[np.int8]) -> list[Intent]:
        search = self.search
        if search is None:
            return []
        if self._gone:
            presence = presence.copy()
            presence[list(self._gone)] = 0
        move = next_move(presence, search.target, self._start, search.direction)
        if move is None:
            self.search, self._asked = replace(search, over=True), None
            return [Seek(search.origin)] if self._shown != search.origin else []
        if move.found:
            self._asked = None
            self.search = replace(search, at=move.index, over=True, found=True) if search.target.lost else None
            return [Seek(move.index)] if self._shown != move.index else []
        self._tries = 0
        self.search = replace(search, at=move.index)
        return self._ask(move.index)

    def _ask(self, index: int) -> list[Intent]:
        # One step on goes by what was read ahead; a seek would read it again.
        follows = index == self._shown + 1 and self._tries == 0
        self._asked, self._asked_s = index, self._clock()
        self._tries += 1
        return [Step(1) if follows else Seek(index)]
