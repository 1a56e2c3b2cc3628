"""The plan follows from state and packet alone."""

import subprocess
import sys
from dataclasses import fields, replace

import numpy as np
import pytest

from viewer.config.recents import Recents
from viewer.core import (
    Boxes,
    MaskOutlines,
    Shapes,
    Shed,
    SourceInfo,
    SourceKind,
    Suppression,
    TapMap,
    Thresholds,
)
from viewer.core.cell import Cell
from viewer.core.many import Band, mosaic_of
from viewer.core.messages import FailedPart, Loading, Report, Transport
from viewer.render.plan import BoxPlan
from viewer.render.views import MapView
from viewer.session.costs import Costs
from viewer.session.health_view import HealthView
from viewer.session.order import SortBy, Sorting
from viewer.session.picked import ChannelPick
from viewer.session.resolve import relevant, resolve, tile_keys
from viewer.session.search import Search, Target
from viewer.session.side import Side
from viewer.session.state import EnginePhase, Level, Notice, Opening, Viewport, ViewState
from viewer.session.wanted import Wanted
from viewer.session.why_choice import WhyChoice


@pytest.fixture
def state(detector, stages):
    return ViewState(detector=detector, stages=stages, tapped=("model.4", "model.16"))


def described(plan):
    """A plan as plain values."""
    return (
        [
            (
                tile.key,
                tile.title,
                tile.subtitle,
                tile.limits_text,
                tile.warning,
                tile.show_boxes,
                tile.show_labels,
                tile.overlay and (tile.overlay.codes.tobytes(), tile.overlay.lut.tobytes(), tile.overlay.rect),
            )
            for tile in plan.tiles
        ],
        plan.boxes,
    )


def test_tiles_of_a_packet(state, packet):
    shown = packet(nodes=("model.4", "model.16"))

    plan = resolve(state, shown)

    detections, backbone, neck = plan.tiles
    assert (detections.key, detections.title, detections.subtitle) == (
        "detections",
        "Detections",
        "yolo11n · 2 objects",
    )
    assert detections.overlay is None
    assert detections.limits_text is None
    assert (backbone.key, backbone.title) == ("model.4", "model.4")
    assert backbone.subtitle == "backbone · stride 8 · 128\N{MULTIPLICATION SIGN}48\N{MULTIPLICATION SIGN}80 · absmean"
    assert (neck.key, neck.title) == ("model.16", "P3")
    assert neck.subtitle.startswith("model.16 · neck · stride 8 · 64\N{MULTIPLICATION SIGN}48")
    assert neck.limits_text == ("0.0213", "1.30")
    assert neck.warning == "3 cells not finite"
    assert neck.overlay.codes is shown.taps[1].codes
    assert neck.overlay.rect == shown.letterbox.map_rect
    assert plan.frame is shown.frame


def test_pictures_of_a_network_that_nobody_trained_say_so(state, packet):
    untrained = replace(state.detector, warning="random weights", notes=("fused", "random weights, built from x.yaml"))

    trained, random = (resolve(replace(state, detector=info), packet()) for info in (state.detector, untrained))

    assert trained.tiles[0].warning == ""
    assert random.tiles[0].warning == "random weights"
    assert random.tiles[0].hint == "fused\nrandom weights, built from x.yaml"
    assert [tile.warning for tile in random.tiles[1:]] == [tile.warning for tile in trained.tiles[1:]]


@pytest.mark.parametrize(("count", "says"), [(1, "1 box not finite"), (1024, "1024 boxes not finite")])
def test_boxes_that_are_not_finite_are_said_on_the_frame_they_were_left_out_of(state, packet, count, says):
    untrained = replace(state, detector=replace(state.detector, warning="random weights", notes=("fused",)))
    broken = replace(packet(), candidates=replace(packet().candidates, nonfinite=count))

    tile, after = (resolve(untrained, one).tiles[0] for one in (broken, packet()))

    assert tile.warning == says
    assert "left out" in tile.hint
    assert tile.hint.endswith("\nfused")
    assert (after.warning, after.hint) == ("random weights", "fused")


def test_boxes_are_named_clipped_and_worst_first(state, packet):
    plan = resolve(replace(state, thresholds=Thresholds(conf=0.05)), packet())

    assert [box.text for box in plan.boxes] == ["class 7 0.10", "person 0.30", "car 0.90"]
    assert plan.boxes[0].xyxy == (0.0, 300.0, 40.0, 360.0)
    assert len({box.rgb for box in plan.boxes}) == 3


def test_heads_without_suppression_keep_overlapping_boxes(state, packet, detector):
    plan = resolve(replace(state, detector=replace(detector, suppression=Suppression.NONE)), packet())

    assert [box.text for box in plan.boxes] == ["person 0.30", "car 0.80", "car 0.90"]


