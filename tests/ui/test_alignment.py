"""Map, box and picture lie on one another, to the pixel, in every tile, at every zoom and shape of picture."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from viewer.config import Config
from viewer.core import Letterbox, Rect
from viewer.render import BoxPlan, OverlayPlan, TilePlan, lut
from viewer.render.plan import PosePlan
from viewer.session import Viewport
from viewer.ui.labels import paint_labels, standing
from viewer.ui.painter import Outlines, Place, paint_boxes, paint_header, paint_overlay


def pixels(image: QImage) -> np.ndarray:
    """(H, W, 3) uint8 RGB."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


def sampled(codes: np.ndarray, rect: QRectF, size_wh: tuple[int, int]) -> np.ndarray:
    """Bilinear samples of a map whose cells are equal parts of a rectangle, at the centres of a tile's pixels."""
    rows, columns = codes.shape
    width, height = size_wh
    x = ((np.arange(width) + 0.5 - rect.x()) / rect.width() * columns - 0.5).clip(0, columns - 1)
    y = ((np.arange(height) + 0.5 - rect.y()) / rect.height() * rows - 0.5).clip(0, rows - 1)
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    right, bottom = (left + 1).clip(max=columns - 1), (top + 1).clip(max=rows - 1)
    across, down = x - left, (y - top)[:, None]
    upper = codes[top][:, left] * (1 - across) + codes[top][:, right] * across
    lower = codes[bottom][:, left] * (1 - across) + codes[bottom][:, right] * across
    return upper * (1 - down) + lower * down


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("map_hw", [(12, 20), (48, 80), (5, 3)])
@pytest.mark.parametrize(
    "rect",
    [
        Rect(0, 0, 640, 360),
        Rect(0, -12, 640, 384),
        Rect(-3.5, 7.25, 651.3, 333.3),
        Rect(-1900, -400, 5120, 2880),
    ],
)
def test_a_cell_covers_its_equal_part_of_the_rectangle(map_hw, rect) -> None:
    codes = np.random.default_rng(3).integers(1, 256, map_hw, np.uint8)
    table = np.zeros((256, 4), np.uint8)
    table[:, :3] = np.arange(256)[:, None]
    table[:, 3] = 255
    image = QImage(640, 360, QImage.Format.Format_RGB32)
    image.fill(0)
    whole = QRectF(0, 0, 640, 360)
    painter = QPainter(image)
    paint_overlay(painter, OverlayPlan(codes, table, rect), Place(whole, whole, (360, 640)))
    painter.end()
    painted = pixels(image)[..., 0].astype(float)
    expected = sampled(codes.astype(float), QRectF(rect.x, rect.y, rect.width, rect.height), (640, 360))
    # Pixels whose centre lies outside the rectangle show the frame.
    inside_x = (np.arange(640) + 0.5 > rect.x + 1) & (np.arange(640) + 0.5 < rect.x + rect.width - 1)
    inside_y = (np.arange(360) + 0.5 > rect.y + 1) & (np.arange(360) + 0.5 < rect.y + rect.height - 1)
    difference = np.abs(painted - expected)[inside_y][:, inside_x]
    # Qt weighs with a few bits; half a pixel out of place would be 16 here and more.
    assert difference.max() <= 5
    assert difference.mean() < 1.2


@pytest.mark.usefixtures("qapp")
def test_cells_that_are_not_finite_show_the_frame() -> None:
    image = QImage(80, 80, QImage.Format.Format_RGB32)
    image.fill(0x40A060)
    codes = np.zeros((4, 4), np.uint8)
    painter = QPainter(image)
    whole = QRectF(0, 0, 80, 80)
    paint_overlay(painter, OverlayPlan(codes, lut("inferno", 1.0), Rect(0, 0, 80, 80)), Place(whole, whole, (80, 80)))
    painter.end()
    assert (pixels(image) == (0x40, 0xA0, 0x60)).all()


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("corners", [None, ((50, 100), (100, 50), (150, 100), (100, 150))])
def test_a_box_is_drawn_on_its_pixels(corners) -> None:
    image = QImage(640, 360, QImage.Format.Format_RGB32)
    image.fill(0)
    place = Place(QRectF(0, 0, 640, 360), QRectF(-100, -40, 1280, 720), (360, 640))
    box = BoxPlan((50, 50, 150, 150), "car 0.90", (0, 255, 0), corners)
    painter = QPainter(image)
    paint_boxes(painter, Outlines.of([box]), place, labelled=False)
    painter.end()
    lit_y, lit_x = np.nonzero(pixels(image)[..., 1] > 60)
    assert (lit_x.min(), lit_x.max() + 1) == pytest.approx((0, 200), abs=1.5)
    assert (lit_y.min(), lit_y.max() + 1) == pytest.approx((60, 260), abs=1.5)


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("filled", [True, False])
def test_a_mask_lies_on_its_pixels_and_leaves_its_holes(filled) -> None:
    image = QImage(640, 360, QImage.Format.Format_RGB32)
    image.fill(0)
    place = Place(QRectF(0, 0, 640, 360), QRectF(-100, -40, 1280, 720), (360, 640))
    outer, hole = ((60, 60), (140, 60), (140, 140), (60, 140)), ((80, 80), (120, 80), (120, 120), (80, 120))
    box = BoxPlan((50, 50, 150, 150), "car 0.90", (0, 255, 0), rings=(outer, hole))
    painter = QPainter(image)
    paint_boxes(painter, Outlines.of([box]), place, labelled=False, filled=filled)
    painter.end()
    green = pixels(image)[..., 1]
    # Source pixel (x, y) lies at (2 x - 100, 2 y - 40).
    assert np.abs(green[86:114, 26:174].astype(int) - (89 if filled else 0)).max() <= 2
    assert (green[126:194, 66:134] == 0).all()
    assert green[130:190, 59:62].max(axis=1).min() > 150


