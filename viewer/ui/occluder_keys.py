"""Arrows while somebody holds what covers the picture: they belong to the rectangle then, and to frames as ever else.

They are no lines of `viewer.ui.keys`, where a key does one thing only: what these do depends on what is held.
"""

from PySide6.QtCore import Qt

from viewer.session import Controller

_TEN = 10
_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_SHIFT, _CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
_KEYPAD = Qt.KeyboardModifier.KeypadModifier


def nudge_occluder(controller: Controller, key: int, modifiers: Qt.KeyboardModifier) -> bool:
    """Move what covers the picture, with Ctrl resize it, with Shift ten pixels at once.

    Args:
        controller: Whose picture it is.
        key: What was pressed.
        modifiers: What is held meanwhile.

    Returns:
        Whether the key was for this; never while the rectangle is not held.
    """
    step = _STEPS.get(Qt.Key(key))
    if step is None or not controller.state.occluding or modifiers & ~(_SHIFT | _CTRL | _KEYPAD):
        return False
    times = _TEN if modifiers & _SHIFT else 1
    controller.nudge_occluder(step[0] * times, step[1] * times, resize=bool(modifiers & _CTRL))
    return True
