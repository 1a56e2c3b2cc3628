"""Which rows the list of stages has: groups that fold, a search over all of them, and why some are suggested."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from viewer.core.stage import Role, Stage


class Group(StrEnum):
    """A heading of the list."""

    SUGGESTED = "Suggested"
    BACKBONE = "Backbone"
    NECK = "Neck"
    HEAD = "Head"


@dataclass(frozen=True, slots=True)
class Heading:
    """The row above a group.

    Attributes:
        group: Which.
        nodes: All its stages, shown or not.
        folded: Whether they are not.
    """

    group: Group
    nodes: tuple[str, ...]
    folded: bool = False


Row = Heading | Stage

WHY_SUGGESTED = (
    "Tapped unless you choose otherwise, because together they tell where an object is lost:\n"
    "C3 C4 C5: the last backbone stage at strides 8, 16 and 32, what is seen of small, middling and large things\n"
    "P3 P4 P5: the neck outputs that enter the head, what boxes are made of\n"
    "Seen in C and gone in P: the neck lost it. Not even in C: the backbone never saw it."
)

_GROUP_OF_ROLE = {Role.BACKBONE: Group.BACKBONE, Role.NECK: Group.NECK, Role.HEAD: Group.HEAD}
_STRIDE = re.compile(r"\b(?:stride\s*[:=]?\s*|s)(\d+)\b")
_INSTEAD = {Role.BACKBONE: "the last backbone stage", Role.NECK: "a neck output that enters the head"}


def group_of(stage: Stage) -> Group:
    """The heading a stage stands under."""
    return Group.SUGGESTED if stage.default else _GROUP_OF_ROLE[stage.role]


def stage_rows(stages: Iterable[Stage], folded: Collection[Group] = (), search: str = "") -> tuple[Row, ...]:
    """The rows, in order.

    Args:
        stages: All that can be tapped, in the order of execution.
        folded: Groups whose stages are hidden; while something is searched for none is.
        search: As typed; empty shows all. Groups without a hit are left out.
    """
    hits = [stage for stage in stages if matches(stage, search)]
    rows: list[Row] = []
    for group in Group:
        members = [stage for stage in hits if group_of(stage) is group]
        if members:
            hidden = group in folded and not search.strip()
            rows.append(Heading(group, tuple(stage.node for stage in members), hidden))
            rows += [] if hidden else members
    return tuple(rows)


def matches(stage: Stage, search: str) -> bool:
    """Whether a stage is meant by all words of a search.

    `stride 16` and `s16` mean that stride and no other; a bare number means a stride or a part of a node; other words
    stand somewhere in name, node, kind or role, upper or lower case.
    """
    text = search.casefold()
    if any(int(number) != stage.stride for number in _STRIDE.findall(text)):
        return False
    words = _STRIDE.sub(" ", text).split()
    known = f"{stage.name} {stage.node} {stage.kind} {stage.role}".casefold()
    return all(_is_meant(word, stage, known) for word in words)


def _is_meant(word: str, stage: Stage, known: str) -> bool:
    if not word.isdecimal():
        return word in known
    return int(word) == stage.stride or word in re.split(r"\D+", stage.node)


def why(stage: Stage) -> str:
    """Why a stage is suggested, in a few words; empty where it is not."""
    if not stage.default:
        return ""
    reason = _INSTEAD.get(stage.role)
    return "Suggested by the model" if reason is None else f"Suggested: {reason} at stride {stage.stride}"
