"""Loop, scrubbing, searching and looking back, as the controller serves them."""

import dataclasses

import pytest

from viewer.core import Counters, SourceStatus
from viewer.core.looprange import LoopRange
from viewer.core.messages import (
    DetectorReady,
    Failed,
    FailedPart,
    Pause,
    Play,
    Report,
    Seek,
    SetLoop,
    SourceOpened,
    Step,
    Transport,
)
from viewer.session.looping import begun_at, ended_at
from viewer.session.search import Target


@pytest.mark.parametrize(
    ("now", "index", "then"),
    [
        (None, 30, LoopRange(30, 99)),
        (LoopRange(10, 50), 30, LoopRange(30, 50)),
        (LoopRange(10, 50), 50, LoopRange(50, 50)),
        (LoopRange(10, 50), 60, LoopRange(60, 99)),
    ],
)
def test_where_a_loop_begins(now, index, then):
    assert begun_at(now, index, last=99) == then


@pytest.mark.parametrize(
    ("now", "index", "then"),
    [
        (None, 30, LoopRange(0, 30)),
        (LoopRange(10, 50), 30, LoopRange(10, 30)),
        (LoopRange(10, 50), 5, LoopRange(0, 5)),
    ],
)
def test_where_a_loop_ends(now, index, then):
    assert ended_at(now, index) == then


def show(engine, controller, packet, index: int) -> None:
    engine.events = [dataclasses.replace(controller.state.transport, index=index)]
    engine.packet = packet(index, arrived_s=1e9)
    controller.pump()


def test_a_loop_about_the_shown_frame_and_back_to_its_beginning(engine, controller, packet):
    controller.begin_loop_here()
    assert engine.sent == [SetLoop(True, LoopRange(7, 499))]
    show(engine, controller, packet, 20)
    engine.sent.clear()
    controller.end_loop_here()
    assert engine.sent == [SetLoop(True, LoopRange(7, 20)), Seek(7)]
    controller.set_loop(False)
    assert engine.sent[-1] == SetLoop(False, LoopRange(7, 20))
    controller.set_span(None)
    assert engine.sent[-1] == SetLoop(False)


def test_a_loop_that_is_set_while_it_stands_moves_nothing(engine, controller):
    controller.pause()
    engine.sent.clear()
    controller.end_loop_here()
    assert engine.sent == [SetLoop(True, LoopRange(0, 7))]


def test_a_new_engine_is_told_the_loop_and_another_file_has_none(engine, controller, clip):
    controller.begin_loop_here()
    engine.is_alive = False
    controller.pump()
    controller.restart_engine()
    assert SetLoop(True, LoopRange(7, 499)) in engine.sent
    engine.events = [Transport(span=LoopRange(7, 499)), SourceOpened(clip)]
    controller.pump()
    assert controller.state.transport.span == LoopRange(7, 499)
    engine.events = [SourceOpened(type(clip)("b.mp4", "b.mp4", clip.kind, clip.image_hw, clip.fps, 40, 2.0))]
    controller.pump()
    assert engine.sent[-1] == SetLoop(True, None)


def test_a_hand_on_the_timeline_holds_and_lets_go(engine, controller):
    controller.scrub(0.5)
    controller.scrub(0.25)
    controller.end_scrub(0.25)
    assert engine.sent == [Pause(), Seek(250, quick=True), Seek(125, quick=True), Seek(125), Play()]
    engine.sent.clear()
    controller.pause()
    controller.scrub(0.5)
    controller.end_scrub(0.5)
    assert engine.sent == [Pause(), Seek(250, quick=True), Seek(250)]


def test_packets_are_remembered_and_searched_through(engine, controller, packet):
    for index in (8, 9, 10):
        show(engine, controller, packet, index)
    history = controller.history
    assert history is not None
    assert history.at(9).count == 2
    engine.sent.clear()
    controller.look_for(1)
    controller.find(-1)
    assert engine.sent == [Pause(), Seek(9)]
    assert controller.state.search is None


