"""Every wish changes the state at once and tells the engine what it must know, and nothing else."""

import dataclasses

import numpy as np
import pytest

from viewer.config import Config
from viewer.core import Counters, Limits, LimitsMode, MaskOutlines, Shapes, SourceStatus, TapSettings, Timings
from viewer.core.errors import ConfigError
from viewer.core.messages import (
    DetectorReady,
    Failed,
    FailedPart,
    Loading,
    Pause,
    Play,
    Report,
    Seek,
    SeekTime,
    SetLoop,
    SetSpeed,
    SetTaps,
    SetThresholds,
    SourceOpened,
    Step,
    TapsChanged,
    Transport,
)
from viewer.session import Controller, EnginePhase, Level, Notice, Remedy, Viewport
from viewer.session.costs import Costs
from viewer.session.keep import kept


def test_it_begins_with_the_configuration(engine):
    config = Config(conf=0.4, alpha=0.3, colormap="viridis", speed=2.0, loop=False, tap=("P3",), limits="0:2")

    state = Controller(engine, config).state

    assert (state.thresholds.conf, state.alpha, state.colormap) == (0.4, 0.3, "viridis")
    assert (state.transport.speed, state.transport.loop) == (2.0, False)
    assert state.taps == TapSettings(("P3",), "absmean", Limits(LimitsMode.FIXED, 0, 2))
    assert state.phase is EnginePhase.STARTING


def test_an_unknown_colour_map_is_refused(engine, controller):
    with pytest.raises(ConfigError, match="did you mean 'inferno'"):
        Controller(engine, Config(colormap="infernal"))
    with pytest.raises(ConfigError):
        controller.set_colormap("infernal")
    assert controller.state.colormap == "inferno"


def test_wake_goes_to_the_engine(engine):
    controller = Controller(engine, Config())

    controller.start(wake := lambda: None)

    assert engine.wake is wake


def test_pump_tells_whether_anything_changed(engine, controller, packet):
    assert controller.pump() is False
    engine.packet = packet(8)
    assert controller.pump() is True
    assert controller.pump() is False
    controller.set_alpha(0.2)
    assert controller.pump() is True
    controller.set_alpha(0.2)
    assert controller.pump() is False


def test_first_frames_show_before_the_model_is_loaded(engine, packet, clip):
    controller = Controller(engine, Config())
    controller.start(lambda: None)
    engine.events = [SourceOpened(clip), Loading("Loading yolo11n", 0.5)]
    engine.packet = dataclasses.replace(packet(0), letterbox=None, taps=(), detections=packet().detections.take([]))
    controller.pump()

    assert controller.state.phase is EnginePhase.LOADING
    assert controller.state.loading == Loading("Loading yolo11n", 0.5)
    assert controller.plan.frame is controller.packet.frame
    assert [tile.key for tile in controller.plan.tiles] == ["detections"]
    assert controller.plan.boxes == ()


@pytest.mark.parametrize("playing", [True, False])
def test_toggling_play(engine, controller, playing):
    engine.events = [Transport(playing=playing, index=7)]
    controller.pump()

    controller.toggle_play()
    controller.toggle_play()

    assert engine.sent == ([Pause(), Play()] if playing else [Play(), Pause()])
    assert controller.state.transport.playing is playing


def test_stepping_pauses(engine, controller):
    controller.step(-10)

    assert engine.sent == [Step(-10)]
    assert not controller.state.transport.playing


@pytest.mark.parametrize(("asked", "sent"), [(-5, 0), (0, 0), (123, 123), (499, 499), (10**6, 499)])
def test_seeks_stay_inside_the_source(engine, controller, asked, sent):
    controller.seek(asked)

    assert engine.sent == [Seek(sent)]


@pytest.mark.parametrize(("fraction", "index"), [(0.0, 0), (0.5, 250), (1.0, 499), (7.0, 499)])
def test_seeking_to_a_part(engine, controller, fraction, index):
    controller.seek_fraction(fraction)

    assert engine.sent == [Seek(index)]


@pytest.mark.parametrize(("seconds", "sent"), [(0.0, 0.0), (0.12, 0.12), (99.0, 99.0), (-1.0, 0.0)])
def test_seeking_to_a_time(engine, controller, seconds, sent):
    controller.seek_time(seconds)

    assert engine.sent == [SeekTime(sent)]


