"""What keys do in the window: they go to the controller, to a view, or, one after the other, leave what lies open."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QCursor, QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit

from viewer.session.cells import is_similarity
from viewer.session.palette import Action, state_actions
from viewer.session.side import Side
from viewer.ui.keys import CROSSHAIR_STEPS, Binding, binding_for, binding_of, key_actions
from viewer.ui.occluder_keys import nudge_occluder

if TYPE_CHECKING:
    from viewer.ui.window import Window

_WHILE_TYPING = ("next_control", "previous_control")
"""What else than typing a key can do in a field; without these nobody would come out of it by keyboard."""

_OVER_PICTURES = ("open", "palette", "cards", "settings", "keys", "theme", "present", "escape")
"""What a key can do while a page covers the pictures: turn to another page or leave. Nobody should change by accident
what is not seen. Those that type no sign do it in a field as well."""


class Keyboard:
    """Acts on the table of keys.

    Args:
        window: Whose keys they are.
    """

    def __init__(self, window: "Window") -> None:
        self._window = window

    def press(self, event: QKeyEvent) -> bool:
        """Do what a key is for; tells whether it is for anything here."""
        binding = binding_of(event)
        if event.key() == Qt.Key.Key_Shift:
            self.peek(not self._is_busy())
        elif not self._is_busy() and nudge_occluder(self._window.controller, event.key(), event.modifiers()):
            self._window.refresh()
        elif binding is None or not self._may_act(binding, types=_types(event)):
            return False
        else:
            self._do(binding)
        return True

    def release(self, event: QKeyEvent) -> None:
        """Do what letting a key go is for."""
        if event.key() == Qt.Key.Key_Shift:
            self.peek(False)

    def tab(self, forward: bool) -> bool:
        """The same for Tab, which Qt asks for by another way; what is typed in and the settings keep it."""
        binding = binding_for("Tab" if forward else "Shift+Tab")
        if binding is None or not self._may_act(binding, types=True):
            return False
        self._do(binding)
        return True

    def _may_act(self, binding: Binding, *, types: bool) -> bool:
        """Whether a key acts where the focus is; in a field one that types is a letter."""
        if binding.command in _WHILE_TYPING:
            return True
        if self._is_typing() and types:
            return False
        return binding.command in _OVER_PICTURES or not self._is_busy()

    def _is_busy(self) -> bool:
        """Whether the pictures are covered or something is being typed."""
        window = self._window
        is_covered = window.keylist.isVisible() or window.settings.isVisible() or window.pages.current is not None
        return is_covered or self._is_typing()

    def _is_typing(self) -> bool:
        # The application knows of no focus while no window is active, as without a window manager.
        focused = QApplication.focusWidget() or self._window.focusWidget()
        return isinstance(focused, QLineEdit)

    def peek(self, bare: bool) -> None:
        """Hide overlays and boxes while a key is held."""
        self._window.canvas.peek(bare)
        self._window.popped.peek(bare)

    def actions(self) -> list[Action]:
        """Everything that can be done by its name; each is shown at once."""
        controller = self._window.controller
        by_key, themes = key_actions(controller, self._commands()), self._window.desk.theme_actions()
        actions = [*by_key, *themes, *state_actions(controller)]
        return [replace(action, act=partial(self._act, action.act)) for action in actions]

    def _do(self, binding: Binding) -> None:
        if binding.act is not None:
            self._act(partial(binding.act, self._window.controller))
        else:
            self._commands()[binding.command]()

    def _act(self, act: Callable[[], object]) -> None:
        act()
        self._window.refresh()

    def _commands(self) -> dict[str, Callable[[], object]]:
        window, pages, taking = self._window, self._window.pages, self._window.taking
        return {
            "goto": window.transport.goto.ask,
            "fill": lambda: window.canvas.fill_at(self._pointed()),
            "pop_out": lambda: window.popped.open_at(self._pointed()),
            "pin_cell": window.canvas.pick_at_crosshair,
            **{name: partial(window.canvas.nudge_crosshair, *cells) for name, cells in CROSSHAIR_STEPS.items()},
            "follow_next": lambda: self._follow(1),
            "follow_previous": lambda: self._follow(-1),
            "keys": window.keylist.toggle,
            "open": lambda: pages.toggle(pages.open),
            "palette": lambda: pages.toggle(pages.palette),
            "cards": lambda: pages.toggle(pages.cards),
            "still": taking.save_still,
            "inspection": taking.save_inspection,
            "export": taking.export,
            "search": window.stages.search.ask,
            "name_preset": window.stages.presets.ask,
            "cancel_export": taking.cancel_export,
            "copy_tile": taking.copy_tile,
            "copy_object": taking.copy_object,
            "settings": window.toggle_settings,
            "theme": window.desk.next_theme,
            "present": window.presentation.toggle,
            "next_control": lambda: window.walk_controls(True),
            "previous_control": lambda: window.walk_controls(False),
            "escape": self._escape,
            "quit": window.close,
        }

    def _follow(self, step: int) -> None:
        """Follow the object of another row, of the list as it is seen; while none is, of the exact order."""
        rows = self._window.inspector.table.list
        seen = rows.rows.boxes if rows.isVisible() else ()
        self._act(lambda: self._window.controller.choose_next(step, seen))

    def _escape(self) -> None:
        """Leave one thing; keys go back to the pictures."""
        window = self._window
        left = (
            window.canvas.drop_region()
            or window.occluder.drop()
            or self.leave_cover()
            or self._leave_words()
            or self._leave_channel()
        )
        if not left:
            self._leave_tile()
        window.canvas.hide_crosshair()
        window.canvas.setFocus()
        window.refresh()

    def leave_cover(self) -> bool:
        """Put away what lies over the pictures; tells whether anything did."""
        window = self._window
        if window.keylist.isVisible():
            window.keylist.setVisible(False)
        elif window.settings.isVisible():
            window.settings.put_away()
        elif window.pages.current is not None:
            window.pages.current.put_away()
        else:
            return False
        return True

    def _leave_words(self) -> bool:
        """End the search, or dismiss what is said; tells whether there was anything."""
        controller, state = self._window.controller, self._window.controller.state
        if state.search is not None:
            controller.stop_search()
        elif state.occluding:
            controller.hold_occluder(False)
        elif state.sweep is not None:
            controller.end_sweep()
        elif state.refusal or state.notice is not None:
            controller.dismiss_notice()
        elif self._window.taking.taking.outcome is not None:
            self._window.taking.dismiss()
        else:
            return False
        return True

    def _leave_channel(self) -> bool:
        """See a stage's map again, then the maps of before, then let go of the cell; tells whether there was any."""
        controller, state = self._window.controller, self._window.controller.state
        if state.inquiry.channel is not None:
            controller.leave_channel()
        elif is_similarity(state):
            controller.toggle_similarity()
        elif state.pinned is not None and state.side is Side.CELL:
            controller.unpin_cell()
        else:
            return False
        return True

    def _leave_tile(self) -> None:
        """Let go of the object, of the place asked about, of the full tile, then of the presentation."""
        controller, state, presentation = (
            self._window.controller,
            self._window.controller.state,
            self._window.presentation,
        )
        if state.lookout:
            controller.look_out(False)
        elif state.focus is not None:
            controller.choose(None)
        elif state.inquiry.region is not None:
            controller.look_away()
        elif state.maximised is not None or not presentation.is_on:
            controller.maximise(None)
        else:
            presentation.toggle()

    def _pointed(self) -> QPointF:
        return QPointF(self._window.canvas.mapFromGlobal(QCursor.pos()))


def _types(event: QKeyEvent) -> bool:
    """Whether a key would write a sign in a field."""
    commands = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
    return not event.modifiers() & commands and event.key() < Qt.Key.Key_Escape
