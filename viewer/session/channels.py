"""Which channel stands in the place of a map, and which stages a gallery can show."""

from viewer.core.channels import Gallery, RankBy, Shares
from viewer.core.packet import FramePacket, TapMap
from viewer.core.stage import Stage
from viewer.render.plan import RenderPlan
from viewer.session.cells import grid_at
from viewer.session.state import ViewState

RANKS = {
    RankBy.MEAN: "mean",
    RankBy.VARIANCE: "variance",
    RankBy.BOX: "the chosen box",
}
"""What a gallery is ranked by, in words."""


def maps_shown(state: ViewState, packet: FramePacket) -> tuple[TapMap, ...]:
    """The maps of a packet, with the channel that was asked for in the place of its stage's."""
    asked, found = state.inquiry.channel, packet.findings.channel
    if asked is None or found is None or asked.node not in state.tapped:
        return packet.taps
    if (found.stage.node, found.reducer) != (asked.node, f"channel:{asked.number}"):
        return packet.taps
    by_node = {tap.stage.node: tap for tap in packet.taps}
    return tuple((by_node | {asked.node: found}).values())


def stage_named(state: ViewState, node: str) -> Stage | None:
    """The stage of a node."""
    return next((stage for stage in state.stages if stage.node == node), None)


def tapped_stages(state: ViewState) -> tuple[Stage, ...]:
    """Stages that have a tile, in the order of execution."""
    return tuple(stage for stage in state.stages if stage.node in state.tapped)


def stage_meant(state: ViewState) -> str | None:
    """The stage the user is most likely to mean: of the gallery, the tile, the cell, else the last that is tapped."""
    asked = state.inquiry.gallery
    candidates = (
        asked and asked.node,
        state.maximised,
        state.inquiry.channel and state.inquiry.channel.node,
        state.current,
        state.pinned and state.pinned.node,
        *reversed(state.tapped),
    )
    return next((node for node in candidates if node in state.tapped), None)


def box_of(state: ViewState, plan: RenderPlan, node: str) -> Shares | None:
    """Where the chosen object lies on a stage's activation; None where nothing is chosen or it is not in sight."""
    box = None if state.focus is None else state.focus.box
    grid = next((grid_at(tile) for tile in plan.tiles if tile.key == node), None)
    return None if box is None or grid is None else grid.share(box.xyxy)


def gallery_words(gallery: Gallery, stage: Stage | None) -> str:
    """What a gallery shows."""
    return f"Channels of {gallery.node if stage is None else stage.title}"
