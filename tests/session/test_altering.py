"""What is altered is a part of what is asked, and a frame knows what it did to the detections."""

from dataclasses import replace

import numpy as np
import pytest

from viewer.config import Config
from viewer.core import Boxes
from viewer.core.alteration import UNALTERED, ChannelEdit, Unaltered
from viewer.core.inquiry import NOTHING, Findings
from viewer.core.messages import Failed, FailedPart, Pause, SetInquiry, Sweep, Swept
from viewer.core.perturbation import Kind, Perturbation
from viewer.core.sweep import SweepMap
from viewer.render.views import MapView
from viewer.session.controller import Controller
from viewer.session.keep import kept
from viewer.session.next_config import config_for
from viewer.session.present import present_config, set_by
from viewer.session.resolve import resolve, tile_keys
from viewer.session.state import ViewState
from viewer.session.sweeping import sweep_words
from viewer.session.wanted import Wanted


@pytest.fixture
def altered(packet):
    """A packet whose second object was another before."""

    def make(index: int = 7):
        before = Boxes(
            np.array([[12, 12, 60, 60], [300, 90, 390, 200], [200, 50, 260, 90]], np.float32),
            np.array([0.92, 0.6, 0.26], np.float32),
            np.array([1, 0, 0], np.int32),
            np.full(3, 8, np.int32),
        )
        return replace(packet(index), findings=Findings(alteration=Unaltered(before)))

    return make


def asked(engine):
    return [intent.inquiry.alteration for intent in engine.sent if isinstance(intent, SetInquiry)]


def test_wishes_about_channels_are_sent_and_undone_one_by_one_or_all(controller, engine):
    controller.mute("model.16", 3)
    controller.scale_channel("model.16", 5, 2.0)
    controller.solo("model.16", 3)
    assert asked(engine)[-1].edits == (ChannelEdit("model.16", 5, 2.0), ChannelEdit("model.16", 3, 1.0, solo=True))
    controller.restore_channel("model.16", 5)
    assert asked(engine)[-1].edits == (ChannelEdit("model.16", 3, 1.0, solo=True),)
    controller.perturb(Kind.BLUR, 99.0)
    assert asked(engine)[-1].perturbations == (Perturbation(Kind.BLUR, 12.0),)  # no further than the slider goes
    controller.undo_alterations()
    assert asked(engine)[-1] == UNALTERED
    assert controller.state.inquiry == NOTHING


def test_what_is_no_channel_is_not_asked_for(controller, engine):
    controller.mute("model.16", 64)
    controller.mute("model.99", 0)
    assert asked(engine) == []


def test_the_channel_in_hand_is_muted_and_let_go(controller, engine):
    controller.pick_channel("model.16", 999)
    assert controller.state.pick.channel == 63
    controller.toggle_mute()
    assert asked(engine)[-1].edits == (ChannelEdit("model.16", 63),)
    controller.toggle_mute()
    assert not asked(engine)[-1]
    controller.toggle_solo()
    assert asked(engine)[-1].edits == (ChannelEdit("model.16", 63, 1.0, solo=True),)


def test_what_the_engine_refuses_is_not_shown_as_done(controller, engine):
    controller.mute("model.16", 3)
    engine.packet = None
    engine.events = [Failed(FailedPart.INQUIRY, "P3 can be looked at and not changed")]
    controller.pump()
    assert not controller.state.inquiry.alteration
    assert "not changed" in controller.state.notice.text


def test_boxes_that_vanished_and_appeared_are_marked_and_counted(controller, altered):
    plan = resolve(controller.state, altered())
    assert (plan.before, len(plan.boxes)) == (3, 2)
    assert [(box.text, box.fate) for box in plan.gone] == [("person 0.60", "gone")]
    assert [box.fate for box in plan.boxes] == ["", ""]
    assert "before 3 \N{RIGHTWARDS ARROW} after 2" in plan.tiles[0].subtitle


def test_thresholds_move_both_without_the_network(controller, altered, engine):
    engine.packet = altered()
    controller.pump()
    controller.set_conf(0.5)
    assert (controller.plan.before, len(controller.plan.boxes)) == (2, 1)
    controller.set_conf(0.05)
    plan = controller.plan
    assert (plan.before, len(plan.boxes)) == (3, 3)
    # The worst is drawn first: an object of a class nobody knew of before.
    assert [box.fate for box in plan.boxes] == ["new", "", ""]
    assert plan.boxes[0].caption == "class 7 0.10 new"


