"""The verdict on a miss says what suppression did, in words, and follows thresholds without the network."""

from dataclasses import replace

import numpy as np
import pytest

from viewer.core import Boxes, DetectorInfo, Letterbox, Role, Stage, Suppression, Thresholds
from viewer.core.inquiry import Findings, Inquiry
from viewer.core.messages import SetInquiry
from viewer.core.region import Region, RegionScores, ScoreLevel, ScoreMap
from viewer.session.keep import kept
from viewer.session.miss import miss_of
from viewer.session.resolve import resolve, tile_keys
from viewer.session.side import Side
from viewer.session.state import ViewState

REGION = Region((0, 90, 200, 150))
STAGES = (
    Stage("model.16", Role.NECK, 8, 64, (48, 80), name="P3"),
    Stage("model.19", Role.NECK, 16, 128, (24, 40), name="P4"),
)
DETECTOR = DetectorInfo("yolo", "YOLO", ("person", "car", "truck"), 1, (8, 16), "cpu", "fp32", Suppression.GREEDY)


def boxes(*rows):
    """Boxes of left edge, width, score, class and stride, all 40 px high at the same height, best first."""
    if not rows:
        return Boxes.empty()
    left, width, scores, labels, strides = np.array(rows, np.float32).T
    xyxy = np.stack([left, np.full_like(left, 100), left + width, np.full_like(left, 140)], 1)
    return Boxes(xyxy, scores, labels.astype(np.int32), strides.astype(np.int32))


def told(*rows, head="dense head", rivals=None):
    """What a region holds: boxes as above, each with the row of the candidate it is, -1 for none."""
    found = boxes(*(row[:5] for row in rows))
    count = len(found)
    labels, scores = zip(*(rivals or zip(found.labels, found.scores, strict=True)), strict=True) if rows else ((), ())
    return RegionScores(
        REGION,
        head,
        found,
        np.array([row[5] for row in rows], np.int32),
        np.zeros((count, 2), np.int32),
        np.array(labels, np.int32),
        np.array(scores, np.float32),
    )


@pytest.fixture
def state():
    return ViewState(detector=DETECTOR, stages=STAGES, inquiry=Inquiry(region=REGION))


@pytest.fixture
def frame(packet):
    def make(candidates, found):
        return replace(packet(), candidates=candidates, findings=Findings(region=found))

    return make


def verdict(state, packet, **thresholds):
    miss = miss_of(replace(state, thresholds=Thresholds(**thresholds)), packet)
    assert miss is not None
    return miss.verdict


def test_only_a_candidate_that_is_kept_can_be_explained_and_it_is_said_why(state, frame):
    kept_one, cut = boxes((10, 100, 0.18, 1, 8)), boxes((0, 10, 0.9, 0, 8))
    there = frame(kept_one, told((10, 100, 0.18, 1, 8, 0)))
    assert miss_of(state, there).unexplained == ""
    outdone = frame(cut, told((10, 100, 0.18, 1, 8, -1), rivals=[(2, 0.6)]))
    assert "outdone in its own cell by truck 0.60" in miss_of(state, outdone).unexplained
    assert "no candidate here" in miss_of(state, frame(cut, told())).unexplained


def test_the_words_name_the_score_the_level_and_the_threshold_and_follow_it(state, frame):
    shown = frame(boxes((20, 60, 0.18, 1, 16)), told((20, 60, 0.18, 1, 16, 0)))

    assert verdict(state, shown) == "car 0.18 at P4, under the threshold 0.25"
    assert verdict(state, shown, conf=0.3) == "car 0.18 at P4, under the threshold 0.30"
    words = "which covers 20 % of this place; nothing was found of the size of all of it"
    assert verdict(state, shown, conf=0.1) == f"car 0.18 at P4, found: it is detection 1, {words}"
    assert verdict(state, shown, conf=0.1, classes=frozenset({0})) == "car 0.18 at P4, filtered by class"


def test_a_suppressed_one_names_the_detection_and_both_overlaps(state, frame):
    candidates = boxes(
        (300, 60, 0.9, 1, 8),
        (320, 60, 0.85, 0, 8),
        (15, 100, 0.8, 1, 16),
        (400, 50, 0.7, 2, 8),
        (30, 100, 0.61, 1, 8),
    )
    shown = frame(candidates, told((30, 100, 0.61, 1, 8, 4)))

    assert verdict(state, shown) == "car 0.61 at P3, suppressed by detection 3 (car 0.80), IoU 0.74 > 0.70"
    assert verdict(state, shown, iou=0.75) == "car 0.61 at P3, found: it is detection 5"
    # The suppressor goes with its class, and both with it.
    assert verdict(state, shown, conf=0.82) == "car 0.61 at P3, under the threshold 0.82"


def test_one_too_many_is_cut_off(state, frame):
    candidates = boxes((300, 60, 0.9, 1, 8), (400, 60, 0.8, 1, 8), (20, 60, 0.7, 1, 8))
    shown = frame(candidates, told((20, 60, 0.7, 1, 8, 2)))
    assert verdict(state, shown, max_det=2) == "car 0.70 at P3, cut off: 2 detections already"
    assert verdict(state, shown, max_det=1) == "car 0.70 at P3, cut off: 1 detection already"


