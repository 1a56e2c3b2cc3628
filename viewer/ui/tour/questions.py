"""Scenes of the pages that answer questions: cells, why, altering and health, each about what is in the picture."""

from viewer.core.health import HealthLimits
from viewer.core.messages import Event, Swept
from viewer.core.overlap import Xyxy, pairwise_iou
from viewer.core.perturbation import KNOBS, Kind
from viewer.session.cam_tile import CAM_TILE
from viewer.session.health_log import beside
from viewer.session.side import Side
from viewer.ui.tour.hands import press
from viewer.ui.tour.scene import Scene
from viewer.ui.tour.staged import StagedEngine
from viewer.ui.window import Window

_APART = 0.3
"""IoU from which a candidate and a detection may be the same object."""
_MUTED = 4
"""Channels that are muted: those that speak most for the best object."""
_RAIN = 0.6
_MOVED = 1.1
"""Drift that makes an event in a few seconds of any video, a little above the usual 0.8."""
_SWEPT = 40


def best_place(window: Window) -> Xyxy:
    """The box of the best detection; the middle of the picture where nothing is found."""
    boxes = window.controller.plan.boxes
    return boxes[-1].xyxy if boxes else _middle(window)


def missed_place(window: Window) -> Xyxy:
    """The box of the best candidate under the threshold that is no detection's; the middle where there is none."""
    packet, conf = window.controller.packet, window.controller.state.thresholds.conf
    if packet is None:
        return _middle(window)
    found = [box.xyxy for box in window.controller.plan.boxes]
    for xyxy, score in zip(packet.candidates.xyxy.tolist(), packet.candidates.scores.tolist(), strict=True):
        is_found = bool(found) and bool((pairwise_iou([xyxy], found) >= _APART).any())
        if score <= conf and not is_found:
            return xyxy[0], xyxy[1], xyxy[2], xyxy[3]
    return _middle(window)


def _middle(window: Window) -> Xyxy:
    frame = window.controller.plan.frame
    height, width = (1, 1) if frame is None else frame.image_hw
    return width * 0.4, height * 0.4, width * 0.6, height * 0.6


# --- ways there and back ----------------------------------------------------------------------------------------------


def _pin(window: Window, _engine: StagedEngine) -> None:
    left, top, right, bottom = best_place(window)
    tile = next((tile for tile in window.controller.plan.tiles if tile.overlay is not None), None)
    if tile is not None:
        window.controller.pick_cell(tile.key, (left + right) / 2, (top + bottom) / 2)


def _unpin(window: Window, _engine: StagedEngine) -> None:
    window.controller.unpin_cell()
    press(window, "F1")


def _has_cell(window: Window) -> bool:
    packet = window.controller.packet
    return packet is not None and packet.findings.cell is not None


def _is_explained(window: Window) -> bool:
    """Whether the answer is there, be it that there is none."""
    packet = window.controller.packet
    tile = next((tile for tile in window.controller.plan.tiles if tile.key == CAM_TILE), None)
    return tile is not None and (tile.overlay is not None or (packet is not None and bool(packet.findings.refusals)))


def _explain_no_more(window: Window, _engine: StagedEngine) -> None:
    window.controller.explain(False)
    window.controller.look_away()
    press(window, "Esc F1")


def _look_at_missed(window: Window, _engine: StagedEngine) -> None:
    window.controller.look_at(missed_place(window))


def _knows_missed(window: Window) -> bool:
    return window.controller.state.miss is not None


def _explain_missed(window: Window, _engine: StagedEngine) -> None:
    press(window, "Alt+U")


def _mute(window: Window, _engine: StagedEngine) -> None:
    packet = window.controller.packet
    cam = None if packet is None else packet.findings.cam
    press(window, "W Esc F4")
    if cam is not None and cam.map is not None:
        for number, _ in cam.channels[:_MUTED]:
            window.controller.mute(cam.map.stage.node, number)
            window.controller.pick_channel(cam.map.stage.node, number)


def _let_it_rain(window: Window, _engine: StagedEngine) -> None:
    press(window, "F4")
    window.controller.perturb(Kind.RAIN, _RAIN * KNOBS[Kind.RAIN].high)


def _cover(window: Window, _engine: StagedEngine) -> None:
    press(window, "F4 Shift+O")
    window.controller.occlude(best_place(window))


