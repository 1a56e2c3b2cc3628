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
from viewer.render import tile_rects
from viewer.render.plan import BoxPlan, RenderPlan, TilePlan
from viewer.session.hit import box_at
from viewer.session.state import Viewport
from viewer.session.viewport import panned, picture_rect, zoomed
from viewer.ui import tokens
from viewer.ui.marks import Marks, paint_marks, paint_under
from viewer.ui.painter import Outlines, Place, paint_boxes, paint_header, paint_overlay
from viewer.ui.picture import Pictures

_GAP = 4
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

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plan = RenderPlan(None, (), ())
        self._viewport = Viewport()
        self._maximised: str | None = None
        self._pictures = Pictures()
        self._headers: dict[str, tuple[object, QPixmap]] = {}
        self._legible = True
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
        self.paints = 0
        self.paint_ms = 0.0
        self.setMinimumSize(320, 200)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Video with detections and feature maps")
        self.setAccessibleDescription(
            "Wheel zooms, dragging moves, a click follows an object, double click maximises a tile, R resets the view"
        )

    def show_plan(
        self,
        plan: RenderPlan,
        viewport: Viewport,
        maximised: str | None,
        *,
        marks: Marks = _NO_MARKS,
        legible: bool = True,
    ) -> None:
        """Draw this from now on; repaints once however often it is called before, and not for what it draws already.

        Args:
            plan: What to draw.
            viewport: Which part of the picture.
            maximised: Key of the tile that fills the canvas.
            marks: What stands out in every tile.
            legible: Whether numbers in the headers follow this frame, or wait for a later one.
        """
        self._legible |= legible
        if plan is self._plan and (viewport, maximised, marks) == (self._viewport, self._maximised, self._marks):
            return
        if plan.frame is not None and plan.frame is not self._plan.frame:
            self._pictures.take(plan.frame)
            self._frame_is_new = True
        self._plan, self._viewport, self._maximised, self._marks = plan, viewport, maximised, marks
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

    def places(self) -> list[tuple[TilePlan, QRectF, Place]]:
        """Each shown tile with its header and where its picture lies, in pixels of this widget."""
        if self._plan.frame is None or not self._plan.tiles:
            return []
        height, width = image_hw = self._plan.frame.image_hw
        rects = tile_rects(
            len(self._plan.tiles), (self.width(), self.height()), width / height, gap=_GAP, header=tokens.TILE_HEADER
        )
        return [(tile, *self._place(rect, image_hw)) for tile, rect in zip(self._plan.tiles, rects, strict=True)]

    def _place(self, rect: Rect, image_hw: tuple[int, int]) -> tuple[QRectF, Place]:
        header = QRectF(rect.x, rect.y, rect.width, tokens.TILE_HEADER)
        area = QRectF(rect.x, header.bottom(), rect.width, rect.height - tokens.TILE_HEADER)
        picture = picture_rect(self._viewport, (area.width(), area.height()), image_hw)
        shifted = QRectF(area.x() + picture.x, area.y() + picture.y, picture.width, picture.height)
        return header, Place(area, shifted, image_hw)

    def place_at(self, point: QPointF) -> Place | None:
        """The tile under a point of this widget."""
        return next((place for _, _, place in self.places() if place.area.contains(point)), None)

    # --- painting ---------------------------------------------------------------------------------------------------

    @override
    def paintEvent(self, _event: QPaintEvent) -> None:
        began_s = time.perf_counter()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(tokens.CANVAS))
        outlines = Outlines.of(self._plan.boxes)
        for tile, header, place in self.places():
            if place.area.isEmpty():
                continue
            self._paint_tile(painter, tile, place, outlines, self.devicePixelRatioF())
            painter.drawPixmap(header.topLeft(), self._header(tile, header.size()))
        painter.end()
        self._legible = False
        self.paint_ms = (time.perf_counter() - began_s) * 1000
        if self._frame_is_new:
            self._frame_is_new = False
            self.paints += 1
            self.frame_painted.emit()

    def _header(self, tile: TilePlan, size: QSizeF) -> QPixmap:
        """The header of a tile, drawn anew when its words change, or its numbers and it is time to read them."""
        current = tile.key == self._maximised
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
        for tile, header, place in self.places():
            if not place.area.isEmpty() and area.intersects(place.area):
                self._paint_tile(painter, tile, place, outlines, ratio)
                paint_header(painter, tile, header, current=tile.key == self._maximised)
        painter.end()
        return image

    def _paint_tile(self, painter: QPainter, tile: TilePlan, place: Place, outlines: Outlines, ratio: float) -> None:
        area, picture = place.area, place.picture
        inside = Rect(
            (picture.x() - area.x()) * ratio,
            (picture.y() - area.y()) * ratio,
            picture.width() * ratio,
            picture.height() * ratio,
        )
        image = self._pictures.scaled(round(area.width() * ratio), round(area.height() * ratio), inside)
        painter.drawImage(area, image)
        if self._peek:
            return
        if tile.overlay is not None:
            paint_overlay(painter, tile.overlay, place)
        if tile.show_boxes:
            if self._plan.under:
                paint_under(painter, self._plan.under, place)
            paint_boxes(
                painter,
                outlines,
                place,
                labelled=tile.show_labels,
                filled=tile.overlay is None,
                marked=self._marks.boxes,
            )
            paint_marks(painter, self._marks, place)

    # --- mouse ------------------------------------------------------------------------------------------------------

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        self._zoom(_WHEEL_STEP ** (event.angleDelta().y() / 120), event.position())
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
        if event.button() == Qt.MouseButton.LeftButton and self.place_at(event.position()) is not None:
            self._drag = self._pressed = event.position()

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position()) or self._any_place()
        if self._drag is None or place is None:
            self._point_at(event.position())
            return
        if self._pressed is not None:
            if (event.position() - self._pressed).manhattanLength() < _STILL_PX:
                return
            self._pressed = None
        moved = event.position() - self._drag
        self._drag = event.position()
        self.setCursor(Qt.CursorShape.ClosedHandCursor)
        dx, dy = moved.x() / place.picture.width(), moved.y() / place.picture.height()
        self.viewport_wished.emit(panned(self._viewport, -dx, -dy))

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None:
            self._choose_at(event.position())
        self._drag = self._pressed = None
        self.unsetCursor()

    @override
    def leaveEvent(self, event: QEvent) -> None:
        self._point(None)
        super().leaveEvent(event)

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
        for tile, _, place in self.places():
            if place.area.contains(point) and tile.show_boxes and not self._peek:
                source, _ = place.transform.inverted()
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
