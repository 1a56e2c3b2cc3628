"""Tiles in windows of their own, for another monitor: in step with the main window, which they belong to."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt, Signal, SignalInstance
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from typing_extensions import override

from viewer.session import Controller
from viewer.session.side import Side
from viewer.ui.canvas import Canvas
from viewer.ui.marks import Marks


class PoppedTile(QWidget):
    """One tile alone; its keys are those of the main window, but for Escape, which closes it.

    Args:
        key: Of the tile.
        main: Gets the keys.
    """

    closed = Signal(str)
    """The window of this tile is gone."""

    def __init__(self, key: str, main: QWidget) -> None:
        super().__init__(main, Qt.WindowType.Window)
        self.key = key
        self.canvas = Canvas()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.canvas)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(960, 600)
        self._main = main

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            QApplication.sendEvent(self._main, event)

    @override
    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        QApplication.sendEvent(self._main, event)

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        self.closed.emit(self.key)
        super().closeEvent(event)


class PoppedTiles:
    """All windows with a tile of their own.

    Args:
        controller: Whose tiles they show.
        main: The main window.
        canvas: Where a tile is pointed at.
        answer: Connects a wish to the controller's method for it, and shows what changed after it.
    """

    def __init__(
        self,
        controller: Controller,
        main: QWidget,
        canvas: Canvas,
        answer: Callable[[SignalInstance, Callable[..., object]], None],
    ) -> None:
        self._controller, self._main, self._canvas, self._answer = controller, main, canvas, answer
        self._windows: dict[str, PoppedTile] = {}

    @property
    def windows(self) -> tuple[PoppedTile, ...]:
        """Those that are open."""
        return tuple(self._windows.values())

    def open_at(self, point: QPointF) -> PoppedTile | None:
        """Open the tile under a point of the canvas, else the chosen one; comes to the front if it is open already."""
        under = next((tile.tile.key for tile in self._canvas.tiles() if tile.outline.contains(point)), None)
        key = under or self._controller.state.current
        return None if key is None else self._open(key)

    def show_plans(self, marks: Marks, *, legible: bool) -> None:
        """Bring all of them to what holds.

        Args:
            marks: What stands out in every tile.
            legible: Whether numbers in the headers follow this frame.
        """
        for window in self.windows:
            self._show(window, marks, legible=legible)

    def peek(self, bare: bool) -> None:
        """Hide overlays and boxes in all of them while a key is held."""
        for window in self.windows:
            window.canvas.peek(bare)

    def close(self) -> None:
        """Close all of them."""
        for window in self.windows:
            window.close()

    def _open(self, key: str) -> PoppedTile:
        window = self._windows.get(key)
        if window is None:
            window = self._windows[key] = PoppedTile(key, self._main)
            window.closed.connect(lambda closed: self._windows.pop(closed, None))
            self._answer(window.canvas.viewport_wished, self._controller.set_viewport)
            self._answer(window.canvas.divider_wished, self._controller.set_divider)
            self._answer(window.canvas.box_chosen, self._controller.choose)
            self._answer(window.canvas.region_wished, self._controller.look_at)
            self._answer(window.canvas.spot_clicked, self._controller.look_at_spot)
            self._answer(window.canvas.cell_picked, self._controller.pick_cell)
            self._answer(window.canvas.channel_picked, self._controller.pick_strongest)
        self._show(window, Marks.of(self._controller.state, self._controller.packet), legible=True)
        window.show()
        window.raise_()
        return window

    def _show(self, window: PoppedTile, marks: Marks, *, legible: bool) -> None:
        plan = self._controller.plan_of(window.key)
        title = plan.tiles[0].title if plan.tiles else f"{window.key}, not tapped"
        window.setWindowTitle(f"{title} — Featscope")
        window.canvas.look_out(self._controller.state.lookout)
        window.canvas.pick_cells(self._controller.state.side is Side.CELL)
        window.canvas.show_plan(plan, self._controller.state.viewport, None, marks=marks, legible=legible)
