"""What a person does with the tiles by mouse, as wishes: zoom, move, choose, rearrange, and the crosshair.

Zoom and pan speak of the picture, not of a tile, so they are linked by nature.
"""

from PySide6.QtCore import QEvent, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QNativeGestureEvent, QPainter, QWheelEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget
from typing_extensions import override

from viewer.render.plan import BoxPlan
from viewer.session.cells import grid_at
from viewer.session.hit import box_after
from viewer.session.probe import finest_cell
from viewer.session.state import Viewport
from viewer.session.viewport import panned, zoomed
from viewer.ui.crosshair import Crosshair
from viewer.ui.painter import Place
from viewer.ui.pointed import PointedTiles
from viewer.ui.region_drag import RegionDrag
from viewer.ui.tile_drag import TileDrag, divider_at, tile_at
from viewer.ui.tile_place import TilePlace
from viewer.ui.tooltips import wrapped

_WHEEL_STEP = 1.25
"""Zoom for one notch of a wheel, which Qt counts as 120."""
_STILL_PX = 4
"""A hand that clicks moves the mouse that far."""


class Canvas(PointedTiles):
    """Shows a plan; turns wheel, drag and double click into wishes."""

    viewport_wished = Signal(Viewport)
    """Show this part of the picture."""
    tile_wished = Signal(object)
    """Let the tile of this key fill the canvas; None shows all."""
    box_chosen = Signal(object)
    """A click on this `BoxPlan`; None for one on nothing."""
    box_pointed = Signal(object)
    """The pointer came onto this `BoxPlan`; None when it left all."""
    cell_picked = Signal(str, float, float)
    """Pin the cell that this tile shows at this source pixel."""
    channel_picked = Signal(str, float, float)
    """Show the channel that is strongest in that cell."""
    tile_chosen = Signal(str)
    """This tile was clicked."""
    tile_moved = Signal(str, str)
    """Give the first tile the place of the second."""
    page_wished = Signal(int)
    """Show the tiles of the next (+1) or the last page (-1)."""
    divider_wished = Signal(float)
    """Part swiped tiles here, 0 at their left edge and 1 at the right."""
    region_wished = Signal(object)
    """Ask about this rectangle, left, top, right, bottom in source pixels; a point where it has no size."""
    spot_clicked = Signal(float, float)
    """A click on nothing, at this source pixel."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drag: QPointF | None = None
        self._pressed: QPointF | None = None
        self._clicked: QPointF | None = None
        self._pointed: BoxPlan | None = None
        self._picks = False
        # A double click fills the canvas and begins with a click, which is not to let go of what was chosen.
        self._clearing = QTimer(self)
        self._clearing.setSingleShot(True)
        self._clearing.timeout.connect(self._click_nothing)
        self.crosshair = Crosshair(self.taken)
        self._held = TileDrag()
        self._region = RegionDrag()
        self._looks_out = False
        self._tool: Qt.CursorShape | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAccessibleName("Video with detections and feature maps")
        self.setAccessibleDescription(
            "Wheel zooms, dragging moves, a click follows an object, another one at the same place the one behind it, "
            "dragging with Ctrl asks what was missed there, Ctrl and a click pins a cell of a map, Alt and a click "
            "shows its strongest channel, a dragged header rearranges, double click maximises a tile, R resets the view"
        )

    def look_out(self, on: bool) -> None:
        """Let the next drag draw a region, or move the picture as ever."""
        if on != self._looks_out:
            self._looks_out = on
            self.setCursor(Qt.CursorShape.CrossCursor if on else Qt.CursorShape.ArrowCursor)

    def show_tool(self, shape: Qt.CursorShape | None) -> None:
        """Let the pointer look like this wherever it is, because a drag belongs to somebody else; None as ever."""
        if shape is not self._tool:
            self._tool = shape
            self.setCursor(Qt.CursorShape.ArrowCursor if shape is None else shape)

    @property
    def waits_for_double_click(self) -> bool:
        """Whether a click on nothing may still become a double click."""
        return self._clearing.isActive()

    def drop_region(self) -> bool:
        """Let go of a region that is being drawn; tells whether one was."""
        was_drawn = self._region.is_holding
        self._region.drop()
        self.update()
        return was_drawn

    @override
    def paint_over(self, painter: QPainter, tile: TilePlace, tiles: list[TilePlace]) -> None:
        self.crosshair.paint(painter, tile, tiles)
        self._held.paint(painter, tile)

    @override
    def paint_last(self, painter: QPainter) -> None:
        self._region.paint(painter)

    # --- mouse ------------------------------------------------------------------------------------------------------

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120
        if any(tile.header.contains(event.position()) for tile in self.tiles()):
            self.page_wished.emit(-1 if notches > 0 else 1)
        else:
            self._zoom(_WHEEL_STEP**notches, event.position())
        event.accept()

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and event.gestureType() is Qt.NativeGestureType.ZoomNativeGesture:
            self._zoom(1 + event.value(), event.position())
            return True
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            self._show_tooltip(event)
            return True
        return super().event(event)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        tiles = self.tiles()
        under = tile_at(tiles, event.position())
        place = self.place_at(event.position())
        if place is not None and (self._looks_out or event.modifiers() & Qt.KeyboardModifier.ControlModifier):
            self._region.press(place, event.position(), by_click=self._looks_out)
            self._point(None)  # what is drawn over is not meant, and the hand leaves it
        elif self._held.press(tiles, event.position()):
            self.setCursor(self._cursor_over(tiles, event.position()))
        elif place is not None:
            self._drag = self._pressed = event.position()
        if under is not None:
            self.tile_chosen.emit(under.tile.key)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        tiles = self.tiles()
        self._move_crosshair(tiles, event.position())
        if self._region.is_holding:
            self._region.move(event.position())
            self.update()
        elif self._held.is_holding:
            self._drag_tile(tiles, event.position())
        elif self._drag is not None:
            self._drag_picture(event.position())
        else:
            self._point_at(event.position())
            self.setCursor(self._cursor_over(tiles, event.position()))

    def _drag_picture(self, position: QPointF) -> None:
        place = self.place_at(position) or self._any_place()
        if self._drag is None or place is None:
            return
        if self._pressed is not None:
            if (position - self._pressed).manhattanLength() < _STILL_PX:
                return
            self._pressed = None
        moved = position - self._drag
        self._drag = position
        self.setCursor(Qt.CursorShape.ClosedHandCursor)
        dx, dy = moved.x() / place.picture.width(), moved.y() / place.picture.height()
        self.viewport_wished.emit(panned(self._viewport, -dx, -dy))

    def _drag_tile(self, tiles: list[TilePlace], position: QPointF) -> None:
        before = self._held.target
        share = self._held.move(tiles, position)
        if share is not None:
            self.divider_wished.emit(share)
        if self._held.target != before:
            self.update()

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._region.is_holding:
            region = self._region.release()
            self.update()
            if region is not None:
                self.region_wished.emit(region)
            else:
                self._pick_at(event.position(), event.modifiers())
            return
        if self._pressed is not None and not self._pick_at(event.position(), event.modifiers()):
            self._choose_at(event.position())
        self._drag = self._pressed = None
        moved = self._held.release()
        self.setCursor(self._cursor_over(self.tiles(), event.position()))
        if moved is not None:
            self.update()
            self.tile_moved.emit(*moved)

    @override
    def leaveEvent(self, event: QEvent) -> None:
        self._put_crosshair(None)
        self._point(None)
        super().leaveEvent(event)

    def _cursor_over(self, tiles: list[TilePlace], position: QPointF) -> Qt.CursorShape:
        """What the pointer looks like: it tells what can be taken hold of."""
        if self._tool is not None:
            return self._tool
        if self._looks_out:
            return Qt.CursorShape.CrossCursor
        if self._held.divides is not None or divider_at(tiles, position) is not None:
            return Qt.CursorShape.SplitHCursor
        if self._held.key is not None:
            return Qt.CursorShape.ClosedHandCursor
        if self._picks and self.cell_under(position) is not None:
            return Qt.CursorShape.CrossCursor
        return Qt.CursorShape.ArrowCursor

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._clearing.stop()
        self.fill_at(event.position())

    def fill_at(self, point: QPointF) -> None:
        """Wish for the tile under a point to fill the canvas, or for all tiles if one already does."""
        if self._maximised:
            self.tile_wished.emit(None)  # from anywhere: the tile that fills the canvas may leave a margin
            return
        for tile, header, place in self.places():
            if header.contains(point) or place.area.contains(point):
                self.tile_wished.emit(tile.key)
                return

    def pick_cells(self, on: bool) -> None:
        """Let a plain click on a map pin its cell, while somebody looks at cells; elsewhere it means boxes."""
        self._picks = on

    def pick_at_crosshair(self) -> None:
        """Pin the cell under the crosshair, of the tile it was put on by hand or of the one that keys move."""
        keys = (self.crosshair.key, self._maximised, self._current, *(tile.key for tile in self._plan.tiles))
        maps = {tile.key for tile in self._plan.tiles if grid_at(tile) is not None}
        key = next((key for key in keys if key in maps), None)
        if key is not None and self.crosshair.at_xy is not None:
            self.cell_picked.emit(key, *self.crosshair.at_xy)

    def _pick_at(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> bool:
        """Take a click for one on a cell, if it is meant so; tells whether it is."""
        wants_channel = bool(modifiers & Qt.KeyboardModifier.AltModifier)
        wants_cell = self._picks or bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        under = self.cell_under(point, apart=wants_channel) if wants_channel or wants_cell else None
        if under is not None:
            (self.channel_picked if wants_channel else self.cell_picked).emit(*under)
        return under is not None

    def _choose_at(self, point: QPointF) -> None:
        boxes, before = self.boxes_at(point), self._clicked
        self._clicked = point
        again = before is not None and (point - before).manhattanLength() < _STILL_PX
        box = box_after(boxes, self._marks.chosen if again else None)
        if box is None:
            self._clearing.start(QApplication.doubleClickInterval())
        else:
            self._clearing.stop()
            self.box_chosen.emit(box)

    def _click_nothing(self) -> None:
        self.box_chosen.emit(None)
        place = None if self._clicked is None else self.place_at(self._clicked)
        if place is not None and self._clicked is not None:
            source, _ = place.transform.inverted()
            spot = source.map(self._clicked)
            self.spot_clicked.emit(spot.x(), spot.y())

    def _point_at(self, point: QPointF) -> None:
        self._point(next(iter(self.boxes_at(point)), None))

    def _point(self, box: BoxPlan | None) -> None:
        if box is not self._pointed:
            self._pointed = box
            self.box_pointed.emit(box)

    def _any_place(self) -> Place | None:
        return next((place for _, _, place in self.places()), None)

    def _zoom(self, factor: float, position: QPointF) -> None:
        place = self.place_at(position)
        if place is not None:
            anchor = place.picture
            x, y = (position.x() - anchor.x()) / anchor.width(), (position.y() - anchor.y()) / anchor.height()
            self.viewport_wished.emit(zoomed(self._viewport, factor, (x, y)))

    def _show_tooltip(self, event: QHelpEvent) -> None:
        point = QPointF(event.pos())
        for tile, header, _ in self.places():
            if header.contains(point):
                lines = [tile.title, tile.subtitle, tile.warning, tile.hint]
                QToolTip.showText(event.globalPos(), wrapped("\n".join(line for line in lines if line)), self)
                return
        QToolTip.hideText()

    # --- crosshair --------------------------------------------------------------------------------------------------

    def _move_crosshair(self, tiles: list[TilePlace], position: QPointF) -> None:
        before = self.crosshair.region(tiles)
        if self.crosshair.point_at(tiles, position):
            self.update(before + self.crosshair.region(tiles))

    def _put_crosshair(self, at_xy: tuple[float, float] | None) -> None:
        tiles = self.tiles()
        before = self.crosshair.region(tiles)
        self.crosshair.put(at_xy)
        self.update(before + self.crosshair.region(tiles))

    def hide_crosshair(self) -> None:
        """Take the crosshair away until the pointer moves again."""
        self._put_crosshair(None)

    def nudge_crosshair(self, columns: int, rows: int) -> None:
        """Move the crosshair by cells of the finest map that is shown; the first time to the middle of what is seen."""
        if self._plan.frame is None:
            return
        height, width = self._plan.frame.image_hw
        x, y = self.crosshair.at_xy or (self._viewport.centre_xy[0] * width, self._viewport.centre_xy[1] * height)
        if self.crosshair.at_xy is not None:
            step_x, step_y = finest_cell(self._plan)
            x, y = x + columns * step_x, y + rows * step_y
        self._put_crosshair((min(max(x, 0.0), width - 0.5), min(max(y, 0.0), height - 0.5)))
