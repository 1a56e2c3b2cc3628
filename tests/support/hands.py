"""A person's hands on a window under test, and the patience to wait for it."""

import time
from collections.abc import Callable

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


def wait(done: Callable[[], object], seconds: float = 20) -> None:
    """Let the window run until something holds.

    Raises:
        AssertionError: If it does not within this time.
    """
    deadline = time.perf_counter() + seconds
    while not done():
        assert time.perf_counter() < deadline
        QApplication.processEvents()
        time.sleep(0.002)
