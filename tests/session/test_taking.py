"""What is taken away, planned without a window: names, numbers, sizes, ranges, and how an export is told."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from viewer.config import Config, load_config
from viewer.core.errors import SourceError
from viewer.core.looprange import LoopRange
from viewer.core.suppression import Thresholds
from viewer.core.tapping import Limits
from viewer.render.views import Grid, MapView
from viewer.session import ViewState
from viewer.session.export import ExportOrder, begun, ended, plan_export, progressed
from viewer.session.places import Places
from viewer.session.present import present_config
from viewer.session.still import full_ratio, still_of
from viewer.session.taking import saved
from viewer.sinks.record import packet_record


def test_a_snapshot_writes_down_what_packets_are_and_where_it_came_from(controller, packet, detector) -> None:
    shown = replace(packet(137), thresholds=controller.state.thresholds)
    still = still_of(controller.state, shown, controller.config)
    assert still.stem == "clip_frame000137"
    written = packet_record(shown, detector)
    assert {key: still.record[key] for key in written} == written
    assert still.record["source"]["name"] == "clip.mp4"
    assert (still.record["source"]["width"], still.record["source"]["height"]) == (640, 360)
    assert still.record["model"]["name"] == "yolo11n"
    assert still.record["options"]["tap"] == ["model.16"]
    json.dumps(still.record)


def test_an_export_is_not_given_the_places_of_another_models_stages(controller, tmp_path) -> None:
    order = ("model.16", "backbone.body.layer4", "detections")
    config = present_config(controller.config, replace(controller.state, order=order))
    settings = json.loads(plan_export(controller.state, config, tmp_path).settings)
    assert settings["order"] == ["model.16", "detections"]


def test_a_snapshot_has_the_boxes_that_are_seen(controller, packet) -> None:
    controller.set_conf(0.25)
    assert [box["score"] for box in still_of(controller.state, packet(), controller.config).record["detections"]] == [
        pytest.approx(0.9),
        pytest.approx(0.3),
    ]


def test_before_a_detector_there_is_a_picture_all_the_same(packet, clip) -> None:
    bare = replace(packet(), letterbox=None, taps=(), detections=packet().detections.take(np.zeros(0, np.intp)))
    still = still_of(ViewState(source=clip), bare, Config())
    assert still.record["model"] is None
    assert still.record["detections"] == []


def test_a_password_in_the_address_is_not_written_down(controller, packet) -> None:
    config = Config(source="rtsp://me:secret@192.0.2.7/front")
    assert "secret" not in json.dumps(still_of(controller.state, packet(), config).record)


def test_options_follow_what_the_user_changed(controller) -> None:
    controller.set_conf(0.3333333)
    controller.set_alpha(0.7)
    controller.set_limits(Limits.parse("0:1.5"))
    controller.toggle_tap("model.4", on=True)
    now = controller.config
    assert (now.conf, now.alpha, now.limits, now.tap) == (0.3333, 0.7, "0:1.5", ("model.4", "model.16"))
    # What was written down is understood when it comes back.
    assert load_config(None, now.model_dump(mode="json")) == now


def test_options_that_the_engine_has_not_answered_yet_stay() -> None:
    config = Config(tap=("P3",), classes=("car",))
    state = ViewState(taps=config.tap_settings)
    assert (present_config(config, state).tap, present_config(config, state).classes) == (("P3",), ("car",))


def test_what_tiles_show_is_written_down_and_understood_again(controller) -> None:
    controller.set_view(MapView.SIDE)
    controller.set_grid(Grid.TWO)
    controller.set_fade(True)
    now = controller.config
    assert (now.view, now.grid, now.fade) == (MapView.SIDE, Grid.TWO, True)
    assert load_config(None, now.model_dump(mode="json")) == now


def test_classes_are_kept_by_number_once_a_detector_knows_them(controller) -> None:
    state = replace(controller.state, thresholds=Thresholds(classes=frozenset({1, 0})))
    assert present_config(Config(), state).classes == ("0", "1")


@pytest.mark.parametrize(
    ("picture_width", "image_width", "area_wh", "screen", "wanted"),
    [
        (640, 1920, (1000, 800), 1.0, 3.0),
        (640, 320, (1000, 800), 1.0, 1.0),
        (640, 320, (1000, 800), 2.0, 2.0),
        (100, 7680, (1000, 10), 1.0, 16.384),
        (100, 7680, (1000, 1000), 1.0, 8.0),
    ],
)
def test_a_snapshot_is_as_large_as_the_footage_within_reason(picture_width, image_width, area_wh, screen, wanted):
    assert full_ratio(picture_width, image_width, area_wh, screen) == pytest.approx(wanted)


def test_places_are_the_platforms_or_what_the_options_say(tmp_path) -> None:
    assert Places.of(Config()).taken.name == "Featscope"
    assert Places.of(Config()).presets.name == "taps.yaml"
    assert Places.of(Config(snapshots=str(tmp_path))).taken == tmp_path
    assert Places.of(Config(snapshots="~/kept")).taken == Path.home() / "kept"


def test_where_something_was_saved_is_said_from_home() -> None:
    assert saved(Path.home() / "Pictures" / "a.png").text == f"Saved a.png in {Path('~', 'Pictures')}"
    assert saved(Path("/elsewhere/a.png")).text == f"Saved a.png in {Path('/elsewhere')}"


def test_an_export_takes_all_frames_with_the_options_that_hold(controller, tmp_path) -> None:
    controller.set_conf(0.4)
    controller.tap_only(())
    order = plan_export(controller.state, controller.config, tmp_path / "taken")
    assert order.path == tmp_path / "taken" / "clip_frames000000-000499.mp4"
    settings = tmp_path / "settings.yaml"
    settings.write_text(order.settings)
    read = load_config(str(settings), {"source": order.source})
    assert (read.conf, read.tap, read.model) == (0.4, (), "demo")
    words = order.arguments(settings)
    assert words[:2] == ["render", "demo"]
    assert words[words.index("--max-frames") + 1] == "500"
    assert words[words.index("--start") + 1] == "0"


def test_an_export_takes_the_frames_of_the_loop(controller, tmp_path) -> None:
    controller.set_span(LoopRange(40, 59))
    order = plan_export(controller.state, controller.config, tmp_path)
    assert order.path.name == "clip_frames000040-000059.mp4"
    words = order.arguments(tmp_path / "settings.yaml")
    assert words[words.index("--start") + 1] == "40"
    assert words[words.index("--max-frames") + 1] == "20"


def test_an_export_replaces_nothing(controller, tmp_path) -> None:
    (tmp_path / "clip_frames000000-000499.mp4").touch()
    assert plan_export(controller.state, Config(), tmp_path).path.name == "clip_frames000000-000499_2.mp4"


def test_what_cannot_be_exported_is_said(controller, camera, tmp_path) -> None:
    with pytest.raises(SourceError, match="open a video"):
        plan_export(ViewState(), Config(), tmp_path)
    with pytest.raises(SourceError, match="camera 0"):
        plan_export(replace(controller.state, source=camera), Config(), tmp_path)


def test_a_source_of_unknown_length_is_exported_to_its_end(controller, tmp_path) -> None:
    state = replace(controller.state, source=replace(controller.state.source, frame_count=None))
    order = plan_export(state, Config(source="-odd.mp4"), tmp_path)
    words = order.arguments(tmp_path / "s.yaml")
    assert "--max-frames" not in words
    assert words[1] == "./-odd.mp4"


ORDER = ExportOrder(Path("/kept/a.mp4"), "a", "{}")


def test_how_far_an_export_is_comes_from_the_commands_lines() -> None:
    assert begun(ORDER).fraction is None
    half = progressed(ORDER, '{"frames": 10, "of": 20}\n')
    assert (half.fraction, half.text) == (0.5, "Exporting a.mp4: 10 of 20 frames")
    assert progressed(ORDER, '{"frames": 10, "of": null}').fraction is None
    assert progressed(ORDER, '{"frames": 30, "of": 20}').fraction == 1.0
    for line in ("loading", "3", "[]", '{"frames": null, "of": 3}'):
        assert progressed(ORDER, line) is None


def test_how_an_export_ended_is_said() -> None:
    assert ended(ORDER, 0, "", cancelled=False).path == ORDER.path
    assert ended(ORDER, 130, "featscope: interrupted", cancelled=True).failed is False
    refused = ended(ORDER, 2, "noise\nfeatscope: cannot write a.mp4: no space\n", cancelled=False)
    assert (refused.failed, refused.text) == (True, "Not exported: cannot write a.mp4: no space")
    assert "code -9" in ended(ORDER, -9, "", cancelled=False).text
