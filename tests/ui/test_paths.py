"""Paths of modules in little room: what tells one from another is seen."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainter

from viewer.core import Role, Stage
from viewer.core.messages import DetectorReady, TapsChanged
from viewer.render import TilePlan
from viewer.ui import tokens
from viewer.ui.line import Line
from viewer.ui.painter import paint_header
from viewer.ui.paths import elided_path

LAYERS = ("backbone.body.layer3.2.conv1", "backbone.body.layer3.2.conv2", "backbone.body.layer4.0.conv1")
BLOCKS = ("model.16.cv2.act.Mul", "model.19.cv2.act.Mul", "backbone.stem.act.Mul")


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


BLOCK = ("expand.Relu", "expand.Relu.conv", "depthwise.depthwise", "squeeze_excite.mul", "project.BatchNorm.FusedNorm")
MOBILE = tuple(f"MobilenetV3.expanded_conv{block}.{part}" for block in ("", "_1", "_5", "_11") for part in BLOCK)


@pytest.mark.usefixtures("qapp")
def test_the_block_s_number_and_the_last_part_are_the_last_to_go() -> None:
    metrics = QFontMetrics(tokens.font())

    def shown(path, words) -> str:
        return elided_path(path, MOBILE, metrics, metrics.horizontalAdvance(words))

    relu = "MobilenetV3.expanded_conv_5.expand.Relu"
    assert shown(relu, "…5.expand.Relu") == "…5.expand.Relu"
    assert shown(relu, "…5…Relu") == ("…5…Relu")
    assert shown(relu, "…5…lu") == ("…5…lu")


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("room", [100, 130, 200])
def test_no_two_stages_of_a_real_network_look_alike(room) -> None:
    metrics = QFontMetrics(tokens.font())
    numbered = [path for path in MOBILE if "_conv_" in path]
    cut = [elided_path(path, numbered, metrics, room) for path in numbered]
    assert len(set(cut)) == len(numbered)
    assert all(metrics.horizontalAdvance(text) <= room for text in cut)


@pytest.mark.usefixtures("qapp")
def test_where_no_word_alone_tells_it_apart_the_first_is_kept() -> None:
    metrics = QFontMetrics(tokens.font())
    stem, block = "MobilenetV3.Conv.hard_swish.add", "MobilenetV3.expanded_Conv_6.expand.hard_swish.add"
    room = metrics.horizontalAdvance("\N{HORIZONTAL ELLIPSIS}Conv\N{HORIZONTAL ELLIPSIS}add")
    cut = elided_path(stem, (stem, block), metrics, room)
    assert cut == "\N{HORIZONTAL ELLIPSIS}Conv\N{HORIZONTAL ELLIPSIS}add"


@pytest.mark.usefixtures("qapp")
def test_of_the_title_of_an_answer_its_question_stays_unless_others_ask_the_same() -> None:
    metrics = QFontMetrics(tokens.font())

    def shown(path, others) -> str:
        return elided_path(path, others, metrics, metrics.horizontalAdvance("Why car 0.69 +"))

    assert shown("Why car 0.69 · P3", ("Why car 0.69 · P3", "C3", "P3")) == "Why car 0.69"
    assert shown("Why car 0.69 · P3", ("Why car 0.69 · P4",)).endswith("P3")


@pytest.mark.usefixtures("qapp")
def test_of_the_title_of_a_sweep_the_object_stays() -> None:
    metrics, title = QFontMetrics(tokens.font()), "Needed for person 0.96"
    room = metrics.horizontalAdvance("…person 0.96")
    assert elided_path(title, ("Detections", "C3", title), metrics, room) == "…person 0.96"


@pytest.mark.usefixtures("qapp")
def test_a_line_cuts_the_path_in_it_and_keeps_what_stands_beside_it() -> None:
    def picture(path: str, text: str) -> QImage:
        line = Line(tokens.TEXT_BODY, strong=True)
        line.resize(160, 24)
        line.say(text, path=path, others=MOBILE)
        return line.grab().toImage()

    one, other = (f"MobilenetV3.expanded_conv_{block}.expand.Relu" for block in (5, 11))
    assert picture(one, f"C3 · {one}") != picture(other, f"C3 · {other}")
    assert picture(one, f"{one}, channel 5") != picture(one, f"{one}, channel 6")


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
