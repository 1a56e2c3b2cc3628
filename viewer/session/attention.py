"""What the user attends to, carried from frame to frame: the object he chose, the box he points at, classes seen."""

from collections.abc import Sequence
from dataclasses import replace

from viewer.core.packet import FramePacket
from viewer.core.suppression import Suppression
from viewer.render.plan import BoxPlan, RenderPlan
from viewer.session.classes import labels_seen
from viewer.session.follow import followed, same_box
from viewer.session.miss import miss_of
from viewer.session.order import as_seen
from viewer.session.state import ViewState


def attended(state: ViewState, plan: RenderPlan, packet: FramePacket) -> ViewState:
    """The state once a frame, or the same one chosen by other thresholds, is looked through.

    Args:
        state: Before.
        plan: What is drawn of the frame.
        packet: The frame, seen by a detector.
    """
    focus, pointed = state.focus, state.pointed
    method = Suppression.NONE if state.detector is None else state.detector.suppression
    return replace(
        state,
        seen=labels_seen(state, packet, plan),
        focus=None if focus is None else followed(focus, plan, packet, state.thresholds, method),
        pointed=None if pointed is None else same_box(pointed, plan),
        miss=miss_of(state, packet),
        score_strides=_score_strides(packet),
    )


def _score_strides(packet: FramePacket) -> tuple[int, ...]:
    found = packet.findings.score_map
    return () if found is None else tuple(level.stride for level in found.levels)


def neighbour(plan: RenderPlan, state: ViewState, step: int, seen: Sequence[BoxPlan] = ()) -> BoxPlan | None:
    """The box that many rows below the chosen one in the list, round its ends; the first or last if none is chosen.

    Args:
        plan: What is drawn of the frame.
        state: What is chosen, and how the list is sorted.
        step: How many rows; negative ones go up.
        seen: Rows of the list as it is seen, which keep their places while frames run; empty where no list is seen.
    """
    listed = as_seen((*plan.boxes, *plan.under), state.sorting, seen)
    if not listed:
        return None
    now = None if state.focus is None else state.focus.box
    row = next((row for row, box in enumerate(listed) if box.is_same(now)), -1 if step > 0 else 0)
    return listed[(row + step) % len(listed)]
