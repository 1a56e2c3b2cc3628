"""Tiles in the hands of a person: pointing, swiping, dragging headers, arrangements, and the limits' handles."""

import gc
import weakref
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QCursor, QImage, QMouseEvent, QPainter, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from typing_extensions import override

from tests.support.hands import press
from viewer.config import Config
from viewer.core import Frame, Limits, LimitsMode, Rect
from viewer.core.cell import extent_words
from viewer.core.messages import SetTaps
from viewer.core.screen import rgb_of
from viewer.render import OverlayPlan, RenderPlan, TilePlan, lut
from viewer.render.views import Grid, MapView
from viewer.session.probe import reading_at
from viewer.session.state import Viewport
from viewer.ui import tile_view
from viewer.ui.painter import paint_header
from viewer.ui.scale_form import ScaleForm
from viewer.ui.tile_view import TileView
from viewer.ui.tokens import TIMES

KEYS = Qt.Key
LEFT = Qt.MouseButton.LeftButton
NO_BUTTON = Qt.MouseButton.NoButton
NONE = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def opened(open_window):
    return open_window()


def point_at(canvas, point: QPointF, button=NO_BUTTON) -> None:
    """Move the mouse there, a button held or none."""
    where = canvas.mapToGlobal(point)
    QApplication.sendEvent(canvas, QMouseEvent(QEvent.Type.MouseMove, point, where, NO_BUTTON, button, NONE))
    QApplication.processEvents()


def drag(canvas, start: QPointF, *stops: QPointF) -> None:
    QTest.mousePress(canvas, LEFT, NONE, start.toPoint())
    for stop in stops:
        point_at(canvas, stop, LEFT)
    QTest.mouseRelease(canvas, LEFT, NONE, stops[-1].toPoint())
    QApplication.processEvents()


def tile_of(opened, title: str):
    return next(tile for tile in opened.window.canvas.tiles() if tile.tile.title == title)


def titles(opened) -> list[str]:
    return [tile.tile.title for tile in opened.window.canvas.tiles()]


def pixels_in(area) -> set[tuple[int, int]]:
    rect = area.toAlignedRect()
    return {(x, y) for x in range(rect.left(), rect.right()) for y in range(rect.top(), rect.bottom(), 3)}


def colours_of(image: QImage) -> NDArray[np.int16]:
    """Every second pixel of every second row."""
    plain = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.width(), 4)
    return pixels[::2, ::2, :3].astype(np.int16)  # a copy: the bytes are the image's


def changed(before: QImage, after: QImage, *, by_more_than: int = 0) -> list[QPoint]:
    """Of every second pixel those that differ in one of their colours."""
    differ = np.abs(colours_of(before) - colours_of(after)).max(2) > by_more_than
    rows, columns = np.nonzero(differ)
    return [QPoint(2 * x, 2 * y) for y, x in zip(rows.tolist(), columns.tolist(), strict=True)]


# --- crosshair ------------------------------------------------------------------------------------------------------


def test_pointing_marks_the_same_pixel_in_every_tile_and_reads_its_cell(opened) -> None:
    press(opened, KEYS.Key_Space)
    canvas = opened.window.canvas
    before = canvas.grab().toImage()
    tile = tile_of(opened, "P3")
    point_at(canvas, tile.place.transform.map(QPointF(200, 100)))

    assert canvas.crosshair.at_xy == pytest.approx((200, 100), abs=1)
    assert canvas.crosshair.key == "model.16"
    after = canvas.grab().toImage()
    differing = changed(before, after)
    for each in canvas.tiles():
        # A line through the point at full height: where it crosses the lower half, away from the words.
        spot = each.place.transform.map(QPointF(200, 100)).toPoint()
        assert any(abs(p.x() - spot.x()) <= 2 and spot.y() + 8 < p.y() < each.place.area.bottom() for p in differing)
    reading = reading_at(tile.tile.overlay, *canvas.crosshair.at_xy)
    assert (reading.row, reading.column) == opened.controller.packet.letterbox.cell_at(200, 100, (48, 80))
    assert reading.value == pytest.approx(opened.controller.packet.taps[3].value_at(reading.row, reading.column))