def test_a_class_outdone_in_its_own_cell_says_by_which(state, frame):
    shown = frame(
        boxes((20, 60, 0.8, 2, 8)), told((20, 60, 0.8, 2, 8, 0), (20, 60, 0.4, 1, 8, -1), rivals=((2, 0.8), (2, 0.8)))
    )
    picked = replace(state, picked=(1, 8))
    assert verdict(picked, shown) == "car 0.40 at P3, outdone in its own cell by truck 0.80"
    # What suppression would have said first comes first.
    assert verdict(picked, shown, conf=0.5) == "car 0.40 at P3, under the threshold 0.50"
    assert verdict(picked, shown, classes=frozenset({2})) == "car 0.40 at P3, filtered by class"


def test_one_that_was_not_kept_says_so(state, frame):
    shown = frame(boxes((300, 60, 0.9, 1, 8)), told((20, 60, 0.1, 1, 8, -1)))
    assert verdict(state, shown, conf=0.01).endswith("not among the 1 candidates that are kept of a frame")


def test_where_the_head_sees_nothing_the_best_of_it_is_told(state, frame):
    shown = frame(Boxes.empty(), told((20, 60, 0.004, 1, 16, -1)))
    assert verdict(state, shown) == (
        "No candidate above 0.01: the head sees nothing here (best: car 0.004 at P4)"  # not rounded to nothing
    )
    assert verdict(state, frame(Boxes.empty(), told())) == "No candidate above 0.01: the head sees nothing here"


def test_heads_without_cells_are_told_of_by_their_candidates(state, frame):
    shown = frame(boxes((20, 60, 0.18, 1, 0)), told((20, 60, 0.18, 1, 0, 0), head=""))
    miss = miss_of(state, shown)
    assert miss.verdict == "car 0.18, under the threshold 0.25"
    assert not miss.has_cells
    assert "only candidates that were kept are known" in miss.note
    assert verdict(state, frame(Boxes.empty(), told(head=""))) == "No candidate above 0.01: none was kept here"


def test_the_table_has_a_row_a_class_and_a_column_a_level(state, frame):
    found = told((20, 60, 0.6, 1, 16, 0), (20, 60, 0.5, 1, 8, -1), (20, 60, 0.2, 0, 8, -1), (9, 9, 0.001, 2, 16, -1))
    miss = miss_of(state, frame(boxes((20, 60, 0.6, 1, 16)), found))

    assert (miss.strides, miss.levels) == ((8, 16), ("P3", "P4"))
    assert [row.name for row in miss.rows] == ["car", "person", "truck"]
    assert miss.rows[0].scores == (pytest.approx(0.5), pytest.approx(0.6))
    assert miss.rows[1].scores == (pytest.approx(0.2), None)
    assert miss.picked == (1, 16)
    assert (miss.box.text, miss.box.under) == ("car 0.60", False)
    assert miss.box.xyxy == (20, 100, 80, 140)


def test_where_there_is_nothing_the_candidate_that_is_marked_is_the_one_that_is_told(state, frame):
    region = Region((20, 100, 120, 140))
    found = replace(told((20, 30, 4e-7, 1, 16, -1), (20, 100, 2e-7, 0, 8, -1)), region=region)
    miss = miss_of(replace(state, inquiry=Inquiry(region=region)), frame(Boxes.empty(), found))
    assert miss.verdict.startswith("No candidate above")
    assert miss.picked == (1, 16)
    assert f"best: {state.detector.name_of(1)} 4e-07" in miss.verdict


def test_the_candidate_is_meant_that_fits_what_was_pointed_at(state, frame):
    region = Region((20, 100, 120, 140))
    found = replace(told((50, 20, 0.9, 0, 8, -1), (25, 90, 0.3, 1, 16, -1)), region=region)
    asked = replace(state, inquiry=Inquiry(region=region))
    assert miss_of(asked, frame(Boxes.empty(), found)).picked == (1, 16)
    for x, picked in ((60, (0, 8)), (51, (1, 16))):  # in the middle of the one that is 50 to 70, and at its edge
        point = Region((x, 120, x, 120))
        found, asked = replace(found, region=point), replace(state, inquiry=Inquiry(region=point))
        assert miss_of(asked, frame(Boxes.empty(), found)).picked == picked


def test_a_picked_class_stays_picked_at_another_level_where_that_one_is_gone(state, frame):
    found = told((20, 60, 0.6, 1, 16, -1), (20, 60, 0.2, 0, 8, -1))
    picked = replace(state, picked=(0, 16))
    assert miss_of(picked, frame(Boxes.empty(), found)).picked == (0, 8)


def test_a_frame_that_answers_another_question_tells_nothing(state, frame):
    shown = frame(Boxes.empty(), told())
    assert miss_of(replace(state, inquiry=Inquiry(region=Region((0, 0, 9, 9)))), shown) is None
    assert miss_of(replace(state, inquiry=Inquiry()), shown) is None


# Tiles of scores ------------------------------------------------------------------------------------------------------


