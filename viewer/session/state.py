"""All that the window shows besides the frame itself, as one frozen value."""

from dataclasses import dataclass, field
from enum import StrEnum

from viewer.config.recents import Recents
from viewer.core.cell import Cell
from viewer.core.detector import DetectorInfo
from viewer.core.frame import SourceInfo
from viewer.core.inquiry import NOTHING, Inquiry
from viewer.core.messages import FailedPart, Loading, Report, Transport
from viewer.core.stage import Stage
from viewer.core.suppression import Thresholds
from viewer.core.tapping import TapSettings
from viewer.render.plan import BoxPlan
from viewer.render.views import Grid, MapView
from viewer.session.costs import Costs
from viewer.session.follow import Focus
from viewer.session.health_view import HealthView
from viewer.session.missed import Miss
from viewer.session.order import Sorting
from viewer.session.picked import ChannelPick
from viewer.session.search import Search, Target
from viewer.session.side import Side
from viewer.session.sweeping import SweepState
from viewer.session.wanted import Wanted
from viewer.session.why_choice import WhyChoice


class EnginePhase(StrEnum):
    """How far the engine is."""

    EMPTY = "empty"
    STARTING = "starting"
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Viewport:
    """Which part of the picture every tile shows.

    Attributes:
        zoom: 1 fits the picture into the tile; 2 shows half of it in each direction.
        centre_xy: Point of the picture in the middle of the tile, as fractions of its width and height.
    """

    zoom: float = 1.0
    centre_xy: tuple[float, float] = (0.5, 0.5)


class Level(StrEnum):
    """How loud a notice is."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Remedy(StrEnum):
    """What a notice offers to do about it."""

    NONE = ""
    RESTART = "restart"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Notice:
    """A line the user should see, with the next step.

    Attributes:
        level: How loud.
        text: The line.
        remedy: What its button does.
        part: What failed; None where nothing did.
        detail: More for a bug report, such as a traceback; empty where there is none.
        memory_of: Device that ran out of memory; empty where that is not the matter.
    """

    level: Level
    text: str
    remedy: Remedy = Remedy.NONE
    part: FailedPart | None = None
    detail: str = ""
    memory_of: str = ""


@dataclass(frozen=True, slots=True)
class Opening:
    """Something else that is being opened beside what is shown.

    Attributes:
        text: What, in short words.
        loading: What the new engine is busy with; None before it has said so.
    """

    text: str
    loading: Loading | None = None


@dataclass(frozen=True, slots=True)
class ViewState:
    """What the user chose and what the engine said.

    Attributes:
        phase: How far the engine is.
        failed: What could not go on; a phase of FAILED as long as there is any.
        loading: What it is busy with, while it starts.
        source: The open source.
        detector: The loaded detector.
        stages: Every stage that can be tapped.
        tapped: Nodes that are tapped now.
        taps: What was asked of the taps.
        thresholds: What turns candidates into detections.
        transport: Where playing stands.
        report: How the engine fares.
        alpha: Opacity of overlays, 0..1.
        colormap: Name of their colour map.
        fade: Whether the opacity of overlays follows the value.
        view: How tiles show frame and map.
        divider: Where swiped tiles part frame and map, 0 at their left edge and 1 at the right.
        overlays: Whether overlays are drawn.
        boxes: Whether boxes are drawn.
        under: Whether candidates under the threshold are drawn and listed as well.
        seen: Class numbers of all detections so far.
        sorting: Order of the list of detections.
        focus: The object the user chose; None where he chose none.
        pointed: The box under the pointer, in the pictures or in the list.
        viewport: What every tile shows.
        maximised: Key of the tile that fills the window; None shows all.
        grid: How many tiles are shown at once, and how.
        page: Which of them, where there are more; 0 is the first.
        order: Keys of tiles in the user's order; empty for the order of execution.
        current: Key of the tile that keys move; None before one was chosen.
        notice: What the user should read.
        display_fps: Frames painted per second, lately.
        latency_ms: From a frame's arrival to its painting, lately.
        costs: What network and taps take, lately.
        target: What the next and previous frame is looked for by.
        search: The search under way, or one that found nothing.
        behind_s: Seconds that a paused live source ran on unseen; None while it plays, and for files.
        opening: What else is being opened; what is shown plays on meanwhile.
        asking: What is opened only once the user says that it may run.
        refusal: Why the last thing that was to be opened was not; empty once something is.
        wants_room: Whether what was refused found too little memory beside what is open, without which there is more.
        recents: What was opened before.
        inquiry: What is asked of every frame beside boxes and maps.
        side: The page of the right panel that is open.
        lookout: Whether the next drag over the picture asks about a place.
        picked: Class and stride of the candidate there that the user wants to know of; None for the best.
        miss: What is known of the place that is asked about, in the frame that is shown.
        score_top: Score that has the last colour in tiles of scores, above 0 and at most 1.
        score_strides: Strides of the levels that tiles of scores are shown of.
        pinned: The cell whose channels are followed while its page is open.
        reducer_before: What made the maps before they showed similarity to it; empty while they do not.
        health: What the user set about the health of stages.
        why: What of that is an explanation of what was found.
        pick: The channel in hand.
        occluding: Whether a drag over the picture draws what covers it.
        sweep: Which parts of the frame a detection needs, as far as is known; None where nobody asked.
    """

    phase: EnginePhase = EnginePhase.STARTING
    failed: frozenset[FailedPart] = frozenset()
    loading: Loading | None = None
    source: SourceInfo | None = None
    detector: DetectorInfo | None = None
    stages: tuple[Stage, ...] = ()
    tapped: tuple[str, ...] = ()
    taps: TapSettings = field(default_factory=TapSettings)
    thresholds: Thresholds = field(default_factory=Thresholds)
    transport: Transport = field(default_factory=Transport)
    report: Report | None = None
    alpha: float = 0.55
    colormap: str = "inferno"
    fade: bool = False
    view: MapView = MapView.OVERLAY
    divider: float = 0.5
    overlays: bool = True
    boxes: bool = True
    under: bool = False
    seen: frozenset[int] = frozenset()
    sorting: Sorting = field(default_factory=Sorting)
    focus: Focus | None = None
    pointed: BoxPlan | None = None
    viewport: Viewport = field(default_factory=Viewport)
    maximised: str | None = None
    grid: Grid = Grid.AUTO
    page: int = 0
    order: tuple[str, ...] = ()
    current: str | None = None
    notice: Notice | None = None
    display_fps: float = 0.0
    latency_ms: float = 0.0
    costs: Costs = field(default_factory=Costs)
    target: Target = field(default_factory=Target)
    search: Search | None = None
    behind_s: int | None = None
    opening: Opening | None = None
    asking: Wanted | None = None
    refusal: str = ""
    wants_room: bool = False
    recents: Recents = field(default_factory=Recents)
    inquiry: Inquiry = NOTHING
    side: Side = Side.OBJECTS
    lookout: bool = False
    picked: tuple[int, int] | None = None
    miss: Miss | None = None
    score_top: float = 1.0
    score_strides: tuple[int, ...] = ()
    pinned: Cell | None = None
    reducer_before: str = ""
    health: HealthView = field(default_factory=HealthView)
    why: WhyChoice = field(default_factory=WhyChoice)
    pick: ChannelPick = field(default_factory=ChannelPick)
    occluding: bool = False
    sweep: SweepState | None = None
