"""What there is to see: each screen and state with the way to it, mostly in keys.

A scene begins where `BEGIN` left the window and ends there again, so that each can be visited alone.
"""

from viewer.core.errors import OutOfMemoryError
from viewer.core.frame import Link, SourceStatus
from viewer.core.messages import Event, Failed, FailedPart, Loading, Report
from viewer.core.packet import Counters
from viewer.session import EnginePhase
from viewer.ui.tour.hands import press
from viewer.ui.tour.questions import QUESTIONS
from viewer.ui.tour.scene import Scene, by_keys, has_maps, stay
from viewer.ui.tour.staged import StagedEngine
from viewer.ui.window import Window


def is_in_the_middle(window: Window) -> bool:
    """Whether the frame in the middle of the file is shown, with maps; any frame of a live source."""
    source, packet = window.controller.state.source, window.controller.packet
    if source is None or packet is None or not has_maps(window):
        return False
    return not source.frame_count or packet.frame.index == round((source.frame_count - 1) / 2)


def _said(name: str, text: str, *events: Event) -> Scene:
    return Scene(name, text, lambda _, engine: engine.say(*events), _heard_again)


def _heard_again(window: Window, engine: StagedEngine) -> None:
    engine.resume()
    window.controller.dismiss_notice()
    window.controller.play()
    press(window, "K")


def _report(**changes: object) -> Report:
    values: dict[str, object] = {"inference_fps": 21.0, "counters": Counters(), "status": SourceStatus(), **changes}
    return Report(**values)  # pyright: ignore[reportArgumentType] - the keys are those of Report


def _die(_window: Window, engine: StagedEngine) -> None:
    engine.die()


def _is_lost(window: Window) -> bool:
    return window.controller.state.phase is EnginePhase.LOST


def _at_end(window: Window) -> bool:
    return window.controller.state.transport.at_end


def _fails(part: FailedPart, text: str, *, memory_of: str = "") -> Failed:
    return Failed(part, text, memory_of=memory_of)


BEGIN = Scene("begin", "paused in the middle", stay, lambda window, _: press(window, "K 5"))
"""Waits for the first maps; leaving it brings the window to where all scenes of `SCENES` but the first begin."""

OPENING = (
    Scene("starting", "the window, before the engine says anything", stay, is_there=lambda _: True),
    Scene(
        "loading",
        "what is being loaded, how far it is, and how to give up",
        lambda _, engine: engine.say(Loading("Downloading yolo11n.pt", 0.42)),
        is_there=lambda window: window.controller.state.loading is not None,
    ),
    Scene(
        "model-refused",
        "a model that cannot be used, and what to do",
        lambda _, engine: engine.say(
            _fails(FailedPart.MODEL, "best.pt holds a classifier, not a detector; give a detection checkpoint")
        ),
        is_there=lambda window: window.controller.state.phase is EnginePhase.FAILED,
    ),
)
"""Scenes before there is a picture."""

SCENES = (
    Scene("playing", "detections and six maps, playing", stay, BEGIN.leave, moves=True),
    Scene("paused", "a frame in the middle, exactly", lambda window, _: press(window, "5"), is_there=is_in_the_middle),
    by_keys("tile", "one tile alone", "Tab Tab", "Esc"),
    by_keys("map-alone", "maps without the frame", "M", "M M M"),
    by_keys("side-by-side", "frame and map beside each other", "M M", "M M"),
    by_keys("swipe", "frame on one side of a divider, map on the other", "M M M }", "{ M"),
    by_keys("fade", "weak cells leave the frame to be seen", "A", "A"),
    by_keys("crosshair", "one pixel marked and read in every tile", "Alt+Right Alt+Down", "Esc"),
    by_keys("bare", "no maps, no boxes", "V X", "V X"),
    by_keys("strip", "one tile large, the others in a strip", "Shift+G Shift+G Shift+G Shift+G Shift+G", "Shift+G"),
    by_keys("object", "an object that is followed", "D", "Esc"),
    by_keys("candidates", "what is under the threshold, dotted", "C", "C"),
    *QUESTIONS,
    by_keys("loop", "a loop on the timeline", "3 I 6 O", "Shift+I 5"),
    by_keys("search-stages", "stages found by their words", "/ 's8'", "Esc Esc"),
    by_keys("keys", "what every key does", "?", "Esc"),
    by_keys("palette", "every command by its name", "Ctrl+K 'theme'", "Esc"),
    by_keys("open", "what can be opened, and how", "Ctrl+O", "Esc"),
    by_keys("cards", "what is known of source and model", "Ctrl+I", "Esc"),
    by_keys("settings", "theme, defaults and keys", "Ctrl+,", "Esc"),
    by_keys("presentation", "the pictures alone", "F11", "F11"),
    Scene(
        "end",
        "the end of a file that is not played over and over",
        lambda window, _: press(window, "Shift+L End Space"),
        lambda window, _: press(window, "Shift+L 5"),
        is_there=_at_end,
    ),
    _said("slow", "one frame that takes very long", _report(busy_s=14.0, inference_fps=0.1)),
    _said(
        "reconnecting",
        "a camera that sends no frames",
        _report(status=SourceStatus(Link.LOST, "rtsp://192.0.2.7/front sends no frames; trying again in 4 s")),
    ),
    _said(
        "taps-refused",
        "a reducer that a stage does not suit",
        _fails(FailedPart.TAPS, "stage model.4 has channels 0 to 127, not 200; choose one of them or tap other stages"),
    ),
    _said(
        "out-of-memory",
        "a device without room",
        _fails(
            FailedPart.ENGINE,
            OutOfMemoryError("cuda:0").in_window,
            memory_of="cuda:0",
        ),
    ),
    Scene("engine-lost", "the engine ended; the frame is kept", _die, stay, is_there=_is_lost),
)
"""Scenes of a window that plays, in their order; each but the first begins paused in the middle of the file."""
