"""Why something was found, in the session: what is asked of the engine, what is told of its answers, and the tile."""

from dataclasses import replace

import numpy as np
import pytest

from viewer.core import Boxes
from viewer.core.cam import Cam, CamMap, CamQuestion, CamTarget, CamWork, Explained, Lost
from viewer.core.inquiry import NOTHING, Findings, Inquiry
from viewer.core.messages import Report, SetInquiry
from viewer.core.region import Region, RegionScores
from viewer.core.suppression import Thresholds
from viewer.render.labels import class_rgb
from viewer.render.views import MapView
from viewer.session.cam_tile import CAM_TILE
from viewer.session.events import after_opening
from viewer.session.keep import kept
from viewer.session.present import present_config
from viewer.session.resolve import resolve, tile_keys
from viewer.session.side import Side
from viewer.session.why import depths_of, why_words

CAR = (10.0, 10.0, 60.0, 60.0)


def questions(engine) -> list[CamQuestion | None]:
    return [intent.inquiry.cam for intent in engine.sent if isinstance(intent, SetInquiry)]


def car(controller):
    return controller.plan.boxes[-1]


def answered(packet, question, stages, *, lost=None, refusals=(), limits=(0.0, 0.04)):
    """A packet with the answer to a question."""
    codes = np.ones((48, 80), np.uint8)
    codes[3, 4] = 255
    found = CamMap(stages[2], 8, codes, limits, (5, 1))
    one = Explained(1, 0.9, CAR, 8, (4, 5), ((1, 0.9), (0, 0.2)))
    cam = Cam(question, found, (one,), None, ((7, 0.5), (3, 0.25)), 1.5)
    if lost is not None:
        cam = Cam(question, lost=lost)
    findings = Findings(refusals, refused=("cam",)) if refusals else Findings(cam=cam)
    return replace(packet(), findings=findings)


def test_the_chosen_object_is_asked_about_by_its_class_and_place(controller, engine):
    controller.choose(car(controller))
    assert questions(engine) == []
    controller.explain(True)
    assert questions(engine) == [CamQuestion(CamTarget(1, CAR))]
    assert controller.state.side is Side.WHY
    controller.explain(False)
    assert questions(engine)[-1] is None
    assert controller.state.inquiry == NOTHING


def test_frames_that_follow_ask_nothing_new(controller, engine, packet):
    controller.choose(car(controller))
    controller.explain(True)
    engine.packet = packet(8)
    controller.pump()
    assert len(questions(engine)) == 1


def test_another_object_is_asked_about_as_soon_as_it_is_chosen_and_none_when_none_is(controller, engine):
    controller.explain(True)
    assert questions(engine) == []  # nothing is chosen yet
    controller.choose(car(controller))
    controller.set_conf(0.05)
    other = next(box for box in controller.plan.boxes if box.label == 0)
    controller.choose(other)
    assert [question.target.label for question in questions(engine)] == [1, 0]
    controller.choose(None)
    assert questions(engine)[-1] is None
    assert tile_keys(controller.state) == ("detections", "model.16")
    assert not controller.state.why.on, "a button that stays pressed says that something is asked"


def test_all_are_explained_on_when_none_is_chosen_any_more(controller, engine):
    controller.choose(car(controller))
    controller.explain_all(True)
    controller.choose(None)
    assert controller.state.why.on
    assert questions(engine)[-1].merged is not None


def test_a_stage_is_asked_for_by_its_node_and_the_choice_stays(controller, engine):
    controller.choose(car(controller))
    controller.explain_at("model.16")
    assert questions(engine) == []
    controller.explain(True)
    controller.explain_at("")
    assert [question.node for question in questions(engine)] == ["model.16", ""]


def test_all_are_asked_about_by_the_thresholds_that_hold(controller, engine):
    controller.explain_all(True)
    controller.set_conf(0.4)
    asked = questions(engine)
    assert [question.merged.conf for question in asked] == [0.25, 0.4]
    assert asked[-1] == CamQuestion(CamTarget(), merged=Thresholds(conf=0.4))