class Paints(QObject):
    """Counts the pixels of each painting of a widget."""

    def __init__(self, widget) -> None:
        super().__init__(widget)
        self.pixels: list[int] = []
        widget.installEventFilter(self)

    @override
    def eventFilter(self, _watched, event) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.pixels.append(sum(rect.width() * rect.height() for rect in event.region()))
        return False


def test_a_movement_of_the_mouse_paints_once_and_only_strips(opened) -> None:
    press(opened, KEYS.Key_Space)
    canvas = opened.window.canvas
    spot = tile_of(opened, "Detections").place.picture.topLeft() + QPointF(20, 12)  # where no box lights up
    point_at(canvas, spot)
    paints, frames = Paints(canvas), canvas.paints
    for step in range(1, 6):
        point_at(canvas, spot + QPointF(3 * step, step))
    assert len(paints.pixels) == 5
    assert max(paints.pixels) < 0.25 * canvas.width() * canvas.height()
    assert canvas.paints == frames
    point_at(canvas, spot + QPointF(15, 5))
    assert len(paints.pixels) == 5  # nothing moved


def test_a_strip_that_is_painted_again_is_what_a_whole_painting_shows(opened) -> None:
    press(opened, KEYS.Key_Space)
    canvas = opened.window.canvas
    spot = tile_of(opened, "P4").place.area.center()
    for step in range(6):
        point_at(canvas, spot + QPointF(7 * step, 3 * step))
    screen = opened.window.screen().grabWindow(opened.window.winId()).toImage()
    corner = canvas.mapTo(opened.window, QPoint(0, 0))
    shown = screen.copy(corner.x(), corner.y(), canvas.width(), canvas.height())
    whole = canvas.grab().toImage()
    assert shown.size() == whole.size()
    # Qt scales a part of a picture with other roundings than all of it.
    assert not changed(shown.convertToFormat(whole.format()), whole, by_more_than=2)


def test_the_crosshair_goes_when_the_pointer_leaves_and_beside_the_picture(opened) -> None:
    canvas = opened.window.canvas
    tile = tile_of(opened, "C3")
    point_at(canvas, tile.place.area.center())
    assert canvas.crosshair.at_xy is not None
    point_at(canvas, tile.header.center())
    assert canvas.crosshair.at_xy is None
    point_at(canvas, tile.place.area.center())
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    assert canvas.crosshair.at_xy is None


def test_keys_move_the_crosshair_by_cells_and_escape_takes_it_away(opened) -> None:
    canvas = opened.window.canvas
    press(opened, KEYS.Key_Right, ALT)
    assert canvas.crosshair.at_xy == (320, 180)
    press(opened, KEYS.Key_Right, ALT)
    press(opened, KEYS.Key_Up, ALT)
    assert canvas.crosshair.at_xy == pytest.approx((328, 172))
    press(opened, KEYS.Key_Left, ALT)
    press(opened, KEYS.Key_Down, ALT)
    assert canvas.crosshair.at_xy == pytest.approx((320, 180))
    press(opened, KEYS.Key_Escape)
    assert canvas.crosshair.at_xy is None


def test_side_by_side_the_crosshair_stands_in_frame_and_map(open_window) -> None:
    opened = open_window(config=Config(view="side"))
    canvas = opened.window.canvas
    frame, mapped = tile_of(opened, "P3").panes
    for pane in (frame, mapped):
        point_at(canvas, pane.place.transform.map(QPointF(160, 90)))
        assert canvas.crosshair.at_xy == pytest.approx((160, 90), abs=2)


# --- views ----------------------------------------------------------------------------------------------------------


def test_m_goes_through_the_ways_to_show_maps_and_the_menu_names_them(opened) -> None:
    menu = opened.window.tools.tiles.view
    seen = []
    for _ in range(4):
        press(opened, KEYS.Key_M)
        seen.append(opened.state.view)
        assert [action.data() for action in menu.entries.actions() if action.isChecked()] == [opened.state.view]
    assert seen == [MapView.MAP, MapView.SIDE, MapView.SWIPE, MapView.OVERLAY]
    next(action for action in menu.entries.actions() if action.text() == "Side by side").trigger()
    assert opened.state.view is MapView.SIDE
    assert {tile.view for tile in opened.window.canvas.plan.tiles[1:]} == {MapView.SIDE}


