"""A pipeline whose taps give way to the rate of playing, and come back; what the user asked for is kept beside it."""

import time
from collections.abc import Callable
from dataclasses import replace

from viewer.core.frame import Frame
from viewer.core.packet import FramePacket, TapMap
from viewer.core.stage import Stage
from viewer.core.tapping import Shed, TapSettings
from viewer.pipeline.pipeline import Pipeline
from viewer.pipeline.shedding import FrameCost, Shedding

_NEAR = 3
"""A map is shown on a later frame that is at most this many further on."""


class GivingWay:
    """Runs frames, watches what they take, and taps as much as the rate allows.

    Where maps are made for every second frame only, a frame between carries the maps of the one before, with their
    age: taking a map off and putting it on again fifteen times a second would be a flicker that nobody can look at.
    The first frame after a seek always has maps of its own.

    Methods belong to the thread that runs the network; `shed` may be read from any.

    Args:
        pipeline: What runs the frames; tapped as `settings` say.
        settings: What the user asked of the taps.
        period_ms: Milliseconds that a frame may take now; None while there is no rate to hold, and all maps are made.
        on_change: Called when `shed` has changed, before a packet shows it.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        settings: TapSettings,
        *,
        period_ms: Callable[[], float | None],
        on_change: Callable[[], None],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._pipeline = pipeline
        self._wish = settings
        self._wished = pipeline.tapped
        self._period_ms = period_ms
        self._on_change = on_change
        self._clock = clock
        self._policy = Shedding(self._wished)
        self._shed = Shed()
        self._last_index = -1
        self._last_maps: tuple[TapMap, ...] = ()

    @property
    def shed(self) -> Shed:
        """What is left out now."""
        return self._shed

    @property
    def tapped(self) -> tuple[Stage, ...]:
        """The stages that the user wants, left out or not, in the order of execution."""
        return self._wished

    def set_taps(self, settings: TapSettings) -> None:
        """Take a new wish; unless only limits differ, everything is tapped again and what it costs found out anew.

        Raises:
            TapError: If a stage or reducer is unknown; the taps stay as they were.
        """
        same = replace(settings, limits=self._wish.limits) == self._wish
        if same and self._shed:
            self._pipeline.set_taps(self._reduced(settings))
            self._wish = settings
            return
        self._pipeline.set_taps(settings)
        self._wish = settings
        if not same:
            self._wished = self._pipeline.tapped
            self._policy = Shedding(self._wished)
            self._last_maps = ()
            self._change(Shed())

    def rest(self) -> None:
        """Tap all that is wanted, for playing stands; the next frame that plays goes on where it was left off."""
        self._policy.rest()
        self._last_maps = ()
        if self._shed:
            self._pipeline.set_taps(self._wish)
            self._change(Shed())

    def process(self, frame: Frame) -> FramePacket:
        """Run one frame through; see `Pipeline.process`."""
        period_ms = self._period_ms()
        if period_ms is None:
            self.rest()
            return self._pipeline.process(frame)
        self._follow_policy()
        carries = self._may_carry(frame)
        began_s = self._clock()
        packet = self._pipeline.process(frame, with_taps=not carries)
        finished_s = self._clock()
        cost = FrameCost(
            (finished_s - began_s) * 1000,
            packet.timings.reduce if packet.taps else None,
            {tap.stage.node: tap.cost_ms for tap in packet.taps},
        )
        maps = packet.taps
        if carries and not maps:
            maps = tuple(replace(tap, age=frame.index - self._last_index) for tap in self._last_maps)
        self._last_index, self._last_maps = frame.index, maps
        shown = replace(packet, taps=maps, shed=self._shed) if self._shed else packet
        can_skip = self._pipeline.can_skip_taps
        if self._pipeline.info.is_capturing:
            self._policy.rest()  # frames still run from the graph with the taps of before
        elif self._policy.note(cost, period_ms=period_ms, can_skip=can_skip, now_s=finished_s):
            self._follow_policy()
        return shown

    def _may_carry(self, frame: Frame) -> bool:
        """Whether this frame goes without maps of its own, and may show those of the frame before."""
        has_fresh = bool(self._last_maps) and not self._last_maps[0].age
        return self._shed.every_second and has_fresh and 0 < frame.index - self._last_index <= _NEAR

    def _follow_policy(self) -> None:
        """Bring the taps to what the policy says."""
        shed = self._policy.shed
        if shed == self._shed:
            return
        if shed.nodes != self._shed.nodes:
            self._pipeline.set_taps(self._reduced(self._wish, shed))
        self._last_maps = ()
        self._change(shed)

    def _change(self, shed: Shed) -> None:
        if shed != self._shed:
            self._shed = shed
            self._on_change()

    def _reduced(self, settings: TapSettings, shed: Shed | None = None) -> TapSettings:
        nodes = (self._shed if shed is None else shed).nodes
        if not nodes:
            return settings
        return replace(settings, nodes=tuple(stage.node for stage in self._wished if stage.node not in nodes))