def test_another_model_begins_with_nothing_explained(controller):
    controller.choose(car(controller))
    controller.explain(True)
    state = after_opening(controller.state, new_source=False)
    assert (state.inquiry, state.why.on, state.why.node) == (NOTHING, False, "")


def test_stages_are_offered_as_they_are_tapped_and_before_the_head(controller):
    state = replace(controller.state, tapped=("model.6", "model.16"))
    assert depths_of(state).nodes == ("", "model.6", "model.16")
    assert depths_of(state).words[1] == "at C4 · model.6"
    state = replace(state, why=replace(state.why, node="model.4"))
    assert depths_of(state).nodes[depths_of(state).now] == "model.4"


@pytest.fixture
def missing(controller, engine, packet):
    """A place is asked about, and the frame tells of it: a car of 0.3 that is kept, and a person that is not."""
    controller.look_at((190, 40, 270, 100))
    engine.packet = tell_of_place(packet(), controller.state.inquiry.region)
    controller.pump()
    return controller


def tell_of_place(packet, region):
    kept_one = packet.candidates.take([2])
    other = replace(kept_one, labels=np.array([1], np.int32), scores=np.array([0.1], np.float32))
    boxes = Boxes(
        np.concatenate([kept_one.xyxy, other.xyxy]),
        np.concatenate([kept_one.scores, other.scores]),
        np.concatenate([kept_one.labels, other.labels]),
        np.concatenate([kept_one.strides, other.strides]),
    )
    rows, rivals = np.array([2, -1], np.int32), np.array([0, 0], np.int32)
    found = RegionScores(region, "head", boxes, rows, np.zeros((2, 2), np.int32), rivals, np.array([0.3] * 2, "f4"))
    return replace(packet, findings=Findings(region=found))


def test_the_candidate_of_a_place_is_asked_about_until_the_place_is_let_go(missing, engine):
    missing.explain_missed(True)
    region = missing.state.inquiry.region
    assert questions(engine)[-1] == CamQuestion(CamTarget(region=region))
    missing.pick(0, 16)
    assert questions(engine)[-1] == CamQuestion(CamTarget(0, region=region, stride=16))
    missing.look_at((0, 0, 50, 50))
    assert questions(engine)[-1] == CamQuestion(CamTarget(region=Region((0, 0, 50, 50))))
    missing.look_away()
    assert questions(engine)[-1] is None
    assert not missing.state.why.on
    assert missing.state.inquiry == NOTHING


def test_what_cannot_be_explained_is_not_asked_but_the_page_that_says_why_is_shown(missing, engine):
    missing.pick(1, 16)
    missing.show_side(Side.OBJECTS)
    missing.explain_missed(True)
    assert all(question is None for question in questions(engine))
    assert missing.state.side is Side.WHY
    assert "not among those that are kept" in missing.state.miss.unexplained


def test_whatever_is_chosen_last_is_what_is_explained(missing, engine):
    missing.explain_missed(True)
    missing.choose(car(missing))
    assert questions(engine)[-1] == CamQuestion(CamTarget(1, CAR))
    missing.explain_missed(True)
    assert questions(engine)[-1].target.region is not None
    missing.choose(None)
    assert questions(engine)[-1].target.region is not None
    missing.explain_all(True)
    assert questions(engine)[-1].merged is not None
    missing.explain_missed(True)
    assert questions(engine)[-1].merged is None
    missing.explain_missed(False)
    assert questions(engine)[-1] is None


def test_a_snapshot_writes_down_how_the_candidate_of_a_place_is_explained_again(missing):
    missing.explain_missed(True)
    config = missing.config
    assert (config.explain, config.look_at) == ("missed", "190.00,40.00,270.00,100.00")


def test_where_nothing_lies_at_the_place_that_is_said(missing, packet, stages):
    missing.explain_missed(True)
    question = missing.state.inquiry.cam
    lost = why_words(missing.state, answered(packet, question, stages, lost=Lost.NONE))
    assert "at the place that is asked about" in lost.note


