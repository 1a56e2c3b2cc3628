"""Tells the review of all that happens in a session, and the engine and the state of what the review makes of it.

Whatever else moves the picture ends a search first, so this stands below the wishes and knows none of them.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from viewer.core.frame import SourceInfo
from viewer.core.messages import DetectorReady, Event, Failed, Intent, Report, SourceOpened
from viewer.core.packet import FramePacket
from viewer.session.aim import aim
from viewer.session.history import History
from viewer.session.resolve import shown_detections
from viewer.session.review import Review
from viewer.session.search import Direction
from viewer.session.session import Session
from viewer.session.state import ViewState


class Lookback:
    """What was seen in a session, and the search through it.

    Args:
        session: Whose frames are noted.
        clock: Monotonic seconds, the clock of `Frame.arrived_s`.
    """

    def __init__(self, session: Session, clock: Callable[[], float]) -> None:
        self._session = session
        self._review = Review(clock)
        session.watch(self._state_changed)

    @property
    def history(self) -> History | None:
        """What was found in the frames seen so far; None before a source is open."""
        return self._review.history

    @property
    def behind_s(self) -> int | None:
        """Whole seconds that a paused live source ran on unseen; None where that has no meaning."""
        return self._review.behind_s(self._session.state, self._session.packet)

    def note(self, event: Event) -> None:
        """Take what an event means for the frames seen so far; the state is still that before it."""
        state = self._session.state
        match event:
            case SourceOpened(info):
                self._opened(info)
            case DetectorReady(detector):
                if state.detector is not None and state.detector.names != detector.names:
                    self.retarget(label=None)  # the number of a class means another one now
            case Report():
                self._review.reported(state.report, event, state.transport.index)
            case Failed():
                self.stop()
            case _:
                pass

    def saw(self, packet: FramePacket) -> None:
        """Note a frame, and let a search go on from it."""
        state = self._session.state
        self._search(self._review.saw(packet, shown_detections(state, packet), state.target, state.focus))

    def begin(self, direction: Direction, shown: int) -> None:
        """Begin a search at this frame."""
        state = self._session.state
        self._search(self._review.find(aim(state), direction, shown, state.focus))

    def stop(self) -> None:
        """Look no further."""
        self._review.stop()
        self._session.update(search=None)

    def retarget(self, **changes: Any) -> None:
        """Look for something else from now on."""
        self.stop()
        self._session.update(target=replace(self._session.state.target, **changes))

    def _opened(self, info: SourceInfo) -> None:
        self._review.opened(self._session.state.source, info)
        self._session.update(search=self._review.search)

    def _search(self, intents: list[Intent]) -> None:
        for intent in intents:
            self._session.send(intent)
        focus = self._review.lost_nowhere
        if focus is not None and self._review.search is not self._session.state.search:
            self._session.update(focus=focus)  # the picture goes back to where it was found
        self._session.update(search=self._review.search)

    def _state_changed(self, before: ViewState, now: ViewState) -> None:
        if before.transport.playing and not now.transport.playing:
            self._review.rest()
        if (before.thresholds, before.detector) != (now.thresholds, now.detector):
            self._review.doubt_detections()
            if self._session.packet is not None:
                self.saw(self._session.packet)