@pytest.mark.usefixtures("qapp")
def test_a_pose_lies_on_its_pixels() -> None:
    image = QImage(640, 360, QImage.Format.Format_RGB32)
    image.fill(0)
    place = Place(QRectF(0, 0, 640, 360), QRectF(-100, -40, 1280, 720), (360, 640))
    pose = PosePlan((((100, 100), (200, 100)),), ((100, 100), (200, 100), (150, 150)))
    painter = QPainter(image)
    paint_boxes(painter, Outlines.of([BoxPlan((0, 0, 1, 1), "", (0, 255, 0), pose=pose)]), place, labelled=True)
    painter.end()
    seen = pixels(image)
    assert (seen[159:161, 120:280, 1] > 200).all()
    assert (seen[259:261, 199:201] > 200).all()
    assert (seen[175:250] == 0).all()


@pytest.mark.usefixtures("qapp")
def test_labels_of_a_crowd_do_not_cover_one_another() -> None:
    image = QImage(640, 360, QImage.Format.Format_RGB32)
    image.fill(0)
    whole = QRectF(0, 0, 640, 360)
    boxes = [BoxPlan((300, 150, 360, 210), f"car 0.{score}", (0, 255, 0)) for score in range(10, 90)]
    painter = QPainter(image)
    place = Place(whole, whole, (360, 640))
    paint_labels(painter, standing(boxes[::-1], place, 1.0), place)
    painter.end()
    filled = (pixels(image)[..., 1] > 200).sum()
    # Three labels find a place: over the box, under it and in it.
    assert 3 * 500 < filled < 3 * 1500


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("width", [120, 180, 400])
def test_a_tile_of_any_width_says_what_it_shows(width) -> None:
    def header(title: str) -> QImage:
        image = QImage(width, 24, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        tile = TilePlan("model.16", title, "", ("0.021", "1.3"), "", None, show_boxes=False, show_labels=False)
        paint_header(painter, tile, QRectF(0, 0, width, 24), current=False)
        painter.end()
        return image

    assert header("P3") != header("")


def centre_of_light(image: np.ndarray) -> tuple[float, float]:
    light = image.astype(float).mean(axis=2)
    light[light < light.max() * 0.2] = 0
    y, x = np.indices(light.shape) + 0.5
    return float((x * light).sum() / light.sum()), float((y * light).sum() / light.sum())


@pytest.mark.parametrize("image_hw", [(360, 640), (640, 360), (480, 512), (271, 640)])
@pytest.mark.parametrize("zoom", [1.0, 2.0, 5.3])
def test_a_bright_square_peaks_at_the_same_place_in_every_tile(open_window, fake_engine, image_hw, zoom) -> None:
    letterbox = Letterbox.fit(image_hw, (640, 640))
    rows, columns = letterbox.input_hw[0] // 32, letterbox.input_hw[1] // 32
    row, column = rows // 2, columns // 3
    whole = letterbox.map_rect
    side = whole.width / columns
    square = Rect(whole.x + column * side, whole.y + row * side, side, side)

    class Spot(fake_engine):
        def objects(self, _index):
            return [(square.x, square.y, square.x + side, square.y + side, 0.9, 0)]

        def rgb(self, _index):
            # Pixels on its edge are as bright as they are covered, so that its centre is exact.
            y, x = np.arange(image_hw[0])[:, None], np.arange(image_hw[1])[None]
            down = (np.minimum(y + 1, square.y + side) - np.maximum(y, square.y)).clip(0, 1)
            across = (np.minimum(x + 1, square.x + side) - np.maximum(x, square.x)).clip(0, 1)
            return np.ascontiguousarray(np.repeat((down * across * 255).astype(np.uint8)[..., None], 3, axis=2))

        def codes(self, _index, stage, letterbox):
            grid = np.ones((letterbox.input_hw[0] // stage.stride, letterbox.input_hw[1] // stage.stride), np.uint8)
            cells = 32 // stage.stride
            grid[row * cells : (row + 1) * cells, column * cells : (column + 1) * cells] = 255
            return grid

    opened = open_window(Spot(image_hw), Config(colormap="gray", alpha=1.0))
    centre = ((square.x + side / 2) / image_hw[1], (square.y + side / 2) / image_hw[0])
    opened.controller.set_boxes(False)
    opened.controller.set_viewport(Viewport(zoom, centre))
    opened.window.refresh()
    canvas = opened.window.canvas
    mapped = pixels(canvas.grab().toImage())
    canvas.peek(True)
    bare = pixels(canvas.grab().toImage())
    assert len(canvas.places()) == 7
    for tile, _, place in canvas.places():
        area = place.area.toRect()
        part = (slice(area.top(), area.top() + area.height()), slice(area.left(), area.left() + area.width()))
        expected = place.rect(square).center() - place.area.topLeft()
        for shown, tolerance in ((bare, 0.6), (mapped, 0.6)):
            x, y = centre_of_light(shown[part])
            assert x == pytest.approx(expected.x(), abs=tolerance), tile.title
            assert y == pytest.approx(expected.y(), abs=tolerance), tile.title
