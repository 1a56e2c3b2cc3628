"""Which channel of which stage the hand is on: what keys mute, and what the page about altering shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from viewer.core.stage import Stage


@dataclass(frozen=True, slots=True)
class ChannelPick:
    """One channel.

    Attributes:
        node: Of its stage; empty for the stage that is tapped last, which lies nearest to the head.
        channel: Its number, from 0.
    """

    node: str = ""
    channel: int = 0


def picked_stage(pick: ChannelPick, stages: Sequence[Stage], tapped: Sequence[str]) -> Stage | None:
    """The stage that is meant; None where there is none."""
    by_node = {stage.node: stage for stage in stages}
    if pick.node in by_node:
        return by_node[pick.node]
    return next((by_node[node] for node in reversed(tapped) if node in by_node), stages[-1] if stages else None)