def test_a_map_alone_hides_the_frame_and_is_opaque(open_window) -> None:
    opened = open_window(config=Config(view="map", colormap="gray"))
    opened.controller.set_boxes(False)
    opened.window.refresh()
    image = opened.window.canvas.grab().toImage()
    area = tile_of(opened, "P3").place.area
    colours = [image.pixelColor(x, y) for x, y in pixels_in(area.adjusted(4, 4, -4, -4))]
    assert all(colour.red() == colour.green() == colour.blue() for colour in colours)
    assert not opened.window.stages.alpha.isEnabled()


def test_cells_that_are_not_finite_are_hatched_in_a_map_alone(open_window) -> None:
    opened = open_window(config=Config(view="map", colormap="gray"))
    codes = opened.controller.packet.taps[3].codes
    codes[:] = 0
    opened.controller.set_boxes(False)
    opened.window.show_all()
    image = opened.window.canvas.grab().toImage()
    area = tile_of(opened, "P3").place.area
    light = [image.pixelColor(x, y).lightness() for x, y in pixels_in(area.adjusted(4, 4, -4, -4))]
    assert max(light) > 100
    assert sum(value > 100 for value in light) < 0.4 * len(light)


def test_the_divider_is_dragged_in_all_tiles_at_once(open_window) -> None:
    opened = open_window(config=Config(view="swipe"))
    canvas = opened.window.canvas
    tile = tile_of(opened, "P4")
    area = tile.place.area
    middle = QPointF(tile.divider_x(), area.center().y())
    point_at(canvas, middle)
    assert canvas.cursor().shape() is Qt.CursorShape.SplitHCursor
    before = opened.state.viewport
    drag(
        canvas,
        middle,
        QPointF(area.left() + 0.4 * area.width(), middle.y()),
        QPointF(area.left() + 0.25 * area.width(), 0),
    )
    assert opened.state.divider == pytest.approx(0.25, abs=0.01)
    assert opened.state.viewport == before
    for each in canvas.tiles()[1:]:
        share = (each.divider_x() - each.place.area.left()) / each.place.area.width()
        assert share == pytest.approx(0.25, abs=0.02)
    press(opened, KEYS.Key_BraceRight, SHIFT)
    assert opened.state.divider == pytest.approx(0.3, abs=0.01)
    press(opened, KEYS.Key_BraceLeft, SHIFT)
    assert opened.state.divider == pytest.approx(0.25, abs=0.01)


def test_weak_cells_fade_by_button_and_key(opened) -> None:
    def opacities():
        return opened.window.canvas.plan.tiles[1].overlay.lut[[1, 255], 3].tolist()

    assert opacities() == [140, 140]
    QTest.mouseClick(opened.window.stages.fade, LEFT)
    assert opacities() == [0, 140]
    press(opened, KEYS.Key_A)
    assert opacities() == [140, 140]
    assert not opened.window.stages.fade.isChecked()


# --- arrangement ----------------------------------------------------------------------------------------------------


def test_a_header_is_dragged_onto_another_tile(opened) -> None:
    canvas = opened.window.canvas
    drag(canvas, tile_of(opened, "P5").header.center(), QPointF(300, 300), tile_of(opened, "C4").place.area.center())
    assert titles(opened) == ["Detections", "C3", "P5", "C4", "C5", "P3", "P4"]
    drag(
        canvas, tile_of(opened, "P4").header.center(), QPointF(300, 300), tile_of(opened, "Detections").header.center()
    )
    assert titles(opened)[:2] == ["P4", "Detections"]
    opened.controller.toggle_tap("model.6", on=False)
    opened.window.refresh()
    opened.controller.toggle_tap("model.6", on=True)
    opened.window.refresh()
    QApplication.processEvents()
    assert titles(opened) == ["P4", "Detections", "C3", "P5", "C4", "C5", "P3"]
    opened.window.tools.tiles.reset.trigger()
    assert titles(opened) == ["Detections", "C3", "C4", "C5", "P3", "P4", "P5"]


