"""What was seen so far, as a picture as wide as the timeline: bars in lanes, made of whole arrays.

A widget that drew each column would need thousands of calls a frame. Here only the columns in which frames were added
are computed, all of them at once, into a buffer that Qt draws as it is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainter

from viewer.session.history import History
from viewer.session.lanes import LaneBins, bins, columns_of, scales
from viewer.ui import tokens

LANES = ("objects", "score", "ms")
"""From the top; below them lie marks of frames that were dropped or late."""
LANE = 10
GAP = 2
MARKS = 3
HEIGHT = len(LANES) * (LANE + GAP) + MARKS
"""Of all lanes, in logical pixels."""


@dataclass(frozen=True, slots=True)
class _Look:
    """All that a picture depends on besides the frames; another look is drawn anew."""

    width: int
    scale: float
    tops: tuple[float, float]
    colours: tuple[str, ...]


class Lanes:
    """The picture and what it was made of."""

    def __init__(self) -> None:
        self._history: History | None = None
        self._look: _Look | None = None
        self._pixels: NDArray[np.uint32] = np.zeros((0, 0), np.uint32)

    def follow(self, history: History | None, width: float, scale: float) -> bool:
        """Draw what was added to a history since the last call.

        Args:
            history: Of the open source; None draws nothing.
            width: Of the timeline in logical pixels.
            scale: Device pixels a logical one.

        Returns:
            Whether anything changed.
        """
        if history is None or len(history) < 2 or width < 1:
            self._history = None
            return False
        look = _Look(round(width * scale), scale, scales(history), _colours())
        changed = history.take_changed()
        if history is not self._history or look != self._look:
            self._history, self._look = history, look
            self._pixels = np.zeros((round(HEIGHT * scale), look.width), np.uint32)
            changed = 0, len(history) - 1
        if changed is None:
            return False
        begin, end = columns_of(history, look.width, *changed)
        self._draw(bins(history, look.width, begin, end), look, begin, end)
        return True

    def fits(self, width: float, scale: float) -> bool:
        """Whether the picture is as wide, and has the colours, as is needed now."""
        look = self._look
        return look is not None and (look.width, look.scale, look.colours) == (round(width * scale), scale, _colours())

    def paint(self, painter: QPainter, at: QPointF) -> None:
        """Draw the picture."""
        if self._history is None or self._look is None:
            return
        height, width = self._pixels.shape
        image = QImage(self._pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(self._look.scale)
        painter.drawImage(at, image)

    def _draw(self, lanes: LaneBins, look: _Look, begin: int, end: int) -> None:
        most, longest = look.tops
        part, (ground, bar, slow, bad, old) = self._pixels[:, begin:end], (QColor(name).rgba() for name in look.colours)
        found = np.where(lanes.stale, old, bar)
        for number, (values, known, colour) in enumerate(
            (
                (lanes.count / most, lanes.seen, found),
                (lanes.score, lanes.seen, found),
                (lanes.inference_ms / longest, lanes.timed, slow),
            )
        ):
            top = round(number * (LANE + GAP) * look.scale)
            lane = part[top : top + round(LANE * look.scale)]
            lane[:] = np.where(_bars(values, len(lane)), colour, np.where(known, ground, 0))
        part[-round(MARKS * look.scale) :] = np.where(lanes.missed, bad, 0)


def _bars(values: NDArray[np.floating], height: int) -> NDArray[np.bool_]:
    """Which pixels of a lane the bars of its columns fill; what is more than nothing fills one at least."""
    filled = np.clip(np.where(values > 0, np.maximum(values * height, 1), 0), 0, height).round()
    return np.arange(height, 0, -1)[:, None] <= filled


def _colours() -> tuple[str, ...]:
    return tokens.RAISED, tokens.ACCENT, tokens.INK_FAINT, tokens.BAD, tokens.ACCENT_DEEP
