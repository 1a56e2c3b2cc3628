"""What each event changes, and what it leaves alone."""

from dataclasses import replace

import pytest

from viewer.core import Counters, Link, SourceStatus
from viewer.core.messages import DetectorReady, Failed, FailedPart, Loading, Report, SourceOpened, Transport
from viewer.session.events import after_death, after_event, after_restart
from viewer.session.state import EnginePhase, Level, Notice, Remedy, ViewState

TEXT = "camera 0 does not answer; trying again in 2 s"


def report(link: Link, text: str = "") -> Report:
    return Report(20.0, Counters(), SourceStatus(link, text))


def test_phases_of_a_start(clip, detector, stages):
    state = after_event(ViewState(), Loading("Opening clip.mp4"))
    assert state.phase is EnginePhase.LOADING
    state = after_event(state, SourceOpened(clip))
    assert (state.phase, state.source) == (EnginePhase.LOADING, clip)
    state = after_event(state, DetectorReady(detector, stages))
    assert (state.phase, state.loading, state.detector, state.stages) == (EnginePhase.READY, None, detector, stages)


def test_loading_something_later_does_not_end_readiness():
    state = after_event(ViewState(phase=EnginePhase.READY), Loading("Capturing the graph again"))

    assert state.phase is EnginePhase.READY
    assert state.loading is not None


@pytest.mark.parametrize("part", [FailedPart.SOURCE, FailedPart.MODEL, FailedPart.ENGINE])
def test_a_failure_stops_and_says_why(part):
    before = ViewState(loading=Loading("…"), transport=Transport(playing=True))

    state = after_event(before, Failed(part, "no such file: a.mp4"))

    assert state.phase is EnginePhase.FAILED
    assert state.failed == {part}
    remedy = Remedy.OPEN if part is FailedPart.MODEL else Remedy.RESTART
    assert state.notice == Notice(Level.ERROR, "no such file: a.mp4", remedy, part)
    # Without a network the engine still plays the video.
    assert state.transport.playing is (part is FailedPart.MODEL)
    assert state.loading is None


def test_tiles_named_in_an_option_are_known_once_the_stages_are(detector, stages):
    ready = DetectorReady(detector, stages)
    last = stages[-1]
    assert after_event(ViewState(order=(last.name,)), ready).order[:2] == (last.node, "detections")


def test_a_detector_does_not_hide_a_failed_source(detector, stages):
    state = after_event(ViewState(), Failed(FailedPart.SOURCE, "no such file"))
    state = after_event(state, DetectorReady(detector, stages))

    assert state.phase is EnginePhase.FAILED
    assert state.notice is not None


def test_playing_again_ends_a_failure(detector):
    state = after_event(ViewState(detector=detector), Failed(FailedPart.SOURCE, "frame 30 cannot be decoded"))

    assert after_event(state, Transport(playing=False, index=31)).phase is EnginePhase.FAILED
    state = after_event(state, Transport(playing=True, index=31))
    assert (state.phase, state.failed, state.notice) == (EnginePhase.READY, frozenset(), None)


@pytest.mark.parametrize("part", [FailedPart.MODEL, FailedPart.ENGINE])
def test_playing_mends_nothing_but_a_source(part, clip):
    state = after_event(ViewState(source=clip), Failed(part, "no model 'nothing.pt'", "Traceback …"))
    failed = state

    for event in (Transport(playing=True, index=1), Transport(playing=False, index=2), Transport(playing=True)):
        state = after_event(state, event)

    assert (state.phase, state.failed, state.notice) == (EnginePhase.FAILED, {part}, failed.notice)
    assert state.transport.playing
    state = after_event(replace(state, notice=None), Transport(playing=True, index=3))
    assert (state.phase, state.notice) == (EnginePhase.FAILED, None)


