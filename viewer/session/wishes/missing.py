"""Wishes to know why something was missed: a place is pointed at, and what the head says there is looked through."""

from viewer.core.region import Region
from viewer.session.session import Session
from viewer.session.side import Side
from viewer.session.wishes.asking import Asking
from viewer.session.wishes.objects import Objects

_LEAST_PX = 2.0
"""A rectangle that is narrower was meant as a click."""
_LEAST_TOP = 0.01


class Missing:
    """Asks about a place.

    Args:
        session: In whose frames it is.
        asking: Puts the question.
        objects: Looks for what stands out in a frame.
    """

    def __init__(self, session: Session, asking: Asking, objects: Objects) -> None:
        self._session, self._asking, self._objects = session, asking, objects
        self._class_is_due = False

    def look_out(self, on: bool) -> None:
        """Let the next drag over the picture be about a place, or let it move the picture as ever."""
        self._session.update(lookout=on)
        if on:
            self._session.update(occluding=False)
            self._asking.show_side(Side.WHY)

    def look_at(self, xyxy: tuple[float, float, float, float]) -> None:
        """Ask about a rectangle in source pixels, its corners in any order, or about a point; and show the answer."""
        region = self._region(xyxy)
        self._session.update(lookout=False, picked=None)
        if region is not None:
            self._class_is_due = self._asking.asked.score_map is not None
            self._asking.ask(region=region)
            self._asking.show_side(Side.WHY)
            self._objects.attend()

    def look_at_lost(self) -> None:
        """Ask about the place where the chosen object was last seen."""
        focus = self._session.state.focus
        if focus is not None:
            self.look_at(focus.place.xyxy)

    def look_at_spot(self, x: float, y: float) -> None:
        """A click where nothing was found: as long as the page that tells why is open, it asks about that point."""
        if self._session.state.side is Side.WHY:
            self.look_at((x, y, x, y))

    def look_away(self) -> None:
        """Ask nothing of the kind any more."""
        self._asking.ask(region=None, score_map=None)
        self._session.update(lookout=False, picked=None, miss=None)

    def pick(self, label: int, stride: int) -> None:
        """Tell of the candidate of this class and level; maps of scores turn to its class."""
        self._session.update(picked=(label, stride))
        if self._asking.asked.score_map is not None:
            self._asking.ask(score_map=label)
        self._objects.attend()

    def show_scores(self, on: bool) -> None:
        """Show what the head says of the picked candidate's class everywhere, as tiles, or do not."""
        miss = self._session.state.miss
        if not on:
            self._asking.ask(score_map=None)
        elif miss is not None and miss.has_cells and miss.picked is not None:
            self._asking.ask(score_map=miss.picked[0])

    def score_class(self, label: int) -> None:
        """Show what the head says of this class."""
        self._class_is_due = False
        self._asking.ask(score_map=label)

    def set_score_top(self, top: float) -> None:
        """The score that has the last colour of those tiles, 0.01..1."""
        self._session.update(score_top=min(max(top, _LEAST_TOP), 1.0))

    # --- the engine's side ------------------------------------------------------------------------------------------

    def saw(self) -> None:
        """A frame came: maps of scores turn to the best class of a place that was asked about meanwhile."""
        miss = self._session.state.miss
        if self._class_is_due and miss is not None and miss.picked is not None:
            self._class_is_due = False
            self._asking.ask(score_map=miss.picked[0])

    def _region(self, xyxy: tuple[float, float, float, float]) -> Region | None:
        """What is meant, clipped to the picture; None where that leaves nothing."""
        frame = self._session.plan.frame
        if frame is None:
            return None
        height, width = frame.image_hw
        left, right = sorted((xyxy[0], xyxy[2]))
        top, bottom = sorted((xyxy[1], xyxy[3]))
        if right < 0 or bottom < 0 or left > width or top > height:
            return None
        if max(right - left, bottom - top) < _LEAST_PX:
            right, bottom = left, top
        return Region((max(left, 0.0), max(top, 0.0), min(right, float(width)), min(bottom, float(height))))