def test_a_live_source_neither_seeks_nor_steps(engine, controller, camera):
    engine.events = [SourceOpened(camera)]
    controller.pump()

    controller.seek(3)
    controller.seek_fraction(0.5)
    controller.seek_time(1.0)
    controller.step(1)

    assert engine.sent == []
    assert controller.state.transport.playing


def test_nothing_is_sought_before_a_source_is_open(engine):
    controller = Controller(engine, Config())

    controller.seek(3)
    controller.seek_fraction(0.5)
    controller.seek_time(1.0)
    controller.step(1)

    assert engine.sent == []


@pytest.mark.parametrize(
    ("now", "direction", "then"),
    [(1.0, 1, 2.0), (1.0, -1, 0.5), (8.0, 1, 8.0), (0.1, -1, 0.1), (3.0, 1, 4.0), (3.0, -1, 2.0), (0.5, -1, 0.25)],
)
def test_nudging_the_speed(engine, controller, now, direction, then):
    engine.events = [Transport(playing=True, index=7, speed=now)]
    controller.pump()

    controller.nudge_speed(direction)

    assert engine.sent == [SetSpeed(then)]
    assert controller.state.transport.speed == then


def test_speed_and_loop(engine, controller):
    controller.set_speed(100)
    controller.set_loop(False)

    assert engine.sent == [SetSpeed(8.0), SetLoop(False)]
    assert not controller.state.transport.loop


def test_the_engines_word_on_transport_is_the_last(engine, controller):
    controller.pause()
    engine.events = [Transport(playing=True, index=9, at_end=False)]
    controller.pump()

    assert controller.state.transport == Transport(playing=True, index=9)


def test_taps_are_sent_in_order_of_execution(engine, controller):
    controller.toggle_tap("model.4", on=True)

    assert engine.sent == [SetTaps(TapSettings(("model.4", "model.16")))]
    assert controller.state.tapped == ("model.4", "model.16")


def test_toggling_a_tap_that_changes_nothing_sends_nothing(engine, controller):
    controller.toggle_tap("model.16", on=True)
    controller.toggle_tap("model.4", on=False)
    controller.toggle_tap("no.such.node", on=True)

    assert engine.sent == []


def test_an_answer_to_an_older_wish_does_not_flip_the_box_back(engine, controller, stages):
    controller.toggle_tap("model.4", on=True)
    older = TapsChanged((stages[0], stages[2]), controller.state.taps)
    controller.toggle_tap("model.6", on=True)
    engine.events = [older]
    controller.pump()
    assert controller.state.tapped == ("model.4", "model.6", "model.16")

    engine.events = [TapsChanged(stages, controller.state.taps)]
    controller.pump()
    assert controller.state.tapped == ("model.4", "model.6", "model.16")


def test_refused_taps_fall_back_to_those_that_stand(engine, controller):
    controller.set_reducer("channel:9000")
    assert engine.sent == [SetTaps(TapSettings(("model.16",), "channel:9000"))]
    engine.events = [Failed(FailedPart.TAPS, "model.16 has 64 channels, no channel 9000")]
    controller.pump()

    assert controller.state.taps.reducer == "absmean"
    assert controller.state.tapped == ("model.16",)
    assert controller.state.phase is EnginePhase.READY
    assert controller.state.notice == Notice(
        Level.WARNING, "model.16 has 64 channels, no channel 9000", part=FailedPart.TAPS
    )


def test_limits(engine, controller):
    controller.set_limits(Limits(LimitsMode.FIXED, 0, 3))

    assert engine.sent == [SetTaps(TapSettings(("model.16",), "absmean", Limits(LimitsMode.FIXED, 0, 3)))]


def test_fixed_limits_begin_where_those_of_the_map_stand(engine, controller):
    controller.set_limits_mode(LimitsMode.FIXED)
    assert engine.sent[-1].settings.limits == Limits(LimitsMode.FIXED, 0.0213, 1.3)

    controller.set_limits_mode(LimitsMode.FRAME)
    assert engine.sent[-1].settings.limits == Limits(LimitsMode.FRAME)


@pytest.mark.parametrize(("limits", "low", "high"), [((0.5, 0.5), 0.5, 1.5), ((0.12341, 0.12342), 0.123, 1.123)])
def test_fixed_limits_are_a_range_also_over_an_even_map(engine, controller, packet, limits, low, high):
    shown = packet()
    engine.packet = dataclasses.replace(shown, taps=(dataclasses.replace(shown.taps[0], limits=limits),))
    controller.pump()
    controller.set_limits_mode(LimitsMode.FIXED)

    assert engine.sent[-1].settings.limits == Limits(LimitsMode.FIXED, low, high)