RING = np.array([[1, 2], [5, 2], [5, 9]], np.float32)


def test_masks_go_to_the_boxes_they_were_made_for(state, packet):
    shapes = Shapes(np.array([2, 0], np.int32), MaskOutlines.of([[RING], [RING + 100, RING + 200]]))
    shown = replace(packet(), shapes=shapes)

    plan = resolve(state, shown)

    assert [box.text for box in plan.boxes] == ["person 0.30", "car 0.90"]
    assert plan.boxes[0].rings == (((1, 2), (5, 2), (5, 9)),)
    assert [ring[0] for ring in plan.boxes[1].rings] == [(101, 102), (201, 202)]
    assert all(box.pose is None for box in plan.boxes)


def test_what_becomes_a_detection_only_now_has_no_shape_yet(state, packet):
    shown = replace(packet(), shapes=Shapes(np.array([0], np.int32), MaskOutlines.of([[RING]])))

    plan = resolve(replace(state, thresholds=Thresholds(conf=0.05)), shown)

    assert [(box.text, bool(box.rings)) for box in plan.boxes] == [
        ("class 7 0.10", False),
        ("person 0.30", False),
        ("car 0.90", True),
    ]


def test_a_pose_is_drawn_without_what_is_not_likely_there(state, packet):
    points = np.zeros((1, 17, 3), np.float32)
    points[0, :, 0], points[0, :, 1] = np.arange(17), 50
    points[0, [0, 1, 5, 6], 2] = 0.9  # nose, one eye, both shoulders
    points[0, 2, 2] = 0.4
    shown = replace(packet(), shapes=Shapes(np.array([0], np.int32), keypoints=points))

    pose = resolve(state, shown).boxes[-1].pose

    assert pose.dots == ((0, 50), (1, 50), (5, 50), (6, 50))
    assert set(pose.lines) == {((0, 50), (1, 50)), ((5, 50), (6, 50))}


def test_a_pose_of_other_joints_is_dots(state, packet):
    shown = replace(packet(), shapes=Shapes(np.array([0], np.int32), keypoints=np.ones((1, 4, 3), np.float32)))

    pose = resolve(state, shown).boxes[-1].pose

    assert (len(pose.dots), pose.lines) == (4, ())


def test_oriented_boxes_keep_their_corners(state, packet, detector):
    centred = np.array([[100, 80, 40, 20, np.pi / 2], [300, 200, 40, 20, 0.0]], np.float32)
    envelope = np.array([[90, 60, 110, 100], [280, 190, 320, 210]], np.float32)
    scores, labels = np.array([0.9, 0.8], np.float32), np.array([0, 1], np.int32)
    boxes = Boxes(envelope, scores, labels, np.zeros(2, np.int32), centred)
    turned = replace(detector, suppression=Suppression.ROTATED)

    flat, upright = resolve(replace(state, detector=turned), replace(packet(), candidates=boxes)).boxes

    assert np.array(flat.corners) == pytest.approx(np.array([(280, 190), (320, 190), (320, 210), (280, 210)]))
    expected = np.array([(110, 60), (110, 100), (90, 100), (90, 60)])
    assert np.array(upright.corners) == pytest.approx(expected, abs=1e-4)


def test_without_a_detector_the_packets_own_detections_are_drawn(packet):
    plan = resolve(ViewState(), packet())

    assert [box.text for box in plan.boxes] == ["class 1 0.90"]


def test_only_maps_that_are_there_and_wanted_are_drawn(state, packet):
    plan = resolve(replace(state, tapped=("model.6", "model.16")), packet(nodes=("model.4", "model.16")))

    assert [tile.key for tile in plan.tiles] == ["detections", "model.16"]


def test_overlays_and_boxes_can_be_hidden(state, packet):
    plan = resolve(replace(state, overlays=False, boxes=False), packet())

    assert all(tile.overlay is None for tile in plan.tiles)
    assert not any(tile.show_boxes or tile.show_labels for tile in plan.tiles)
    assert plan.tiles[1].limits_text is not None


def test_a_maximised_tile_stands_alone_with_labels(state, packet):
    plan = resolve(replace(state, maximised="model.16"), packet())

    assert [(tile.key, tile.show_labels) for tile in plan.tiles] == [("model.16", True)]


def test_a_maximised_tile_that_is_gone_gives_way_to_all(state, packet):
    plan = resolve(replace(state, maximised="model.4"), packet())

    assert [tile.key for tile in plan.tiles] == ["detections", "model.16"]