def test_a_click_on_a_header_or_a_drag_to_nowhere_moves_nothing(opened) -> None:
    canvas = opened.window.canvas
    header = tile_of(opened, "P5").header.center()
    QTest.mouseClick(canvas, LEFT, NONE, header.toPoint())
    drag(canvas, header, QPointF(2, 2))
    drag(canvas, header, header + QPointF(30, 30))
    assert opened.state.order in ((), ("detections", *(stage.node for stage in opened.state.stages)))
    assert titles(opened) == ["Detections", "C3", "C4", "C5", "P3", "P4", "P5"]
    assert opened.state.current == "model.22"


def test_the_chosen_tile_is_moved_by_keys(opened) -> None:
    press(opened, KEYS.Key_Right, CTRL)
    assert opened.state.current == "detections"
    for _ in range(3):
        press(opened, KEYS.Key_T)
    assert opened.state.current == "model.10"
    press(opened, KEYS.Key_T, SHIFT)
    press(opened, KEYS.Key_Right, CTRL)
    assert titles(opened) == ["Detections", "C3", "C5", "C4", "P3", "P4", "P5"]
    press(opened, KEYS.Key_Left, CTRL)
    press(opened, KEYS.Key_Left, CTRL)
    assert titles(opened) == ["Detections", "C4", "C3", "C5", "P3", "P4", "P5"]
    press(opened, KEYS.Key_Up, CTRL)
    assert titles(opened)[0] == "C4"
    press(opened, KEYS.Key_Down, CTRL)
    assert titles(opened)[-1] == "C4"


def test_more_tiles_than_places_are_on_pages(opened) -> None:
    tiles = opened.window.tools.tiles
    assert not tiles.next.isVisible()
    next(action for action in tiles.grid.entries.actions() if action.data() == "2x2").trigger()
    QApplication.processEvents()
    assert titles(opened) == ["Detections", "C3", "C4", "C5"]
    assert tiles.page_text == "1 / 2"
    QTest.mouseClick(tiles.next, LEFT)
    assert titles(opened) == ["P3", "P4", "P5"]
    assert not tiles.next.isEnabled()
    press(opened, KEYS.Key_PageUp)
    assert titles(opened)[0] == "Detections"
    press(opened, KEYS.Key_PageDown)
    assert titles(opened)[0] == "P3"
    wheel_on_header(opened.window.canvas, 1)
    assert titles(opened)[0] == "Detections"
    assert opened.state.viewport.zoom == 1


def wheel_on_header(canvas, notches: int) -> None:
    point = canvas.tiles()[0].header.center()
    where, angle = canvas.mapToGlobal(point), QPoint(0, 120 * notches)
    phase = Qt.ScrollPhase.NoScrollPhase
    QApplication.sendEvent(canvas, QWheelEvent(point, where, QPoint(), angle, NO_BUTTON, NONE, phase, False))
    QApplication.processEvents()


def test_a_moved_tile_takes_its_page_along(open_window) -> None:
    opened = open_window(config=Config(grid="2x2"))
    opened.controller.choose_tile("model.10")
    press(opened, KEYS.Key_Right, CTRL)
    assert titles(opened) == ["C5", "P4", "P5"]
    press(opened, KEYS.Key_Left, CTRL)
    assert titles(opened) == ["Detections", "C3", "C4", "C5"]


def test_arrangements_go_round_and_every_one_is_painted(opened) -> None:
    for grid in (Grid.ONE, Grid.TWO, Grid.THREE, Grid.FOUR, Grid.STRIP, Grid.AUTO):
        press(opened, KEYS.Key_G, SHIFT)
        assert opened.state.grid is grid
        for view in MapView:
            opened.controller.set_view(view)
            opened.window.refresh()
            opened.window.canvas.grab()
            assert len(opened.window.canvas.tiles()) == min(7, grid.places)
        opened.controller.set_view(MapView.OVERLAY)


# --- windows of their own --------------------------------------------------------------------------------------------