@pytest.fixture
def scored(packet):
    fine = np.zeros((48, 80), np.float32)
    fine[3, 4], fine[5, 6] = 0.5, np.nan
    score_map = ScoreMap(1, "one-to-one head", (ScoreLevel(8, fine), ScoreLevel(16, np.ones((24, 40), np.float32))))
    return replace(packet(), findings=Findings(score_map=score_map))


def test_scores_are_tiles_beside_the_taps_between_0_and_1(scored):
    state = ViewState(detector=DETECTOR, stages=STAGES, tapped=("model.16",), inquiry=Inquiry(score_map=1))
    plan = resolve(state, scored)

    assert [tile.key for tile in plan.tiles] == ["detections", "model.16", "score@8", "score@16"]
    fine, coarse = plan.tiles[2:]
    assert (fine.title, fine.subtitle) == ("P3 · car score", "stride 8 · 48×80 · one-to-one head")  # noqa: RUF001
    assert (coarse.title, fine.limits_text) == ("P4 · car score", ("0", "1.00"))
    assert fine.warning == "1 cell not finite"
    assert fine.overlay.rect == Letterbox.fit((360, 640), (640, 640)).map_rect
    assert (fine.overlay.codes[0, 0], fine.overlay.codes[3, 4], fine.overlay.codes[5, 6]) == (1, 128, 0)
    assert (coarse.overlay.codes == 255).all()

    bright = resolve(replace(state, score_top=0.5), scored).tiles[2]
    assert (bright.overlay.codes[3, 4], bright.limits_text) == (255, ("0", "0.500"))


def test_scores_nobody_asks_for_any_more_are_gone_at_once(scored):
    state = ViewState(detector=DETECTOR, stages=STAGES)
    assert len(resolve(state, scored).tiles) == 1
    assert tile_keys(replace(state, score_strides=(8, 16))) == ("detections",)
    asked = replace(state, inquiry=Inquiry(score_map=1), score_strides=(8, 16))
    assert tile_keys(asked) == ("detections", "score@8", "score@16")


def test_what_is_kept_has_arrays_of_its_own(scored, frame):
    for shown in (scored, frame(boxes((20, 60, 0.18, 1, 16)), told((20, 60, 0.18, 1, 16, 0)))):
        ours, theirs = kept(shown), shown
        pairs = [(ours.frame.rgb, theirs.frame.rgb), (ours.candidates.xyxy, theirs.candidates.xyxy)]
        if theirs.findings.score_map is not None:
            pairs.append((ours.findings.score_map.levels[0].scores, theirs.findings.score_map.levels[0].scores))
        else:
            pairs.append((ours.findings.region.rows, theirs.findings.region.rows))
        for one, other in pairs:
            assert not np.shares_memory(one, other)
            assert not one.flags.writeable
            np.testing.assert_array_equal(one, other)
        assert ours.letterbox is theirs.letterbox


# Wishes ---------------------------------------------------------------------------------------------------------------


def asked(engine):
    return [intent.inquiry for intent in engine.sent if isinstance(intent, SetInquiry)]


def test_a_dragged_rectangle_is_asked_about_in_order_and_within_the_picture(controller, engine):
    controller.look_out(True)
    assert (controller.state.lookout, controller.state.side) == (True, Side.WHY)
    controller.look_at((700.0, 200.0, 600.0, 100.0))
    assert asked(engine) == [Inquiry(region=Region((600.0, 100.0, 640.0, 200.0)))]
    assert not controller.state.lookout
    controller.look_at((-80.0, -80.0, -20.0, -20.0))  # beside the picture
    assert len(asked(engine)) == 1


def test_a_click_asks_about_a_point_only_while_its_page_is_open(controller, engine):
    controller.look_at_spot(50.0, 60.0)
    assert asked(engine) == []
    controller.show_side(Side.WHY)
    controller.look_at_spot(50.0, 60.0)
    assert asked(engine)[-1].region.is_point
    controller.look_away()
    assert asked(engine)[-1] == Inquiry()


def test_scores_turn_to_the_class_that_is_picked_and_to_the_best_of_a_new_place(controller, engine, frame):
    def answer(*rows):
        found = replace(told(*rows), region=controller.state.inquiry.region)
        engine.packet = frame(Boxes.empty(), found)
        controller.pump()

    controller.look_at(REGION.xyxy)
    controller.show_scores(True)  # before anything is known there is no class to show
    assert controller.state.inquiry.score_map is None
    answer((20, 60, 0.6, 1, 16, -1), (20, 60, 0.2, 0, 8, -1))
    controller.show_scores(True)
    assert asked(engine)[-1].score_map == 1
    controller.pick(0, 8)
    assert asked(engine)[-1].score_map == 0

    controller.look_at((300.0, 50.0, 400.0, 90.0))
    assert asked(engine)[-1].score_map == 0
    answer((20, 60, 0.6, 1, 16, -1))
    assert asked(engine)[-1].score_map == 1
    controller.score_class(2)
    answer((20, 60, 0.6, 1, 16, -1))
    assert asked(engine)[-1].score_map == 2  # what was chosen by hand stays
    controller.show_scores(False)
    assert asked(engine)[-1].score_map is None
