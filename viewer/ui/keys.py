"""What every key does, declared once: the window acts on this table, and the key list and the tooltips show it.

`BINDINGS` is the table as it holds now. Which keys an action has can be changed by the user, so it is read when it is
needed and not kept; what the actions are never changes.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from viewer.session import Controller
from viewer.session.keymap import KeyMap
from viewer.session.palette import Action
from viewer.session.search import Direction
from viewer.session.side import Side
from viewer.session.why import depths_of
from viewer.ui import tokens

_SECOND_FALLBACK = 25
_FAR = 10**6


@dataclass(frozen=True, slots=True)
class Binding:
    """Keys, what they do in words, and the doing.

    Attributes:
        keys: As `key_name` spells them.
        shown: How the list shows them.
        text: What they do.
        act: Called with the controller; None where the window itself acts, by name.
        command: What the window does; empty where `act` is given.
        name: What settings call the action; it never changes, or the keys that a user chose would be lost. Empty where
            the command says it, or where there is nothing to bind.
        fixed: Whether its keys are not for the user to change.
    """

    keys: tuple[str, ...]
    shown: str
    text: str
    act: Callable[[Controller], None] | None = None
    command: str = ""
    name: str = ""
    fixed: bool = False

    @property
    def action(self) -> str:
        """The name under which settings and other views know it; empty where there is nothing to do."""
        return self.name or self.command

    @property
    def is_bindable(self) -> bool:
        """Whether the user can give it keys."""
        return bool(self.action) and not self.fixed


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


def spelled(text: str) -> str:
    """A key as somebody wrote it, in the spelling of `key_name`; empty if there is none of that name."""
    sequence = QKeySequence(text)
    return sequence.toString(QKeySequence.SequenceFormat.PortableText) if sequence.count() == 1 else ""


_SIGNS = {"Right": "→", "Left": "←", "Up": "↑", "Down": "↓"}


def key_text(key: str) -> str:
    """How a key is shown: `Shift ←` for `Shift+Left`."""
    *modifiers, last = key[:-1].split("+") if key.endswith("++") or key == "+" else key.split("+")
    if key.endswith("+"):
        last = "+"
    return " ".join([*modifiers, _SIGNS.get(last, last)])


def binding_of(event: QKeyEvent) -> Binding | None:
    """What a pressed key means, if anything."""
    return _BY_KEY.get(key_name(event))


def binding_for(key: str) -> Binding | None:
    """The same for a key by name."""
    return _BY_KEY.get(key)


def _shuttle(direction: Direction) -> Callable[[Controller], None]:
    return lambda controller: controller.shuttle(direction)


def _back_one_second(controller: Controller) -> None:
    source = controller.state.source
    rate = round(source.fps) if source and source.fps else _SECOND_FALLBACK
    controller.seek(controller.state.transport.index - rate)


def _normal_speed(controller: Controller) -> None:
    controller.set_speed(1.0)


def _tenth(tenth: int) -> Callable[[Controller], None]:
    return lambda controller: controller.seek_fraction(tenth / 10)


def _step(frames: int) -> Callable[[Controller], None]:
    return lambda controller: controller.step(frames)


def _toggle_loop(controller: Controller) -> None:
    controller.set_loop(not controller.state.transport.loop)


def _toggle_loss(controller: Controller) -> None:
    controller.look_for_loss(not controller.state.target.lost)


def _toggle_boxes(controller: Controller) -> None:
    controller.set_boxes(not controller.state.boxes)


def _loop_all(controller: Controller) -> None:
    controller.set_span(None)


def _find(direction: Direction) -> Callable[[Controller], None]:
    return lambda controller: controller.find(direction)


def _toggle_under(controller: Controller) -> None:
    controller.set_under(not controller.state.under)


def _show_side(side: Side) -> Callable[[Controller], None]:
    return lambda controller: controller.show_side(side)


def _look_here(controller: Controller) -> None:
    controller.look_out(not controller.state.lookout)


def _score_maps(controller: Controller) -> None:
    controller.show_scores(controller.state.inquiry.score_map is None)


def _browse(step: int) -> Callable[[Controller], None]:
    return lambda controller: controller.browse_channels(step)


def _health_event(step: int) -> Callable[[Controller], None]:
    return lambda controller: controller.seek_health_event(step)


def _explain(controller: Controller) -> None:
    why = controller.state.why
    controller.explain(not (why.on and not why.missed and not why.merged))


def _explain_missed(controller: Controller) -> None:
    why = controller.state.why
    controller.explain_missed(not (why.on and why.missed))


def _explain_all(controller: Controller) -> None:
    why = controller.state.why
    controller.explain_all(not (why.on and why.merged))


def _explain_deeper(controller: Controller) -> None:
    depths = depths_of(controller.state)
    controller.explain_at(depths.nodes[(depths.now + 1) % len(depths.nodes)])


def _toggle_occluder(controller: Controller) -> None:
    controller.hold_occluder(not controller.state.occluding)


def _toggle_overlays(controller: Controller) -> None:
    controller.set_overlays(not controller.state.overlays)


def _toggle_fade(controller: Controller) -> None:
    controller.set_fade(not controller.state.fade)


def _part_at(step: float) -> Callable[[Controller], None]:
    return lambda controller: controller.set_divider(controller.state.divider + step)


def _turn_page(pages: int) -> Callable[[Controller], None]:
    return lambda controller: controller.turn_page(pages)


def _choose_tile(steps: int) -> Callable[[Controller], None]:
    return lambda controller: controller.choose_next_tile(steps)


def _move_tile(steps: int) -> Callable[[Controller], None]:
    return lambda controller: controller.move_current_tile(steps)


CROSSHAIR_STEPS = {
    "crosshair_left": (-1, 0),
    "crosshair_right": (1, 0),
    "crosshair_up": (0, -1),
    "crosshair_down": (0, 1),
}
"""Columns and rows that a command moves the crosshair by."""

BINDINGS: dict[str, tuple[Binding, ...]] = {
    "Playing": (
        Binding(("Space",), "Space", "Play or pause", Controller.toggle_play, name="play_or_pause"),
        Binding(("J",), "J", "Play backwards; again: faster", _shuttle(-1), name="play_backwards"),
        Binding(("K",), "K", "Pause", Controller.pause, name="pause"),
        Binding(("L",), "L", "Play; again: faster", _shuttle(1), name="play_faster"),
        Binding(("]",), "]", "Play faster", lambda controller: controller.nudge_speed(1), name="faster"),
        Binding(("[",), "[", "Play slower", lambda controller: controller.nudge_speed(-1), name="slower"),
        Binding(("Backspace",), "Backspace", f"Play at speed 1{tokens.TIMES}", _normal_speed, name="normal_speed"),
        Binding(("Shift+L",), "Shift L", "Turn the loop on or off", _toggle_loop, name="loop"),
        Binding(("I",), "I", "Begin the loop here", Controller.begin_loop_here, name="loop_begin"),
        Binding(("O",), "O", "End the loop here", Controller.end_loop_here, name="loop_end"),
        Binding(("Shift+I",), "Shift I", "Loop the whole file", _loop_all, name="loop_all"),
    ),
    "Moving": (
        Binding((".", "Right"), ".  →", "Go one frame on", _step(1), name="next_frame"),
        Binding((",", "Left"), ",  ←", "Go one frame back", _step(-1), name="previous_frame"),
        Binding((">", "Shift+Right"), "Shift →", "Go ten frames on", _step(10), name="ten_frames_on"),
        Binding(("<", "Shift+Left"), "Shift ←", "Go ten frames back", _step(-10), name="ten_frames_back"),
        Binding(("Shift+J",), "Shift J", "Go back 1 s", _back_one_second, name="back_one_second"),
        Binding(
            ("Home",),
            "Home",
            "Go to the first frame",
            lambda controller: controller.seek_fraction(0.0),
            name="first_frame",
        ),
        Binding(("End",), "End", "Go to the last frame, or back to live", Controller.seek_end, name="last_frame"),
        *(Binding((str(n),), "", f"Go to {n * 10} %", _tenth(n), name=f"tenth_{n}") for n in range(10)),
        Binding((), "0 … 9", "Go to a tenth"),
        Binding(("G",), "G", "Go to a frame or time", command="goto"),
        Binding(("N",), "N", "Go to the next match", _find(1), name="find_next"),
        Binding(("Shift+N",), "Shift N", "Go to the previous match", _find(-1), name="find_previous"),
        Binding(("Shift+M",), "Shift M", "Look for a class, or where it is lost", _toggle_loss, name="find_lost"),
        Binding(("Alt+N",), "Alt N", "Go to where the followed object is lost", Controller.find_loss, name="find_loss"),
    ),
    "Looking": (
        Binding((), "Shift", "Hold to hide maps and boxes"),
        Binding(("V",), "V", "Show or hide maps", _toggle_overlays, name="maps"),
        Binding(("X",), "X", "Show or hide boxes", _toggle_boxes, name="boxes"),
        Binding(("Tab",), "Tab", "Show the next tile", Controller.next_tile, name="next_tile"),
        Binding(("F",), "F", "Fill with the tile under the pointer", command="fill"),
        Binding(("R",), "R", "Show the whole picture", Controller.reset_viewport, name="whole_picture"),
        Binding(("M",), "M", "Show maps over, alone, beside, swiped", Controller.next_view, name="next_view"),
        Binding(("A",), "A", "Fade weak cells", _toggle_fade, name="fade"),
        Binding(("{",), "{", "Move the divider of a swipe left", _part_at(-0.05), name="divider_left"),
        Binding(("}",), "}", "Move the divider of a swipe right", _part_at(0.05), name="divider_right"),
        Binding((), "Alt arrows", "Read maps at a crosshair"),
        *(
            Binding((f"Alt+{name[10:].title()}",), "", f"Move the crosshair {name[10:]}", command=name)
            for name in CROSSHAIR_STEPS
        ),
        Binding((), "Wheel, drag", "Zoom, move"),
        Binding((), "Double click", "Fill with a tile, or show all"),
    ),
    "Stages": (
        Binding(("/", "Ctrl+F"), "/", "Search the stages", command="search"),
        Binding(("Ctrl+P",), "Ctrl P", "Name the tapped stages", command="name_preset"),
    ),
    "Taking away": (
        Binding(("S",), "S", "Save a snapshot of all tiles", command="still"),
        Binding(("Ctrl+S",), "Ctrl S", "Save an inspection: all numbers", command="inspection"),
        Binding(("Ctrl+E",), "Ctrl E", "Export as a video", command="export"),
        Binding(("Ctrl+Shift+E",), "Ctrl Shift E", "Cancel the export", command="cancel_export"),
        Binding(("Ctrl+Shift+C",), "Ctrl Shift C", "Copy the tile under the pointer", command="copy_tile"),
    ),
    "Objects": (
        Binding(("D",), "D", "Follow the next object", command="follow_next"),
        Binding(("Shift+D",), "Shift D", "Follow the previous object", command="follow_previous"),
        Binding((), "Click", "Follow an object, or none"),
        Binding(("E",), "E", "Go to the frame where it was last found", Controller.seek_found, name="frame_last_found"),
        Binding(("C",), "C", "Show what is under the threshold", _toggle_under, name="candidates"),
        Binding(("Ctrl+C",), "Ctrl C", "Copy the object as JSON", command="copy_object"),
    ),
    "Asking": (
        *(
            Binding((f"F{number}",), f"F{number}", f"Show page {side}", _show_side(side), name=f"side_{side.lower()}")
            for number, side in enumerate(Side, start=1)
        ),
        Binding(("W",), "W", "Explain the chosen object, or stop", _explain, name="explain"),
        Binding(("Alt+W",), "Alt W", "Explain all objects in one map", _explain_all, name="explain_all"),
        Binding(("Ctrl+Shift+W",), "Ctrl Shift W", "Explain at the next stage", _explain_deeper, name="explain_deeper"),
        Binding(("U",), "U", "Look here: drag over what was missed", _look_here, name="look_here"),
        Binding((), "Ctrl drag", "The same, on any tile"),
        Binding(("Shift+U",), "Shift U", "Show maps of its class's scores", _score_maps, name="score_maps"),
        Binding(("Alt+U",), "Alt U", "Explain its candidate, or stop", _explain_missed, name="explain_missed"),
        Binding((), "Ctrl click", "Pin a cell (on page Cell: click)"),
        Binding(("P",), "P", "Pin the cell under the crosshair", command="pin_cell"),
        Binding(("Y",), "Y", "Show cells like the pinned one", Controller.toggle_similarity, name="similarity"),
        Binding((), "Alt click", "Show the strongest channel of a cell"),
        Binding(("Down",), "↓", "Show the next channel", _browse(1), name="next_channel"),
        Binding(("Up",), "↑", "Show the previous channel", _browse(-1), name="previous_channel"),
        Binding(
            ("H",), "H", "Show all channels of a stage", lambda controller: controller.open_gallery(), name="gallery"
        ),
        Binding(("F8",), "F8", "Go to the next health event", _health_event(1), name="health_next"),
        Binding(
            ("Shift+F8",), "Shift F8", "Go to the previous health event", _health_event(-1), name="health_previous"
        ),
        Binding(("Ctrl+F8",), "Ctrl F8", "Watch the stages anew", Controller.begin_health_anew, name="health_anew"),
        Binding(("Ctrl+M",), "Ctrl M", "Mute the channel in hand", Controller.toggle_mute, name="mute_channel"),
        Binding(
            ("Ctrl+Shift+M",), "Ctrl Shift M", "Solo the channel in hand", Controller.toggle_solo, name="solo_channel"
        ),
        Binding(("Shift+O",), "Shift O", "Cover a rectangle by dragging", _toggle_occluder, name="occlude"),
        Binding((), "then arrows", "Move it, Ctrl resizes it, Shift: ten px"),
        Binding(
            ("Ctrl+Shift+O",),
            "Ctrl Shift O",
            "Cover the followed object",
            Controller.occlude_object,
            name="occlude_object",
        ),
        Binding(("Shift+S",), "Shift S", "Show which places a detection needs", Controller.sweep, name="sweep"),
        Binding(("Z",), "Z", "Undo all that is altered", Controller.undo_alterations, name="undo_alterations"),
    ),
    "Tiles": (
        Binding(("Shift+G",), "Shift G", "Show another arrangement", Controller.next_grid, name="next_grid"),
        Binding(("PgDown",), "PgDown", "Show more tiles", _turn_page(1), name="next_tiles"),
        Binding(("PgUp",), "PgUp", "Show the tiles before", _turn_page(-1), name="previous_tiles"),
        Binding(("T",), "T", "Choose the next tile", _choose_tile(1), name="choose_next_tile"),
        Binding(("Shift+T",), "Shift T", "Choose the previous tile", _choose_tile(-1), name="choose_previous_tile"),
        Binding(("Ctrl+Right",), "Ctrl →", "Move the chosen tile on", _move_tile(1), name="move_tile_on"),
        Binding(("Ctrl+Left",), "Ctrl ←", "Move the chosen tile back", _move_tile(-1), name="move_tile_back"),
        Binding(("Ctrl+Up",), "Ctrl ↑", "Move the chosen tile first", _move_tile(-_FAR), name="move_tile_first"),
        Binding(("Ctrl+Down",), "Ctrl ↓", "Move the chosen tile last", _move_tile(_FAR), name="move_tile_last"),
        Binding((), "Drag a header", "Move a tile"),
        Binding(("Ctrl+N",), "Ctrl N", "Open a tile in a window of its own", command="pop_out"),
    ),
    "Window": (
        Binding(("Ctrl+O",), "Ctrl O", "Open video, camera, address or model", command="open"),
        Binding(("Ctrl+.",), "Ctrl .", "Give up opening or loading", Controller.cancel, name="cancel_opening"),
        Binding(("Ctrl+K",), "Ctrl K", "Show all commands by name", command="palette"),
        Binding(("Ctrl+I",), "Ctrl I", "Show source and model", command="cards"),
        Binding(("Ctrl+R",), "Ctrl R", "Restart the engine", Controller.restart_engine, name="restart_engine"),
        Binding(("Ctrl+,",), "Ctrl ,", "Open the settings", command="settings"),
        Binding(("Ctrl+T",), "Ctrl T", "Show the next theme", command="theme"),
        Binding(("F11",), "F11", "Show the pictures alone", command="present"),
        Binding(("?",), "?", "Show all keys", command="keys"),
        Binding(("F6",), "F6", "Go to the next control", command="next_control"),
        Binding(("Shift+F6",), "Shift F6", "Go to the previous control", command="previous_control"),
        Binding(("Esc",), "Esc", "Go back to the pictures", command="escape", fixed=True),
        Binding(("Q", "Ctrl+Q"), "Q", "Quit", command="quit"),
    ),
}

_DECLARED = dict(BINDINGS)
NATIVE = {binding.action: binding.keys for group in _DECLARED.values() for binding in group if binding.is_bindable}
"""Keys that the user can change, by action, as they come."""

_BY_KEY: dict[str, Binding] = {}
_BY_ACTION: dict[str, Binding] = {}


def all_bindings() -> Iterable[Binding]:
    """Every line of the table, as it holds now."""
    return (binding for group in BINDINGS.values() for binding in group)


def binding_named(action: str) -> Binding:
    """The line of an action, as it holds now."""
    return _BY_ACTION[action]


def keys_of(action: str) -> tuple[str, ...] | None:
    """The keys of an action as they are now; None where there is no such action."""
    return _BY_ACTION[action].keys if action in _BY_ACTION else None


def rebind(keymap: KeyMap) -> None:
    """Let actions have these keys from now on."""
    for title, group in _DECLARED.items():
        BINDINGS[title] = tuple(_rebound(binding, keymap) for binding in group)
    _BY_KEY.clear()
    _BY_KEY.update((key, binding) for binding in all_bindings() for key in binding.keys)
    _BY_ACTION.clear()
    _BY_ACTION.update((binding.action, binding) for binding in all_bindings() if binding.action)


def _rebound(binding: Binding, keymap: KeyMap) -> Binding:
    if not binding.is_bindable or keymap.keys(binding.action) == binding.keys:
        return binding
    keys = keymap.keys(binding.action)
    return replace(binding, keys=keys, shown="  ".join(map(key_text, keys)))


def key_actions(controller: Controller, commands: Mapping[str, Callable[[], object]]) -> list[Action]:
    """What keys do, to be done by its name.

    Args:
        controller: What bindings act on.
        commands: What the window itself does, by name.
    """

    def doing(binding: Binding) -> Callable[[], object]:
        return commands[binding.command] if binding.act is None else partial(binding.act, controller)

    return [
        Action(binding.text, title, binding.shown or "  ".join(map(key_text, binding.keys)), doing(binding))
        for title, group in BINDINGS.items()
        for binding in group
        if binding.action
    ]


rebind(KeyMap(NATIVE))
