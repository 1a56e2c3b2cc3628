"""What the window and the engine say to each other: small frozen values, nothing else crosses between them.

Intents go to the engine, events come back. Pictures and maps lie in shared memory; `PacketReady` says where.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from viewer.core.cam import CamWork
from viewer.core.detector import DetectorInfo
from viewer.core.frame import SourceInfo, SourceStatus
from viewer.core.inquiry import Inquiry
from viewer.core.looprange import LoopRange
from viewer.core.packet import Counters
from viewer.core.stage import Stage
from viewer.core.suppression import Thresholds
from viewer.core.sweep import SweepMap, SweepWish
from viewer.core.tapping import Shed, TapSettings

# --- intents: window to engine -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Play:
    """Run on from where it stands; at the end of a file, from the start.

    Attributes:
        backwards: Towards the beginning; live sources know no way but on.
    """

    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    """Stand still on the frame that is shown."""


@dataclass(frozen=True, slots=True)
class Step:
    """Pause and move by this many frames; negative steps go back."""

    frames: int


@dataclass(frozen=True, slots=True)
class Seek:
    """Go to frame `index` (clamped), and show it also while paused.

    Attributes:
        index: Which frame.
        quick: Whether a frame near it, which can be shown at once, is wanted rather than a wait for it.
    """

    index: int
    quick: bool = False


@dataclass(frozen=True, slots=True)
class SeekTime:
    """Go to the frame shown at a media time, and show it also while paused."""

    pts_s: float


@dataclass(frozen=True, slots=True)
class SetSpeed:
    """Play files at this multiple of their own rate."""

    speed: float


@dataclass(frozen=True, slots=True)
class SetLoop:
    """Start again at the end, or play to the end of the file and stop there.

    Attributes:
        loop: Whether to start again.
        span: The frames that are played over and over; None plays the whole file.
    """

    loop: bool
    span: LoopRange | None = None


@dataclass(frozen=True, slots=True)
class SetTaps:
    """Tap these stages, this way."""

    settings: TapSettings


@dataclass(frozen=True, slots=True)
class SetThresholds:
    """Choose detections this way."""

    thresholds: Thresholds


@dataclass(frozen=True, slots=True)
class SetInquiry:
    """Ask this of every frame from the next on, and of the one that stands; what was asked before ends."""

    inquiry: Inquiry


@dataclass(frozen=True, slots=True)
class Sweep:
    """Find out which parts of the frame that stands a detection needs; whatever else is wished for ends it.

    Attributes:
        wish: For which, and how; None ends a sweep without a result.
    """

    wish: SweepWish | None


@dataclass(frozen=True, slots=True)
class SetThrottle:
    """Leave the machine to another engine while it opens something, or take it again.

    Attributes:
        on: Whether to run few frames; the pace stays.
    """

    on: bool


@dataclass(frozen=True, slots=True)
class Release:
    """The window is done with a slot of a shared ring.

    Attributes:
        ring: Name of the ring, so that a slot of an earlier one is not taken for one of the present.
        slot: Which slot.
    """

    ring: str
    slot: int


@dataclass(frozen=True, slots=True)
class Quit:
    """End the engine."""


Intent = (
    Play
    | Pause
    | Step
    | Seek
    | SeekTime
    | SetSpeed
    | SetLoop
    | SetTaps
    | SetThresholds
    | SetInquiry
    | Sweep
    | SetThrottle
    | Release
    | Quit
)

# --- events: engine to window --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Loading:
    """Something takes a while.

    Attributes:
        text: What is going on, for the user.
        fraction: How far, 0..1; None where that is not known.
    """

    text: str
    fraction: float | None = None


@dataclass(frozen=True, slots=True)
class SourceOpened:
    """Frames can come."""

    info: SourceInfo


@dataclass(frozen=True, slots=True)
class DetectorReady:
    """The network is loaded and tapped.

    Attributes:
        info: What is known of it.
        stages: Every stage that can be tapped.
        classes: Class numbers that were asked for by name before the names were known; None keeps all.
    """

    info: DetectorInfo
    stages: tuple[Stage, ...]
    classes: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class TapsChanged:
    """These stages are tapped from the next packet on."""

    tapped: tuple[Stage, ...]
    settings: TapSettings


@dataclass(frozen=True, slots=True)
class Swept:
    """How far a sweep is and what is known by now; sent a few times a second and when it ends.

    Attributes:
        wish: Of which sweep.
        map: What is known; None where it was ended before it was done.
    """

    wish: SweepWish
    map: SweepMap | None


@dataclass(frozen=True, slots=True)
class Transport:
    """Where playing stands.

    Attributes:
        playing: Whether frames run.
        index: Number of the frame that was processed last; -1 before the first.
        speed: Multiple of the source's own rate.
        loop: Whether a file starts again at its end.
        at_end: Whether a file stands after its last frame.
        span: The frames that are played over and over while `loop` holds; None means all.
        backwards: Whether frames run towards the beginning; `speed` is above 0 all the same.
    """

    playing: bool = False
    index: int = -1
    speed: float = 1.0
    loop: bool = True
    at_end: bool = False
    span: LoopRange | None = None
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """How the engine fares, sent a few times a second.

    Attributes:
        inference_fps: Frames through the detector per second, lately.
        counters: Frames processed, dropped, repeated, late.
        status: The source's own account.
        busy_s: Seconds the present frame has been in the network so far; 0 while none is.
        execution: How the network runs now, as in `DetectorInfo.execution`; empty before it does.
        shed: What is left out of the taps for the moment; sent as soon as it changes.
        explaining: How far the merged map of the present frame is; None while none is in the making.
    """

    inference_fps: float
    counters: Counters
    status: SourceStatus
    busy_s: float = 0.0
    execution: str = ""
    shed: Shed = field(default_factory=Shed)
    explaining: CamWork | None = None


class FailedPart(StrEnum):
    """What could not go on."""

    SOURCE = "source"
    MODEL = "model"
    TAPS = "taps"
    INQUIRY = "inquiry"
    ENGINE = "engine"


@dataclass(frozen=True, slots=True)
class Failed:
    """Something the user should read.

    Attributes:
        part: What failed.
        text: One line that says what and what to do.
        detail: Traceback where it was a bug; empty otherwise.
        memory_of: Device that ran out of memory, or `this machine`; empty where that is not what failed.
    """

    part: FailedPart
    text: str
    detail: str = ""
    memory_of: str = ""


@dataclass(frozen=True, slots=True)
class RingOpened:
    """A shared-memory ring for packets of this size was made; earlier rings are void.

    Attributes:
        name: Name of the shared memory block.
        slots: Number of slots.
        slot_bytes: Bytes a slot.
    """

    name: str
    slots: int
    slot_bytes: int


@dataclass(frozen=True, slots=True)
class PacketReady:
    """A packet lies in a slot of the ring.

    Attributes:
        ring: Name of the ring.
        slot: Which one; the window gives it back with `Release`.
    """

    ring: str
    slot: int


Event = (
    Loading
    | SourceOpened
    | DetectorReady
    | TapsChanged
    | Swept
    | Transport
    | Report
    | Failed
    | RingOpened
    | PacketReady
)