def test_limits_are_fixed_before_there_is_a_map(engine):
    controller = Controller(engine, Config())
    controller.set_limits_mode(LimitsMode.FIXED)

    assert controller.state.taps.limits == Limits(LimitsMode.FIXED, 0.0, 1.0)


def test_settings_made_while_the_model_loads_keep_its_default_taps(engine):
    controller = Controller(engine, Config())

    controller.set_reducer("max")

    assert engine.sent == [SetTaps(TapSettings(None, "max"))]
    assert controller.state.taps.nodes is None


def test_taps_configured_by_short_name_are_known_by_node_once_the_model_is_there(engine, stages, detector):
    controller = Controller(engine, Config(tap=("P3", "C4")))
    controller.start(lambda: None)
    controller.set_reducer("max")
    assert engine.sent == [SetTaps(TapSettings(("P3", "C4"), "max"))]
    assert controller.state.tapped == ()

    defaults = TapsChanged((stages[1], stages[2]), TapSettings(("P3", "C4")))
    engine.events = [DetectorReady(detector, stages), defaults]
    controller.pump()
    assert controller.state.taps.reducer == "max"
    engine.events = [TapsChanged((stages[2], stages[1]), controller.state.taps)]
    controller.pump()
    assert controller.state.tapped == ("model.6", "model.16")
    controller.toggle_tap("model.6", on=False)
    assert engine.sent[-1] == SetTaps(TapSettings(("model.16",), "max"))


def test_a_toggled_off_tap_disappears_before_the_engine_answers(controller):
    assert [tile.key for tile in controller.plan.tiles] == ["detections", "model.16"]

    controller.toggle_tap("model.16", on=False)

    assert [tile.key for tile in controller.plan.tiles] == ["detections"]


def test_thresholds_move_over_the_shown_frame_without_the_engine(engine, controller):
    assert [box.text for box in controller.plan.boxes] == ["person 0.30", "car 0.90"]
    engine.is_alive = False
    controller.pump()

    controller.set_conf(0.5)
    assert [box.text for box in controller.plan.boxes] == ["car 0.90"]
    controller.set_iou(1.0)
    assert [box.text for box in controller.plan.boxes] == ["car 0.80", "car 0.90"]
    controller.set_max_det(1)
    assert [box.text for box in controller.plan.boxes] == ["car 0.90"]
    assert [type(intent) for intent in engine.sent] == [SetThresholds] * 3


def test_thresholds_are_bounded_and_sent_once(engine, controller):
    controller.set_conf(2.0)
    controller.set_conf(1.0)
    controller.set_iou(-1.0)
    controller.set_max_det(0)

    thresholds = controller.state.thresholds
    assert (thresholds.conf, thresholds.iou, thresholds.max_det) == (1.0, 0.0, 1)
    assert len(engine.sent) == 3


def test_looks_are_no_business_of_the_engine(engine, controller):
    controller.set_alpha(0.9)
    controller.set_colormap("viridis")
    controller.set_overlays(False)
    controller.set_boxes(False)
    controller.set_viewport(Viewport(0.1, (9, 9)))
    controller.maximise("model.16")

    state = controller.state
    assert (state.alpha, state.colormap, state.overlays, state.boxes) == (0.9, "viridis", False, False)
    assert state.viewport == Viewport(1.0, (0.5, 0.5))
    assert state.maximised == "model.16"
    assert engine.sent == []
    controller.set_viewport(Viewport(4.0, (0.3, 0.3)))
    controller.reset_viewport()
    assert controller.state.viewport == Viewport()


def test_tab_goes_round_all_tiles(controller):
    seen = []
    for _ in range(4):
        controller.next_tile()
        seen.append(controller.state.maximised)

    assert seen == ["detections", "model.16", None, "detections"]


def test_an_unknown_tile_is_not_maximised(controller):
    controller.maximise("model.999")

    assert controller.state.maximised is None


