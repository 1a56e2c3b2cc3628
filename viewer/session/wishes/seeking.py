"""Wishes to be at another frame: by number, by time, by part of the whole, by a hand on the timeline."""

from viewer.core.messages import Seek, SeekTime, Step
from viewer.session.lookback import Lookback
from viewer.session.session import Session
from viewer.session.wishes.playing import Playing


class Seeking:
    """Moves in files; live sources have no other frame to go to.

    Args:
        session: What it moves in.
        lookback: Has its search ended by each of these wishes.
        playing: Stands still while a hand is on the timeline, and plays on after.
    """

    def __init__(self, session: Session, lookback: Lookback, playing: Playing) -> None:
        self._session, self._lookback, self._playing = session, lookback, playing
        self._held_by_hand: bool | None = None  # whether it played when the hand took hold of the timeline

    def step(self, frames: int) -> None:
        """Pause and move by this many frames; negative goes back."""
        if self._session.is_file:
            self._lookback.stop()
            self._session.send(Step(frames))
            self._playing.stand()

    def seek(self, index: int) -> None:
        """Go to a frame, the nearest there is; nothing happens on live sources."""
        last = self._session.last_index
        if last is not None:
            self._lookback.stop()
            self._session.send(Seek(min(max(index, 0), last)))

    def seek_fraction(self, fraction: float) -> None:
        """Go to a part of the whole, 0 the first frame and 1 the last."""
        last = self._session.last_index
        if last is not None:
            self.seek(round(fraction * last))

    def seek_time(self, seconds: float) -> None:
        """Go to the frame shown at a media time; the engine knows which, whatever the frame rate does."""
        if self._session.is_file:
            self._lookback.stop()
            self._session.send(SeekTime(max(seconds, 0.0)))

    def seek_end(self) -> None:
        """Go to the last frame of a file; of a live source, back to what happens now."""
        state = self._session.state
        if state.source is None or not state.source.is_live:
            self.seek_fraction(1.0)
        elif not state.transport.playing:
            self._playing.play()

    def seek_found(self) -> None:
        """Pause on the frame where the object that was chosen was last found."""
        focus = self._session.state.focus
        if focus is not None and focus.found is not None and self._session.last_index is not None:
            self._playing.pause()
            self.seek(focus.found.index)

    def scrub(self, fraction: float) -> None:
        """Follow a hand on the timeline: show at once what is there at once, and play no further meanwhile."""
        last = self._session.last_index
        if last is None:
            return
        if self._held_by_hand is None:
            self._held_by_hand = self._session.state.transport.playing
            if self._held_by_hand:
                self._playing.pause()
        self._lookback.stop()
        self._session.send(Seek(round(fraction * last), quick=True))

    def end_scrub(self, fraction: float) -> None:
        """The hand let go: go to exactly that frame, and play on if it played before."""
        self.seek_fraction(fraction)
        if self._held_by_hand:
            self._playing.play()
        self._held_by_hand = None
