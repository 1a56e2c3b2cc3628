"""The tiles, all painted by one widget in one go, and the mouse over them.

One paint event for seven tiles instead of seven: tiles of a size share one scaled picture of the frame, and a frame
can never be torn between tiles. Zoom and pan speak of the picture, not of a tile, so they are linked by nature.
"""

import time

from PySide6.QtCore import QEvent, QPointF, QRectF, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QImage,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QToolTip, QWidget
from typing_extensions import override

from viewer.core.geometry import Rect
from viewer.render.plan import BoxPlan, RenderPlan, TilePlan
from viewer.session.hit import box_at
from viewer.session.probe import finest_cell
from viewer.session.state import Viewport
from viewer.session.viewport import panned, zoomed
from viewer.ui import tokens
from viewer.ui.crosshair import Crosshair
from viewer.ui.marks import Marks, paint_marks, paint_under
from viewer.ui.painter import Outlines, Place, paint_boxes, paint_ground, paint_header, paint_overlay
from viewer.ui.picture import Pictures
from viewer.ui.tile_drag import TileDrag, divider_at, paint_divider, tile_at
from viewer.ui.tile_place import PanePlace, TilePlace, tile_places

_WHEEL_STEP = 1.25
"""Zoom for one notch of a wheel, which Qt counts as 120."""
_STILL_PX = 4
"""A hand that clicks moves the mouse that far."""
_SLACK_PX = 3
"""How far beside a box the pointer still means it."""


_NO_MARKS = Marks()


