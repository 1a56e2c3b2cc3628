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

_GROUP_OF_ROLE = {Role.BACKBONE: Group.BACKBONE, Role.NECK: Group.NECK, Role.HEAD: Group.HEAD}
NO_MATCH = "No stage matches this search"
_STRIDE = re.compile(r"\b(?:stride\s*[:=]?\s*|s)(\d+)\b")
_MEANING = {
    Role.BACKBONE: "the last backbone stage at each stride, what is seen at all",
    Role.NECK: "the neck's outputs that enter the head, what boxes are made of",
    Role.HEAD: "what the head makes of it",
}
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


def why_suggested(stages: Iterable[Stage]) -> str:
    """Why these and no others are tapped unless the user says otherwise, a line for each part of the network."""
    chosen = [stage for stage in stages if stage.default]
    lines = ["Tapped unless you choose otherwise, for together they tell where an object is lost:"]
    for role, meaning in _MEANING.items():
        members = [stage for stage in chosen if stage.role is role]
        if members:
            strides = ", ".join(str(stride) for stride in sorted({stage.stride for stage in members}))
            lines.append(f"{' '.join(stage.title for stage in members)} (stride {strides}): {meaning}")
    if {Role.BACKBONE, Role.NECK} <= {stage.role for stage in chosen}:
        lines.append("Bright in the backbone and gone in the neck: the neck lost it. In neither: it was never seen.")
    return "\n".join(lines)


def why(stage: Stage) -> str:
    """Why a stage is suggested, in a few words; empty where it is not."""
    if not stage.default:
        return ""
    reason = _INSTEAD.get(stage.role)
    return "Suggested by the model" if reason is None else f"Suggested: {reason} at stride {stage.stride}"
