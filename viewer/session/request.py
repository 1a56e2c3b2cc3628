"""The frame that was asked for and has not come yet: what is wished meanwhile is meant of that one."""

from viewer.core.frame import Frame
from viewer.core.messages import Intent, Seek, SeekTime, Step


class Request:
    """Follows what is asked of the engine and what comes of it. One thread uses it.

    A frame that was on its way when another was asked for is no answer. Its time tells it apart, except for the
    moment in which an intent is on its way; while frames run, the second one is taken for the answer.

    Attributes:
        index: The frame that was asked for; None where none is, or where only its media time is known.
    """

    def __init__(self) -> None:
        self.index: int | None = None
        self._asked_s: float | None = None
        self._strays = 0

    @property
    def is_open(self) -> bool:
        """Whether a frame is still to come."""
        return self._asked_s is not None

    def note(self, intent: Intent, *, shown: int, last: int | None, playing: bool, now_s: float) -> None:
        """Take what is asked of the engine; what asks for no frame changes nothing.

        Args:
            intent: What is asked.
            shown: The frame that is shown.
            last: Number of the last frame; None where there is none, and then no frame can be asked for.
            playing: Whether frames run.
            now_s: On the clock of `Frame.arrived_s`.
        """
        if last is None:
            return
        match intent:
            case Seek(index):
                wanted: int | None = index
            case Step(frames):
                wanted = (shown if self.index is None else self.index) + frames
            case SeekTime():
                wanted = None
            case _:
                return
        self.index = None if wanted is None else min(max(wanted, 0), last)
        self._asked_s = now_s
        self._strays = int(playing)

    def saw(self, frame: Frame) -> None:
        """Take a frame that came."""
        if self._asked_s is None or (frame.index != self.index and frame.arrived_s < self._asked_s):
            return
        if frame.index != self.index and self._strays:
            self._strays -= 1
        else:
            self.drop()

    def drop(self) -> None:
        """Await nothing: it failed, or its engine is gone."""
        self.index = self._asked_s = None
