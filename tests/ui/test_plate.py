"""The words at the crosshair, where somebody points: they cover neither what is read nor what is pointed at."""

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from viewer.ui import tokens
from viewer.ui.labels import outstanding
from viewer.ui.marks import labels_of
from viewer.ui.painter import Place
from viewer.ui.plate import PLATE, Taken, fitted, plate_at

AREA = QRectF(100, 50, 300, 200)
LOW_LEFT = QRectF(104, 226, 120, PLATE)
HIGH_LEFT = QRectF(104, 54, 120, PLATE)
LOW_RIGHT = QRectF(276, 226, 120, PLATE)


@pytest.mark.parametrize(
    ("spot", "taken", "place"),
    [
        (QPointF(250, 150), Taken(), LOW_LEFT),
        (QPointF(110, 240), Taken(), LOW_RIGHT),
        (QPointF(250, 150), Taken((QRectF(90, 220, 320, 40),)), HIGH_LEFT),
        (QPointF(150, 200), Taken((), QRectF(100, 150, 100, 100)), LOW_RIGHT),
        # The box is all there is: a label is kept clear before it.
        (QPointF(250, 150), Taken((QRectF(90, 220, 90, 40),), AREA), LOW_RIGHT),
    ],
)
def test_it_stands_where_nothing_is_covered(spot, taken, place) -> None:
    assert plate_at(AREA, 120, spot, taken) == place


@pytest.mark.usefixtures("qapp")
def test_words_are_left_out_whole_and_a_number_is_never_cut() -> None:
    metrics = QFontMetricsF(tokens.font(tokens.TEXT_SMALL))
    words = ("0.487 ± 0.003", "row 3, column 4", "pixel 10, 20")
    wide = metrics.horizontalAdvance("0.487 ± 0.003 · row 3, column 4")
    assert fitted(words, wide + 1, metrics) == "0.487 ± 0.003 · row 3, column 4"
    assert fitted(words, wide - 1, metrics) == "0.487 · row 3, column 4"
    assert fitted(words, metrics.horizontalAdvance("0.487 ± 0.003") + 1, metrics) == "0.487 ± 0.003"
    assert fitted(words, metrics.horizontalAdvance("0.487") + 1, metrics) == "0.487"
    assert fitted(words, metrics.horizontalAdvance("0.48"), metrics) == ""
    assert "…" in fitted(("beside the map",), metrics.horizontalAdvance("beside the"), metrics)


@pytest.fixture
def crowded(open_window, fake_engine):
    """Boxes all along the foot and the head of the picture, with labels beneath and within them."""

    class Crowd(fake_engine):
        def objects(self, _index):
            low = [(10 + 105 * n, 280, 90 + 105 * n, 358, 0.9 - n / 20, n % 5) for n in range(4)]
            return [*low, (5, 2, 200, 60, 0.6, 2), (400, 120, 500, 220, 0.55, 1)]

    opened = open_window(Crowd())
    opened.controller.pause()
    opened.window.refresh()
    opened.show(40)
    return opened


@pytest.mark.parametrize("tile", [0, 3])
def test_pointing_at_a_box_covers_neither_it_nor_a_label(crowded, tile) -> None:
    canvas = crowded.window.canvas
    for box in crowded.controller.plan.boxes:
        place = canvas.tiles()[tile].panes[0].place
        left, top, right, bottom = box.xyxy
        spot = place.transform.map(QPointF((left + right) / 2, (top + bottom) / 2))
        QTest.mouseMove(canvas, spot.toPoint())
        QApplication.processEvents()
        assert crowded.state.pointed is box
        here = canvas.tiles()[tile]
        text, plate = canvas.crosshair.words_of(here, canvas.crosshair.at_xy)
        assert text
        assert here.place.area.contains(plate)
        assert not plate.intersects(place.transform.mapRect(QRectF(left, top, right - left, bottom - top)))
        found = labels_of(canvas.plan, canvas._marks, place, 1.0, labelled=here.tile.show_labels)
        assert found.marked
        assert [label.box.text for label in found.all if label.area.intersects(plate)] == []


@pytest.mark.usefixtures("qapp")
def test_a_label_wider_than_its_tile_keeps_within_it_and_keeps_its_score(open_window) -> None:
    opened = open_window()
    box = opened.controller.plan.boxes[0]
    whole = QRectF(0, 0, 48, 20)
    label = outstanding(box, Place(whole, whole, (360, 640)), QGuiApplication.primaryScreen().devicePixelRatio())
    assert label is not None
    assert whole.contains(label.area)


def test_words_at_the_foot_are_painted_where_they_are_said_to_be(crowded) -> None:
    canvas = crowded.window.canvas
    before = canvas.grab().toImage()
    tile = canvas.tiles()[1]
    QTest.mouseMove(canvas, tile.place.picture.center().toPoint())
    QApplication.processEvents()
    _, plate = canvas.crosshair.words_of(tile, canvas.crosshair.at_xy)
    after = canvas.grab().toImage()
    assert after.copy(plate.toRect()) != before.copy(plate.toRect())
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.grab().toImage().copy(plate.toRect()) == before.copy(plate.toRect())


def test_the_lines_of_the_crosshair_strike_no_label_through(crowded) -> None:
    canvas = crowded.window.canvas
    tile = canvas.tiles()[0]
    place = tile.panes[0].place
    label = labels_of(canvas.plan, canvas._marks, place, 1.0, labelled=True).standing[2]
    within = label.area.toRect().adjusted(2, 2, -2, -2)
    before = canvas.grab().toImage()
    spot = QPointF(place.area.left() + 3, label.area.center().y())
    QTest.mouseMove(canvas, spot.toPoint())
    QApplication.processEvents()
    after = canvas.grab().toImage()
    beside = QRectF(label.area.right() + 3, label.area.top(), 8, label.area.height()).toRect()
    assert after.copy(beside) != before.copy(beside)
    assert after.copy(within) == before.copy(within)
