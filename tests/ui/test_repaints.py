"""What a playing window leaves alone: work nobody sees is time the network does not get."""

from collections import Counter

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QWidget

from viewer.core.frame import Frame
from viewer.core.geometry import Rect
from viewer.render.plan import BoxPlan
from viewer.session.costs import Costs
from viewer.session.pace import ReadingPace
from viewer.ui import box_layer, tile_view
from viewer.ui.box_layer import BoxLayer
from viewer.ui.painter import Outlines, Place, paint_boxes
from viewer.ui.picture import Pictures


class Paints(QObject):
    """Counts paint events by widget, and notes how wide each was."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[int] = Counter()
        self.widths: dict[int, int] = {}
        QApplication.instance().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Paint:
            self.counts[id(watched)] += 1
            self.widths[id(watched)] = event.region().boundingRect().width()
        return False

    def of(self, widget: QWidget) -> int:
        return self.counts[id(widget)]

    def end(self) -> None:
        QApplication.instance().removeEventFilter(self)


@pytest.fixture
def opened(open_window):
    """A window on frame 40 that plays."""
    return open_window()


@pytest.fixture
def playing(opened):
    """A window between two moments at which words and numbers are read."""
    opened.show(40)
    reading = opened.window.showing
    reading._reading = ReadingPace(clock=lambda: 0.0)
    reading._later.setInterval(600_000)
    opened.show(41)  # this one is read
    return opened


@pytest.fixture
def paints(playing):
    del playing  # what it paints first is not counted
    counting = Paints()
    yield counting
    counting.end()


def test_a_frame_moves_the_place_and_asks_no_other_view(playing, monkeypatch) -> None:
    window = playing.window
    asked: list[str] = []
    for name in ("stages", "tools", "status", "pages", "notice", "loading", "searching"):
        monkeypatch.setattr(getattr(window, name), "show_state", lambda *_, name=name, **__: asked.append(name))
    for index in range(42, 46):
        playing.show(index)
    assert window.transport.frame_text == "45 / 499"
    assert asked == []
    window.controller.set_alpha(0.3)
    window.refresh()
    assert "stages" in asked


def test_a_frame_paints_neither_window_nor_panels_nor_status(playing, paints) -> None:
    window = playing.window
    for index in range(42, 46):
        playing.show(index)
    assert paints.of(window.canvas) == 4
    assert paints.of(window.transport._frame) == 4
    for widget in (window, window.stages, window.inspector, window.tools, window.status, window.transport):
        assert paints.of(widget) == 0, widget


def test_a_frame_paints_only_what_the_position_passes(playing, paints) -> None:
    timeline = playing.window.timeline
    playing.show(42)
    assert paints.of(timeline) == 1
    assert paints.widths[id(timeline)] < 40
    playing.show(300)
    assert paints.widths[id(timeline)] > timeline.width() / 3


def test_the_strips_make_the_same_timeline_as_a_whole_paint(playing) -> None:
    timeline = playing.window.timeline
    for index in (42, 60, 300, 150, 499, 0):
        playing.show(index)
        by_strips = playing.window.grab().toImage()
        timeline.update()
        assert by_strips == playing.window.grab().toImage()


def test_what_is_read_with_a_frame_is_not_read_again_after_it(opened) -> None:
    showing = opened.window.showing
    moment = [0.0]
    showing._reading = ReadingPace(clock=lambda: moment[0])
    showing._later.setInterval(600_000)
    opened.show(50)
    opened.show(51)
    assert showing._later.isActive()
    moment[0] += 1.0
    opened.show(52)
    assert not showing._later.isActive()


def test_a_header_whose_words_and_numbers_stay_is_not_drawn_again(opened, monkeypatch) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(tile_view, "paint_header", lambda _painter, tile, *_, **__: drawn.append(tile.key))
    opened.window.controller.pause()
    opened.window.refresh()
    opened.show(60)
    drawn.clear()
    opened.show(61)
    assert drawn == []
    opened.engine.limits = (0.0, 2.0)
    opened.show(62)
    assert sorted(drawn) == sorted(tile.key for tile in opened.window.canvas.plan.tiles if tile.limits_text)


def test_only_stages_whose_numbers_change_are_painted_again(opened) -> None:
    rows = opened.window.stages.list.rows
    changed: list[int] = []
    rows.set_costs(Costs(20.0, 0.2, (("model.4", 0.01), ("model.6", 0.02))), frozenset())
    rows.dataChanged.connect(lambda first, last: changed.extend(range(first.row(), last.row() + 1)))
    rows.set_costs(Costs(20.0, 0.2, (("model.4", 0.01), ("model.6", 0.03))), frozenset())
    assert changed == [rows.row_of("model.6")]


def boxes_of(*xyxy: tuple[float, float, float, float]) -> Outlines:
    colours = ((255, 0, 0), (0, 255, 0), (0, 0, 255))
    return Outlines.of([BoxPlan(box, "car 0.50", colours[number % 3]) for number, box in enumerate(xyxy)])


def test_boxes_of_small_tiles_are_drawn_once_a_frame(opened, monkeypatch) -> None:
    drawn: list[bool] = []
    real = paint_boxes

    def count(*given, labelled, **named) -> None:
        drawn.append(labelled)
        real(*given, labelled=labelled, **named)

    monkeypatch.setattr(box_layer, "paint_boxes", count)
    opened.show(70)
    assert len(opened.window.canvas.plan.tiles) == 7
    assert drawn == [False]


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("left", [30.0, 30.5])
def test_a_layer_shows_the_same_lines_as_boxes_drawn_in_place(left) -> None:
    place = Place(QRectF(left, 20, 160, 90), QRectF(left - 7.25, 14.5, 190, 110), (360, 640))
    outlines = boxes_of((10, 10, 100, 90), (300, 100, 420, 300), (500, 200, 639, 359))
    pictures = [QImage(240, 140, QImage.Format.Format_RGB32) for _ in range(2)]
    layer = BoxLayer()
    for picture, way in zip(pictures, ("layer", "in place"), strict=True):
        picture.fill(QColor("#405060"))
        painter = QPainter(picture)
        if way == "layer":
            layer.paint(painter, outlines, place, ratio=1.0, filled=True)
        else:
            paint_boxes(painter, outlines, place, labelled=False)
        painter.end()
    by_layer, in_place = (np.frombuffer(picture.constBits(), np.uint32) for picture in pictures)
    # Qt draws a corner's last pixel or not by where on its device the line begins; all others are the same.
    assert np.count_nonzero(by_layer != in_place) <= len(outlines.boxes)
    assert np.count_nonzero(in_place != QColor("#405060").rgb()) > 200


@pytest.mark.usefixtures("qapp")
def test_a_layer_follows_the_frame() -> None:
    place = Place(QRectF(0, 0, 160, 90), QRectF(0, 0, 160, 90), (360, 640))
    layer = BoxLayer()
    pictures = []
    for box in ((40, 40, 200, 200), (400, 100, 600, 300)):
        picture = QImage(160, 90, QImage.Format.Format_RGB32)
        picture.fill(QColor("black"))
        painter = QPainter(picture)
        layer.paint(painter, boxes_of(box), place, ratio=1.0, filled=True)
        painter.end()
        pictures.append(picture)
    assert pictures[0].pixelColor(10, 20) == QColor(255, 0, 0)
    assert pictures[1].pixelColor(10, 20) == QColor("black")
    assert pictures[1].pixelColor(100, 40) == QColor(255, 0, 0)


def noise(seed: int, height: int = 60, width: int = 80) -> Frame:
    return Frame(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8), seed, 0.0, 0.0)


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("size", [(80, 60), (20, 15), (7, 5)])
def test_buffers_that_are_used_again_show_the_new_frame_exactly(size) -> None:
    width, height = size
    whole = Rect(0, 0, width, height)
    used, fresh = Pictures(), Pictures()
    for frame in (noise(1), noise(2, 30, 40), noise(3), noise(4)):
        used.take(frame)
        shown = used.scaled(width, height, whole).copy()
    fresh.take(frame)
    assert shown == fresh.scaled(width, height, whole)
    if size == (80, 60):
        raw = QImage(frame.rgb.data, 80, 60, 240, QImage.Format.Format_RGB888)
        assert shown == raw.convertToFormat(QImage.Format.Format_RGB32)
