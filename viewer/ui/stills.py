"""Snapshots written beside the window's thread, which a picture of eight megapixels would hold up for half a second."""

from pathlib import Path
from queue import SimpleQueue
from threading import Thread

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from viewer.core.errors import ViewerError
from viewer.session.still import Still
from viewer.session.taking import Outcome, saved
from viewer.sinks.naming import free_path
from viewer.sinks.still import save_still
from viewer.ui.bridge import Bridge


class Stills(QObject):
    """Saves one snapshot after the other, in the order in which they were taken. It owns the thread that writes.

    All methods belong to the window's thread.
    """

    ended = Signal(Outcome)
    """One was saved, or could not be."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = Bridge(self._tell)
        self._orders: SimpleQueue[tuple[Path, Still, QImage] | None] = SimpleQueue()
        self._outcomes: SimpleQueue[Outcome] = SimpleQueue()
        self._thread: Thread | None = None

    def save(self, folder: Path, still: Still, picture: QImage) -> None:
        """Save a picture with what is known of it; returns at once. The picture belongs to this object from now on."""
        if self._thread is None:
            self._thread = Thread(target=self._work, name="featscope-stills")
            self._thread.start()
        self._orders.put((folder, still, picture))

    def close(self) -> None:
        """Finish what was ordered and end the thread; twice is harmless."""
        self._bridge.close()
        thread, self._thread = self._thread, None
        if thread is not None:
            self._orders.put(None)
            thread.join()

    def _work(self) -> None:
        while (order := self._orders.get()) is not None:
            self._outcomes.put(_saved(*order))
            self._bridge.wake()

    def _tell(self) -> None:
        while not self._outcomes.empty():
            self.ended.emit(self._outcomes.get())


def _saved(folder: Path, still: Still, picture: QImage) -> Outcome:
    try:
        path = free_path(folder, still.stem, (".png", ".json"))
        save_still(path, lambda part: picture.save(str(part)), still.record)
    except ViewerError as error:
        return Outcome(str(error), failed=True)
    return saved(path)
