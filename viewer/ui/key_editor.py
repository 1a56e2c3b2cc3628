"""The part of the settings in which keys are bound: choose an action, press a key, settle who has it."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListView, QPushButton, QVBoxLayout, QWidget
from typing_extensions import override

from viewer.session.key_edit import KeyEdit
from viewer.session.keymap import KeyMap
from viewer.ui import tokens
from viewer.ui.key_rows import LINE_ROLE, KeyPainter, KeyRows
from viewer.ui.keys import NATIVE, Binding, binding_named, key_name, key_text

_MODIFIERS = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr)
_HINT = "Enter gives the chosen action another key."


class KeyList(QListView):
    """The actions; while one waits for a key, every key is its answer."""

    key_pressed = Signal(str)
    """While an action waits: this key."""
    wished = Signal(str)
    """A button's work by keyboard: `change`, `add`, `none` or `reset`."""

    def __init__(self, rows: KeyRows) -> None:
        super().__init__()
        self.rows = rows
        self.setModel(rows)
        self.setItemDelegate(KeyPainter(self))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Actions and their keys")
        self.doubleClicked.connect(lambda _: self.wished.emit("change"))

    @override
    def event(self, event: QEvent) -> bool:
        # Asked here, before Qt takes Tab for itself.
        if isinstance(event, QKeyEvent) and self.rows.edit.action is not None:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                if event.key() not in _MODIFIERS:
                    self.key_pressed.emit(key_name(event))
                return True
        return super().event(event)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        wishes = {
            keys.Key_Return: "change",
            keys.Key_Enter: "change",
            keys.Key_Insert: "add",
            keys.Key_Delete: "none",
            keys.Key_Backspace: "reset",
        }
        if event.key() in wishes:
            self.wished.emit(wishes[keys(event.key())])
        elif event.key() in (keys.Key_Up, keys.Key_Down, keys.Key_PageUp, keys.Key_PageDown):
            super().keyPressEvent(event)
        else:
            event.ignore()


class KeyEditor(QWidget):
    """The list, what is asked just now, and buttons for those who use the mouse."""

    keymap_wished = Signal(object)
    """Take these keys."""

    def __init__(self) -> None:
        super().__init__()
        self._edit = KeyEdit(KeyMap(NATIVE))
        self.list = KeyList(KeyRows(self._edit))
        self.says = QLabel(_HINT)
        self.says.setObjectName("soft")
        self.says.setWordWrap(True)
        self.says.setMinimumHeight(2 * tokens.ROW - tokens.UNIT)
        self.buttons = {
            "change": _button("Change", "Press another key for the chosen action  ( Enter )"),
            "add": _button("Add", "Press one more key for it  ( Insert )"),
            "none": _button("No key", "Leave it without a key  ( Delete )"),
            "reset": _button("Reset", "Give it the keys it comes with  ( Backspace )"),
            "all": _button("Reset all", "Give every action the keys it comes with"),
        }
        self.take = _button("Take it", "Take the key from the other action  ( Enter )")
        self.keep = _button("Keep it", "Leave everything as it is  ( Esc )")
        self._lay_out()
        self.list.key_pressed.connect(self._on_key)
        self.list.wished.connect(self._on_wish)
        for word, button in self.buttons.items():
            button.clicked.connect(lambda _, word=word: self._on_wish(word))
        self.take.clicked.connect(lambda _: self._settle(self._edit.confirmed()))
        self.keep.clicked.connect(lambda _: self._settle(self._edit.cancelled()))
        self._show()

    def show_keymap(self, keymap: KeyMap) -> None:
        """Bring the list to these keys."""
        self._edit = KeyEdit(keymap)
        self._show()

    def cancel(self) -> bool:
        """Wait for a key no longer; returns whether one was awaited."""
        awaited = self._edit.action is not None
        self._edit = self._edit.cancelled()
        self._show()
        return awaited

    @property
    def chosen(self) -> Binding | None:
        """The action that the buttons work on."""
        line = self.list.currentIndex().data(LINE_ROLE)
        return line if isinstance(line, Binding) else None

    def _on_wish(self, word: str) -> None:
        binding, keymap = self.chosen, self._edit.keymap
        self.list.setFocus()
        if word == "all":
            self._settle(KeyEdit(keymap.without(NATIVE)))
        elif binding is None:
            return
        elif word in ("change", "add"):
            self._settle(self._edit.asked(binding.action, add=word == "add"))
        elif word == "none":
            self._settle(KeyEdit(keymap.unbound(binding.action)))
        else:
            self._settle(KeyEdit(keymap.reset(binding.action)))

    def _on_key(self, key: str) -> None:
        if key == "Esc":
            self._settle(self._edit.cancelled())
        elif not self._edit.is_waiting:
            if key in ("Return", "Enter"):
                self._settle(self._edit.confirmed())
        else:
            self._settle(self._edit.pressed(key))

    def _settle(self, edit: KeyEdit) -> None:
        before, self._edit = self._edit, edit
        self._show()
        if edit.keymap != before.keymap:
            self.keymap_wished.emit(edit.keymap)

    def _show(self) -> None:
        edit = self._edit
        self.list.rows.show_edit(edit)
        self.says.setText(_sentence(edit))
        for button in self.buttons.values():
            button.setVisible(edit.wanted is None)
        self.take.setVisible(edit.wanted is not None)
        self.keep.setVisible(edit.wanted is not None)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(tokens.UNIT)
        for button in (*self.buttons.values(), self.take, self.keep):
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.UNIT)
        column.addWidget(self.list, 1)
        column.addWidget(self.says)
        column.addLayout(row)


def _button(text: str, tooltip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tooltip)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def _sentence(edit: KeyEdit) -> str:
    if edit.action is None:
        return _HINT
    text = binding_named(edit.action).text
    if edit.wanted is None or edit.owner is None:
        return f"Press a key for “{text}”. Esc leaves it as it is."
    owner = binding_named(edit.owner).text
    return f"{key_text(edit.wanted)} is the key of “{owner}”. Enter takes it for “{text}”, Esc leaves it."