@pytest.fixture
def asking(controller):
    controller.choose(car(controller))
    controller.explain(True)
    return controller.state


def test_the_answer_is_told_in_words_and_numbers(asking, packet, stages):
    words = why_words(asking, answered(packet, asking.inquiry.cam, stages))
    assert (words.title, words.rgb) == ("car 0.90", class_rgb(0, ("car",)))
    assert words.lines[0] == "P3 · stride 8 px · row 4, column 5"
    assert words.lines[1].replace("\N{NO-BREAK SPACE}", " ") == (
        "Map at P3 · model.16, reaches 5 rows × 1 column, 8×40 px"  # noqa: RUF001 - the sign of a product
    )
    assert "no further than the head itself looks, here 5\N{NO-BREAK SPACE}rows" in words.note
    assert [(bar.name, bar.value, bar.share) for bar in words.classes] == [
        ("car", "0.900", 0.9),
        ("person", "0.200", 0.2),
    ]
    assert [(bar.name, bar.value, bar.share) for bar in words.channels] == [
        ("channel 7", "0.500", 1.0),
        ("channel 3", "0.250", 0.5),
    ]
    assert words.channels_head == "50 % of evidence"


def test_a_head_that_does_not_tell_its_level_is_told_of_in_whole_sentences(asking, packet, stages):
    told = answered(packet, asking.inquiry.cam, stages)
    silent = replace(told.findings.cam.objects[0], stride=0, cell=None, classes=())
    words = why_words(asking, replace(told, findings=Findings(cam=replace(told.findings.cam, objects=(silent,)))))
    assert words.lines[0] == "This head does not tell which level made it."
    assert words.lines[1].startswith("Map at P3")


def test_what_is_refused_of_every_frame_stays_known_at_that_stage_until_there_is_another_network(
    controller, engine, packet
):
    controller.choose(car(controller))
    controller.explain(True)
    findings = Findings(("no gradient leads to P3: numpy",), refused=("cam",), no_gradient_at="")
    engine.packet = replace(packet(), findings=findings)
    controller.pump()
    controller.explain(False)
    assert why_words(controller.state, None).note == "no gradient leads to P3: numpy"
    controller.choose(None)
    assert why_words(controller.state, None).note == "no gradient leads to P3: numpy"
    controller.explain_at("model.16")
    assert why_words(controller.state, None).note == "", "nothing is known of that stage"
    controller.explain_at("")
    controller.restart_engine()
    assert why_words(controller.state, None).note == "", "the file may have been mended"


def test_what_is_refused_of_one_frame_is_forgotten_with_it(controller, engine, packet):
    controller.choose(car(controller))
    controller.explain(True)
    engine.packet = replace(packet(), findings=Findings(("no gradient leads to P3: 1",), refused=("cam",)))
    controller.pump()
    controller.explain(False)
    assert "Which activations" in why_words(controller.state, None).note


def reported(state, busy_s, work=None):
    return replace(state, report=Report(0.2, None, None, busy_s, explaining=work))


def test_work_that_takes_long_is_said_with_how_far_it_is(asking, packet, stages):
    assert why_words(reported(asking, 0.9, CamWork(1, 12)), None).note == "", "nobody wonders yet"
    words = why_words(reported(asking, 3.2, CamWork(5, 12)), None)
    assert words.title == "Explaining …"
    assert "5 of 12 objects explained, 3 s so far" in words.note
    assert "takes the question back" in words.note
    assert "Working on a frame: 2 s so far" in why_words(reported(asking, 2.0), None).note

    shown = answered(packet, asking.inquiry.cam, stages)
    words = why_words(reported(asking, 3.2, CamWork(5, 12)), shown)
    assert words.title == "car 0.90", "what is known of the frame that is shown stays"
    assert "5 of 12 objects" in words.lines[-1]


def test_nothing_is_said_of_work_for_which_nobody_asked(controller):
    state = reported(controller.state, 5.0)
    assert "Working" not in f"{why_words(state, None)}"


