"""Lines of numbers over time as a picture, drawn by pyqtgraph; this file and `viewer.ui.plot` are all that know it.

A view of pyqtgraph's on the screen would paint every line again whenever the mark of the frame that plays moves over
it. So it draws them once into a picture, which is laid under that mark until a number changes.
"""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True, slots=True, eq=False)
class Stroke:
    """One line.

    Attributes:
        at: (n,) where each value lies, 0 at the left edge and 1 at the right.
        values: (n,) in the unit of the graph; what is not finite is a gap.
        colour: Of the line.
        width: Of the line in logical pixels.
    """

    at: NDArray[np.floating[Any]]
    values: NDArray[np.floating[Any]]
    colour: QColor
    width: float


class LineGraph:
    """Draws lines between two values; values beyond them run along the edge.

    Args:
        owner: Who shows the pictures, and has pyqtgraph's view as long as it lives; that is never shown itself.
        margin: What stays free above and below, in logical pixels, so that a line at an edge is seen in full.
    """

    def __init__(self, owner: QWidget, margin: float) -> None:
        self._owner, self._margin = owner, margin
        self._pg: Any = None
        self._view: Any = None
        self._box: Any = None

    def picture(
        self,
        size: QSize,
        ratio: float,
        strokes: Sequence[Stroke],
        span: tuple[float, float],
        limit: float,
        warn: QColor,
    ) -> QPixmap:
        """Draw lines, the last on top, and a dashed one where too much begins.

        Args:
            size: In logical pixels.
            ratio: Device pixels for each of them.
            strokes: The lines.
            span: The values at the lower and at the upper edge.
            limit: What is too much; none is drawn where it lies beyond the edges.
            warn: Colour of the limit.
        """
        if self._view is None:
            self._build()
        self._box.clear()
        low, high = span
        for stroke in strokes:
            self._add(stroke, low, high)
        if low <= limit <= high:
            pen = self._pg.mkPen(warn, width=1, style=Qt.PenStyle.DashLine)
            self._box.addItem(self._pg.InfiniteLine(limit, angle=0, pen=pen))
        self._fit(size, low, high)
        return self._drawn(size, ratio)

    def _build(self) -> None:
        self._pg = pg = importlib.import_module("pyqtgraph")
        self._view = pg.GraphicsView(self._owner, background=None)
        self._view.hide()
        self._box = pg.ViewBox(enableMenu=False, enableMouse=False, defaultPadding=0.0)
        self._view.setCentralItem(self._box)

    def _add(self, stroke: Stroke, low: float, high: float) -> None:
        known = np.isfinite(stroke.values)
        values = np.where(known, np.clip(stroke.values, low, high), np.nan)
        pen = self._pg.mkPen(stroke.colour, width=stroke.width)
        curve = self._pg.PlotCurveItem(stroke.at, values, pen=pen, connect="finite", antialias=True)
        self._box.addItem(curve)
        beside = np.concatenate([[False], known, [False]])
        alone = known & ~beside[:-2] & ~beside[2:]
        if alone.any():  # a line of one point is none
            dots = self._pg.ScatterPlotItem(
                stroke.at[alone], values[alone], size=2 * stroke.width, pen=None, brush=stroke.colour
            )
            self._box.addItem(dots)

    def _fit(self, size: QSize, low: float, high: float) -> None:
        self._view.resize(size)
        # Qt would say so when the view is shown, which it never is.
        self._view.resizeEvent(QResizeEvent(size, size))
        spare = (high - low) * self._margin / max(1.0, size.height() - 2 * self._margin)
        self._box.setRange(xRange=(0, 1), yRange=(low - spare, high + spare), padding=0)

    def _drawn(self, size: QSize, ratio: float) -> QPixmap:
        pixmap = QPixmap(size * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._view.render(painter, QRectF(0, 0, size.width(), size.height()), QRect(0, 0, size.width(), size.height()))
        painter.end()
        return pixmap