def test_the_plan_is_the_same_object_until_something_in_it_changes(engine, controller, packet):
    plan = controller.plan
    controller.set_viewport(Viewport(2.0))
    engine.events = [Transport(playing=False, index=7)]
    controller.pump()
    assert controller.plan is plan

    controller.set_alpha(0.1)
    changed = controller.plan
    assert changed is not plan
    engine.packet = packet(8)
    controller.pump()
    assert controller.plan is not changed


def test_paints_are_counted_once_a_frame(engine, controller, clock, packet):
    for number in range(40):
        engine.packet = packet(number, arrived_s=clock.now - 0.06)
        controller.pump()
        controller.painted()
        controller.painted()
        clock.now += 0.04
        controller.painted()

    assert controller.state.display_fps == pytest.approx(25.0)
    assert controller.state.latency_ms == pytest.approx(60.0)


def test_a_pause_does_not_count_as_a_slow_frame(engine, controller, clock, packet):
    for number in range(40):
        engine.packet = packet(number, arrived_s=clock.now)
        controller.pump()
        controller.painted()
        clock.now += 20.0 if number == 20 else 0.04

    assert controller.state.display_fps == pytest.approx(25.0)


def test_display_rate_is_zero_when_playing_stops(engine, controller, clock, packet):
    for number in range(40):
        engine.packet = packet(number, arrived_s=clock.now)
        controller.pump()
        controller.painted()
        clock.now += 0.04
    engine.events = [Transport(playing=False, index=39)]
    controller.pump()

    assert controller.state.display_fps == 0.0


def play(engine, controller, clock, packet) -> None:
    for number in range(40):
        engine.packet = packet(number, arrived_s=clock.now)
        controller.pump()
        controller.painted()
        clock.now += 0.04


def test_display_rate_is_zero_when_the_user_stops_and_steps(engine, controller, clock, packet):
    play(engine, controller, clock, packet)
    assert controller.state.display_fps > 0
    controller.pause()
    assert controller.state.display_fps == 0.0
    for number in range(40, 50):  # the answer comes later, and steps are no rate
        engine.packet = packet(number, arrived_s=clock.now)
        engine.events = [Transport(playing=False, index=number)]
        controller.pump()
        controller.painted()
        clock.now += 0.3
        assert controller.state.display_fps == 0.0
    assert controller.state.latency_ms == 0.0


def test_display_rate_is_zero_when_frames_fail_to_come(engine, controller, clock, packet):
    play(engine, controller, clock, packet)
    report = Report(0.0, Counters(), SourceStatus())
    engine.events = [report]
    controller.pump()
    assert controller.state.display_fps > 0
    clock.now += 1.5
    engine.events = [report]
    controller.pump()
    assert controller.state.display_fps == 0.0


def test_costs_are_medians_of_the_last_frames_and_change_a_few_times_a_second(engine, controller, clock, packet):
    shown = packet()
    seen = set()
    for number in range(100):
        forward_ms = 500.0 if number % 10 == 0 else 30.0 if number < 50 else 20.0
        taps = (dataclasses.replace(shown.taps[0], cost_ms=0.25),)
        timings = Timings(forward=forward_ms, reduce=0.5)
        engine.packet = dataclasses.replace(shown, taps=taps, timings=timings)
        controller.pump()
        clock.now += 0.025
        seen.add(id(controller.state.costs))
        if number == 49:
            assert controller.state.costs == Costs(30.0, 0.5, (("model.16", 0.25),))
    assert controller.state.costs == Costs(20.0, 0.5, (("model.16", 0.25),))
    assert len(seen) <= 12


def test_carried_maps_say_nothing_about_costs_and_other_taps_begin_anew(engine, controller, packet):
    controller.pause()
    shown = packet()
    for _ in range(3):
        engine.packet = dataclasses.replace(shown, timings=Timings(forward=30.0, reduce=2.0))
        controller.pump()
    carried = (dataclasses.replace(shown.taps[0], age=1),)
    for _ in range(5):
        engine.packet = dataclasses.replace(shown, taps=carried, timings=Timings(forward=30.0))
        controller.pump()
    assert controller.state.costs.taps_ms == 2.0
    engine.packet = dataclasses.replace(packet(nodes=("model.4",)), timings=Timings(forward=30.0, reduce=5.0))
    controller.pump()
    assert controller.state.costs == Costs(30.0, 0.0, ())
    engine.packet = dataclasses.replace(packet(nodes=("model.4",)), timings=Timings(forward=30.0, reduce=3.0))
    controller.pump()
    assert controller.state.costs == Costs(30.0, 3.0, (("model.4", 0.0),))
    assert controller.state.costs.of("model.16") is None


