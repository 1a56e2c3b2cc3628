"""The object that is followed in a film: marked in each frame as the window marks the one that was chosen there."""

from dataclasses import replace

from viewer.core.cam import CamTarget, Waypoint
from viewer.core.packet import FramePacket
from viewer.render.plan import RenderPlan
from viewer.session.class_colour import colour_of
from viewer.session.follow import Fate, Focus, Sighting, followed
from viewer.session.state import ViewState
from viewer.session.why import name_of


class Trail:
    """Follows one object through the frames of a run, in their order.

    Args:
        state: What is shown.
        target: What is followed, with its path; None follows nothing.
    """

    def __init__(self, state: ViewState, target: CamTarget | None) -> None:
        self._state, self._target = state, target
        self._path = {} if target is None else {waypoint.index: waypoint for waypoint in target.path}
        self._focus: Focus | None = None

    def mark(self, plan: RenderPlan, packet: FramePacket) -> RenderPlan:
        """The plan with what stands for the object in it, or with where it was last seen."""
        detector = self._state.detector
        known = self._known(packet.frame.index)
        focus = self._focus if known is None else self._at(known)
        if focus is None or detector is None:
            return plan
        focus = self._focus = followed(focus, plan, packet, self._state.thresholds, detector.suppression)
        ghost = focus.place.xyxy if focus.fate is Fate.GONE else None
        return replace(plan, chosen=focus.box, ghost=ghost)

    def _known(self, index: int) -> Waypoint | None:
        """Where it is known to be in this frame; at the beginning, where it was last before."""
        if index in self._path or self._focus is not None:
            return self._path.get(index)
        return None if self._target is None else self._target.last_known(index)

    def _at(self, known: Waypoint) -> Focus:
        label = 0 if self._target is None or self._target.label is None else self._target.label
        place = Sighting(known.index, known.pts_s, known.xyxy, 0.0)
        name, rgb = name_of(self._state, label), colour_of(self._state, label)
        # Not as found: a neighbour that overlaps it a little is another object, for here it is known to be.
        return Focus(label, name, rgb, None, place, known.index, Fate.UNDER, None)
