"""Modules that return the very map of a stage under another path, so that a path from somebody's code can be given.

A sequence returns what its last part returned; only one of the two is listed, but both are the same tap.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from viewer.core.stage import Stage
from viewer.detectors.flow import Flow


def with_aliases(stages: Sequence[Stage], flow: Flow) -> tuple[Stage, ...]:
    """The stages, each with the other nodes that return its map.

    Where two stages are one map, which an adapter that chooses what to list may mean, the path goes to the first.
    """
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for node in (*flow.reads, *flow.same_as):
        groups[flow.standing_for(node)].append(node)
    listed = {stage.node for stage in stages}
    left = {node: [other for other in group if other not in listed] for node, group in groups.items()}
    return tuple(replace(s, aliases=tuple(sorted(left.pop(flow.standing_for(s.node), ())))) for s in stages)