class Canvas(QWidget):
    """Shows a plan; turns wheel, drag and double click into wishes.

    Attributes:
        paints: Distinct frames painted so far.
        paint_ms: What the last painting took of this thread, in milliseconds.
    """

    frame_painted = Signal()
    """A frame that was not on the screen before has been painted."""
    viewport_wished = Signal(Viewport)
    """Show this part of the picture."""
    tile_wished = Signal(object)
    """Let the tile of this key fill the canvas; None shows all."""
    box_chosen = Signal(object)
    """A click on this `BoxPlan`; None for one on nothing."""
    box_pointed = Signal(object)
    """The pointer came onto this `BoxPlan`; None when it left all."""
    tile_chosen = Signal(str)
    """This tile was clicked."""
    tile_moved = Signal(str, str)
    """Give the first tile the place of the second."""
    page_wished = Signal(int)
    """Show the tiles of the next (+1) or the last page (-1)."""
    divider_wished = Signal(float)
    """Part swiped tiles here, 0 at their left edge and 1 at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plan = RenderPlan(None, (), ())
        self._viewport = Viewport()
        self._maximised: str | None = None
        self._current: str | None = None
        self._pictures = Pictures()
        self._headers: dict[str, tuple[object, QPixmap]] = {}
        self._legible = True
        self._is_stale = True
        self._frame_is_new = False
        self._peek = False
        self._marks = Marks()
        self._drag: QPointF | None = None
        self._pressed: QPointF | None = None
        self._pointed: BoxPlan | None = None
        # A double click fills the canvas and begins with a click, which is not to let go of what was chosen.
        self._clearing = QTimer(self)
        self._clearing.setSingleShot(True)
        self._clearing.timeout.connect(lambda: self.box_chosen.emit(None))
        self.crosshair = Crosshair()
        self._held = TileDrag()
        self.paints = 0
        self.paint_ms = 0.0
        self.setMinimumSize(320, 200)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Video with detections and feature maps")
        self.setAccessibleDescription(
            "Wheel zooms, dragging moves, a click follows an object, a dragged header rearranges, "
            "double click maximises a tile, R resets the view"
        )

    def show_plan(
        self,
        plan: RenderPlan,
        viewport: Viewport,
        maximised: str | None,
        current: str | None = None,
        *,
        marks: Marks = _NO_MARKS,
        legible: bool = True,
    ) -> None:
        """Draw this from now on; repaints once however often it is called before, and not for what it draws already.

        Args:
            plan: What to draw.
            viewport: Which part of the picture.
            maximised: Key of the tile that fills the canvas.
            current: Key of the tile that keys move.
            marks: What stands out in every tile.
            legible: Whether numbers in the headers follow this frame, or wait for a later one.
        """
        self._legible |= legible
        seen = self._viewport, self._maximised, self._current, self._marks
        if plan is self._plan and (viewport, maximised, current, marks) == seen:
            return
        if plan.frame is not None and plan.frame is not self._plan.frame:
            self._pictures.take(plan.frame)
            self._frame_is_new = True
        self._plan, self._viewport, self._maximised = plan, viewport, maximised
        self._current, self._marks = current, marks
        self._is_stale = True
        self.update()

    def peek(self, bare: bool) -> None:
        """Hide overlays and boxes while a key is held."""
        if bare != self._peek:
            self._peek = bare
            self.update()

    @override
    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self._headers.clear()
            self._pictures.forget()
        super().changeEvent(event)

    @property
    def plan(self) -> RenderPlan:
        """What is drawn."""
        return self._plan

    def tiles(self) -> list[TilePlace]:
        """Each shown tile and where it, its header and its panes lie."""
        return tile_places(self._plan, self._viewport, self.width(), self.height())

    def places(self) -> list[tuple[TilePlan, QRectF, Place]]:
        """Each shown tile with its header and where its picture lies, in pixels of this widget."""
        return [(tile.tile, tile.header, tile.place) for tile in self.tiles()]

    def place_at(self, point: QPointF) -> Place | None:
        """The picture under a point of this widget: a tile's, or that of one of its panes."""
        panes = (tile.pane_at(point) for tile in self.tiles())
        return next((pane.place for pane in panes if pane is not None), None)

    # --- painting ---------------------------------------------------------------------------------------------------

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        began_s = time.perf_counter()
        painter = QPainter(self)
        region = event.region()
        painter.fillRect(self.rect(), QColor(tokens.CANVAS))
        outlines = Outlines.of(self._plan.boxes)
        for tile in self.tiles():
            if not tile.place.area.isEmpty() and region.intersects(tile.outline.toAlignedRect()):
                self._paint_tile(painter, tile, outlines, self.devicePixelRatioF())
                self.crosshair.paint(painter, tile)
                if region.intersects(tile.header.toAlignedRect()):
                    painter.drawPixmap(tile.header.topLeft(), self._header(tile.tile, tile.header.size()))
                self._held.paint(painter, tile)
        painter.end()
        if not self._is_stale:
            return  # strips under the crosshair; the frame and the headers' numbers are those of before
        self._is_stale = self._legible = False
        self.paint_ms = (time.perf_counter() - began_s) * 1000
        if self._frame_is_new:
            self._frame_is_new = False
            self.paints += 1
            self.frame_painted.emit()

    def _header(self, tile: TilePlan, size: QSizeF) -> QPixmap:
        """The header of a tile, drawn anew when its words change, or its numbers and it is time to read them."""
        current = tile.key in (self._maximised, self._current)
        lut = b"" if tile.overlay is None else tile.overlay.lut.tobytes()
        words = (tile.title, tile.subtitle, tile.warning, tile.limits_text is None, lut, current, size)
        shown, pixmap = self._headers.get(tile.key, (None, QPixmap()))
        if shown != words or self._legible or pixmap.devicePixelRatio() != self.devicePixelRatioF():
            ratio = self.devicePixelRatioF()
            pixmap = QPixmap((size * ratio).toSize())
            pixmap.setDevicePixelRatio(ratio)
            painter = QPainter(pixmap)
            paint_header(painter, tile, QRectF(QPointF(0, 0), size), current=current)
            painter.end()
            self._headers[tile.key] = (words, pixmap)
        return pixmap

    def portrait(self, area: QRectF, ratio: float) -> QImage:
        """Part of what is shown, painted anew at another resolution.

        Args:
            area: Which part, in pixels of this widget.
            ratio: Pixels of the picture for each of them.
        """
        image = QImage((area.size() * ratio).toSize(), QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        image.fill(QColor(tokens.CANVAS))
        painter = QPainter(image)
        painter.translate(-area.topLeft())
        outlines = Outlines.of(self._plan.boxes)
        for tile in self.tiles():
            if not tile.place.area.isEmpty() and area.intersects(tile.place.area):
                self._paint_tile(painter, tile, outlines, ratio)
                paint_header(painter, tile.tile, tile.header, current=tile.tile.key == self._maximised)
        painter.end()
        return image

    def _paint_tile(self, painter: QPainter, tile: TilePlace, outlines: Outlines, ratio: float) -> None:
        for pane in tile.panes:
            self._paint_pane(painter, tile.tile, pane, outlines, ratio)
        paint_divider(painter, tile)

    def _paint_pane(self, painter: QPainter, tile: TilePlan, pane: PanePlace, outlines: Outlines, ratio: float) -> None:
        place = pane.place
        if place.area.isEmpty():
            return
        if pane.frame or self._peek:
            self._paint_frame(painter, pane, ratio)
        if self._peek:
            return
        has_map = pane.map and tile.overlay is not None
        if tile.overlay is not None and has_map:
            if not pane.frame:
                paint_ground(painter, tile.overlay, place)
            paint_overlay(painter, tile.overlay, place)
        if tile.show_boxes:
            if self._plan.under:
                paint_under(painter, self._plan.under, place)
            labelled, marked = tile.show_labels, self._marks.boxes
            paint_boxes(painter, outlines, place, labelled=labelled, filled=not has_map, marked=marked)
            paint_marks(painter, self._marks, place)

    def _paint_frame(self, painter: QPainter, pane: PanePlace, ratio: float) -> None:
        area, whole, picture = pane.place.area, pane.whole, pane.place.picture
        inside = Rect(
            (picture.x() - whole.x()) * ratio,
            (picture.y() - whole.y()) * ratio,
            picture.width() * ratio,
            picture.height() * ratio,
        )
        image = self._pictures.scaled(round(whole.width() * ratio), round(whole.height() * ratio), inside)
        if area == whole:
            painter.drawImage(area, image)
        else:
            part = area.translated(-whole.topLeft())
            size = part.size() * ratio
            painter.drawImage(area, image, QRectF(part.topLeft() * ratio, size))

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
        if self._held.press(tiles, event.position()):
            self.setCursor(self._cursor_over(tiles, event.position()))
        elif self.place_at(event.position()) is not None:
            self._drag = self._pressed = event.position()
        if under is not None:
            self.tile_chosen.emit(under.tile.key)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        tiles = self.tiles()
        self._move_crosshair(tiles, event.position())
        if self._held.is_holding:
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
        if self._pressed is not None:
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
        if self._held.divides is not None or divider_at(tiles, position) is not None:
            return Qt.CursorShape.SplitHCursor
        if self._held.key is not None:
            return Qt.CursorShape.ClosedHandCursor
        return Qt.CursorShape.ArrowCursor

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

    def box_at(self, point: QPointF) -> BoxPlan | None:
        """The box under a point of this widget, if boxes are drawn there."""
        for tile in self.tiles():
            pane = tile.pane_at(point)
            if pane is not None and tile.tile.show_boxes and not self._peek:
                source, _ = pane.place.transform.inverted()
                where = source.map(point)
                return box_at(self._plan, (where.x(), where.y()), _SLACK_PX * source.m11())
        return None

    def _choose_at(self, point: QPointF) -> None:
        box = self.box_at(point)
        if box is None:
            self._clearing.start(QApplication.doubleClickInterval())
        else:
            self._clearing.stop()
            self.box_chosen.emit(box)

    def _point_at(self, point: QPointF) -> None:
        self._point(self.box_at(point))

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
                QToolTip.showText(event.globalPos(), "\n".join(line for line in lines if line), self)
                return
        QToolTip.hideText()
