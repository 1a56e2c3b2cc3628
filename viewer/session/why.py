"""What the user chose of explaining what was found, and what is told of it, in words and numbers ready to be shown."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from viewer.core.cam import MOST_MERGED, Cam, CamTarget, Explained, Lost
from viewer.core.cell import extent_words
from viewer.core.packet import FramePacket
from viewer.core.stage import Role, Stage, entering_head
from viewer.render.plan import Rgb
from viewer.session.class_colour import colour_of
from viewer.session.state import ViewState

TIMES = "\N{MULTIPLICATION SIGN}"
AT_HEAD = "at the head's inputs"

_ASK = "Click a box to explain it."
_READY = "Which activations speak for it?"
_WAITING = "Explaining …"
_OF_HEAD = (
    "Taken where the head begins, a map reaches no further than the head itself looks, {reach}. "
    "A stage of backbone or neck shows what lies around."
)
_EVERYWHERE = "This head looks at the whole map for every box."
_FEW_CELLS = "a few cells"
_LONG_S = 1.0
"""In which nobody wonders yet whether anything is done."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A number as a bar.

    Attributes:
        name: What it is of.
        value: The number as it is written.
        share: Length, 0..1.
        rgb: Colour of its class; None where it is of none.
        channel: Node of the stage and number, where it is of a channel.
    """

    name: str
    value: str
    share: float
    rgb: Rgb | None = None
    channel: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class WhyWords:
    """All that a page shows.

    Attributes:
        title: `car 0.87`, or what to do.
        rgb: The colour beside the title; None where it has none.
        lines: What else is known, a line each.
        note: What is to be known of the map, or why there is none.
        classes: Scores of the classes in that cell, best first.
        classes_note: Why there are none; empty where there are, or where nothing is explained.
        channels: Evidence of channels, best first.
        channels_head: What the bars are shares of.
    """

    title: str
    rgb: Rgb | None = None
    lines: tuple[str, ...] = ()
    note: str = ""
    classes: tuple[Bar, ...] = ()
    classes_note: str = ""
    channels: tuple[Bar, ...] = ()
    channels_head: str = ""


NOTHING_KNOWN = WhyWords("")
NOTHING_ASKED = WhyWords(_ASK)
"""What is shown of objects while a place is asked about instead."""


@dataclass(frozen=True, slots=True)
class Depths:
    """At which stages a map can be taken.

    Attributes:
        nodes: Empty for the head's inputs, then stages that are tapped.
        words: The same in words.
        now: Place of the one that is chosen.
    """

    nodes: tuple[str, ...] = ("",)
    words: tuple[str, ...] = (AT_HEAD,)
    now: int = 0


def depths_of(state: ViewState) -> Depths:
    """The head's inputs, and the tapped stages before the head; a chosen one also when it is not tapped any more."""
    chosen = state.why.node
    deep = [
        stage
        for stage in state.stages
        if stage.role is not Role.HEAD and (stage.node in state.tapped or stage.node == chosen)
    ]
    nodes = ("", *(stage.node for stage in deep))
    words = (AT_HEAD, *(f"at {_named(stage)}" for stage in deep))
    return Depths(nodes, words, nodes.index(chosen) if chosen in nodes else 0)


def answer_of(state: ViewState, packet: FramePacket | None) -> Cam | None:
    """What was found of the question that stands; None while it is not answered."""
    cam = None if packet is None else packet.findings.cam
    return cam if cam is not None and cam.question == state.inquiry.cam else None


def why_words(state: ViewState, packet: FramePacket | None) -> WhyWords:
    """What the page says of a frame."""
    if state.inquiry.cam is None:
        return _before(state)
    cam = answer_of(state, packet)
    if cam is None:
        refused = "" if packet is None else packet.findings.why_not("cam")
        return WhyWords("Not explained" if refused else _WAITING, note=refused or _so_far(state))
    found = 0 if packet is None else len(packet.detections)
    if cam.lost is not None:
        return WhyWords(f"{_target_name(state, cam.question.target)}: lost", note=lost_words(state, cam))
    words = _merged(state, cam, found) if cam.question.merged is not None else _single(state, cam)
    return replace(words, lines=(*words.lines, so_far)) if (so_far := _so_far(state)) else words


def lost_words(state: ViewState, cam: Cam) -> str:
    """Why there is nothing to explain in a frame."""
    name = _target_name(state, cam.question.target)
    match cam.lost:
        case Lost.FAR:
            return f"This frame is too far from the one with the {name} to tell."
        case Lost.BEFORE:
            return f"The {name} is not there yet: it comes in a later frame."
        case Lost.NOWHERE:
            return f"No candidate for {name} of 0.01 or more where it was last seen. It is looked for on."
        case Lost.OVERTAKEN:
            return "Something else was asked before this was worked out."
        case _ if cam.question.target.region is not None:
            return "No candidate that is kept of this frame lies at the place that is asked about."
        case _:
            return "No candidate scores that much in this frame."


