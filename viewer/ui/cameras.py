"""Which cameras there are, asked in a process of its own: a driver that hangs must not hang the window."""

import json
import sys
from dataclasses import dataclass

from PySide6.QtCore import QObject, QProcess, Signal


@dataclass(frozen=True, slots=True)
class FoundCamera:
    """A camera that is there.

    Attributes:
        index: Number to open it by.
        name: What it calls itself; empty where unknown.
        path: Device file; empty where the system has none.
        modes: Width, height and highest rate of each size it offers, the largest first.
    """

    index: int
    name: str
    path: str
    modes: tuple[tuple[int, int, float], ...]


class CameraSearch(QObject):
    """Looks for cameras when told to.

    Args:
        command: Program and arguments that print cameras as JSON; `featscope doctor` unless given.
    """

    found = Signal(tuple)
    """Cameras, as a tuple of `FoundCamera`; empty where there are none or nobody could tell."""

    def __init__(self, command: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._command = command or (sys.executable, "-m", "viewer", "doctor", "--cameras", "--json")
        self._process = QProcess(self)
        self._process.setStandardErrorFile(QProcess.nullDevice())
        self._process.finished.connect(self._take)
        self._process.errorOccurred.connect(
            lambda error: self.found.emit(()) if error is QProcess.ProcessError.FailedToStart else None
        )

    @property
    def is_running(self) -> bool:
        """Whether it is looking now."""
        return self._process.state() is not QProcess.ProcessState.NotRunning

    def look(self) -> None:
        """Look again; `found` tells."""
        if not self.is_running:
            self._process.start(self._command[0], list(self._command[1:]))

    def end(self) -> None:
        """Look no more."""
        if self.is_running:
            self._process.kill()
            self._process.waitForFinished(1000)

    def _take(self) -> None:
        try:
            self.found.emit(cameras_from(bytes(self._process.readAllStandardOutput().data()).decode()))
        except (ValueError, KeyError, TypeError):
            self.found.emit(())


def cameras_from(text: str) -> tuple[FoundCamera, ...]:
    """Read what `featscope doctor --cameras --json` prints.

    Raises:
        ValueError: If it is not JSON; a KeyError or TypeError if it says something else.
    """
    return tuple(
        FoundCamera(
            entry["index"],
            entry["name"],
            entry["path"],
            tuple((mode["width"], mode["height"], mode["fps"]) for mode in entry["modes"]),
        )
        for entry in json.loads(text)
    )