def test_a_tile_in_a_window_of_its_own_keeps_step_and_closes_with_the_main_one(opened) -> None:
    menu, canvas = opened.window.tile_menu, opened.window.canvas
    canvas.customContextMenuRequested.emit(tile_of(opened, "P4").place.area.center().toPoint())
    menu.pop_out.trigger()
    menu.close()
    (popped,) = opened.window.popped.windows
    assert [tile.title for tile in popped.canvas.plan.tiles] == ["P4"]
    opened.show(77)
    assert popped.canvas.plan.frame.index == 77
    QTest.keyClick(popped, KEYS.Key_M)
    assert popped.canvas.plan.tiles[0].view is MapView.MAP
    point_at(popped.canvas, popped.canvas.tiles()[0].place.area.center())
    popped.canvas.viewport_wished.emit(Viewport(3.0))
    assert opened.state.viewport.zoom == 3
    opened.controller.toggle_tap("model.19", on=False)
    opened.window.refresh()
    opened.show(78)
    assert popped.canvas.tiles() == []
    assert popped.windowTitle().startswith("model.19, not tapped")


def test_the_chosen_tile_is_opened_by_a_key_once_and_closed_by_escape(opened) -> None:
    opened.controller.choose_tile("model.16")
    QCursor.setPos(opened.window.mapToGlobal(QPoint(5, 5)))
    for _ in range(2):
        press(opened, KEYS.Key_N, CTRL)
    (popped,) = opened.window.popped.windows
    assert popped.key == "model.16"
    QTest.keyClick(popped, KEYS.Key_Escape)
    assert opened.window.popped.windows == ()


# --- limits ---------------------------------------------------------------------------------------------------------


def test_handles_hold_the_limits(opened) -> None:
    bar = opened.window.stages.limits.bar
    assert not bar.isVisible()
    opened.controller.set_limits(Limits(LimitsMode.FIXED, 0.2, 1.0))
    opened.window.refresh()
    QApplication.processEvents()
    sent = len(opened.sent(SetTaps))
    y = bar.height() / 2
    drag(bar, QPointF(bar.x_of(1.0), y), QPointF(bar.x_of(0.8), y), QPointF(bar.x_of(0.6), y))
    assert opened.state.taps.limits.high == pytest.approx(0.6, abs=0.02)
    assert opened.state.taps.limits.low == 0.2
    assert len(opened.sent(SetTaps)) > sent
    drag(bar, QPointF(bar.x_of(0.2), y), QPointF(bar.width(), y))
    limits = opened.state.taps.limits
    assert limits.low < limits.high == pytest.approx(0.6, abs=0.02)
    assert opened.window.stages.limits.low.text() == f"{limits.low:g}"


def test_handles_are_moved_by_keys(opened) -> None:
    bar = opened.window.stages.limits.bar
    opened.controller.set_limits(Limits(LimitsMode.FIXED, 0.0, 1.0))
    opened.window.refresh()
    bar.setFocus()
    press(opened, KEYS.Key_Left)
    assert opened.state.taps.limits.high < 1.0
    press(opened, KEYS.Key_Up)
    press(opened, KEYS.Key_Right)
    assert opened.state.taps.limits.low > 0.0
    coarse = opened.state.taps.limits.low
    press(opened, KEYS.Key_Right, SHIFT)
    assert 0 < opened.state.taps.limits.low - coarse < coarse


# --- headers --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize(("width", "colours"), [(130, False), (200, True)])
def test_a_narrow_header_keeps_the_values_and_drops_what_explains_them(width, colours) -> None:
    def header(limits, subtitle):
        image = QImage(width, 24, QImage.Format.Format_RGB32)
        overlay = OverlayPlan(np.ones((2, 2), np.uint8), lut("turbo", 1.0), Rect(0, 0, 1, 1))
        painter = QPainter(image)
        tile = TilePlan("model.16", "P3", subtitle, limits, "", overlay, show_boxes=False)
        paint_header(painter, tile, QRectF(0, 0, width, 24), current=False)
        painter.end()
        return image

    shown = header(("0.15", "1.12"), "model.16 · neck · stride 8 · 64x48x80 · absmean")
    assert shown != header(("0.15", "1.13"), "model.16 · neck · stride 8 · 64x48x80 · absmean")
    saturations = [shown.pixelColor(x, 12).hsvSaturation() for x in range(width)]
    assert (sum(value > 200 for value in saturations) > 20) is colours