def test_a_lost_engine_is_told_and_started_again_with_all_settings(engine, controller):
    controller.set_speed(2.0)
    controller.set_conf(0.5)
    controller.toggle_tap("model.4", on=True)
    engine.is_alive = False
    assert controller.pump()

    assert controller.state.phase is EnginePhase.LOST
    text = "The engine ended unexpectedly; frame 7 is kept"
    assert controller.state.notice == Notice(Level.ERROR, text, Remedy.RESTART)
    assert not controller.pump()

    engine.sent.clear()
    controller.restart_engine()
    assert engine.restarts == [(7, True)]
    assert controller.state.phase is EnginePhase.STARTING
    assert controller.state.notice is None
    assert engine.sent == [
        SetSpeed(2.0),
        SetLoop(True),
        SetThresholds(controller.state.thresholds),
        SetTaps(TapSettings(("model.4", "model.16"))),
    ]


def test_a_new_engines_default_taps_do_not_replace_the_users(engine, controller, stages, detector):
    controller.toggle_tap("model.4", on=True)
    engine.is_alive = False
    controller.pump()
    controller.restart_engine()
    engine.events = [DetectorReady(detector, stages), TapsChanged((stages[2],), TapSettings())]
    controller.pump()
    assert controller.state.tapped == ("model.4", "model.16")
    assert controller.state.phase is EnginePhase.READY


def test_the_kept_frame_outlives_the_shared_memory(engine, controller):
    rgb, codes = controller.packet.frame.rgb, controller.packet.taps[0].codes
    engine.is_alive = False
    controller.pump()
    controller.restart_engine()

    arrays = [controller.packet.frame.rgb, controller.plan.frame.rgb, controller.plan.tiles[1].overlay.codes]
    for array in arrays:
        assert not np.shares_memory(array, rgb)
        assert not np.shares_memory(array, codes)
        assert not array.flags.writeable


def test_an_engine_paused_when_it_died_comes_back_paused(engine, controller):
    engine.events = [Transport(playing=False, index=42)]
    controller.pump()
    engine.is_alive = False
    controller.pump()
    controller.restart_engine()

    assert engine.restarts == [(7, False)]


def test_a_dead_engine_never_looks_as_if_it_played(engine, controller, stages, detector):
    engine.is_alive = False
    controller.pump()
    lost = controller.state

    controller.play()
    controller.toggle_play()
    engine.events = [
        Transport(playing=True, index=9),
        Loading("Loading yolo11n"),
        DetectorReady(detector, stages),
        TapsChanged(stages, TapSettings(("model.4", "model.6", "model.16"))),
    ]
    controller.pump()

    assert controller.state == lost
    assert not controller.state.transport.playing
    assert Play() not in engine.sent


def test_all_that_an_engine_said_is_taken_before_its_loss_is_told(engine, controller, packet):
    engine.is_alive = False
    engine.events = [Transport(playing=True, index=8)]
    engine.packet = packet(8)
    controller.pump()

    assert "frame 8 is kept" in controller.state.notice.text
    controller.restart_engine()
    assert engine.restarts == [(8, True)]


def test_a_restart_begins_at_the_frame_that_is_shown(engine, controller):
    engine.events = [Transport(playing=True, index=60)]
    controller.pump()
    engine.is_alive = False
    controller.pump()
    assert "frame 7 is kept" in controller.state.notice.text

    controller.restart_engine()

    assert engine.restarts == [(7, True)]


@pytest.mark.parametrize("stop", [Controller.pause, lambda controller: controller.step(1)])
def test_an_engine_lost_before_it_confirmed_a_pause_comes_back_paused(engine, controller, stop):
    stop(controller)
    engine.is_alive = False
    controller.pump()
    controller.play()
    controller.restart_engine()

    assert engine.restarts == [(7, False)]


def test_an_engine_lost_while_it_loads_comes_back_playing(engine, clip):
    controller = Controller(engine, Config())
    controller.start(lambda: None)
    engine.events = [SourceOpened(clip), Loading("Loading yolo11n"), Transport(playing=False, index=0)]
    controller.pump()
    engine.is_alive = False
    controller.pump()
    controller.restart_engine()

    assert engine.restarts == [(0, True)]


