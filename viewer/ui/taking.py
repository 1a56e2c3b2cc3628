"""Taking things away: snapshots, exports and copied tiles, from the wish to the line that says where they are.

The window hands its controller and canvas over and connects keys and buttons; all else happens here.
"""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QPointF, QRect, QRectF, QUrl, Signal
from PySide6.QtGui import QCursor, QDesktopServices, QImage
from PySide6.QtWidgets import QApplication

from viewer.core.errors import ViewerError
from viewer.session import DETECTIONS_TILE, Controller
from viewer.session.export import check_exportable, plan_export
from viewer.session.export_choice import ExportChoice, canvas_of
from viewer.session.inspection import FRAME, TILES, inspection_name, inspection_of
from viewer.session.keep import kept
from viewer.session.places import Places
from viewer.session.still import full_ratio, still_of
from viewer.session.taking import Outcome, Running, Taking
from viewer.ui.canvas import Canvas
from viewer.ui.caption import captioned
from viewer.ui.export import ExportRun
from viewer.ui.picture import images_of
from viewer.ui.stills import Stills
from viewer.ui.taking_strip import TakingStrip

_NO_PICTURE = "Nothing to keep yet: there is no picture"


class TakingAway(QObject):
    """Saves, exports and copies what the window shows.

    Args:
        controller: Says what is shown.
        canvas: Shows it.
        places: Where things go.
    """

    export_asked = Signal(object)
    """The user is to say what to export; exports go to this folder by themselves."""

    def __init__(self, controller: Controller, canvas: Canvas, places: Places) -> None:
        super().__init__(canvas)
        self.strip = TakingStrip(canvas, self._frame_area)
        self._controller, self._canvas, self._places = controller, canvas, places
        self._taking = Taking()
        self._stills = Stills(self)
        self._export: ExportRun | None = None
        self._stills.ended.connect(self.say)
        self.strip.dismiss_wished.connect(self.dismiss)
        self.strip.cancel_wished.connect(self.cancel_export)
        self.strip.open_wished.connect(self._open_folder)
        self.strip.copy_wished.connect(lambda path: QApplication.clipboard().setText(str(path)))

    @property
    def taking(self) -> Taking:
        """What is said."""
        return self._taking

    def save_still(self) -> None:
        """Save all tiles as they stand, with what is known of the frame."""
        packet, areas = self._controller.packet, self._areas()
        if packet is None or not areas:
            self.say(Outcome(_NO_PICTURE, failed=True))
            return
        still = still_of(self._controller.state, packet, self._controller.config)
        picture = self._portrait(areas)
        self._stills.save(self._places.taken, still, captioned(picture, still.caption))

    def save_inspection(self) -> None:
        """Save all that is known of the frame into a folder: pictures, maps, candidates and findings."""
        shown, areas = self._controller.packet, self._areas()
        if shown is None or not areas:
            self.say(Outcome(_NO_PICTURE, failed=True))
            return
        state, config = self._controller.state, self._controller.config
        packet = kept(shown)  # the next frame is written where this one lies
        tiles = self._portrait(areas)
        pictures = {
            FRAME: lambda path: images_of(packet.frame)[0].save(str(path)),
            TILES: lambda path: tiles.save(str(path)),
        }
        name = inspection_name(state, packet, config)
        self._stills.save_inspection(self._places.taken, name, inspection_of(state, packet, config, pictures))

    def copy_object(self) -> None:
        """Put what is known of the chosen object into the clipboard, as JSON."""
        text = self._controller.focus_json()
        if text:
            QApplication.clipboard().setText(text)

    def copy_tile(self, point: QPointF | None = None) -> None:
        """Put the tile under a point of the canvas, without one under the pointer, into the clipboard as a picture."""
        if point is None:
            point = QPointF(self._canvas.mapFromGlobal(QCursor.pos()))
        areas = self._areas()
        area = areas[0] if len(areas) == 1 else next((area for area in areas if area.contains(point)), None)
        if area is None:
            self.say(Outcome("No tile under the pointer to copy; point at one"))
            return
        picture = self._canvas.portrait(area, self._ratio(area))
        picture.setDevicePixelRatio(1.0)
        QApplication.clipboard().setImage(picture)
        self.say(Outcome(f"Copied the tile as a picture of {picture.width()} by {picture.height()} pixels"))

    def export(self) -> None:
        """Ask what to write as a video, if anything can be; an export that runs goes on."""
        if self._export is not None:
            return
        try:
            check_exportable(self._controller.state)
        except ViewerError as error:
            self.say(Outcome(str(error), failed=True))
            return
        self.export_asked.emit(self._places.taken)

    def begin_export(self, choice: ExportChoice) -> str:
        """Write this as a video, beside playing.

        Returns:
            Why it does not begin, in one line; empty where it does.
        """
        if self._export is not None:
            return "an export runs already; cancel it, or wait for it"
        controller = self._controller
        try:
            canvas_wh = self.canvas_wh(choice)
            order = plan_export(controller.state, controller.config, self._places.taken, choice, canvas_wh)
            self._export = ExportRun(order, self)
        except (ViewerError, OSError) as error:
            return str(error)
        controller.note_export(choice)
        self._export.progressed.connect(self._show_running)
        self._export.ended.connect(self._end_export)
        self._export.start()
        return ""

    def canvas_wh(self, choice: ExportChoice) -> tuple[int, int]:
        """Width and height of the pictures that an export would have."""
        area_wh = self._canvas.width(), self._canvas.height()
        return canvas_of(self._controller.state, self._canvas.plan, choice, area_wh)

    def cancel_export(self) -> None:
        """End the export; nothing of it is left."""
        if self._export is not None:
            self._show_running(Running("Cancelling the export"))
            self._export.cancel()

    def say(self, outcome: Outcome) -> None:
        """Say how something ended."""
        self._show(replace(self._taking, outcome=outcome))

    def dismiss(self) -> None:
        """The user read what ended last."""
        self._show(replace(self._taking, outcome=None))

    def close(self) -> None:
        """End an export, finish the snapshots; twice is harmless."""
        if self._export is not None:
            self._export.close()
        self._stills.close()

    def _areas(self) -> list[QRectF]:
        return [header.united(place.area) for _, header, place in self._canvas.places() if not place.area.isEmpty()]

    def _portrait(self, areas: list[QRectF]) -> QImage:
        """All of these areas in one picture."""
        whole = areas[0]
        for area in areas[1:]:
            whole = whole.united(area)
        return self._canvas.portrait(whole, self._ratio(whole))

    def _ratio(self, area: QRectF) -> float:
        """So large that the largest tile in an area shows every pixel of the footage."""
        places = [place for _, header, place in self._canvas.places() if area.intersects(header)]
        widest = max(places, key=lambda place: place.picture.width())
        size = area.width(), area.height()
        return full_ratio(widest.picture.width(), widest.image_hw[1], size, self._canvas.devicePixelRatioF())

    def _end_export(self, outcome: Outcome) -> None:
        run, self._export = self._export, None
        if run is not None:
            run.deleteLater()
        self._show(Taking(outcome))

    def _open_folder(self, path: Path) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent))):
            QApplication.clipboard().setText(str(path))
            self.say(Outcome(f"No program opens folders here; the path is in the clipboard: {path}"))

    def _show_running(self, running: Running) -> None:
        self._show(replace(self._taking, running=running))

    def _frame_area(self) -> QRect:
        """The tile of the frame, which no map lies on; one that fills the canvas counts whatever it shows."""
        tiles = self._canvas.tiles()
        found = next((tile for tile in tiles if tile.tile.key == DETECTIONS_TILE or len(tiles) == 1), None)
        return QRect() if found is None else found.outline.toRect()

    def _show(self, taking: Taking) -> None:
        self._taking = taking
        self.strip.show_taking(taking)