def test_a_source_that_plays_again_leaves_the_word_about_the_model():
    state = after_event(ViewState(), Failed(FailedPart.SOURCE, "frame 30 cannot be decoded"))
    state = after_event(state, Failed(FailedPart.MODEL, "no model 'nothing.pt'"))

    state = after_event(state, Transport(playing=True, index=31))

    assert (state.phase, state.failed) == (EnginePhase.FAILED, {FailedPart.MODEL})
    assert state.notice is not None
    assert state.notice.text == "no model 'nothing.pt'"


def test_a_restart_forgets_what_failed():
    state = after_event(ViewState(), Failed(FailedPart.MODEL, "no model 'nothing.pt'"))

    state = after_restart(state)

    assert (state.phase, state.failed, state.notice) == (EnginePhase.STARTING, frozenset(), None)


def test_of_a_lost_engine_only_what_ended_it_is_heard(clip):
    lost = after_death(ViewState(transport=Transport(playing=True)), 5)

    for event in (Transport(playing=True), SourceOpened(clip), Loading("…"), report(Link.LOST, TEXT)):
        assert after_event(lost, event) == lost
    state = after_event(lost, Failed(FailedPart.ENGINE, "out of memory"))
    assert (state.phase, state.failed) == (EnginePhase.LOST, frozenset())
    assert state.notice == Notice(Level.ERROR, "out of memory", Remedy.RESTART, FailedPart.ENGINE)
    assert after_event(lost, Failed(FailedPart.TAPS, "no stage")) == lost


def test_a_lost_source_is_told_and_taken_back():
    state = after_event(ViewState(), report(Link.LOST, TEXT))
    assert state.notice == Notice(Level.WARNING, TEXT)

    state = after_event(state, report(Link.LOST, "trying again in 4 s"))
    assert state.notice == Notice(Level.WARNING, "trying again in 4 s")

    assert after_event(state, report(Link.UP)).notice is None


def test_a_dismissed_loss_stays_dismissed_until_the_next_one():
    state = replace(after_event(ViewState(), report(Link.LOST, TEXT)), notice=None)

    state = after_event(state, report(Link.LOST, "trying again in 4 s"))
    assert state.notice is None
    state = after_event(after_event(state, report(Link.UP)), report(Link.LOST, TEXT))
    assert state.notice == Notice(Level.WARNING, TEXT)


def test_a_loss_hides_nothing_worse_and_takes_nothing_else_back():
    error = Notice(Level.ERROR, "out of memory", Remedy.RESTART)

    state = after_event(ViewState(notice=error), report(Link.LOST, TEXT))
    assert state.notice == error
    assert after_event(state, report(Link.UP)).notice == error


def test_a_loss_without_words_names_the_source(camera):
    state = after_event(ViewState(source=camera), report(Link.LOST))

    assert state.notice == Notice(Level.WARNING, "camera 0 sends no frames")


def test_the_last_words_of_an_engine_are_kept():
    state = after_event(ViewState(), Failed(FailedPart.ENGINE, "out of memory"))

    state = after_death(state, 5)

    assert state.phase is EnginePhase.LOST
    assert state.notice == Notice(Level.ERROR, "out of memory", Remedy.RESTART, FailedPart.ENGINE)


def test_death_without_a_frame():
    assert after_death(ViewState(), None).notice == Notice(Level.ERROR, "The engine ended unexpectedly", Remedy.RESTART)


def test_a_network_that_hangs_is_said_with_a_way_out_and_taken_back_when_it_moves_again():
    def report(busy_s: float) -> Report:
        return Report(0.0, Counters(), SourceStatus(), busy_s)

    state = after_event(ViewState(), report(9.0))
    assert state.notice is None
    state = after_event(state, report(11.0))
    assert "11 s" in state.notice.text
    assert state.notice.remedy is Remedy.RESTART
    state = after_event(state, report(12.3))
    assert "12 s" in state.notice.text
    assert after_event(replace(state, notice=None), report(13.0)).notice is None, "dismissed stays dismissed"
    assert after_event(state, report(0.1)).notice is None
