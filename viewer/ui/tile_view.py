"""The tiles, all painted by one widget in one go.

One paint event for seven tiles instead of seven: tiles of a size share one scaled picture of the frame, and a frame
can never be torn between tiles.
"""

import time
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPixmap, QRegion
from PySide6.QtWidgets import QWidget
from typing_extensions import override

from viewer.core.geometry import Rect
from viewer.render.plan import RenderPlan, TilePlan
from viewer.session.resolve import DETECTIONS_TILE
from viewer.session.state import Viewport
from viewer.ui import tokens
from viewer.ui.box_layer import BoxLayer
from viewer.ui.cell_marks import paint_cell
from viewer.ui.changes import paint_changes
from viewer.ui.labels import paint_labels
from viewer.ui.marks import LabelsShown, Marks, paint_marks, paint_occluder, paint_under
from viewer.ui.mosaic_painter import paint_mosaic
from viewer.ui.painter import Outlines, Place, paint_boxes, paint_ground, paint_header, paint_overlay
from viewer.ui.picture import Pictures
from viewer.ui.scale_form import ScaleForm, scale_form
from viewer.ui.tile_drag import paint_divider
from viewer.ui.tile_place import PanePlace, TilePlace, tile_places

_NO_MARKS = Marks()


class TileView(QWidget):
    """Shows a plan.

    Attributes:
        paints: Distinct frames painted so far.
        paint_ms: What the last painting took of this thread, in milliseconds.
    """

    frame_painted = Signal()
    """A frame that was not on the screen before has been painted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plan = RenderPlan(None, (), ())
        self._viewport = Viewport()
        self._maximised: str | None = None
        self._current: str | None = None
        self._pictures = Pictures()
        self._boxes = BoxLayer()
        self._labels_shown = LabelsShown()
        self._headers: dict[str, tuple[object, object, QPixmap]] = {}
        self._legible = True
        self._is_stale = True
        self._frame_is_new = False
        self._peek = False
        self._marks = Marks()
        self.paints = 0
        self.paint_ms = 0.0
        self.setMinimumSize(320, 200)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

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
        if plan.frame is None:
            self._pictures.drop()
        elif plan.frame is not self._plan.frame:
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

    def areas(self) -> tuple[Rect, ...]:
        """Where each shown tile lies, its header included, in pixels of this widget."""
        outlines = (tile.outline for tile in self.tiles())
        return tuple(Rect(area.x(), area.y(), area.width(), area.height()) for area in outlines)

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
        tiles = self.tiles()
        for rect in self._bare(region, tiles):  # pyright: ignore[reportGeneralTypeIssues] - stub lacks __iter__
            painter.fillRect(rect, QColor(tokens.CANVAS))
        outlines = Outlines.of(self._plan.boxes)
        covers_all = QRegion(self.rect()).subtracted(region).isEmpty()
        for tile in tiles:
            if not tile.place.area.isEmpty() and (covers_all or region.intersects(tile.outline.toAlignedRect())):
                self._paint_tile(painter, tile, outlines, self.devicePixelRatioF())
                if covers_all or region.intersects(tile.header.toAlignedRect()):
                    header = self._header(tile.tile, tile.header.size(), form_in(tiles, tile))
                    painter.drawPixmap(tile.header.topLeft(), header)
                self.paint_over(painter, tile, tiles)
        self.paint_last(painter)
        painter.end()
        if not self._is_stale:
            return  # strips under the crosshair; the frame and the headers' numbers are those of before
        self._is_stale = self._legible = False
        self.paint_ms = (time.perf_counter() - began_s) * 1000
        if self._frame_is_new:
            self._frame_is_new = False
            self.paints += 1
            self.frame_painted.emit()

    def _bare(self, region: QRegion, tiles: list[TilePlace]) -> QRegion:
        """What no picture and no header will cover: to fill all would touch every pixel twice."""
        if self.devicePixelRatioF() % 1:
            return region  # edges of tiles lie within pixels of the screen
        covered = QRegion()
        for tile in tiles:
            if not tile.place.area.isEmpty():
                covered += tile.header.toRect()
                for pane in tile.panes:
                    if pane.frame:
                        covered += pane.place.area.toRect()
        return region - covered

    def paint_over(self, painter: QPainter, tile: TilePlace, tiles: list[TilePlace]) -> None:
        """Paint what lies over a tile for the one who works with it; nothing here, and in no picture of it."""

    def paint_last(self, painter: QPainter) -> None:
        """Paint what lies over all tiles for the one who works with them; nothing here."""

    @property
    def _titles(self) -> tuple[str, ...]:
        return tuple(tile.title for tile in self._plan.tiles)

    def _header(self, tile: TilePlan, size: QSizeF, form: ScaleForm) -> QPixmap:
        """The header of a tile, drawn anew when its words change, or its numbers and it is time to read them."""
        current = tile.key in (self._maximised, self._current)
        lut = b"" if tile.overlay is None else tile.overlay.lut.tobytes()
        scale, titles = (tile.limits_text is None, tile.bands), self._titles
        words = (tile.title, tile.warning, scale, lut, current, size, titles, form)
        numbers = (tile.subtitle, tile.limits_text)  # the subtitle counts objects, as the list beside does at its pace
        shown, told, pixmap = self._headers.get(tile.key, (None, None, QPixmap()))
        is_old = shown != words or (self._legible and told != numbers)
        if is_old or pixmap.devicePixelRatio() != self.devicePixelRatioF():
            ratio = self.devicePixelRatioF()
            pixmap = QPixmap((size * ratio).toSize())
            pixmap.setDevicePixelRatio(ratio)
            painter = QPainter(pixmap)
            paint_header(painter, tile, QRectF(QPointF(0, 0), size), current=current, titles=titles, form=form)
            painter.end()
            self._headers[tile.key] = (words, numbers, pixmap)
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
        tiles = self.tiles()
        for tile in tiles:
            if not tile.place.area.isEmpty() and area.intersects(tile.place.area):
                self._paint_tile(painter, tile, outlines, ratio)
                current, form = tile.tile.key == self._maximised, form_in(tiles, tile)
                paint_header(painter, tile.tile, tile.header, current=current, titles=self._titles, form=form)
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
            self._paint_occluder(painter, place)
            return
        has_map = pane.map and tile.overlay is not None
        if tile.overlay is not None and has_map:
            if not pane.frame:
                paint_ground(painter, tile.overlay, place)
            paint_overlay(painter, tile.overlay, place)
            if tile.overlay.mosaic is not None:
                paint_mosaic(painter, tile.overlay, place)
        if tile.show_boxes:
            asked = self._marks.kept_clear if tile.answers else ()
            shown = outlines.without(asked)
            self._paint_boxes(painter, shown, place, ratio, labelled=tile.show_labels, filled=not has_map)
        self._paint_asked(painter, tile, place, ratio)

    def _paint_asked(self, painter: QPainter, tile: TilePlan, place: Place, ratio: float) -> None:
        """Mark what the user covers, what stands out and the cell he asks about, with all labels over the first."""
        cell = self._marks.cell
        is_one_picture = tile.overlay is None or tile.overlay.mosaic is None  # a mosaic has other places
        if is_one_picture:
            self._paint_occluder(painter, place)
        if tile.show_boxes:
            labels = self._labels_shown.of(self._plan, self._marks, place, ratio, tile)
            paint_labels(painter, labels.standing, place)
            paint_marks(painter, self._marks, labels, place, aside=tile.answers)
        if cell is not None and is_one_picture:
            paint_cell(painter, cell.spots(whole=tile.key in (cell.node, DETECTIONS_TILE)), place, strong=True)

    def _paint_boxes(
        self, painter: QPainter, outlines: Outlines, place: Place, ratio: float, *, labelled: bool, filled: bool
    ) -> None:
        if self._plan.under:
            paint_under(painter, self._plan.under, place)
        paint_changes(painter, self._plan, place, labelled=labelled)
        if labelled or outlines.is_part:
            paint_boxes(painter, outlines, place, labelled=labelled, filled=filled)
        else:
            self._boxes.paint(painter, outlines, place, ratio=ratio, filled=filled)

    def _paint_occluder(self, painter: QPainter, place: Place) -> None:
        """Mark what is held, also while Shift hides all else: with Shift it is moved ten pixels at once."""
        if self._marks.occluder is not None:
            paint_occluder(painter, self._marks.occluder, place)

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

    @override
    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self._headers.clear()
            self._pictures.forget()
        super().changeEvent(event)


def form_in(tiles: Sequence[TilePlace], tile: TilePlace) -> ScaleForm:
    """What is drawn of the scale in the header of a tile: as much as in those of all tiles of its width."""
    width = tile.header.width()
    return scale_form((other.tile for other in tiles if other.header.width() == width), width)
