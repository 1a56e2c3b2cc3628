"""What a search is after, the object that is followed or a class, and how that is told before, during and after it."""

from dataclasses import replace

import numpy as np

from viewer.session.fate import lines_of, title_of
from viewer.session.follow import Fate, Focus
from viewer.session.history import UNSEEN
from viewer.session.search import Target, told
from viewer.session.state import ViewState


class Trail:
    """Where a search that goes along with one object saw it.

    Args:
        frame_count: Of the file.
        focus: The object where the search begins, which is where a search without success comes back to.

    Attributes:
        begun: The same.
        presence: (N,) as of a class: 1 there, 0 not there, -1 not seen.
    """

    def __init__(self, frame_count: int, focus: Focus) -> None:
        self.begun = focus
        self.presence = np.full(frame_count, UNSEEN, np.int8)
        self.note(focus)

    def note(self, focus: Focus) -> None:
        """Note what became of the object in a frame."""
        if focus.index < len(self.presence):  # a container may announce fewer frames than it has
            self.presence[focus.index] = focus.fate is Fate.FOUND
        if focus.fate is Fate.FAR:
            self.presence[self.presence == UNSEEN] = 0  # from here on it is not looked for any more


def aim(state: ViewState) -> Target:
    """What a search that begins now is after: where the followed object is lost, else what the user chose."""
    target, focus = state.target, state.focus
    return target if focus is None or not target.lost else replace(target, label=focus.label, followed=True)


def purpose(state: ViewState, nearest: str) -> str:
    """What the next or previous match is, in words for before the search."""
    target = aim(state)
    name = _name(state, target)
    if target.followed:
        return f"Where the followed {name} is lost: the first frame in which following it fails"
    if target.lost:
        return f"{nearest} frame in which it is lost: no {name or 'object'} in the frame, but in the one before"
    return f"{nearest} frame with {name or 'any object'}"


def losing(state: ViewState) -> str:
    """What is found while a search is for where something is lost, and what is missing for it."""
    if state.source is not None and state.source.is_live:
        return "Find where an object is lost: in files only, for of a live source no frame can be gone back to"
    target = aim(replace(state, target=replace(state.target, lost=True)))
    name = _name(state, target)
    if target.followed:
        return f"Find where the followed {name} is lost, not where a class is"
    if target.label is not None:
        return f"Find where no {name} is left; click an object first to find where that one is lost"
    return "Find where an object is lost: click one first, or choose a class"


def search_words(state: ViewState) -> str:
    """What the state's search is looking for, or what came of it; empty without one."""
    search = state.search
    if search is None:
        return ""
    if search.found and search.target.followed and state.focus is not None:
        return " · ".join((title_of(state.focus), *lines_of(state.focus, state.thresholds)))
    count = None if state.source is None else state.source.frame_count
    return told(search, _name(state, search.target), max(1, (count or 1) - 1))


def _name(state: ViewState, target: Target) -> str:
    return "" if target.label is None or state.detector is None else state.detector.name_of(target.label)
