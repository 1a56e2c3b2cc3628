"""What is saved is written beside the window's thread: a picture of eight megapixels would hold it up for a while."""

from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from viewer.core.errors import ViewerError
from viewer.session.still import Still
from viewer.session.taking import Outcome, saved
from viewer.sinks.inspection import Inspection, save_inspection
from viewer.sinks.naming import free_path
from viewer.sinks.still import save_still
from viewer.ui.bridge import Bridge


class Stills(QObject):
    """Saves one thing after the other, in the order in which they were taken. It owns the thread that writes.

    All methods belong to the window's thread.
    """

    ended = Signal(Outcome)
    """One was saved, or could not be."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = Bridge(self._tell)
        self._orders: SimpleQueue[Callable[[], Path] | None] = SimpleQueue()
        self._outcomes: SimpleQueue[Outcome] = SimpleQueue()
        self._thread: Thread | None = None

    def save(self, folder: Path, still: Still, picture: QImage) -> None:
        """Save a picture with what is known of it; returns at once. The picture belongs to this object from now on."""
        self._order(lambda: _save_still(folder, still, picture))

    def save_inspection(self, folder: Path, name: str, inspection: Inspection) -> None:
        """Save all that is known of a frame; returns at once. Its arrays must outlive the frame that is shown."""
        self._order(lambda: save_inspection(free_path(folder, name, ("",)), inspection))

    def _order(self, write: Callable[[], Path]) -> None:
        if self._thread is None:
            self._thread = Thread(target=self._work, name="featscope-stills")
            self._thread.start()
        self._orders.put(write)

    def close(self) -> None:
        """Finish what was ordered and end the thread; twice is harmless."""
        self._bridge.close()
        thread, self._thread = self._thread, None
        if thread is not None:
            self._orders.put(None)
            thread.join()

    def _work(self) -> None:
        while (order := self._orders.get()) is not None:
            self._outcomes.put(_outcome(order))
            self._bridge.wake()

    def _tell(self) -> None:
        while not self._outcomes.empty():
            self.ended.emit(self._outcomes.get())


def _save_still(folder: Path, still: Still, picture: QImage) -> Path:
    path = free_path(folder, still.stem, (".png", ".json"))
    save_still(path, lambda part: picture.save(str(part)), still.record)
    return path


def _outcome(write: Callable[[], Path]) -> Outcome:
    try:
        return saved(write())
    except ViewerError as error:
        return Outcome(str(error), failed=True)
