"""Paths of modules in little room: what tells one from another is seen."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainter

from viewer.core import Role, Stage
from viewer.core.messages import DetectorReady, TapsChanged
from viewer.render import TilePlan
from viewer.render.shortening import common_parts
from viewer.ui import tokens
from viewer.ui.painter import paint_header
from viewer.ui.paths import elided_path

LAYERS = ("backbone.body.layer3.2.conv1", "backbone.body.layer3.2.conv2", "backbone.body.layer4.0.conv1")
BLOCKS = ("model.16.cv2.act.Mul", "model.19.cv2.act.Mul", "backbone.stem.act.Mul")


@pytest.mark.parametrize(
    ("path", "others", "count"),
    [
        (LAYERS[0], LAYERS, 2),
        (LAYERS[0], LAYERS[:2], 4),
        (BLOCKS[0], BLOCKS, 1),
        (BLOCKS[2], BLOCKS, 0),
        ("P3", ("P3", "P4", "model.2"), 0),
        ("model.2", ("model.2", "model.2.cv1"), 1),
        ("model", ("model", "model.2"), 0),
    ],
)
def test_how_much_of_its_beginning_a_path_shares(path, others, count) -> None:
    assert common_parts(path, others) == count


@pytest.mark.usefixtures("qapp")
def test_the_beginning_that_all_share_goes_first_and_what_differs_stays() -> None:
    metrics = QFontMetrics(tokens.font())

    def shown(path, others, words) -> str:
        return elided_path(path, others, metrics, metrics.horizontalAdvance(words))

    assert shown(LAYERS[0], LAYERS, LAYERS[0]) == LAYERS[0]
    assert shown(LAYERS[0], LAYERS, "…body.layer3.2.conv1") == "…body.layer3.2.conv1"
    assert shown(LAYERS[0], LAYERS, "…layer3.2.conv1") == "…layer3.2.conv1"
    assert shown(LAYERS[0], LAYERS[:2], "…conv1") == "…conv1"
    narrow = [shown(path, BLOCKS, "…16.cv…Mul") for path in BLOCKS]
    assert narrow[0].startswith("…16")
    assert narrow[1].startswith("…19")
    assert all(text.endswith("ul") for text in narrow)


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("width", [120, 180])
def test_headers_of_tiles_with_like_paths_look_different(width) -> None:
    def header(title: str) -> QImage:
        image = QImage(width, 24, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        tile = TilePlan(title, title, "", ("0.021", "1.3"), "", None, show_boxes=False, show_labels=False)
        paint_header(painter, tile, QRectF(0, 0, width, 24), current=False, titles=("Detections", *BLOCKS[:2]))
        painter.end()
        return image

    assert header(BLOCKS[0]) != header(BLOCKS[1])


def test_tiles_and_rows_of_a_network_with_long_paths_are_told_apart(open_window) -> None:
    opened = open_window()
    nodes = [f"backbone.body.layer3.{block}.bottleneck.expand.activation.relu" for block in (0, 1, 12)]
    stages = tuple(Stage(node, Role.BACKBONE, 16, 64, (24, 40), "ReLU", "", 0.1, True) for node in nodes)
    opened.engine.tapped = stages
    opened.engine.post(DetectorReady(opened.state.detector, stages))
    opened.engine.post(TapsChanged(stages, opened.engine.settings))
    opened.show(41)
    canvas, view = opened.window.canvas, opened.window.stages.list
    tiles = [tile for tile in canvas.tiles() if tile.tile.key in nodes]
    assert len(tiles) == 3
    picture = canvas.grab().toImage()
    heads = [picture.copy(tile.header.toRect().adjusted(0, 0, -160, 0)) for tile in tiles]
    assert all(one != other for one, other in pairwise([*heads, heads[0]]))
    rows = [view.visualRect(view.rows.index(view.rows.row_of(node))) for node in nodes]
    listed = view.viewport().grab().toImage()
    names = [listed.copy(row.adjusted(40, 5, -70, -row.height() // 2)) for row in rows]
    assert all(one != other for one, other in pairwise([*names, names[0]]))
    index = view.rows.index(view.rows.row_of(nodes[2]))
    assert nodes[2] in view.rows.data(index, Qt.ItemDataRole.ToolTipRole)