def test_before_the_first_packet(state):
    source = SourceInfo("a.mp4", "a.mp4", SourceKind.VIDEO, (4, 4))

    plan = resolve(replace(state, source=source, detector=None), None)

    assert plan.frame is None
    assert plan.boxes == ()
    assert [tile.subtitle for tile in plan.tiles] == ["a.mp4"]


@pytest.mark.parametrize(("count", "words"), [(0, ""), (1, "1 cell not finite"), (9, "9 cells not finite")])
def test_warning(state, packet, count, words):
    shown = packet()
    shown = replace(shown, taps=(replace(shown.taps[0], nonfinite=count),))

    assert resolve(state, shown).tiles[1].warning == words


def test_a_map_without_a_finite_cell_has_no_limits(state, packet):
    shown = packet()
    shown = replace(shown, taps=(replace(shown.taps[0], nonfinite=shown.taps[0].codes.size),))
    tile = resolve(state, shown).tiles[1]
    assert (tile.warning, tile.limits_text) == ("not finite", None)


def test_a_map_that_has_nothing_to_be_compared_with_says_so_in_place_of_colours(state, packet):
    shown = packet()
    shown = replace(
        shown, taps=(replace(shown.taps[0], nonfinite=0, limits=(0.0, 0.0), nothing_yet="no frame before"),)
    )
    tile = resolve(state, shown).tiles[1]
    assert (tile.warning, tile.limits_text, tile.overlay) == ("no frame before", None, None)
    assert "step or play" in tile.hint


def test_one_object(state, packet):
    assert resolve(replace(state, thresholds=Thresholds(conf=0.5)), packet()).tiles[0].subtitle == "yolo11n · 1 object"


def test_resolving_is_pure(state, packet):
    shown = packet(nodes=("model.4", "model.16"))
    before = [array.copy() for array in (shown.frame.rgb, shown.candidates.xyxy, shown.taps[0].codes)]

    first, second = resolve(state, shown), resolve(state, shown)

    assert described(first) == described(second)
    for array, old in zip((shown.frame.rgb, shown.candidates.xyxy, shown.taps[0].codes), before, strict=True):
        np.testing.assert_array_equal(array, old)


