"""Wishes to see frames again and again: the whole file, or a span of it."""

from viewer.core.looprange import LoopRange
from viewer.core.messages import SetLoop
from viewer.session.looping import begun_at, ended_at
from viewer.session.session import Session
from viewer.session.wishes.seeking import Seeking


class Loop:
    """Sets what is repeated.

    Args:
        session: What plays.
        seeking: Goes back to where a loop begins.
    """

    def __init__(self, session: Session, seeking: Seeking) -> None:
        self._session, self._seeking = session, seeking

    def set_loop(self, loop: bool) -> None:
        """Start again at the end of a file, or stop there."""
        self._session.send(SetLoop(loop, self._session.state.transport.span))
        self._session.move(loop=loop)

    def set_span(self, span: LoopRange | None) -> None:
        """Loop these frames, or all; nothing happens on live sources."""
        if self._session.is_file:
            self._session.send(SetLoop(self._session.state.transport.loop, span))
            self._session.move(span=span)

    def begin_loop_here(self) -> None:
        """Begin the loop at the frame that is shown."""
        last, shown = self._session.last_index, self._session.shown_index
        if last is not None and shown is not None:
            self.set_span(begun_at(self._session.state.transport.span, shown, last))

    def end_loop_here(self) -> None:
        """End the loop at the frame that is shown; what plays in a loop goes back to its beginning at once."""
        last, shown = self._session.last_index, self._session.shown_index
        if last is not None and shown is not None:
            span = ended_at(self._session.state.transport.span, shown)
            self.set_span(span)
            if self._session.state.transport.playing and self._session.state.transport.loop:
                self._seeking.seek(span.begin)