def test_nothing_altered_is_a_plain_plan(controller):
    plan = controller.plan
    assert plan.before is None
    assert plan.gone == ()
    assert "object" in plan.tiles[0].subtitle


def test_what_was_found_before_outlives_the_shared_memory(altered):
    packet = altered()
    copy = kept(packet)
    before, again = packet.findings.alteration.candidates, copy.findings.alteration.candidates
    np.testing.assert_array_equal(again.xyxy, before.xyxy)
    assert not np.shares_memory(again.xyxy, before.xyxy)
    assert not again.xyxy.flags.writeable


def test_alterations_are_options_and_back(controller):
    controller.mute("model.16", 3)
    controller.scale_channel("model.16", 5, 2.0)
    controller.solo("model.6", 1)
    controller.scale_channel("model.6", 1, 0.5)
    controller.perturb(Kind.BRIGHTNESS, 0.4)
    controller.occlude((1.0, 2.0, 30.0, 40.0))
    config = present_config(Config(), controller.state)
    assert config.mute == ("model.16:3",)
    assert config.perturb == ("brightness:0.4", "occlude:1,2,30,40")
    again = set_by(config, ViewState()).inquiry.alteration
    assert set(again.edits) == set(controller.state.inquiry.alteration.edits)
    assert again.perturbations == controller.state.inquiry.alteration.perturbations


def test_a_drag_means_one_thing(controller):
    controller.look_out(True)
    controller.hold_occluder(True)
    assert (controller.state.occluding, controller.state.lookout) == (True, False)
    controller.look_out(True)
    assert (controller.state.occluding, controller.state.lookout) == (False, True)


def test_keys_lay_move_and_resize_what_covers_the_picture_within_it(controller):
    cover = lambda: controller.state.inquiry.alteration.occluder  # noqa: E731 - short here
    controller.nudge_occluder(1, 0)
    assert cover() == (240, 135, 400, 225)  # of 640 by 360
    controller.nudge_occluder(10, -1)
    assert cover() == (250, 134, 410, 224)
    controller.nudge_occluder(-10, 1, resize=True)
    assert cover() == (250, 134, 400, 225)
    controller.nudge_occluder(1000, 1000)
    assert cover() == (490, 269, 640, 360)
    controller.nudge_occluder(1, 1, resize=True)
    assert cover() == (490, 269, 640, 360)
    controller.nudge_occluder(-1000, -1000, resize=True)
    assert cover() == (490, 269, 492, 271)
    controller.occlude((-20.0, 0.0, 60.0, 400.0))
    controller.nudge_occluder(-1, -1)
    assert cover() == (-20, 0, 60, 400)
    controller.nudge_occluder(1, 1)
    assert cover() == (-19, 0, 61, 400)


def test_another_source_begins_unaltered(controller):
    controller.mute("model.16", 3)
    config = config_for(Wanted(source="other.mp4"), Config(), controller.state)
    assert not config.alteration


def test_an_engine_is_told_at_once_what_options_alter(engine, clock):
    controller = Controller(engine, Config(mute=("P3:1",)), clock=clock)
    controller.start(lambda: None)
    assert asked(engine)[-1].edits == (ChannelEdit("P3", 1),)
    controller.close()


# Which places are needed ---------------------------------------------------------------------------------------------


def known(wish, done, index=7):
    codes = np.ones((12, 20), np.uint8)
    codes[3, 4] = 255
    return SweepMap(wish, index, done, codes, (0.1, 0.6))


@pytest.fixture
def sweeping(controller, engine):
    controller.sweep()
    return engine.sent[-1].wish


def test_a_sweep_pauses_and_is_for_the_best_box(controller, engine, sweeping):
    assert any(isinstance(intent, Pause) for intent in engine.sent)
    assert sweeping.label == 1
    assert sweeping.xyxy == (10, 10, 60, 60)
    assert controller.state.sweep.text == "car 0.90"
    assert controller.state.sweep.is_running
    assert tile_keys(controller.state) == ("detections", "model.16")


def test_a_followed_object_that_is_lost_is_not_taken_for_another(controller, engine, packet):
    controller.choose(controller.plan.boxes[-1])
    engine.packet = replace(packet(8), detections=Boxes.empty(), candidates=Boxes.empty())
    controller.pump()
    before = len(engine.sent)
    controller.sweep()
    assert not [intent for intent in engine.sent[before:] if isinstance(intent, Sweep)]
    assert "is not found in this frame" in controller.state.notice.text


