"""What an export is to be: remembered, fitted to what there is, and told before it begins."""

import json
from dataclasses import replace

import pytest

from viewer.config import Config, load_config
from viewer.core.cam import CamQuestion, CamTarget
from viewer.core.channels import OneChannel
from viewer.core.errors import ConfigError
from viewer.core.looprange import LoopRange
from viewer.core.suppression import Thresholds
from viewer.render.views import Grid, MapView
from viewer.session.export import plan_export
from viewer.session.export_choice import (
    ExportChoice,
    Show,
    canvas_of,
    choice_from,
    choice_kept,
    estimate_words,
    explain_words,
    fitting,
    range_words,
    show_words,
)
from viewer.session.headless import headless_state
from viewer.session.present import present_config
from viewer.session.resolve import resolve


def settings(order) -> dict:
    return json.loads(order.settings)


@pytest.mark.parametrize(
    "choice", [ExportChoice(), ExportChoice(True, Show.TILE, "model.16", "~/films"), ExportChoice(show=Show.FRAME)]
)
def test_a_choice_is_remembered(choice):
    assert choice_from(json.loads(json.dumps(choice_kept(choice)))) == choice


def test_what_is_not_understood_is_as_it_comes():
    assert choice_from({"whole": "yes", "show": "nothing", "tile": 3, "other": 1}) == ExportChoice()


def test_a_tile_that_is_gone_is_not_exported(controller):
    assert fitting(ExportChoice(True, Show.TILE, "model.6"), controller.state) == ExportChoice(True)
    there = ExportChoice(show=Show.TILE, tile="model.16")
    assert fitting(there, controller.state) == there


def test_what_can_be_chosen_and_what_it_comes_to(controller):
    assert list(range_words(controller.state)) == ["Whole file, frames 0 to 499"]
    assert list(show_words(controller.state)) == ["Tiles as shown", "Frame with boxes", "Tile P3"]
    told = "500 frames · 20.0 s · 25 fps · 1920×1080 px · about 16 MB"  # noqa: RUF001 - the sign of times
    assert estimate_words(controller.state, ExportChoice()) == told
    controller.set_span(LoopRange(10, 19))
    assert estimate_words(controller.state, ExportChoice()).startswith("10 frames · 0.4 s")
    long = replace(controller.state.source, frame_count=25 * 125)
    assert "2:05 min" in estimate_words(replace(controller.state, source=long), ExportChoice(whole=True))


def test_whose_score_a_film_explains_is_said_before_it_begins(controller):
    assert explain_words(controller.state, ExportChoice()) == ""
    controller.choose(controller.plan.boxes[-1])
    controller.explain(True)
    says = f"the car you follow, from frame {controller.packet.frame.index} on and back, as long as it is there"
    assert explain_words(controller.state, ExportChoice()) == says
    assert explain_words(controller.state, ExportChoice(show=Show.FRAME)) == ""  # no map is in that film
    controller.explain_all(True)
    assert explain_words(controller.state, ExportChoice()) == "all detections of each frame in one map"


def test_a_film_is_cut_to_the_tiles_of_the_window_and_that_is_told(controller, tmp_path):
    state, plan, window_wh = controller.state, controller.plan, (728, 608)
    for choice in (ExportChoice(), ExportChoice(show=Show.FRAME), ExportChoice(show=Show.TILE, tile="model.16")):
        width, height = canvas_wh = canvas_of(state, plan, choice, window_wh)
        assert f"{width}\N{MULTIPLICATION SIGN}{height} px" in estimate_words(state, choice, canvas_wh)
        words = plan_export(state, controller.config, tmp_path, choice, canvas_wh).arguments(tmp_path / "settings")
        assert words[words.index("--canvas") + 1] == f"{width}x{height}"
    alone = ExportChoice(show=Show.FRAME)  # has its own proportions whatever those of the window
    assert canvas_of(state, plan, alone, (300, 900)) == pytest.approx(canvas_of(state, plan, alone, window_wh), abs=4)


def test_what_was_chosen_is_what_is_rendered(controller, tmp_path):
    controller.set_span(LoopRange(10, 19))
    plan = lambda choice: plan_export(controller.state, controller.config, tmp_path, choice)  # noqa: E731 - short here
    assert (plan(ExportChoice()).first, plan(ExportChoice(whole=True)).first) == (10, 0)
    assert settings(plan(ExportChoice(show=Show.FRAME)))["alone"] == "detections"
    assert settings(plan(ExportChoice(show=Show.TILE, tile="model.16")))["alone"] == "model.16"
    assert "alone" not in settings(plan(ExportChoice()))
    controller.maximise("model.16")
    assert settings(plan(ExportChoice()))["alone"] == "model.16"
    order = plan(ExportChoice(folder=str(tmp_path / "films")))
    assert order.path.parent == tmp_path / "films"
    with pytest.raises(ConfigError, match="no folder"):
        plan(ExportChoice(folder="/nowhere/at/all"))


