"""Lines of numbers as a picture: each value where it belongs, gaps where nothing is known."""

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from viewer.ui.line_graph import LineGraph, Stroke

GREEN, RED = QColor(0, 255, 0), QColor(255, 0, 0)
MARGIN, SIZE = 4, QSize(200, 48)


@pytest.fixture
def graph(qapp):
    del qapp
    owner = QWidget()
    yield LineGraph(owner, MARGIN)
    owner.close()
    owner.deleteLater()


def drawn(graph, values, *, ratio=1.0, span=(0.0, 10.0), limit=float("inf")) -> np.ndarray:
    """(h, w) opacity of green and of red."""
    at = np.linspace(0, 1, len(values))
    strokes = [Stroke(at, np.array(values, np.float32), GREEN, 1.0)]
    image = graph.picture(SIZE, ratio, strokes, span, limit, RED).toImage()
    assert (image.width(), image.height()) == (SIZE.width() * ratio, SIZE.height() * ratio)
    pixels = [[image.pixelColor(x, y) for x in range(image.width())] for y in range(image.height())]
    return np.array([[(c.alpha() * c.green(), c.alpha() * c.red()) for c in row] for row in pixels]) / 255**2


@pytest.mark.parametrize("ratio", [1.0, 2.0])
@pytest.mark.parametrize(("value", "y"), [(0.0, 44.0), (5.0, 24.0), (10.0, 4.0), (99.0, 4.0), (-99.0, 44.0)])
def test_a_value_lies_where_it_belongs_and_beyond_the_edges_on_them(graph, ratio, value, y) -> None:
    green = drawn(graph, [value, value], ratio=ratio)[:, :, 0]
    rows = np.arange(green.shape[0]) + 0.5
    middle = green[:, green.shape[1] // 2]
    assert (rows * middle).sum() / middle.sum() / ratio == pytest.approx(y, abs=0.75)


def test_what_is_not_known_is_a_gap_and_a_value_alone_a_dot(graph) -> None:
    nan = float("nan")
    green = drawn(graph, [5, 5, nan, nan, 5, nan, float("inf"), 5, 5])[:, :, 0].max(0)
    assert green[[10, 190]].min() > 0.3
    assert green[[50, 75, 125, 150]].max() == 0
    assert green[98:102].max() > 0.3


def test_the_limit_is_dashed_and_left_out_beyond_the_edges(graph) -> None:
    red = drawn(graph, [1, 1], limit=5.0)[:, :, 1].max(0)
    assert 0.2 < (red > 0.3).mean() < 0.95
    assert drawn(graph, [1, 1], limit=11.0)[:, :, 1].max() == 0