def test_an_older_answer_is_not_taken_for_the_one_that_is_awaited(asking, packet, stages):
    late = answered(packet, CamQuestion(CamTarget(0)), stages)
    assert why_words(asking, late).title == "Explaining …"
    assert resolve(asking, late).tiles[1].overlay is None


@pytest.mark.parametrize(
    ("lost", "said"),
    [(Lost.NOWHERE, "No candidate for car"), (Lost.FAR, "too far"), (Lost.NONE, "No candidate scores")],
)
def test_a_lost_object_is_said_to_be_so(asking, packet, stages, lost, said):
    shown = answered(packet, asking.inquiry.cam, stages, lost=lost)
    words = why_words(asking, shown)
    assert words.title == "car: lost"
    assert said in words.note
    tile = resolve(asking, shown).tiles[1]
    assert (tile.title, tile.warning, tile.overlay) == ("Why car", "lost", None)


def test_a_refusal_is_told_where_the_answer_would_be(asking, packet, stages):
    shown = answered(packet, asking.inquiry.cam, stages, refusals=("no gradient leads to P3: why",))
    assert why_words(asking, shown).note == "no gradient leads to P3: why"
    assert resolve(asking, shown).tiles[1].hint == "no gradient leads to P3: why"


def test_what_another_question_was_refused_for_is_not_said_of_the_explanation(asking, packet, stages):
    shown = replace(
        answered(packet, asking.inquiry.cam, stages),
        findings=Findings(("P3 has rows 0 to 7; pick another cell",), refused=("cell",)),
    )
    words = why_words(asking, shown)
    assert (words.title, words.note) == ("Explaining …", "")
    tile = resolve(asking, shown).tiles[1]
    assert tile.warning == ""
    assert "pick another cell" not in tile.hint


def test_the_map_is_a_tile_beside_the_detections(asking, packet, stages):
    shown = answered(packet, asking.inquiry.cam, stages)
    plan = resolve(asking, shown)
    assert tile_keys(asking) == ("detections", CAM_TILE, "model.16")
    tile = plan.tiles[1]
    assert (tile.key, tile.title) == (CAM_TILE, "Why car 0.90 · P3")
    assert tile.limits_text == ("0", "0.0400")
    assert tile.overlay.rect == plan.tiles[2].overlay.rect
    table = tile.overlay.lut
    assert 0.3 * 255 < table[1, 3] < 0.5 * 255  # where nothing speaks for it the frame is dimmed
    assert table[255, 3] > 0.7 * 255
    assert (np.diff(table[1:, 3].astype(int)) >= 0).all()
    assert tile.answers
    alone = resolve(replace(asking, view=MapView.MAP), shown).tiles[1]
    assert (alone.overlay.lut[1:, 3] == 255).all()
    assert resolve(replace(asking, overlays=False), shown).tiles[1].overlay is None


def test_without_evidence_that_is_said(asking, packet, stages):
    shown = answered(packet, asking.inquiry.cam, stages, limits=(0.0, 0.0))
    assert resolve(asking, shown).tiles[1].warning == "no evidence"
    assert "zero or negative" in why_words(asking, shown).note


def test_a_kept_packet_owns_its_map(asking, packet, stages):
    shown = answered(packet, asking.inquiry.cam, stages)
    copy = kept(shown)
    assert copy.findings.cam.map.codes is not shown.findings.cam.map.codes
    assert not copy.findings.cam.map.codes.flags.writeable


def test_an_export_explains_what_is_explained(controller):
    controller.choose(car(controller))
    assert present_config(controller.config, controller.state).explain is None
    controller.explain(True)
    controller.explain_at("model.16")
    config = controller.config
    assert (config.explain, config.explain_at) == ("followed", "model.16")
    # The very object, where it is in the frame that is shown: not the best of its class.
    assert config.follow == f"1@{controller.packet.frame.index}:{','.join(f'{edge:.2f}' for edge in CAR)}"
    assert config.inquiry(controller.state.detector) == Inquiry(cam=CamQuestion(CamTarget(1, CAR), "model.16"))
    controller.explain_all(True)
    assert controller.config.explain == "all"
