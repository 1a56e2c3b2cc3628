"""Wishes for what is tapped and how it is made a map, shown ahead of what the engine has confirmed."""

import math
from collections.abc import Callable, Iterable
from dataclasses import replace

from viewer.core.errors import ConfigError
from viewer.core.messages import FailedPart, SetTaps, TapsChanged
from viewer.core.packet import FramePacket
from viewer.core.reducer_names import check_reducer
from viewer.core.tapping import Limits, LimitsMode, TapSettings
from viewer.session.costs import CostMeter
from viewer.session.limit_span import span_of
from viewer.session.session import Session
from viewer.session.state import Level, Notice
from viewer.session.wanted import Wanted
from viewer.session.wish import TapWish, in_order


class Taps:
    """Asks for taps, hears what became of them, and knows what they cost.

    Args:
        session: Whose engine taps.
        clock: Monotonic seconds.
    """

    def __init__(self, session: Session, clock: Callable[[], float]) -> None:
        self._session, self._clock = session, clock
        self._may_run: set[str] = set()  # files of reducers
        self.begin_anew()

    def toggle_tap(self, node: str, on: bool) -> None:
        """Tap a stage or stop tapping it."""
        state = self._session.state
        self.tap_only({*state.tapped, node} if on else {*state.tapped} - {node})

    def tap_only(self, nodes: Iterable[str]) -> None:
        """Tap these stages and no others; what the network does not have is left out."""
        state = self._session.state
        wanted = in_order(nodes, state.stages)
        if wanted != state.tapped:
            self._ask(replace(state.taps, nodes=wanted))

    def set_reducer(self, reducer: str, *, may_run: bool = False) -> None:
        """Collapse channels another way; a word that is no reducer, and what the engine refuses, leave the old way.

        Args:
            reducer: Its name.
            may_run: Whether the user said that the file of a reducer of his own may be run. Until then, unless the
                session was started with it, `ViewState.asking` asks.
        """
        try:
            check_reducer(reducer)
        except ConfigError as error:
            self._session.update(notice=Notice(Level.WARNING, str(error), part=FailedPart.TAPS))
            return
        wanted = Wanted(reducer=reducer)
        known = self._may_run.union(Wanted(reducer=self._session.config.reducer).code)
        if not may_run and not known.issuperset(wanted.code):
            self._session.update(asking=wanted, refusal="")
            return
        self._may_run.update(wanted.code)
        self._ask(replace(self._as_tapped(), reducer=reducer))

    def set_limits(self, limits: Limits) -> None:
        """Take the values of first and last colour from elsewhere."""
        self._ask(replace(self._as_tapped(), limits=limits))

    def set_limits_mode(self, mode: LimitsMode) -> None:
        """Take them of each frame, of a running average, or hold them where they span those of all maps now.

        Fixed limits hold for all maps alike, so a range of one of them would burn out the others.
        """
        packet = self._session.packet
        taps = packet.taps if packet and mode is LimitsMode.FIXED else ()
        spans = [tap.limits for tap in taps if all(map(math.isfinite, tap.limits))] or [(0.0, 1.0)]
        low = float(f"{min(low for low, _ in spans):.3g}")
        high = float(f"{max(high for _, high in spans):.3g}")
        # A map that is the same everywhere has limits that are no range.
        self.set_limits(Limits(mode, low, high if low < high else low + 1.0))

    @property
    def limit_span(self) -> tuple[float, float]:
        """Values between which fixed limits can be dragged."""
        packet = self._session.packet
        return span_of(self._session.state.taps.limits, packet.taps if packet else ())

    # --- the engine's side ------------------------------------------------------------------------------------------

    def begin_anew(self) -> None:
        """Another engine: what was asked of the one before, and what its frames cost, says nothing about it."""
        self._wish, self._costs = TapWish(), CostMeter(self._clock)

    def ask_again(self) -> None:
        """Tell an engine that knows nothing yet what is tapped."""
        self._ask(self._as_tapped())

    def answered(self, event: TapsChanged) -> None:
        """The engine taps these."""
        self._session.show(self._wish.answered(self._session.state, event))

    def refused(self) -> None:
        """The engine cannot do what was asked, and taps what it did."""
        self._session.show(self._wish.refused(self._session.state))

    def measure(self, packet: FramePacket) -> None:
        """Count what a frame cost."""
        if self._costs.add(packet, playing=self._session.state.transport.playing):
            self._session.update(costs=self._costs.costs)

    def _ask(self, settings: TapSettings) -> None:
        self._session.show(self._wish.ask(self._session.state, settings))
        self._session.send(SetTaps(settings))

    def _as_tapped(self) -> TapSettings:
        """The settings with what is tapped, by name; while the detector loads, with whatever was asked of it."""
        state = self._session.state
        return replace(state.taps, nodes=state.tapped) if state.detector else state.taps