def _is_altered(window: Window) -> bool:
    packet = window.controller.packet
    return packet is not None and packet.findings.alteration is not None


def _undo(window: Window, _engine: StagedEngine) -> None:
    press(window, "Z F1")


def _sweep(window: Window, engine: StagedEngine) -> None:
    engine.hush_after(_is_under_way)
    press(window, "F4 Shift+S")


def _is_under_way(event: Event) -> bool:
    return isinstance(event, Swept) and event.map is not None and event.map.done >= _SWEPT


def _is_swept(window: Window) -> bool:
    sweep = window.controller.state.sweep
    return sweep is not None and sweep.done >= _SWEPT


def _end_sweep(window: Window, engine: StagedEngine) -> None:
    engine.resume()
    window.controller.end_sweep()
    press(window, "F1")


def _watch(window: Window, _engine: StagedEngine) -> None:
    press(window, "F5")
    window.controller.begin_health_anew()
    window.controller.set_health_limits(HealthLimits(drift=_MOVED))
    window.controller.play()


def _has_event(window: Window) -> bool:
    return bool(window.controller.health_events)


def _watch_no_more(window: Window, _engine: StagedEngine) -> None:
    window.controller.set_health_limits(HealthLimits())
    press(window, "F1 K 5")


class _NextEvent:
    """Where F8 leads from a frame, which is known before the frame is there."""

    def __init__(self) -> None:
        self._index = -1

    def go(self, window: Window, _engine: StagedEngine) -> None:
        press(window, "K")
        packet = window.controller.packet
        event = None if packet is None else beside(window.controller.health_events, packet.frame.index, 1)
        self._index = -1 if event is None else event.index
        press(window, "F8")

    def is_there(self, window: Window) -> bool:
        packet = window.controller.packet
        return packet is not None and packet.frame.index == self._index


def _quiet(name: str, side: Side, key: str) -> Scene:
    return Scene(
        name,
        f"page {side}, before anything is asked",
        lambda window, _: press(window, key),
        lambda window, _: press(window, "F1"),
    )


_WATCHING = Scene("health", "stages watched while frames run", _watch, _watch_no_more, _has_event, moves=True)
_EVENT = _NextEvent()
_PINNED = Scene("cell", "the channels of a pinned cell", _pin, _unpin, _has_cell)
_EXPLAINED = Scene(
    "why-object",
    "which activations speak for an object",
    lambda window, _: press(window, "D W"),
    _explain_no_more,
    lambda window: window.controller.state.focus is None or _is_explained(window),
)
_MISSED = Scene("why-missed", "what the head says of a place", _look_at_missed, _explain_no_more, _knows_missed)

QUESTIONS = (
    _quiet("cell-quiet", Side.CELL, "F2"),
    _quiet("why-quiet", Side.WHY, "F3"),
    _quiet("alter-quiet", Side.ALTER, "F4"),
    _PINNED,
    Scene(
        "cell-alike",
        "which cells are like the pinned one",
        lambda window, _: press(window, "Y"),
        _unpin,
        _has_cell,
        through=_PINNED,
    ),
    Scene(
        "channels",
        "all channels of a stage as small pictures",
        lambda window, _: press(window, "H"),
        lambda window, _: press(window, "Esc"),
        lambda window: (packet := window.controller.packet) is not None and packet.findings.gallery is not None,
    ),
    _EXPLAINED,
    _MISSED,
    Scene(
        "why-candidate",
        "which activations speak for what was missed",
        _explain_missed,
        _explain_no_more,
        _is_explained,
        through=_MISSED,
    ),
    Scene(
        "score-maps",
        "what the head says of a class everywhere",
        lambda window, _: press(window, "Shift+U"),
        _explain_no_more,
        through=_MISSED,
    ),
    Scene("muted", "what is found with channels muted", _mute, _undo, _is_altered, through=_EXPLAINED),
    Scene("rain", "what is found in rain", _let_it_rain, _undo, _is_altered),
    Scene("covered", "what is found with an object covered", _cover, _undo, _is_altered),
    Scene("sweep", "a sweep under way", _sweep, _end_sweep, _is_swept),
    _WATCHING,
    Scene(
        "health-event",
        "the frame where a number crossed its limit",
        _EVENT.go,
        _watch_no_more,
        _EVENT.is_there,
        through=_WATCHING,
    ),
)
"""Each begins, as all scenes of a window that plays, paused in the middle of the file."""
