"""Milliseconds by part over the last frames, stacked, by pyqtgraph; see `viewer.ui.line_graph` for lines.

pyqtgraph takes a quarter of a second to import, which would hold up the first window or stop it for a moment. So it
is imported by a thread of its own while the detector loads, and the plot takes its place when that is done.
"""

import importlib
import threading
from collections import deque
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget
from typing_extensions import override

from viewer.core.packet import Timings
from viewer.ui import tokens

PARTS = ("letterbox", "forward", "reduce", "download", "suppress", "shape", "inquire")
"""Parts of `Timings` but decoding, from the bottom of the stack up; their colours are `tokens.SERIES` in this order.

The last one is there only while something is asked beside boxes and maps.
"""

_FRAMES = 100
_REDRAW_MS = 1000


class TimingsPlot(QWidget):
    """Takes timings with every frame and redraws once a second."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._history: deque[tuple[float, ...]] = deque(maxlen=_FRAMES)
        self._drawn = 0
        self._taken = 0
        self._curves: list[Any] = []
        self._plot: Any = None
        self.setMinimumHeight(56)
        self.setMaximumHeight(120)
        self.setAccessibleName("Milliseconds per frame by part")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(tokens.UNIT, 0, 2 * tokens.UNIT, 0)
        self._importer = threading.Thread(target=importlib.import_module, args=("pyqtgraph",), name="import-pyqtgraph")
        self._timer = QTimer(self)
        self._timer.setInterval(_REDRAW_MS)
        self._timer.timeout.connect(self._redraw)

    def begin(self) -> None:
        """Start importing and drawing; called once the window is on the screen."""
        self._importer.start()
        self._timer.start()

    def end(self) -> None:
        """Stop drawing and wait for the import, a fraction of a second at most; twice is harmless."""
        self._timer.stop()
        if self._importer.ident is not None:
            self._importer.join()

    def add(self, timings: Timings) -> None:
        """Take the timings of one more frame."""
        values = timings.as_dict()
        self._history.append(tuple(values[part] for part in PARTS))
        self._taken += 1

    def _redraw(self) -> None:
        if self._importer.is_alive():
            return
        if self._plot is None:
            # Built before the first timings come, when the window has enough to do.
            self._plot = self._build()
        if self._taken == self._drawn or not self.isVisible():
            return
        plot = self._plot
        if not self._drawn:
            plot.setVisible(True)
        self._drawn = self._taken
        stack = np.cumsum(np.array(self._history, np.float32), axis=1)
        frames = np.arange(len(stack)) - len(stack) + 1
        for column, curve in enumerate(self._curves):
            curve.setData(frames, stack[:, column])
        plot.setXRange(1 - max(len(stack), _FRAMES // 4), 0, padding=0)
        # The 98th percentile keeps one slow first frame from flattening all that follow.
        plot.setYRange(0, max(1.0, float(np.percentile(stack[:, -1], 98)) * 1.15), padding=0)

    def _build(self) -> Any:
        pg = importlib.import_module("pyqtgraph")
        plot = pg.PlotWidget(parent=self, background=None, enableMenu=False)
        plot.hideButtons()
        plot.setMouseEnabled(x=False, y=False)
        plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        plot.hideAxis("bottom")
        axis = plot.getAxis("left")
        axis.setTickFont(tokens.font(tokens.TEXT_SMALL))
        axis.setWidth(32)
        plot.showGrid(y=True, alpha=0.12)
        # Each sum is filled down to zero and the next lower one painted over it, which is a third of the work of
        # filling between curves.
        for depth, _ in enumerate(PARTS):
            curve = pg.PlotCurveItem(pen=None, fillLevel=0)
            curve.setZValue(-depth)
            plot.addItem(curve)
            self._curves.append(curve)
        # Until there is something to measure, its lines and numbers would be those of nothing.
        plot.setVisible(False)
        self._column.addWidget(plot)
        self._colour(plot)
        return plot

    def _colour(self, plot: Any) -> None:
        axis = plot.getAxis("left")
        axis.setPen(tokens.ink(tokens.LINE))
        axis.setTextPen(tokens.ink(tokens.INK_FAINT))
        for curve, colour in zip(self._curves, tokens.SERIES, strict=False):
            curve.setBrush(tokens.ink(colour))

    @override
    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange and self._plot is not None:
            self._colour(self._plot)
        super().changeEvent(event)
