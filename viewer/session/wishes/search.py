"""Wishes to find the frame that has something, or has it no more."""

from viewer.session.lookback import Lookback
from viewer.session.search import Direction
from viewer.session.session import Session
from viewer.session.state import Level, Notice, ViewState
from viewer.session.wishes.playing import Playing

NO_OBJECT = Notice(
    Level.INFO,
    "No object is followed: click one in the picture or in the list, then search for where it is lost; "
    "or choose a class, to find where none of it is left",
)


class Search:
    """Sets the target, begins a search and ends it.

    Args:
        session: What it moves in.
        lookback: What it looks through.
        playing: Pauses before it begins.
    """

    def __init__(self, session: Session, lookback: Lookback, playing: Playing) -> None:
        self._session, self._lookback, self._playing = session, lookback, playing
        session.watch(self._state_changed)

    def look_for(self, label: int | None) -> None:
        """Look for objects of this class from now on; None means any."""
        self._lookback.retarget(label=label)

    def look_for_loss(self, lost: bool) -> None:
        """Look for frames that have it no more, rather than for frames that have it."""
        self._lookback.retarget(lost=lost)

    def find_loss(self) -> None:
        """Look for where the followed object is lost; without one, say how to follow one."""
        if self._session.state.focus is None:
            self._session.update(notice=NO_OBJECT)
        else:
            self.look_for_loss(True)
            self.find(1)

    def begin_loss(self, on: bool) -> None:
        """Look for the next loss at once, of the followed object or else of the class; or for losses no more."""
        state = self._session.state
        if on and state.focus is None and state.target.label is None:
            self._session.update(notice=NO_OBJECT)
            return
        self.look_for_loss(on)
        if on:
            self.find(1)

    def find(self, direction: Direction) -> None:
        """Pause, and go to the next (1) or previous (-1) frame that has what is looked for.

        Among frames that were seen it jumps there; on the way to it, frames that were not are looked at one by one,
        until it is found, the file ends or somebody stops it.
        """
        session, shown = self._session, self._session.shown_index
        if session.last_index is None or shown is None or session.state.detector is None:
            return
        target = session.state.target
        if target.lost and target.label is None and session.state.focus is None:
            session.update(notice=NO_OBJECT)
            return
        if session.state.transport.playing:
            self._playing.pause()
        self._lookback.begin(direction, shown)

    def stop_search(self) -> None:
        """Look no further, and stay at the frame that is shown."""
        self._lookback.stop()

    def _state_changed(self, before: ViewState, now: ViewState) -> None:
        """Take back what was done: an object is followed, or a class was chosen."""
        is_done = now.focus is not None or now.target.label is not None
        if before.notice == now.notice == NO_OBJECT and is_done:
            self._session.update(notice=None)
