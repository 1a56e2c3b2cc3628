"""Health as a session keeps it: asked for while somebody looks, noted by frame, events where limits are crossed."""

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.session.conftest import CLIP, DETECTOR, STAGES, FakeEngine
from viewer.config import Config
from viewer.core.health import HealthCheck, HealthLimits, Measure, StageHealth
from viewer.core.inquiry import NOTHING
from viewer.core.messages import DetectorReady, Seek, SetInquiry, SourceOpened, TapsChanged
from viewer.core.tapping import TapSettings
from viewer.session.controller import Controller
from viewer.session.health_lines import lines_of
from viewer.session.health_log import CALM_FRAMES, HealthLog, beside
from viewer.session.health_recall import earlier_words, recall
from viewer.session.health_words import details, event_text, numbers, told
from viewer.session.side import Side

P3, C4 = STAGES[2], STAGES[1]
WELL = StageHealth(P3, 100, 64, "float16", 0.2, 0.6, 9.0, 0.0, 0.02, 0.0, 0, (), (), 0.8)


def drifting(drift: float, **changes: object) -> tuple[StageHealth, ...]:
    return (replace(WELL, drift=drift, **changes),)


@pytest.fixture
def running():
    engine = FakeEngine()
    controller = Controller(engine, Config())
    controller.start(lambda: None)
    engine.events += [SourceOpened(CLIP), DetectorReady(DETECTOR, STAGES), TapsChanged((P3,), TapSettings())]
    controller.pump()
    return controller, engine


def asked(engine: FakeEngine) -> list[HealthCheck | None]:
    return [intent.inquiry.health for intent in engine.sent if isinstance(intent, SetInquiry)]


def test_health_is_asked_of_the_tapped_stages_while_the_page_is_open(running) -> None:
    controller, engine = running
    assert asked(engine) == []
    controller.show_side(Side.HEALTH)
    controller.toggle_tap(C4.node, on=True)
    controller.show_side(Side.OBJECTS)
    assert asked(engine) == [HealthCheck((P3.node,)), HealthCheck((C4.node, P3.node)), None]
    assert controller.state.inquiry == NOTHING


def test_stages_can_be_watched_while_another_page_is_open(running) -> None:
    controller, engine = running
    controller.keep_watching(True)
    controller.show_side(Side.HEALTH)
    controller.show_side(Side.OBJECTS)
    assert asked(engine) == [HealthCheck((P3.node,))]
    controller.keep_watching(False)
    assert asked(engine)[-1] is None


def test_a_network_that_takes_over_is_asked_about_its_own_stages(running) -> None:
    controller, engine = running
    controller.show_side(Side.HEALTH)
    engine.events.append(TapsChanged((C4,), TapSettings()))
    controller.pump()
    assert asked(engine)[-1] == HealthCheck((C4.node,))


def test_beginning_anew_forgets_what_was_seen_and_tells_the_engine(running) -> None:
    controller, engine = running
    controller.show_side(Side.HEALTH)
    controller.history.health.add(5, drifting(9.0))
    assert len(controller.health_events) == 1
    controller.begin_health_anew()
    assert asked(engine)[-1].run == 1
    assert controller.health_events == ()


def test_the_next_event_is_sought_round_the_end(running) -> None:
    controller, engine = running
    controller.show_side(Side.HEALTH)
    for index in (100, 300):
        controller.history.health.add(index, drifting(9.0))
    for step in (1, -1):
        controller.seek_health_event(step)
    assert [intent.index for intent in engine.sent if isinstance(intent, Seek)] == [100, 300]


def test_events_begin_where_a_limit_is_crossed_and_last_until_it_is_calm() -> None:
    log = HealthLog(500)
    for index in range(200):
        is_over = index in range(50, 60) or index in range(70, 72) or index == 150
        log.add(index, drifting(3.0 + index / 1000 if is_over else 0.8))
    first, second = log.events(HealthLimits())
    assert (first.index, first.last, first.node, first.measure) == (50, 71, P3.node, Measure.DRIFT)
    assert first.peak == pytest.approx(3.071)
    assert (second.index, second.last) == (150, 150)
    assert CALM_FRAMES < 150 - 72
    assert log.events(HealthLimits(drift=3.1))[0].index == 150


def test_a_frame_seen_again_replaces_what_was_noted_of_it() -> None:
    log = HealthLog(500)
    log.add(7, drifting(0.5, near_zeros=0.99))
    log.add(7, drifting(0.5, near_zeros=0.5))
    assert log.events(HealthLimits()) == ()
    assert log.at(7, Measure.ZEROS) == {"P3": 0.5}
    assert log.at(8, Measure.ZEROS) == {}


def test_a_visit_keeps_what_only_an_unbroken_run_can_tell() -> None:
    log = HealthLog(500)
    for index in range(40, 60):
        log.add(index, drifting(9.0 if index == 50 else 0.8, dead=tuple(range(20)) if index > 55 else ()))
    before = log.events(HealthLimits())
    log.add(50, drifting(math.nan, dead=None, mean=0.5))
    log.add(56, drifting(math.nan, dead=None))
    assert log.events(HealthLimits()) == before
    assert log.at(50, Measure.MEAN) == {"P3": 0.5}
    log.add(50, drifting(1.2))  # measured again
    assert [event.measure for event in log.events(HealthLimits())] == [Measure.DEAD]


def test_a_visit_keeps_the_numbers_of_stages_that_are_not_tapped_any_more() -> None:
    log = HealthLog(10)
    log.add(3, drifting(9.0))
    log.add(3, (replace(WELL, stage=C4),))
    assert log.at(3, Measure.DRIFT) == {"P3": 9.0, "C4": pytest.approx(0.8)}
    log.add(13, (replace(WELL, stage=C4, drift=math.nan),))  # takes the place of frame 3
    assert log.at(13, Measure.DRIFT) == {}