def test_headers_of_one_width_show_the_same_of_their_scales(opened, monkeypatch) -> None:
    canvas, drawn = opened.window.canvas, {}
    real = tile_view.paint_header

    def noted(painter, tile, area, *, form, **rest) -> None:
        if tile.limits_text is not None:
            drawn.setdefault(area.width(), []).append(form)
        real(painter, tile, area, form=form, **rest)

    monkeypatch.setattr(tile_view, "paint_header", noted)
    mixed = [
        ("0", "1.00"),
        ("0.0974", "0.728"),
        ("-0.00974", "12.0"),
        ("1.50", "1.70"),
        ("2.93", "10.4"),
        ("0", "13.0"),
    ]
    plan = opened.controller.plan
    taps = [replace(tile, limits_text=text) for tile, text in zip(plan.tiles[1:], mixed, strict=True)]
    long = replace(taps[0], title="backbone.layer3.0.conv1")
    seen = set()
    for tiles in ((plan.tiles[0], *taps), (plan.tiles[0], long, *taps[1:])):
        for width, height in ((width, height) for height in (200, 560) for width in range(400, 1900, 60)):
            drawn.clear()
            canvas._headers.clear()
            canvas.resize(width, height)
            canvas.show_plan(replace(plan, tiles=tiles), Viewport(), None)
            canvas.grab()
            (forms,) = drawn.values()
            assert len(forms) == 6
            assert len(set(forms)) == 1, width
            seen |= set(forms)
    assert seen == set(ScaleForm)


def test_equal_tiles_share_one_scaled_frame_wherever_they_stand(opened, monkeypatch) -> None:
    made: list[object] = []
    pictures = opened.window.canvas._pictures
    monkeypatch.setattr(pictures, "_paint", lambda _image, rect: made.append(rect))
    for width in range(1180, 1300, 7):  # places fall on all kinds of parts of a pixel
        opened.window.resize(width, 790)
        made.clear()
        opened.show(5)
        assert len(made) == 2, width  # the detections' and that of all maps


def test_a_grid_larger_than_there_are_tiles_leaves_no_line_empty_and_says_which_it_uses(opened) -> None:
    canvas, grid = opened.window.canvas, opened.window.tools.tiles.grid
    opened.controller.set_grid(Grid.FOUR)
    opened.window.refresh()
    tiles = canvas.tiles()
    columns, rows = len({tile.header.x() for tile in tiles}), len({tile.header.y() for tile in tiles})
    assert len(tiles) == 7
    assert columns * rows in (8, 9)
    words = f"7 tiles take {extent_words(rows, columns)}"
    assert grid.toolTip().endswith(words)
    assert [action.text() for action in grid.entries.actions() if "take" in action.text()] == [f"4 {TIMES} 4 · {words}"]
    opened.controller.maximise("model.16")
    opened.window.refresh()
    assert "take" not in grid.toolTip()
    opened.controller.maximise(None)
    opened.window.refresh()
    drag(canvas, tile_of(opened, "P5").header.center(), QPointF(300, 300), tile_of(opened, "C3").place.area.center())
    assert titles(opened)[1] == "P5"
    opened.controller.set_grid(Grid.AUTO)
    opened.window.refresh()
    assert "take" not in grid.toolTip()
    assert not any("take" in action.text() for action in grid.entries.actions())


def test_a_frame_is_let_go_when_none_is_shown_any_more(qapp) -> None:
    del qapp
    view = TileView()
    tile = TilePlan("detections", "Detections", "", None, "", None, show_boxes=False, show_labels=False)
    # With levels, as a window's frames have them, the picture is painted where it lies.
    level = np.zeros((40, 60, 4), np.uint8)
    held = weakref.ref(level)
    view.show_plan(RenderPlan(Frame(rgb_of(level), 0, 0.0, 0.0, levels=(level,)), (tile,), ()), Viewport(), None)
    del level
    view.grab()
    gc.collect()
    assert held() is not None
    view.show_plan(RenderPlan(None, (), ()), Viewport(), None)
    gc.collect()
    assert held() is None
    view.deleteLater()
