"""The hands of whoever walks through the window: keys, pressed one after the other as a person would."""

from typing import Any, cast

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QWidget


def press(window: QWidget, keys: str) -> None:
    """Press keys in turn.

    Args:
        window: Gets those that no widget in it has the focus for.
        keys: Names with spaces between, `Ctrl+K Down Return`; a word in quotes is typed letter by letter, `'rms'`.
    """
    for name in keys.split():
        if name.startswith("'"):
            for letter in name.strip("'"):
                _press(window, QKeySequence(letter.upper()), letter)
        else:
            _press(window, QKeySequence(name), "")


def _press(window: QWidget, sequence: QKeySequence, text: str) -> None:
    combination = cast("Any", sequence)[0]  # the stub does not know that it can be taken apart
    key, modifiers = combination.key(), combination.keyboardModifiers()
    if not text and modifiers in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier):
        text = chr(key) if key < Qt.Key.Key_Escape.value else ""
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        receiver = window.focusWidget() or window
        QApplication.sendEvent(receiver, QKeyEvent(kind, key, modifiers, text))