def test_what_is_kept_owns_its_masks_and_poses(packet):
    shapes = Shapes(
        np.array([0], np.int32), MaskOutlines.of([[np.ones((3, 2), np.float32)]]), np.ones((1, 17, 3), np.float32)
    )

    broken = dataclasses.replace(packet().candidates, nonfinite=3)
    held = kept(dataclasses.replace(packet(), shapes=shapes, candidates=broken))
    copy = held.shapes
    assert held.candidates.nonfinite == 3

    pairs = [(copy.rows, shapes.rows), (copy.keypoints, shapes.keypoints), (copy.masks.points, shapes.masks.points)]
    for mine, theirs in pairs:
        assert (mine == theirs).all()
        assert not np.shares_memory(mine, theirs)
    assert kept(packet()).shapes is None


def test_a_frame_is_kept_once_and_only_when_the_engine_goes(engine, controller, packet, monkeypatch):
    copies = []
    monkeypatch.setattr("viewer.session.session.kept", lambda packet: copies.append(packet) or kept(packet))
    engine.is_alive = False
    controller.pump()
    controller.seek(3)
    assert copies == []
    controller.restart_engine()
    controller.restart_engine()
    assert len(copies) == 1

    engine.packet = packet(8)
    controller.pump()
    controller.restart_engine()
    controller.close()
    controller.close()
    assert [copied.frame.index for copied in copies] == [7, 8]


def test_nothing_is_kept_where_nothing_is_shown(engine, monkeypatch):
    monkeypatch.setattr("viewer.session.session.kept", lambda _: pytest.fail("copied"))
    controller = Controller(engine, Config())
    controller.start(lambda: None)
    controller.restart_engine()
    controller.close()


def test_an_engine_lost_before_the_first_frame(engine):
    controller = Controller(engine, Config())
    controller.start(lambda: None)
    engine.is_alive = False
    controller.pump()
    controller.restart_engine()

    assert engine.restarts == [(0, True)]


def test_a_bug_in_the_engine_is_logged_with_its_traceback(engine, controller, caplog):
    engine.events = [Failed(FailedPart.ENGINE, "KeyError: 3", "Traceback: …")]
    controller.pump()

    assert "Traceback" in caplog.text
    assert controller.state.notice == Notice(
        Level.ERROR, "KeyError: 3", Remedy.RESTART, FailedPart.ENGINE, "Traceback: …"
    )


def test_closing_twice_closes_once_and_nothing_is_taken_after(engine, controller):
    controller.close()
    controller.close()
    engine.is_alive = False
    controller.pump()

    assert engine.closed == 1
    assert controller.state.phase is EnginePhase.READY


def test_dismissing_a_notice(engine, controller):
    engine.events = [Failed(FailedPart.TAPS, "no")]
    controller.pump()
    controller.dismiss_notice()

    assert controller.state.notice is None


def test_shuttling_backwards_gets_faster_and_gives_the_speed_back(engine, controller):
    controller.set_speed(0.5)
    engine.sent.clear()
    for speed in (1.0, 2.0, 4.0, 4.0):
        controller.shuttle(-1)
        assert (controller.state.transport.backwards, controller.state.transport.speed) == (True, speed)
    assert engine.sent[:2] == [SetSpeed(1.0), Play(backwards=True)]
    controller.pause()
    transport = controller.state.transport
    assert (transport.playing, transport.backwards, transport.speed) == (False, False, 0.5)
    assert engine.sent[-2:] == [Pause(), SetSpeed(0.5)]
    controller.shuttle(-1)
    controller.shuttle(1)
    transport = controller.state.transport
    assert (transport.playing, transport.backwards, transport.speed) == (True, False, 0.5)
    controller.shuttle(1)
    assert controller.state.transport.speed == 1.0


def test_a_file_that_came_back_to_its_beginning_plays_on_as_fast_as_before(engine, controller):
    controller.shuttle(-1)
    controller.shuttle(-1)
    engine.events = [dataclasses.replace(controller.state.transport, playing=False, backwards=False, index=0)]
    controller.pump()
    assert engine.sent[-1] == SetSpeed(1.0)


def test_a_camera_does_not_play_backwards(engine, controller, camera):
    engine.events = [SourceOpened(camera)]
    controller.pump()
    engine.sent.clear()
    controller.shuttle(-1)
    assert engine.sent == []