def test_of_a_frame_seen_again_what_a_run_told_is_recalled_and_what_was_never_seen_is_not() -> None:
    log = HealthLog(100)
    log.add(60, drifting(4.0, dead=tuple(range(16))))
    (jumped_to,) = drifting(math.nan, dead=None, near_zeros=0.5)
    for index in (60, 61):
        log.add(index, (jumped_to,))
    (again,) = recall((jumped_to,), 60, log)
    assert again.crossed(HealthLimits()) == (Measure.DEAD, Measure.DRIFT)
    assert (again.value(Measure.DRIFT), again.value(Measure.ZEROS), again.dead, again.is_known) == (4.0, 0.5, 16, True)
    assert earlier_words((again,)) == "; drift and dead channels are from when this frame was seen before"
    words = {name: value for name, value, _ in details(again.health, HealthCheck(()), again.earlier)}
    assert (words["Drift"], words["Dead"]) == ("4.00 deviations, seen before", "25 % of channels, seen before")
    (new,) = recall((jumped_to,), 61, log)
    assert (new.earlier, new.crossed(HealthLimits()), new.dead, new.is_known) == ({}, (), None, False)
    assert earlier_words((new,)) == ""


def test_what_is_known_now_is_not_recalled() -> None:
    log = HealthLog(100)
    log.add(60, drifting(4.0))
    (now,) = recall(drifting(0.7), 60, log)
    assert (now.earlier, now.value(Measure.DRIFT)) == ({}, 0.7)


def test_what_is_graver_comes_first_and_unknown_numbers_cross_nothing() -> None:
    log = HealthLog(500)
    log.add(3, drifting(9.0, nonfinite=4, dead=None))
    assert [event.measure for event in log.events(HealthLimits())] == [Measure.NONFINITE, Measure.DRIFT]


def test_of_a_live_source_the_newest_frames_are_kept() -> None:
    log = HealthLog(10)
    for index in range(25):
        log.add(index, drifting(9.0 if index in (3, 20) else 0.5))
    track = log.track(P3.node, Measure.DRIFT, 15)
    assert track[5] == 9.0
    assert np.isfinite(track).all()
    assert [event.index for event in log.events(HealthLimits())] == [20]
    assert np.isnan(log.track(P3.node, Measure.DRIFT, 25)).all()


def test_lines_show_the_largest_value_of_a_column_and_leave_gaps() -> None:
    log = HealthLog(1000)
    for index in range(400):
        log.add(index, drifting(7.0 if index == 201 else 1.0))
    lines = lines_of(log, Measure.DRIFT, HealthLimits(), first=0, width=100)
    (line,) = lines.lines
    assert line.values[20] == 7.0
    assert np.isnan(line.values[50:]).all()
    assert (lines.low, lines.high, lines.limit) == (0.0, 10.0, 2.5)
    zeros = lines_of(log, Measure.ZEROS, HealthLimits(), first=0, width=100)
    assert (zeros.low, zeros.high) == (0.0, 1.0)


def test_the_event_before_and_after_a_frame() -> None:
    log = HealthLog(500)
    for index in (100, 300):
        log.add(index, drifting(9.0))
    events = log.events(HealthLimits())
    assert [beside(events, 100, step).index for step in (1, -1)] == [300, 300]
    assert [beside(events, 200, step).index for step in (1, -1)] == [300, 100]
    assert beside((), 5, 1) is None


def test_numbers_are_told_with_their_units() -> None:
    assert [told(value, Measure.ZEROS) for value in (0, 0.0001, 0.017, 0.42, 1)] == [
        "0 %",
        "<0.1 %",
        "1.7 %",
        "42 %",
        "100 %",
    ]
    values = (0.0, -0.2234, 0.001, 12.34, 140.2, 65504.0, math.nan, math.inf)
    assert [told(value, Measure.MEAN) for value in values] == [
        "0.00",
        "-0.22",
        "1e-3",
        "12.3",
        "140",
        "7e4",
        "\N{EN DASH}",
        "\N{INFINITY}",
    ]
    assert numbers((1, 2, 3, 7, 9, 10)) == "1 to 3, 7, 9 to 10"
    assert numbers(range(0, 20, 2), most=2) == "0, 2 and 8 more"
    words = {name: value for name, value, _ in details(replace(WELL, dead=(3, 4), nonfinite=1), HealthCheck(()))}
    assert (words["Dead"], words["channels"], words["Not finite"]) == ("2 of 64 channels", "3 to 4", "1 value")
    log = HealthLog(50)
    log.add(3, drifting(9.0))
    assert event_text(log.events(HealthLimits())[0]) == "P3: drift up to 9.00 deviations, above 2.50 (frame 3)"


def test_channels_that_died_are_an_event_and_muted_ones_are_told_apart() -> None:
    log = HealthLog(500)
    for index in range(100, 140):
        died = {110: (3,), 120: (4, 9)}.get(index, ())
        log.add(index, drifting(0.8, dead=(3, 4, 9), died=died))
    (event,) = log.events(HealthLimits())
    assert (event.index, event.last, event.measure) == (110, 120, Measure.DIED)
    assert event_text(event) == "P3: 3 channels died (frames 110 to 120)"
    log.add(110, drifting(0.8, dead=None))
    assert log.events(HealthLimits()) == (event,)
    health = replace(WELL, dead=(3, 4), died=(4,), muted=1)
    words = {name: value for name, value, _ in details(health, HealthCheck(()))}
    assert (words["Dead"], words["Just died"]) == ("2 of 63 channels, 1 muted", "4")
    assert health.value(Measure.DEAD) == 2 / 63
