"""What is wished while a seek is under way is meant of the frame that was asked for."""

import pytest

from viewer.core.looprange import LoopRange
from viewer.core.messages import Failed, FailedPart, Seek, SeekTime, SetLoop, Step
from viewer.session.request import Request


def come(engine, controller, clock, packet, index: int) -> None:
    """Show a frame that was processed just now."""
    clock.now += 0.01
    engine.packet = packet(index, arrived_s=clock.now)
    controller.pump()


def test_a_loop_is_marked_at_the_frame_that_is_still_to_come(engine, controller, clock, packet):
    controller.pause()
    controller.seek(120)
    controller.begin_loop_here()
    controller.seek(180)
    controller.end_loop_here()
    assert controller.state.transport.span == LoopRange(120, 180)
    come(engine, controller, clock, packet, 180)
    controller.step(-1)
    controller.end_loop_here()
    assert controller.state.transport.span == LoopRange(120, 179)


def test_steps_are_counted_from_the_frame_that_was_asked_for(engine, controller):
    controller.pause()
    for _ in range(3):
        controller.step(10)
    controller.begin_loop_here()
    assert engine.sent[-1] == SetLoop(True, LoopRange(37, 499))
    controller.step(-1000)
    controller.begin_loop_here()
    assert engine.sent[-1] == SetLoop(True, LoopRange(0, 499))


def test_once_the_frame_is_there_the_shown_one_counts(engine, controller, clock, packet):
    controller.pause()
    controller.seek(120)
    come(engine, controller, clock, packet, 121)  # 120 is damaged
    controller.begin_loop_here()
    assert engine.sent[-1] == SetLoop(True, LoopRange(121, 499))


def test_a_frame_that_was_on_its_way_is_no_answer(engine, controller, clock, packet):
    controller.seek(120)
    engine.packet = packet(8, arrived_s=clock.now - 0.02)
    controller.pump()
    come(engine, controller, clock, packet, 9)
    controller.begin_loop_here()
    assert engine.sent[-1] == SetLoop(True, LoopRange(120, 499))
    come(engine, controller, clock, packet, 122)
    controller.begin_loop_here()
    assert engine.sent[-1] == SetLoop(True, LoopRange(122, 499))


def test_a_frame_asked_for_by_its_time_is_marked_when_its_number_is_known(engine, controller, clock, packet):
    controller.pause()
    controller.seek_time(4.0)
    controller.begin_loop_here()
    assert controller.state.transport.span is None
    come(engine, controller, clock, packet, 100)
    assert controller.state.transport.span == LoopRange(100, 499)


def test_what_failed_or_is_gone_is_awaited_no_more(engine, controller):
    controller.pause()
    controller.seek(120)
    engine.events = [Failed(FailedPart.SOURCE, "frame 120 cannot be reached")]
    controller.pump()
    controller.begin_loop_here()
    assert engine.sent[-1] == SetLoop(True, LoopRange(7, 499))
    controller.seek(200)
    engine.is_alive = False
    controller.pump()
    controller.seek(300)
    controller.begin_loop_here()
    assert engine.sent[-1] == SetLoop(True, LoopRange(7, 499))


@pytest.mark.parametrize("intent", [Seek(5), SeekTime(0.2), Step(1)])
def test_of_a_live_source_no_frame_is_asked_for(intent):
    request = Request()
    request.note(intent, shown=0, last=None, playing=True, now_s=1.0)
    assert not request.is_open


def test_the_quick_frame_of_a_scrub_is_what_stands_until_the_hand_rests(engine, controller, clock, packet):
    controller.pause()
    controller.scrub(0.5)
    come(engine, controller, clock, packet, 240)
    controller.begin_loop_here()
    assert engine.sent[-1] == SetLoop(True, LoopRange(240, 499))
    controller.end_scrub(0.5)
    controller.begin_loop_here()
    assert engine.sent[-1] == SetLoop(True, LoopRange(250, 499))
