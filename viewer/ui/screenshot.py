"""A picture of the real window, for documentation, bug reports and tests."""

import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QImageWriter, QPixmap

from viewer.core.errors import DetectorError, SinkError, ViewerError
from viewer.session import EnginePhase
from viewer.ui.window import Window

_LOOK_MS = 15
_ASK_AGAIN_S = 2.0
"""A frame that was in the network when the seek came may be shown instead of the one asked for."""
_SETTLE_MS = 600
"""Time for numbers and plot, which follow a few times a second."""


@dataclass(frozen=True, slots=True)
class Screenshot:
    """What to photograph.

    Attributes:
        path: File to write, `.png`, `.jpg` or another that Qt writes.
        at_index: Frame to show, the last one if there are not as many; any frame of a live source.
        timeout_s: How long to wait for it.
    """

    path: Path
    at_index: int = 0
    timeout_s: float = 180.0


def require_writable(path: Path) -> None:
    """Find out before a model is loaded that a picture cannot be written.

    Raises:
        SinkError: If the folder is not there or not writable, or the kind of picture is unknown.
    """
    kinds = {bytes(kind.data()).decode() for kind in QImageWriter.supportedImageFormats()}
    if path.suffix.lower().lstrip(".") not in kinds:
        raise SinkError(f"cannot write {path}: give a name that ends in .png or .jpg")
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise SinkError(f"cannot write {path}: {path.parent} is not a folder that can be written to")


def save_whole(picture: QPixmap, path: Path) -> None:
    """Write a picture beside its place and move it there, so one that is there is a whole one.

    Raises:
        SinkError: If it cannot be written; nothing is left then.
    """
    try:
        handle, name = tempfile.mkstemp(suffix=path.suffix, dir=path.parent)
        os.close(handle)
        part = Path(name)
        if not picture.save(name):
            part.unlink()
            raise SinkError(f"cannot write {path}: the disk may be full")
        part.chmod(0o644)
        part.replace(path)
    except OSError as error:
        raise SinkError(f"cannot write {path}: {error.strerror}") from error


class Photographer(QObject):
    """Pauses the window, goes to the frame, waits until it is painted with its detections, and writes the picture.

    Attributes:
        error: Why there is no picture; None once there is.
        said: What was written, in one line.

    Args:
        window: Shown already.
        order: What to photograph.
        done: Called once at the end, whatever it was.
    """

    def __init__(self, window: Window, order: Screenshot, done: Callable[[], object]) -> None:
        super().__init__(window)
        self.error: ViewerError | None = ViewerError(f"{order.path} was not written: the window was closed")
        self.said = ""
        self._window, self._order, self._done = window, order, done
        self._deadline_s = time.monotonic() + order.timeout_s
        self._asked_s = float("-inf")
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        state, plan = self._window.controller.state, self._window.canvas.plan
        if state.phase in (EnginePhase.FAILED, EnginePhase.LOST):
            self._end(DetectorError(state.notice.text if state.notice else "the engine ended unexpectedly"))
        elif time.monotonic() > self._deadline_s:
            self._end(
                ViewerError(
                    f"no picture of frame {self._order.at_index} within {self._order.timeout_s:.0f} s; "
                    f"nothing was written to {self._order.path}"
                )
            )
        elif state.phase is EnginePhase.READY and state.source is not None:
            if plan.frame is not None and self._asked_s > 0 and self._is_wanted(plan.frame.index):
                self._timer.stop()
                QTimer.singleShot(_SETTLE_MS, self, self._take)
            elif time.monotonic() - self._asked_s > _ASK_AGAIN_S:
                self._asked_s = time.monotonic()
                self._window.controller.pause()
                self._window.controller.seek(self._order.at_index)

    def _is_wanted(self, index: int) -> bool:
        source, packet = self._window.controller.state.source, self._window.controller.packet
        if packet is None or packet.letterbox is None or source is None:
            return False
        if source.is_live or not source.frame_count:
            return True
        return index == min(self._order.at_index, source.frame_count - 1)

    def _take(self) -> None:
        try:
            save_whole(self._window.grab(), self._order.path)
        except SinkError as error:
            self._end(error)
            return
        self.said = self._what_is_shown()
        self._end(None)

    def _what_is_shown(self) -> str:
        source, frame = self._window.controller.state.source, self._window.canvas.plan.frame
        if source is None or frame is None:
            return str(self._order.path)
        is_short = not source.is_live and frame.index < self._order.at_index
        rest = f", the last; there is no {self._order.at_index}" if is_short else ""
        return f"{self._order.path}: frame {frame.index} of {source.name}{rest}"

    def _end(self, error: ViewerError | None) -> None:
        self._timer.stop()
        self.error = error
        self._done()