OTHERS = {
    "phase": EnginePhase.FAILED,
    "failed": frozenset({FailedPart.SOURCE}),
    "loading": Loading("…"),
    "taps": None,
    "transport": Transport(playing=True, index=5),
    "report": Report(1.0, None, None),
    "viewport": Viewport(3.0),
    "notice": Notice(Level.INFO, "…"),
    "display_fps": 9.0,
    "latency_ms": 9.0,
    "costs": Costs(9.0),
    "seen": frozenset({3}),
    "sorting": Sorting(SortBy.SIZE),
    "focus": None,
    "pointed": BoxPlan((0, 0, 1, 1), "car 0.50", (1, 2, 3)),
    "target": Target(label=1),
    "search": Search(Target(), 1, 3, 4),
    "behind_s": 12,
    "current": "model.4",
    "opening": Opening("street.mp4"),
    "asking": Wanted(model="mine.py"),
    "wants_room": True,
    "refusal": "…",
    "recents": Recents(("street.mp4",)),
    "lookout": True,
    "picked": (1, 8),
    "miss": None,
    "score_strides": (8,),
    "side": Side.WHY,
    "pinned": Cell("model.4", 1, 2),
    "reducer_before": "max",
    "health": HealthView(keeps=True),
    "why": WhyChoice(on=True),
    "pick": ChannelPick("model.4", 2),
    "occluding": True,
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_not_relevant_changes_no_plan(state, packet, name):
    other = replace(state, **{name: OTHERS[name]})

    assert relevant(other) == relevant(state)
    assert described(resolve(other, packet())) == described(resolve(state, packet()))


def test_every_field_is_either_relevant_or_known_not_to_be(state):
    reads = {name for name in (field.name for field in fields(state)) if getattr(state, name) in relevant(state)}

    names = {
        "source",
        "detector",
        "stages",
        "tapped",
        "thresholds",
        "alpha",
        "colormap",
        "fade",
        "view",
        "divider",
        "overlays",
        "boxes",
        "under",
        "maximised",
        "grid",
        "page",
        "order",
        "inquiry",
        "score_top",
        "sweep",
    }
    assert names | set(OTHERS) == {field.name for field in fields(state)}
    assert names <= reads


def test_keys_of_tiles(state):
    assert tile_keys(state) == ("detections", "model.4", "model.16")


def test_maps_of_several_sizes_are_described_by_their_own(state, packet, stages):
    shown = packet()
    small = TapMap(stages[2], "max", np.ones((12, 20), np.uint8), (0.0, 1e-6), 0.0, 1.0, 0)

    tile = resolve(state, replace(shown, taps=(small,))).tiles[1]

    assert "64\N{MULTIPLICATION SIGN}12\N{MULTIPLICATION SIGN}20 · max" in tile.subtitle
    assert tile.limits_text == ("0", "1.00e-6")


def test_a_mosaic_stands_alone_whatever_the_view_is_and_fits_into_the_picture(state, packet, stages):
    shown = packet()
    codes = np.ones((2 * 24, 3 * 40), np.uint8)
    mosaic = TapMap(stages[1], "strongest:6", codes, (0.0, 1.0), 0.0, 1.0, 0, mosaic=mosaic_of(tuple(range(5))))
    state = replace(state, tapped=("model.6",))
    for view in MapView:
        tile = resolve(replace(state, view=view), replace(shown, taps=(mosaic,))).tiles[1]
        assert (tile.view, tile.show_boxes) == (MapView.MAP, False)
        assert tile.overlay.lut[1:, 3].tolist() == [255] * 255  # no frame beneath: opaque
    assert "not laid over the frame" in tile.hint
    assert "128\N{MULTIPLICATION SIGN}24\N{MULTIPLICATION SIGN}40 · strongest:6" in tile.subtitle  # of one channel
    rect, (height, width) = tile.overlay.rect, shown.frame.image_hw
    assert rect.width / rect.height == pytest.approx(3 * 40 / (2 * 24))
    assert rect.width == pytest.approx(width)
    assert rect.y + rect.height / 2 == pytest.approx(height / 2)
    hidden = resolve(replace(state, overlays=False), replace(shown, taps=(mosaic,))).tiles[1]
    assert (hidden.overlay, hidden.view) == (None, MapView.OVERLAY)


def test_a_map_in_colour_names_its_bands_in_place_of_limits_and_takes_no_colour_map(state, packet, stages):
    shown = packet()
    codes = np.ones((24, 40, 3), np.uint8)
    bands = tuple(Band(name, (0.0, 1.0)) for name in ("PC1", "PC2", "PC3"))
    coloured = TapMap(stages[1], "pca-rgb", codes, (0.0, 1.0), 0.0, 1.0, 0, bands=bands)
    state = replace(state, tapped=("model.6",), colormap="turbo", fade=True, alpha=0.4)
    tile = resolve(state, replace(shown, taps=(coloured,))).tiles[1]
    assert (tile.limits_text, tile.bands) == (None, ("PC1", "PC2", "PC3"))
    assert tile.hint == "red: PC1, 0 to 1.00 · green: PC2, 0 to 1.00 · blue: PC3, 0 to 1.00"
    assert tile.overlay.bands == bands
    assert tile.overlay.lut[[1, 255]].tolist() == [[0, 0, 0, 102], [255, 255, 255, 102]]
    assert "24\N{MULTIPLICATION SIGN}40 · pca-rgb" in tile.subtitle


def test_the_session_loads_neither_torch_nor_opencv_nor_pyav():
    code = (
        "import sys, viewer.session, viewer.session.viewport, viewer.render.palette;"
        "print([name for name in ('torch', 'cv2', 'av', 'PySide6', 'matplotlib') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_a_shed_stage_keeps_its_place_without_a_map(state, packet):
    shed = Shed(("model.4",), fps=29.97)
    plan = resolve(state, replace(packet(), shed=shed))

    assert [tile.key for tile in plan.tiles] == ["detections", "model.4", "model.16"]
    bare = plan.tiles[1]
    assert (bare.overlay, bare.limits_text, bare.warning) == (None, None, "shed to hold 30 fps")
    assert bare.subtitle == "backbone · stride 8 · 128\N{MULTIPLICATION SIGN}48\N{MULTIPLICATION SIGN}80"
    assert plan.tiles[2].warning == "3 cells not finite"
    # Until the taps follow, a packet may have a map of what is shed; and nobody sees what he did not ask for.
    both = resolve(state, replace(packet(nodes=("model.4", "model.16")), shed=shed))
    assert both.tiles[1].overlay is not None
    assert [tile.key for tile in resolve(replace(state, tapped=("model.16",)), replace(packet(), shed=shed)).tiles] == [
        "detections",
        "model.16",
    ]


def test_maps_made_every_second_frame_say_so(state, packet):
    shown = packet()
    whole = replace(shown, taps=(replace(shown.taps[0], nonfinite=0),), shed=Shed(every_second=True, fps=30.0))

    assert resolve(state, whole).tiles[1].warning == "every 2nd frame"
    assert resolve(state, replace(whole, taps=shown.taps)).tiles[1].warning == "3 cells not finite"