def test_what_is_known_is_a_tile_until_the_frame_changes(controller, engine, sweeping, packet):
    engine.events = [Swept(sweeping, known(sweeping, 40))]
    controller.pump()
    tile = controller.plan.tiles[1]
    assert tile.title == "Needed for car 0.90"
    assert "40 of 400 masks" in tile.subtitle
    assert tile.overlay.codes[3, 4] == 255
    assert tile.limits_text == ("0.100", "0.600")
    assert tile.view is MapView.OVERLAY
    assert tile_keys(controller.state) == ("detections", "sweep", "model.16")
    engine.events = [Swept(sweeping, known(sweeping, 400))]
    engine.packet = packet(7)  # the same frame, run again for another question
    controller.pump()
    assert not controller.state.sweep.is_running
    assert controller.plan.tiles[1].key == "sweep"
    engine.packet = packet(8)
    controller.pump()
    assert controller.state.sweep is None
    assert [tile.key for tile in controller.plan.tiles] == ["detections", "model.16"]


def test_a_sweep_tells_how_long_it_still_takes(controller, engine, clock, sweeping):
    def hear(done):
        engine.events = [Swept(sweeping, known(sweeping, done))]
        controller.pump()
        return sweep_words(controller.state.sweep)

    assert sweep_words(controller.state.sweep) == "car 0.90, frame 7: 0 of 400 covered pictures"
    assert hear(20) == "car 0.90, frame 7: 20 of 400 covered pictures"
    clock.now += 1.0
    assert hear(40) == "car 0.90, frame 7: 40 of 400 covered pictures, 18 s left"
    clock.now += 99.0
    assert hear(50) == "car 0.90, frame 7: 50 of 400 covered pictures, 19 min 27 s left"
    assert hear(400) == "car 0.90, frame 7: all 400 covered pictures"


def test_a_sweep_is_ended_by_hand_and_by_the_engine(controller, engine):
    controller.sweep()
    controller.end_sweep()
    assert engine.sent[-1] == Sweep(None)
    assert controller.state.sweep is None
    controller.sweep()
    again = controller.state.sweep.wish
    engine.events = [Swept(again, None)]
    controller.pump()
    assert controller.state.sweep is None
    engine.events = [Swept(again, known(again, 50))]  # told before the engine heard of it
    controller.pump()
    assert controller.state.sweep is None


def test_what_is_altered_afterwards_makes_a_sweep_void(controller, engine, sweeping):
    engine.events = [Swept(sweeping, known(sweeping, 400))]
    controller.pump()
    controller.mute("model.16", 3)
    assert controller.state.sweep is None


def test_a_sweep_waits_for_the_frame_as_it_is_where_that_was_just_undone(controller, engine, packet, altered):
    controller.perturb(Kind.RAIN, 0.5)
    rainy = altered(7)
    engine.packet = replace(rainy, candidates=rainy.candidates.take([1]))  # the best box is another in the rain
    controller.pump()
    controller.undo_alterations()
    controller.sweep()
    assert not any(isinstance(intent, Sweep) for intent in engine.sent)
    engine.packet = packet(7)
    controller.pump()
    assert engine.sent[-1].wish.xyxy == (10, 10, 60, 60)
    assert controller.state.sweep.text == "car 0.90"


def test_a_sweep_that_waits_is_given_up_with_what_it_waits_for(controller, engine, packet):
    controller.perturb(Kind.RAIN, 0.5)
    controller.sweep()
    controller.undo_alterations()
    engine.packet = packet(7)
    controller.pump()
    assert not any(isinstance(intent, Sweep) for intent in engine.sent)
    assert controller.state.sweep is None


def test_nothing_found_is_not_swept(controller, engine):
    controller.set_conf(1.0)
    controller.sweep()
    assert controller.state.sweep is None
    assert not any(isinstance(intent, Sweep) for intent in engine.sent)


def test_nothing_is_covered_in_place_of_a_followed_object_that_is_lost(controller, engine, packet):
    controller.choose(controller.plan.boxes[-1])
    lost = packet(8)
    engine.packet = replace(lost, candidates=lost.candidates.take([2]), detections=Boxes.empty())
    controller.pump()
    controller.occlude_object()
    assert not controller.state.inquiry.alteration
    assert "is not found in this frame" in controller.state.notice.text
