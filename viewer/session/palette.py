"""The command palette's list and its search: pure, so that what a few letters find can be read from a test."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from viewer.render.colormap import COLORMAPS
from viewer.session.controller import Controller
from viewer.session.state import ViewState

_START, _NEXT, _LATER = 8, 5, 1
_PART, _BEGINS, _WHOLE = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done by its name.

    Attributes:
        text: What it does.
        group: What it belongs to.
        keys: Keys that do it too, as the key list shows them.
        act: Does it.
    """

    text: str
    group: str
    keys: str
    act: Callable[[], object]


def state_actions(controller: Controller) -> list[Action]:
    """What can be done to stages and colours as things stand: each by its name."""
    state = controller.state
    return [*_stage_actions(controller, state), *_colour_actions(controller, state)]


def found(query: str, actions: Sequence[Action]) -> list[Action]:
    """Those that a query means, the likeliest first; all of them in their order where nothing is asked.

    Where a word of it stands as it is typed somewhere, what has only its letters far apart is not meant.

    Args:
        query: Letters that occur in this order, words in any order: `tp3` and `p3 tap` find `Tap P3`.
        actions: What there is.
    """
    words = query.lower().split()
    if not words:
        return list(actions)
    scored = [(_kind(words, action), _score(words, action), -number) for number, action in enumerate(actions)]
    hits = sorted((hit for hit in scored if hit[1] > 0), reverse=True)
    least = min(_PART, hits[0][0]) if hits else 0
    return [actions[-number] for kind, _, number in hits if kind >= least]


def _kind(words: Sequence[str], action: Action) -> int:
    """How closely all words are in it, by the one that is least so; in its group, as a part at best."""
    return min(
        (max(closeness(word, action.text), min(_PART, closeness(word, action.group))) for word in words), default=0
    )


def closeness(word: str, text: str) -> int:
    """How a word stands in a text: 3 whole, 2 as a beginning, 1 as a part or as initials in a row, 0 in no such way."""
    text = text.lower()
    parts = re.findall(r"\w+", text)
    if word in parts or word in text.split():
        return _WHOLE
    if any(part.startswith(word) for part in parts):
        return _BEGINS
    return _PART if word in text or word in "".join(part[0] for part in parts) else 0


def _score(words: Sequence[str], action: Action) -> float:
    """How well all words fit; 0 if one does not."""
    scores = [max(match(word, action.text), 0.5 * match(word, action.group)) for word in words]
    return 0.0 if not all(scores) else sum(scores) / (1 + 0.01 * len(action.text))


def match(word: str, text: str) -> float:
    """How well the letters of a word occur in a text in their order; 0 if they do not.

    Letters that begin a word or follow each other count most, so `pp` finds `Play or pause` before `Snapshot, printed`.
    """
    text = text.lower()
    best = 0.0
    start = text.find(word[0])
    while start >= 0:
        best = max(best, _match_from(word, text, start))
        start = text.find(word[0], start + 1)
    return best


def _match_from(word: str, text: str, place: int) -> float:
    score, before = 0.0, place - 1
    for letter in word:
        place = text.find(letter, before + 1)
        if place < 0:
            return 0.0
        begins = place == 0 or not text[place - 1].isalnum()
        follows = place == before + 1 and score > 0
        score += _START if begins else _NEXT if follows else _LATER
        before = place
    return score / len(word)


def _stage_actions(controller: Controller, state: ViewState) -> list[Action]:
    def toggle(node: str, on: bool) -> Callable[[], object]:
        return lambda: controller.toggle_tap(node, on)

    actions: list[Action] = []
    for stage in state.stages:
        is_tapped = stage.node in state.tapped
        verb = "Stop tapping" if is_tapped else "Tap"
        name = f"{stage.name} {stage.node}" if stage.name else stage.node
        actions.append(Action(f"{verb} {name}", "Stages", "", toggle(stage.node, not is_tapped)))
    return actions


def _colour_actions(controller: Controller, state: ViewState) -> list[Action]:
    def choose(name: str) -> Callable[[], object]:
        return lambda: controller.set_colormap(name)

    return [
        Action(f"Show colour map {name}", "Colours", "", choose(name)) for name in COLORMAPS if name != state.colormap
    ]
