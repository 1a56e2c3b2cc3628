"""A person's hands on a window under test."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication


def press(opened, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key wherever the focus is, and let the window answer.

    Args:
        opened: What `open_window` gave.
        key: Which one.
        modifiers: Held meanwhile.
    """
    QTest.keyClick(QApplication.focusWidget() or opened.window, key, modifiers)
    QApplication.processEvents()
