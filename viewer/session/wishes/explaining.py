"""Wishes to know why something was found: the chosen object, all that were, or what was missed."""

from collections.abc import Sequence
from dataclasses import replace

from viewer.core.cam import CamQuestion, CamTarget
from viewer.core.packet import FramePacket
from viewer.render.plan import BoxPlan
from viewer.session.session import Session
from viewer.session.side import Side
from viewer.session.state import ViewState
from viewer.session.wishes.asking import Asking
from viewer.session.wishes.objects import Objects


class Explaining:
    """Asks about what the user chose, and about whatever he chooses next, until he wants no more explained.

    The engine is told where the object was when it was chosen and follows it from there by itself.

    Args:
        session: In whose frames it is.
        asking: Puts the question.
        objects: Knows which object is chosen.
    """

    def __init__(self, session: Session, asking: Asking, objects: Objects) -> None:
        self._session, self._asking, self._objects = session, asking, objects
        self._target: CamTarget | None = None
        session.watch(self._follow)

    def choose(self, box: BoxPlan | None) -> None:
        """Follow what a box of the frame shown stands for, and explain it where the one before was explained."""
        self._objects.choose(box)
        self._turn_to_chosen()

    def choose_next(self, step: int, seen: Sequence[BoxPlan] = ()) -> None:
        """The same with the object that many places further in the list, by its rows where they are seen."""
        self._objects.choose_next(step, seen)
        self._turn_to_chosen()

    def explain(self, on: bool) -> None:
        """Explain what is chosen, now and in every frame, or nothing any more."""
        if on:
            self._asking.show_side(Side.WHY)
        self._change(on=on, missed=False, merged=False)

    def explain_missed(self, on: bool) -> None:
        """Explain the candidate of the place that is asked about, or nothing any more.

        The page is shown in any case: where there is no such candidate it says why, or what to do.
        """
        miss = self._session.state.miss
        self._asking.show_side(Side.WHY)
        if not on:
            self._change(on=False, missed=False)
        elif miss is not None and not miss.unexplained:
            self._change(on=True, missed=True, merged=False)

    def explain_at(self, node: str) -> None:
        """Take maps at this stage; at those that enter the head if it is empty."""
        self._change(node=node)

    def explain_all(self, on: bool) -> None:
        """Explain all detections in one map, which needs none to be chosen, or nothing any more."""
        if on:
            self._asking.show_side(Side.WHY)
        self._change(on=on, missed=False, merged=on)

    # --- the engine's side ------------------------------------------------------------------------------------------

    def saw(self, packet: FramePacket) -> None:
        """A frame came; what it says against every frame stays known when nothing is explained any more."""
        node, why = packet.findings.no_gradient_at, self._session.state.why
        if node is not None and node not in dict(why.never):
            text = packet.findings.why_not("cam")
            self._session.update(why=replace(why, never=(*why.never, (node, text))))

    # ----------------------------------------------------------------------------------------------------------------

    def _turn_to_chosen(self) -> None:
        """Explain the object that was chosen now, although it was the candidate of a place before."""
        state = self._session.state
        self._change(missed=state.why.missed and state.focus is None)

    def _change(self, **changes: object) -> None:
        self._session.update(why=replace(self._session.state.why, **changes))
        self._aim()

    def _aim(self) -> None:
        """Mean the object that is chosen, where it is now."""
        focus, conf = self._session.state.focus, self._session.state.thresholds.conf
        self._target = None if focus is None else CamTarget(focus.label, focus.place.xyxy, sure_score=conf)
        self._ask()

    def _ask(self) -> None:
        self._asking.ask(cam=_question(self._session.state, self._target))

    def _follow(self, before: ViewState, after: ViewState) -> None:
        """What is asked depends on thresholds, and ends with what was chosen."""
        why = after.why
        if why.on and why.missed:
            if after.inquiry.region is None:
                self._change(on=False, missed=False)
            elif (after.inquiry.region, after.picked) != (before.inquiry.region, before.picked):
                self._ask()
        elif why.on and not why.merged and after.focus is None and before.focus is not None:
            self._change(on=False)  # or the button stayed pressed beside no question
        elif why.on and why.merged and after.thresholds != before.thresholds:
            self._ask()


def _question(state: ViewState, target: CamTarget | None) -> CamQuestion | None:
    why = state.why
    if not why.on:
        return None
    if why.missed:
        return CamQuestion(_missed_target(state), why.node)
    if why.merged:
        return CamQuestion(CamTarget(), why.node, state.thresholds)
    return None if target is None else CamQuestion(target, why.node)


def _missed_target(state: ViewState) -> CamTarget:
    label, stride = (None, None) if state.picked is None else state.picked
    return CamTarget(label, region=state.inquiry.region, stride=stride)
