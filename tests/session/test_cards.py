"""What is told of source and model."""

from dataclasses import replace
from fractions import Fraction

from viewer.core import SourceInfo, SourceKind
from viewer.session import ViewState
from viewer.session.cards import cards, model_card, source_card


def test_a_source_tells_what_is_known_and_leaves_out_what_is_not() -> None:
    rate = Fraction(30000, 1001)
    video = SourceInfo("/a/b.mp4", "b.mp4", SourceKind.VIDEO, (1920, 1080), rate, 12345, rotation=90)
    card = dict(source_card(video))
    assert card["Size"] == "1080\N{MULTIPLICATION SIGN}1920 px"
    assert card["Rotation"] == "a quarter turn, honoured"
    assert card["Rate"] == "29.97 fps"
    assert card["Frames"] == "12\N{NO-BREAK SPACE}345"
    bare = dict(source_card(SourceInfo("0", "camera 0", SourceKind.CAMERA, (480, 640))))
    assert set(bare) == {"Name", "From", "Kind", "Size"}
    assert bare["Kind"] == "camera, live"


def test_a_model_tells_how_it_runs_and_why_not_from_a_graph(detector) -> None:
    info = replace(detector, parameters=2_616_248, gflops=3.91, notes=("fused",))
    card = dict(model_card(info, "eager: decode() waits for the device"))
    assert card["Parameters"] == "2.62 M"
    assert card["Operations"] == "3.91 GFLOP a frame"
    assert card["Runs"] == "eager, operation by operation"
    assert card["No graph"] == "decode() waits for the device"
    assert card["Note"] == "fused"
    assert dict(model_card(info, "graph"))["Runs"] == "graph, one launch a frame"


def test_without_either_it_says_so() -> None:
    assert cards(ViewState()) == {"Source": (("", "No source is open"),), "Model": (("", "No model is loaded"),)}
