"""The process that writes an export: started, listened to, and ended without a trace where the user wants it so."""

import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from viewer.session.export import ExportOrder, begun, ended, progressed
from viewer.session.taking import Outcome, Running
from viewer.sinks.output import part_of

PROGRAM = (sys.executable, "-m", "viewer")
"""What runs `featscope` with this window's own libraries."""
_PATIENCE_MS = 5000
"""A network that is being loaded does not listen; then the process is killed and its part of a file removed here."""
_LAST_PATIENCE_MS = 1000


class ExportRun(QObject):
    """One export.

    Args:
        order: What to write.
        parent: Owns it.
    """

    progressed = Signal(Running)
    ended = Signal(Outcome)
    """It is over; sent once."""

    def __init__(self, order: ExportOrder, parent: QObject) -> None:
        super().__init__(parent)
        self._order = order
        self._cancelled = False
        self._settings = _write_settings(order)
        self._errors = bytearray()
        self._process = QProcess(self)
        self._process.readyReadStandardOutput.connect(self._listen)
        self._process.readyReadStandardError.connect(self._overhear)
        self._process.finished.connect(self._finish)
        self._process.errorOccurred.connect(self._fail)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self._process.kill)
        self._command = [*PROGRAM, *order.arguments(self._settings)]

    def start(self) -> None:
        """Start the process."""
        self.progressed.emit(begun(self._order))
        self._process.start(self._command[0], self._command[1:])

    def cancel(self) -> None:
        """End it soon; `ended` follows."""
        self._cancelled = True
        self._process.closeWriteChannel()
        self._patience.start()

    def close(self) -> None:
        """End it now and wait until it has ended; twice is harmless."""
        if self._process.state() is QProcess.ProcessState.NotRunning:
            return
        self._cancelled = True
        self._process.closeWriteChannel()
        if not self._process.waitForFinished(_LAST_PATIENCE_MS):
            self._process.kill()
            self._process.waitForFinished(_LAST_PATIENCE_MS)

    def _listen(self) -> None:
        while self._process.canReadLine():
            running = progressed(self._order, bytes(self._process.readLine().data()).decode(errors="replace"))
            if running is not None and not self._cancelled:
                self.progressed.emit(running)

    def _overhear(self) -> None:
        self._errors += self._process.readAllStandardError().data()

    def _finish(self, code: int, status: QProcess.ExitStatus) -> None:
        self._overhear()
        code = code if status is QProcess.ExitStatus.NormalExit else -code
        # One that ended well in the moment it was cancelled leaves a whole file, and that is said.
        cancelled = self._cancelled and not (code == 0 and self._order.path.exists())
        self._clean()
        self.ended.emit(ended(self._order, code, self._errors.decode(errors="replace"), cancelled=cancelled))

    def _fail(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:  # all others end in `_finish`
            self._clean()
            self.ended.emit(Outcome(f"Not exported: {self._process.errorString()}", failed=True))

    def _clean(self) -> None:
        self._patience.stop()
        for path in (self._settings, part_of(self._order.path)):
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _write_settings(order: ExportOrder) -> Path:
    handle, name = tempfile.mkstemp(prefix="featscope-", suffix=".yaml")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(order.settings)
    return Path(name)
