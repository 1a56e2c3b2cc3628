"""What the right button offers on a tile: the ways to take it away, for hands that are on the mouse."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QMenu

from viewer.ui.canvas import Canvas


class TileMenu(QMenu):
    """Opens where the right button is pressed on the canvas, beside playing and without stopping it.

    Args:
        canvas: Shows the tiles.
        copy_tile: Takes the point of the canvas that was pressed.
        save_still: Saves all tiles.
        pop_out: Opens the tile at a point of the canvas in a window of its own.
    """

    def __init__(
        self,
        canvas: Canvas,
        copy_tile: Callable[[QPointF], object],
        save_still: Callable[[], object],
        pop_out: Callable[[QPointF], object],
    ) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._point = QPoint()
        self.copy = self.addAction("Copy this tile\tCtrl+Shift+C")
        self.save = self.addAction("Snapshot of all tiles\tS")
        self.pop_out = self.addAction("Open in a window of its own\tCtrl+N")
        self.pop_out.triggered.connect(lambda: pop_out(QPointF(self._point)))
        self.copy.triggered.connect(lambda: copy_tile(QPointF(self._point)))
        self.save.triggered.connect(lambda: save_still())
        canvas.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        canvas.customContextMenuRequested.connect(self._open)

    def _open(self, point: QPoint) -> None:
        self._point = point
        places = self._canvas.places()
        is_on_tile = any(head.united(place.area).contains(QPointF(point)) for _, head, place in places)
        self.copy.setEnabled(is_on_tile)
        self.pop_out.setEnabled(is_on_tile)
        self.save.setEnabled(self._canvas.plan.frame is not None)
        self.popup(self._canvas.mapToGlobal(point))
