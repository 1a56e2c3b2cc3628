"""The one place where threads meet Qt: the engine says "there is something", the window's thread fetches it."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal, Slot


class Bridge(QObject):
    """Turns calls from any thread into one call in the window's thread.

    A queued signal that carries nothing reaches the window sooner than a timer that polls, and a hundred wakes before
    the window gets to it cost one fetch.
    """

    _woken = Signal()

    def __init__(self, fetch: Callable[[], None]) -> None:
        super().__init__()
        self._fetch = fetch
        self._pending = False
        self._open = True
        self._woken.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def wake(self) -> None:
        """Ask for a fetch; callable from any thread, also after `close`."""
        # Two threads may both see False and post twice; a fetch too many is harmless, one too few is impossible
        # because the flag is taken down before fetching.
        if self._open and not self._pending:
            self._pending = True
            self._woken.emit()

    def close(self) -> None:
        """Fetch no more."""
        self._open = False

    @Slot()
    def _deliver(self) -> None:
        self._pending = False
        if self._open:
            self._fetch()
