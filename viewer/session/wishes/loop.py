"""Wishes to see frames again and again: the whole file, or a span of it."""

from collections.abc import Callable

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
        self._waiting: Callable[[int], None] | None = None

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
        """Begin the loop at the frame that is shown, or at one that was asked for and is still to come."""
        self._mark(self._begin_at)

    def end_loop_here(self) -> None:
        """End the loop at that frame; what plays in a loop goes back to its beginning at once."""
        self._mark(self._end_at)

    def saw(self) -> None:
        """Mark the frame that came, if that waited for it."""
        if self._waiting is not None and not self._session.request.is_open:
            mark, self._waiting = self._waiting, None
            self._mark(mark)

    def _mark(self, mark: Callable[[int], None]) -> None:
        request = self._session.request
        index = request.index if request.is_open else self._session.shown_index
        # Of a frame that was asked for by its time only the engine knows the number, until it comes.
        self._waiting = mark if request.is_open and index is None else None
        if index is not None and self._session.last_index is not None:
            mark(index)

    def _begin_at(self, index: int) -> None:
        last = self._session.last_index
        if last is not None:
            self.set_span(begun_at(self._session.state.transport.span, index, last))

    def _end_at(self, index: int) -> None:
        span = ended_at(self._session.state.transport.span, index)
        self.set_span(span)
        if self._session.state.transport.playing and self._session.state.transport.loop:
            self._seeking.seek(span.begin)