def test_what_was_not_seen_is_looked_at_until_it_is_found(engine, controller, packet):
    controller.set_conf(0.95)  # nothing is that sure
    controller.find(1)
    assert engine.sent[-1] == Step(1)
    show(engine, controller, packet, 8)
    assert engine.sent[-1] == Step(1)
    search = controller.state.search
    assert (search.at, search.origin, search.over) == (9, 7, False)
    controller.set_conf(0.5)  # what stands there counts now, and is what was looked for
    show(engine, controller, packet, 9)
    assert engine.sent[-1] == Seek(8)


@pytest.mark.parametrize("act", ["stop_search", "play", "pause", "seek_end"])
def test_whatever_the_user_does_ends_a_search(engine, controller, packet, act):
    controller.set_conf(0.95)
    controller.find(1)
    assert controller.state.search is not None
    getattr(controller, act)()
    assert controller.state.search is None
    sent = len(engine.sent)
    show(engine, controller, packet, 8)
    assert len(engine.sent) == sent


def test_a_failure_ends_a_search(engine, controller):
    controller.set_conf(0.95)
    controller.find(1)
    engine.events = [Failed(FailedPart.SOURCE, "broken")]
    controller.pump()
    assert controller.state.search is None


def test_other_thresholds_forget_all_but_the_frame_that_stands(engine, controller, packet):
    show(engine, controller, packet, 8)
    show(engine, controller, packet, 9)
    controller.set_conf(0.5)
    history = controller.history
    assert history is not None
    assert history.at(8).count is None
    assert history.at(9).count == 1
    assert history.at(8).inference_ms == 0.0


def test_late_frames_are_noted_where_they_came_late(engine, controller):
    for late in (4, 6):
        engine.events = [Report(20.0, Counters(late=late), SourceStatus())]
        controller.pump()
    history = controller.history
    assert history is not None
    assert history.at(7).missed == 6


def test_a_paused_camera_says_how_far_behind_it_is_and_end_goes_back(
    engine, controller, clock, camera, packet, detector
):
    engine.events = [SourceOpened(camera), DetectorReady(detector, ()), Transport(playing=True, index=0)]
    engine.packet = packet(0, arrived_s=clock.now)
    controller.pump()
    assert controller.state.behind_s is None
    controller.pause()
    clock.now += 12.4
    engine.events = [Report(20.0, Counters(), SourceStatus())]
    controller.pump()
    assert controller.state.behind_s == 12
    controller.seek_end()
    assert engine.sent[-1] == Play()
    assert controller.state.behind_s is None
    assert controller.state.target == Target()


def test_a_camera_neither_loops_ranges_nor_is_searched(engine, controller, camera):
    engine.events = [SourceOpened(camera)]
    controller.pump()
    engine.sent.clear()
    controller.begin_loop_here()
    controller.end_loop_here()
    controller.set_span(LoopRange(1, 2))
    controller.find(1)
    controller.scrub(0.5)
    assert engine.sent == []


def test_what_a_camera_sent_while_it_was_paused_was_not_dropped(engine, controller, camera, packet, detector):
    engine.events = [SourceOpened(camera), DetectorReady(detector, ()), Transport(playing=True, index=0)]
    for index in (0, 3):
        engine.packet = packet(index)
        controller.pump()
    controller.pause()
    controller.play()
    for index in (60, 62):
        engine.packet = packet(index)
        controller.pump()
    history = controller.history
    assert history is not None
    assert [history.at(index).missed for index in (3, 60, 62)] == [2, 0, 1]


def test_a_class_of_another_detector_is_looked_for_no_more(engine, controller, detector, stages):
    controller.look_for(1)
    engine.events = [DetectorReady(detector, stages)]
    controller.pump()
    assert controller.state.target == Target(1)
    engine.events = [DetectorReady(dataclasses.replace(detector, names=("cat", "dog")), stages)]
    controller.pump()
    assert controller.state.target == Target()
