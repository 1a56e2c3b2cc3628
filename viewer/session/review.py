"""Looking back over what was seen: fed with all that the engine says, asked by the timeline and by searches."""

from collections.abc import Callable

from viewer.core.boxes import Boxes
from viewer.core.frame import SourceInfo
from viewer.core.messages import Intent, Report
from viewer.core.packet import FramePacket
from viewer.session.aim import Trail
from viewer.session.follow import Focus
from viewer.session.history import History
from viewer.session.search import Direction, Finder, Search, Target
from viewer.session.state import ViewState


class Review:
    """The history of one source and the search through it. One thread uses it.

    Args:
        clock: Monotonic seconds, the clock of `Frame.arrived_s`.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.history: History | None = None
        self._finder = Finder(clock)
        self._trail: Trail | None = None
        self._clock = clock
        self._rested = False

    @property
    def lost_nowhere(self) -> Focus | None:
        """The object as it was where a search for its loss began, if that ended without success."""
        search, trail = self._finder.search, self._trail
        return None if trail is None or search is None or not search.over or search.found else trail.begun

    @property
    def search(self) -> Search | None:
        """The search under way, or what came of it."""
        return self._finder.search

    def opened(self, before: SourceInfo | None, now: SourceInfo) -> None:
        """Begin anew, unless it is the same file again: a live source counts its frames from 0 each time."""
        if self.history is None or before != now or now.is_live:
            self.history = History(None if now.is_live else max(now.frame_count or 1, 1))
            self._finder.stop()

    def saw(self, packet: FramePacket, detections: Boxes, target: Target, focus: Focus | None) -> list[Intent]:
        """Note a frame; what a search asks of the engine next."""
        if self.history is None or packet.letterbox is None:
            return []
        self.history.add(packet.frame.index, detections, packet.timings.inference, follows=not self._rested)
        self.history.health.add(packet.frame.index, packet.findings.health)
        self._rested = False
        if not self._finder.is_looking:
            return []
        if self._trail is None:
            return self._finder.saw(packet.frame, self.history.presence(target.label))
        if focus is None:
            self.stop()  # it was let go of
            return []
        self._trail.note(focus)
        return self._finder.saw(packet.frame, self._trail.presence)

    def rest(self) -> None:
        """Playing stopped: what a live source sends meanwhile is not dropped."""
        self._rested = True

    def reported(self, before: Report | None, now: Report, index: int) -> None:
        """Note frames of a file that came late; those of a live source show as gaps between its frames."""
        late = now.counters.late - (before.counters.late if before else 0)
        if late > 0 and self.history is not None and not self.history.is_live:
            self.history.miss(index, late)

    def doubt_detections(self) -> None:
        """They were chosen by thresholds that hold no more."""
        if self.history is not None:
            self.history.doubt_detections()

    def find(self, target: Target, direction: Direction, shown: int, focus: Focus | None) -> list[Intent]:
        """Begin a search at the frame that is shown; what it asks of the engine."""
        if self.history is None or self.history.is_live:
            return []
        self._trail = None
        if target.followed and focus is not None:
            self._trail = Trail(len(self.history.presence(None)), focus)
            return self._finder.begin(target, direction, shown, self._trail.presence)
        return self._finder.begin(target, direction, shown, self.history.presence(target.label))

    def stop(self) -> None:
        """End a search where it stands."""
        self._finder.stop()

    def behind_s(self, state: ViewState, packet: FramePacket | None) -> int | None:
        """Whole seconds that a paused live source ran on unseen; None where that has no meaning."""
        if state.source is None or not state.source.is_live or state.transport.playing or packet is None:
            return None
        return max(0, int(self._clock() - packet.frame.arrived_s))
