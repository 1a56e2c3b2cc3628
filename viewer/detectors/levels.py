"""Backbone, neck and head told apart by who reads whom, for networks whose graph is known and whose parts have no name.

A detector's maps grow coarser through the backbone; the neck begins where one is made finer again. A level of the
head is what reads a neck output and makes nothing for other resolutions any more. All of it is a guess that holds for
the common families (FPN, PAN, SSD, one level as in CenterNet), which an adapter says in its notes.
"""

import math
import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from viewer.core.stage import Role

_NAMED_BACKBONE_STRIDES = (8, 16, 32)


@dataclass(frozen=True, slots=True)
class GraphMap:
    """One map in a network's graph.

    Attributes:
        node: Its name.
        stride: Input pixels per cell.
        reads: Names of the maps it is made from, through whatever lies between.
    """

    node: str
    stride: int
    reads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a map stands in a detector.

    Attributes:
        role: Part of the detector.
        name: `P3` for a map that enters the head, `C4` for the last of the backbone at stride 16; else empty.
    """

    role: Role
    name: str = ""


def map_reads(
    maps: Sequence[str], order: Sequence[str], reads: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """The maps that each map is made from, directly or through nodes that are none.

    Args:
        maps: Names of the nodes that are maps.
        order: Names of all nodes, each after those it reads.
        reads: Names of the nodes that each node reads; names not in `order` are ignored.
    """
    known = {*maps}
    nearest: dict[str, dict[str, None]] = {}
    for node in order:
        found: dict[str, None] = {}
        for source in reads.get(node, ()):
            found |= {source: None} if source in known else nearest.get(source, {})
        nearest[node] = found
    return {node: tuple(nearest[node]) for node in maps}


def place_maps(maps: Sequence[GraphMap]) -> dict[str, Place]:
    """Guess where each map stands.

    Args:
        maps: In the order of execution.

    Returns:
        A place for each of them; those with a name are worth tapping first.
    """
    stride = {one.node: one.stride for one in maps}
    head = _head(maps)
    finer = (n for n, one in enumerate(maps) if any(stride[source] > one.stride for source in one.reads))
    backbone_end = next(finer, len(maps))
    roles = {
        one.node: Role.HEAD if one.node in head else Role.BACKBONE if n < backbone_end else Role.NECK
        for n, one in enumerate(maps)
    }
    names = _names(maps, head, roles)
    return {node: Place(role, names.get(node, "")) for node, role in roles.items()}


def _head(maps: Sequence[GraphMap]) -> set[str]:
    """Maps after the last ones that feed other resolutions, less what the coarsest level's neck still does there.

    Levels are built alike, so where one has more maps than most, the first of them belong to the neck.
    """
    branches = _branches(maps)
    if len(branches) == 1:
        return {*_after_last_fork(next(iter(branches.values())))}
    if not branches:
        return set()
    usual = int(statistics.median_low(len(level) for level in branches.values()))
    return {one.node for level in branches.values() for one in level[-usual:]}


def _branches(maps: Sequence[GraphMap]) -> dict[int, list[GraphMap]]:
    """By stride, the maps that nothing of another stride is made from."""
    stays: dict[str, bool] = {}
    readers: defaultdict[str, list[GraphMap]] = defaultdict(list)
    for one in maps:
        for source in one.reads:
            readers[source].append(one)
    for one in reversed(maps):
        stays[one.node] = all(r.stride == one.stride and stays[r.node] for r in readers[one.node])
    levels: defaultdict[int, list[GraphMap]] = defaultdict(list)
    for one in maps:
        if stays[one.node]:
            levels[one.stride].append(one)
    return dict(levels)


def _after_last_fork(level: Sequence[GraphMap]) -> list[str]:
    """Nodes after the last map that all later ones are made from and that more than one reads.

    Where there is no such map the head is what comes last.
    """
    readers: defaultdict[str, set[str]] = defaultdict(set)
    for one in level:
        for source in one.reads:
            readers[source].add(one.node)
    last = level[-1].node
    for number in range(len(level) - 2, -1, -1):
        if len(readers[level[number].node]) < 2:
            continue
        later = [one.node for one in level[number + 1 :]]
        if _all_descend(level[number].node, level[number + 1 :]) and not _rejoin(later, readers):
            return later
    return [last]


def _all_descend(start: str, later: Sequence[GraphMap]) -> bool:
    made = {start}
    for one in later:
        if not made & {*one.reads}:
            return False
        made.add(one.node)
    return True


def _rejoin(later: Sequence[str], readers: Mapping[str, set[str]]) -> bool:
    """Whether these maps end in a single one."""
    return sum(not readers[node] for node in later) < 2


def _names(maps: Sequence[GraphMap], head: set[str], roles: Mapping[str, Role]) -> dict[str, str]:
    strides = {one.node: one.stride for one in maps}
    entering: dict[int, str] = {}
    for one in maps:
        if one.node in head:
            outside = [source for source in one.reads if source not in head and strides[source] == one.stride]
            for source in outside:
                entering.setdefault(one.stride, source)
    names = {node: f"P{_level(stride)}" for stride, node in entering.items() if _is_power(stride)}
    for stride in _NAMED_BACKBONE_STRIDES:
        last = [one.node for one in maps if one.stride == stride and roles[one.node] is Role.BACKBONE]
        if last and last[-1] not in names:
            names[last[-1]] = f"C{_level(stride)}"
    return names


def _is_power(stride: int) -> bool:
    return stride & (stride - 1) == 0


def _level(stride: int) -> int:
    return round(math.log2(stride))