def _so_far(state: ViewState) -> str:
    """How far the frame is that is worked on, where that takes long enough to be wondered at; else empty."""
    report = state.report
    if report is None or report.busy_s < _LONG_S:
        return ""
    work = report.explaining
    done = "" if work is None else f"{work.done} of {work.total} objects explained, "
    return f"Working on a frame: {done}{report.busy_s:.0f} s so far. The button above takes the question back."


def name_of(state: ViewState, label: int | None) -> str:
    """Class name; `object` where any is meant."""
    if label is None:
        return "object"
    return state.detector.name_of(label) if state.detector else f"class {label}"


def level_of(stride: int, stages: Sequence[Stage]) -> Stage | None:
    """The stage that enters the head at a level of this stride."""
    return next((stage for stage in entering_head(stages, (stride,)) if stage.stride == stride), None)


def _before(state: ViewState) -> WhyWords:
    focus = state.focus
    if focus is None:
        return replace(NOTHING_ASKED, note=state.why.why_never)
    return WhyWords(focus.name, focus.rgb, note=state.why.why_never or _READY)


def _single(state: ViewState, cam: Cam) -> WhyWords:
    one = cam.objects[0]
    name = name_of(state, one.label)
    lines = (_made_at(state, one), _taken_at(cam))
    best = cam.channels[0][1] if cam.channels else 0.0
    node = "" if cam.map is None else cam.map.stage.node
    channels = tuple(
        Bar(f"channel {number}", f"{value:#.3g}", value / best, channel=(node, number))
        for number, value in cam.channels
    )
    told = sum(value for _, value in cam.channels)
    head = f"{100 * told / cam.evidence:.0f} % of evidence" if cam.channels else ""
    return WhyWords(
        f"{name} {one.score:.2f}",
        colour_of(state, one.label),
        tuple(line for line in lines if line),
        _note(cam),
        tuple(
            Bar(name_of(state, label), f"{score:.3f}", score, colour_of(state, label)) for label, score in one.classes
        ),
        "" if one.classes else "This head does not tell which cell made the box, so there are no scores of classes.",
        channels,
        head,
    )


def _merged(state: ViewState, cam: Cam, found: int) -> WhyWords:
    count = len(cam.objects)
    words = "1 object" if count == 1 else f"{count} objects"
    if count == MOST_MERGED and found > count:
        words = f"The {count} surest of {found} objects"
    names = list(dict.fromkeys(name_of(state, one.label) for one in cam.objects))
    listed = ", ".join(names[:6]) + (" …" if len(names) > 6 else "")
    note = "Each map by its own largest value, the largest of all in each place: what speaks for any of them."
    return WhyWords(words, lines=(listed, _taken_at(cam)), note=note)


def _made_at(state: ViewState, one: Explained) -> str:
    """Level and cell: `P4 · stride 16 · row 12, column 30`."""
    if not one.stride:
        return "This head does not tell which level made it."
    stage = level_of(one.stride, state.stages)
    name = stage.name if stage is not None and stage.name.startswith("P") else ""
    cell = "" if one.cell is None else f"row {one.cell[0]}, column {one.cell[1]}"
    return " · ".join(word for word in (name, f"stride {one.stride} px", cell) if word)


def _taken_at(cam: Cam) -> str:
    if cam.map is None:
        return ""
    stages = AT_HEAD if cam.question.merged is not None and not cam.question.node else f"at {_named(cam.map.stage)}"
    rows, columns = cam.map.reach_hw
    stride = cam.map.stage.stride
    size = f"{columns * stride}{TIMES}{rows * stride}\N{NO-BREAK SPACE}px"
    reach = f", reaches {extent_words(rows, columns)}, {size}" if rows else ""
    return f"Map {stages}{reach}"


def _note(cam: Cam) -> str:
    if cam.map is not None and not cam.map.limits[1]:
        return "No activation of this stage speaks for it: where its score could grow, they are zero or negative."
    if cam.question.node or cam.map is None:
        return ""
    rows, columns = cam.map.reach_hw
    if (rows, columns) == cam.map.codes.shape:
        return _EVERYWHERE
    return _OF_HEAD.format(reach=f"here {extent_words(rows, columns)} of cells" if rows else _FEW_CELLS)


def _target_name(state: ViewState, target: CamTarget) -> str:
    return name_of(state, target.label)


def _named(stage: Stage) -> str:
    return f"{stage.name} · {stage.node}" if stage.name else stage.node
