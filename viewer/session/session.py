"""What all groups of wishes share: the engine, what it showed last, and the state, which is replaced and never changed.

Who holds a session can ask the engine for something and show another state; what that is to mean is decided elsewhere.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from viewer.config.schema import Config
from viewer.core.messages import Intent
from viewer.core.packet import FramePacket
from viewer.render.plan import RenderPlan
from viewer.session.keep import kept
from viewer.session.request import Request
from viewer.session.resolve import relevant, resolve
from viewer.session.state import EnginePhase, ViewState

if TYPE_CHECKING:
    from viewer.engine.port import EnginePort


class Session:
    """An engine and what is shown of it. All methods belong to the window's thread.

    Args:
        engine: Not started yet.
        config: What the engine was given.
        state: What is shown at first.
        clock: Monotonic seconds, the clock of `Frame.arrived_s`.

    Attributes:
        engine: The engine that is shown.
        config: What it was given.
        request: The frame that is asked for and has not come yet.
        resume_playing: Whether an engine that takes its place is to play.
    """

    def __init__(
        self,
        engine: "EnginePort",
        config: Config,
        state: ViewState,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.engine = engine
        self.config = config
        self.request = Request()
        self._clock = clock
        self.resume_playing = True
        self._state = state
        self._packet: FramePacket | None = None
        self._is_kept = False
        self._plan = resolve(state, None)
        self._plan_is_of: tuple[FramePacket | None, tuple[object, ...]] = (None, relevant(state))
        self._watchers: list[Callable[[ViewState, ViewState], None]] = []
        self._changed = True

    # --- what is shown ----------------------------------------------------------------------------------------------

    @property
    def state(self) -> ViewState:
        """All that is shown beside the picture."""
        return self._state

    @property
    def packet(self) -> FramePacket | None:
        """The newest packet that was taken; its arrays live until the next is."""
        return self._packet

    @property
    def plan(self) -> RenderPlan:
        """What to draw now; the same object as long as nothing in it changed."""
        reads = relevant(self._state)
        packet, read = self._plan_is_of
        if packet is not self._packet or read != reads:
            self._plan = resolve(self._state, self._packet)
            self._plan_is_of = (self._packet, reads)
        return self._plan

    def plan_of(self, key: str) -> RenderPlan:
        """What to draw now where one tile is shown alone; no tile where there is none of that key."""
        plan = resolve(replace(self._state, maximised=key), self._packet)
        return replace(plan, tiles=tuple(tile for tile in plan.tiles if tile.key == key))

    def watch(self, watcher: Callable[[ViewState, ViewState], None]) -> None:
        """Call this after every change with the state before and the one that is shown now."""
        self._watchers.append(watcher)

    def take_changed(self) -> bool:
        """Whether the state or the packet changed since this was asked last."""
        changed, self._changed = self._changed, False
        return changed

    # --- changing it ------------------------------------------------------------------------------------------------

    def show(self, state: ViewState) -> None:
        """Let this be shown from now on."""
        before = self._state
        if state != before:
            self._state = state
            self._changed = True
            for watcher in self._watchers:
                watcher(before, state)

    def update(self, **changes: Any) -> None:
        """Show the same with other values in these fields; costs nothing where they have these values already."""
        state = self._state
        if any(getattr(state, name) != value for name, value in changes.items()):
            self.show(replace(state, **changes))

    def move(self, **changes: Any) -> None:
        """The same for fields of the transport."""
        self.update(transport=replace(self._state.transport, **changes))

    def show_packet(self, packet: FramePacket) -> None:
        """Let this frame be shown from now on."""
        self._packet = packet
        self._is_kept = False
        self._changed = True
        self.request.saw(packet.frame)

    def keep_packet(self) -> None:
        """Copy what is shown out of shared memory before the engine takes it away; once, for a picture can be large."""
        if self._packet is not None and not self._is_kept:
            self._packet = kept(self._packet)
            self._is_kept = True
            self._plan = resolve(self._state, self._packet)
            self._plan_is_of = (self._packet, relevant(self._state))

    def drop_packet(self) -> None:
        """Show no frame any more."""
        self._packet = None

    def send(self, intent: Intent) -> None:
        """Ask this of the engine that is shown."""
        if self._state.phase is not EnginePhase.LOST:
            playing = self._state.transport.playing
            self.request.note(intent, shown=self.index, last=self.last_index, playing=playing, now_s=self._clock())
        self.engine.send(intent)

    # --- where it stands --------------------------------------------------------------------------------------------

    @property
    def is_file(self) -> bool:
        """Whether a source is open that is not live."""
        return self._state.source is not None and not self._state.source.is_live

    @property
    def last_index(self) -> int | None:
        """Number of the last frame; None without a source that has one."""
        source = self._state.source
        if source is None or source.is_live or not source.frame_count:
            return None
        return source.frame_count - 1

    @property
    def shown_index(self) -> int | None:
        """Number of the frame that is shown, if one is."""
        return None if self._packet is None else self._packet.frame.index

    @property
    def index(self) -> int:
        """The same; without a frame, where the engine says it is."""
        return self._packet.frame.index if self._packet else max(0, self._state.transport.index)