def test_a_tile_of_a_question_that_is_shown_alone_is_exported_alone(controller, tmp_path, detector, stages, clip):
    state = controller.state
    known = {"source": clip, "detector": detector, "stages": stages, "tapped": stages[:1]}
    asked = replace(state.inquiry, cam=CamQuestion(CamTarget(), "", Thresholds()), score_map=1)
    state = replace(state, inquiry=asked, score_strides=detector.strides)
    for key in ("why", "score@8"):
        shown = replace(state, maximised=key)
        assert next(iter(show_words(shown))) == "Tiles as shown"
        config = present_config(controller.config, shown)
        words = settings(plan_export(shown, config, tmp_path))
        assert words["alone"] == key
        config = load_config(None, words)
        film = headless_state(config, **known, thresholds=Thresholds(), inquiry=config.inquiry(detector, stages[:1]))
        assert film.maximised == key
    assert explain_words(replace(state, maximised="why"), ExportChoice())
    assert not explain_words(replace(state, maximised="score@8"), ExportChoice())


def test_a_tile_that_only_this_frame_has_is_said_not_to_be_exported(controller, tmp_path):
    asked = replace(controller.state.inquiry, cam=CamQuestion(CamTarget(2), ""))  # of nothing that is followed
    state = replace(controller.state, inquiry=asked, maximised="why")
    assert "alone" not in settings(plan_export(state, controller.config, tmp_path))
    assert next(iter(show_words(state))) == "All tiles: the one that is shown is of this frame alone"


def test_the_order_of_tiles_and_the_shown_channel_are_carried(controller, tmp_path):
    controller.move_tile("model.16", "detections")
    controller.show_channel("model.16", 5)
    kept = settings(plan_export(controller.state, controller.config, tmp_path))
    assert kept["order"][:2] == ["model.16", "detections"]
    assert kept["channel"] == "model.16:5"


def test_the_page_of_tiles_and_the_divider_are_carried_and_told(controller, stages, tmp_path):
    controller.tap_only(tuple(stage.node for stage in stages))
    controller.set_grid(Grid.ONE)
    controller.turn_page(1)
    controller.set_view(MapView.SWIPE)
    controller.set_divider(0.3)
    state, config = controller.state, controller.config
    kept = settings(plan_export(state, config, tmp_path))
    assert (kept["page"], kept["divider"], kept["view"]) == (2, 0.3, "swipe")
    assert next(iter(show_words(state))) == "Tiles as shown, page 2 of 4, divider at 30 %"
    assert next(iter(show_words(replace(state, maximised="model.16")))) == "Tiles as shown, divider at 30 %"


def test_render_shows_that_page_and_parts_tiles_there(detector, stages, clip, packet):
    known = {"source": clip, "detector": detector, "stages": stages, "tapped": (stages[2],), "thresholds": Thresholds()}
    config = load_config(None, {"page": "2", "divider": "0.3", "grid": "1", "view": "swipe"})
    plan = resolve(headless_state(config, **known), packet())
    assert [tile.key for tile in plan.tiles] == ["model.16"]
    assert plan.divider == 0.3
    first = resolve(headless_state(Config(grid=Grid.ONE), **known), packet())
    assert [tile.key for tile in first.tiles] == ["detections"]


def test_render_shows_that_channel_and_that_tile(detector, stages, clip):
    tapped = (stages[2],)
    config = Config(channel="P3:5", alone="P3")
    inquiry = config.inquiry(detector, tapped)
    assert inquiry.channel == OneChannel("model.16", 5)
    known = {"source": clip, "detector": detector, "stages": stages, "tapped": tapped, "thresholds": Thresholds()}
    assert headless_state(config, **known, inquiry=inquiry).maximised == "model.16"
    with pytest.raises(ConfigError, match="no such tile"):
        headless_state(Config(alone="P9"), **known)


@pytest.mark.parametrize(
    ("channel", "says"),
    [("C4:1", "no stage 'C4' is tapped; tapped: P3"), ("P3:64", "P3 has channels 0 to 63"), ("P3:x", "channels 0 to")],
)
def test_a_channel_that_is_not_there_is_refused(detector, stages, channel, says):
    with pytest.raises(ConfigError, match=says):
        Config(channel=channel).inquiry(detector, (stages[2],))


def test_a_word_that_is_no_channel_is_refused():
    with pytest.raises(ConfigError, match="give STAGE:CHANNEL"):
        Config(channel="17")
