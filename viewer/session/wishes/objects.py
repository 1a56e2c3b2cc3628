"""Wishes about single objects of the frame: one that is followed, one that is pointed at, the list of all."""

from collections.abc import Sequence
from dataclasses import replace

from viewer.render.plan import BoxPlan
from viewer.session.attention import attended, neighbour
from viewer.session.copying import focus_json
from viewer.session.follow import chosen
from viewer.session.order import SortBy
from viewer.session.session import Session


class Objects:
    """Knows which object the user means.

    Args:
        session: Whose frame it is in.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def set_under(self, on: bool) -> None:
        """Show candidates under the threshold as well."""
        self._session.update(under=on)
        self.attend()

    def choose(self, box: BoxPlan | None) -> None:
        """Follow what a box of the frame shown stands for; None follows nothing any more."""
        frame, state = self._session.plan.frame, self._session.state
        target = state.target
        if state.focus is not None and target.label is None:
            target = replace(target, lost=False)  # the loss that is looked for was that of the object before
        self._session.update(focus=None if box is None or frame is None else chosen(box, frame), target=target)

    def choose_next(self, step: int, seen: Sequence[BoxPlan] = ()) -> None:
        """Choose the object that many places further in the list, round its ends, by its rows where they are seen."""
        self.choose(neighbour(self._session.plan, self._session.state, step, seen))

    def point(self, box: BoxPlan | None) -> None:
        """The pointer is on this box, in the pictures or in the list, or on none."""
        self._session.update(pointed=box)

    def sort_by(self, by: SortBy) -> None:
        """Sort the list by a column; by the same again turns it round."""
        self._session.update(sorting=self._session.state.sorting.turned_to(by))

    def focus_json(self) -> str:
        """What was chosen as JSON, see `viewer.session.copying`; empty if there is nothing."""
        packet = self._session.packet
        return "" if packet is None else focus_json(self._session.state, packet)

    def attend(self) -> None:
        """Look for what the user chose, or points at, in what is shown now."""
        session = self._session
        if session.packet is not None and session.packet.letterbox is not None:
            session.show(attended(session.state, session.plan, session.packet))
