"""What every key does, declared once: the window acts on this table and the key list shows it."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from viewer.session import Controller
from viewer.ui import tokens

_SECOND_FALLBACK = 25


@dataclass(frozen=True, slots=True)
class Binding:
    """Keys, what they do in words, and the doing.

    Attributes:
        keys: As `key_name` spells them.
        shown: How the list shows them.
        text: What they do.
        act: Called with the controller; None where the window itself acts, by name.
        command: What the window does; empty where `act` is given.
    """

    keys: tuple[str, ...]
    shown: str
    text: str
    act: Callable[[Controller], None] | None = None
    command: str = ""


def key_name(event: QKeyEvent) -> str:
    """Spell a pressed key: `Space`, `Shift+Left`, `L`, `?`.

    Shift is left out where it only makes another sign of the key, because which signs need it differs from keyboard to
    keyboard.
    """
    key = Qt.Key(event.key())
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if 0x21 <= key <= 0x7E and not (ord("A") <= key <= ord("Z")):
        modifiers &= ~Qt.KeyboardModifier.ShiftModifier
    return QKeySequence(QKeyCombination(modifiers, key)).toString(QKeySequence.SequenceFormat.PortableText)


def binding_of(event: QKeyEvent) -> Binding | None:
    """What a pressed key means, if anything."""
    return _BY_KEY.get(key_name(event))


def _faster(controller: Controller) -> None:
    if controller.state.transport.playing:
        controller.nudge_speed(1)
    else:
        controller.play()


def _back_one_second(controller: Controller) -> None:
    source = controller.state.source
    rate = round(source.fps) if source and source.fps else _SECOND_FALLBACK
    controller.seek(controller.state.transport.index - rate)


def _tenth(tenth: int) -> Callable[[Controller], None]:
    return lambda controller: controller.seek_fraction(tenth / 10)


def _step(frames: int) -> Callable[[Controller], None]:
    return lambda controller: controller.step(frames)


def _toggle_loop(controller: Controller) -> None:
    controller.set_loop(not controller.state.transport.loop)


def _toggle_boxes(controller: Controller) -> None:
    controller.set_boxes(not controller.state.boxes)


def _toggle_overlays(controller: Controller) -> None:
    controller.set_overlays(not controller.state.overlays)


BINDINGS: dict[str, tuple[Binding, ...]] = {
    "Playing": (
        Binding(("Space",), "Space", "Play or pause", Controller.toggle_play),
        Binding(("J",), "J", "Back 1 s", _back_one_second),
        Binding(("K",), "K", "Pause", Controller.pause),
        Binding(("L",), "L", "Play; again: faster", _faster),
        Binding(("]",), "]", "Faster", lambda controller: controller.nudge_speed(1)),
        Binding(("[",), "[", "Slower", lambda controller: controller.nudge_speed(-1)),
        Binding(("Backspace",), "Backspace", f"Speed 1{tokens.TIMES}", lambda controller: controller.set_speed(1.0)),
        Binding(("Shift+L",), "Shift L", "Loop on or off", _toggle_loop),
    ),
    "Moving": (
        Binding((".", "Right"), ".  →", "One frame on", _step(1)),
        Binding((",", "Left"), ",  ←", "One frame back", _step(-1)),
        Binding((">", "Shift+Right"), "Shift →", "Ten frames on", _step(10)),
        Binding(("<", "Shift+Left"), "Shift ←", "Ten frames back", _step(-10)),
        Binding(("Home",), "Home", "First frame", lambda controller: controller.seek_fraction(0.0)),
        Binding(("End",), "End", "Last frame", lambda controller: controller.seek_fraction(1.0)),
        *(Binding((str(tenth),), "", "", _tenth(tenth)) for tenth in range(10)),
        Binding((), "0 … 9", "Jump to a tenth"),
        Binding(("G",), "G", "Go to frame or time", command="goto"),
    ),
    "Looking": (
        Binding((), "Shift", "Hold to hide maps and boxes"),
        Binding(("V",), "V", "Maps on or off", _toggle_overlays),
        Binding(("X",), "X", "Boxes on or off", _toggle_boxes),
        Binding(("Tab",), "Tab", "Next tile", Controller.next_tile),
        Binding(("F",), "F", "Fill with the tile under the pointer", command="fill"),
        Binding(("R",), "R", "Whole picture", Controller.reset_viewport),
        Binding((), "Wheel, drag", "Zoom, move"),
        Binding((), "Double click", "Fill with a tile, or show all"),
    ),
    "Stages": (
        Binding(("/", "Ctrl+F"), "/", "Search the stages", command="search"),
        Binding(("Ctrl+P",), "Ctrl P", "Name the tapped stages", command="name_preset"),
    ),
    "Taking away": (
        Binding(("S",), "S", "Snapshot of all tiles, with its numbers", command="still"),
        Binding(("Ctrl+E",), "Ctrl E", "Export as a video", command="export"),
        Binding(("Ctrl+Shift+E",), "Ctrl Shift E", "Cancel the export", command="cancel_export"),
        Binding(("Ctrl+Shift+C",), "Ctrl Shift C", "Copy the tile under the pointer", command="copy_tile"),
    ),
    "Window": (
        Binding(("Ctrl+R",), "Ctrl R", "Restart the engine", Controller.restart_engine),
        Binding(("?",), "?", "This list", command="keys"),
        Binding(("F6",), "F6", "Next control", command="next_control"),
        Binding(("Shift+F6",), "Shift F6", "Previous control", command="previous_control"),
        Binding(("Esc",), "Esc", "Back to the pictures", command="escape"),
        Binding(("Q", "Ctrl+Q"), "Q", "Quit", command="quit"),
    ),
}

_BY_KEY = {key: binding for group in BINDINGS.values() for binding in group for key in binding.keys}
