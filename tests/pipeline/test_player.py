"""Transport control over a source that counts, without a network."""

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from threading import Event, active_count
from threading import enumerate as threads
from time import perf_counter, sleep

import numpy as np
import pytest

from viewer.core.errors import EngineError, SeekError, SourceError, SourceInterruptedError
from viewer.core.frame import Frame, SourceInfo, SourceKind, SourceStatus
from viewer.core.looprange import LoopRange
from viewer.core.messages import Transport
from viewer.core.packet import FramePacket
from viewer.pipeline import Player, RateMeter

PIXEL = np.zeros((1, 1, 3), np.uint8)


class Counting:
    """A file of `count` frames at 200 fps; may break or block at a frame."""

    def __init__(self, count: int = 20, *, live: bool = False, breaks_at: int = -1, blocks_at: int = -1) -> None:
        kind = SourceKind.CAMERA if live else SourceKind.VIDEO
        self.info = SourceInfo("x", "x", kind, (1, 1), Fraction(200), None if live else count, count / 200)
        self.status = SourceStatus()
        self.position = 0
        self.seeks: list[int] = []
        self._breaks_at, self._blocks_at = breaks_at, blocks_at
        self._interrupted = Event()

    def __iter__(self):
        return self

    def __next__(self) -> Frame:
        if self.info.is_live:
            sleep(0.002)
        if self.position == self._blocks_at:
            self._interrupted.wait(60)
            raise SourceInterruptedError("told to stop")
        if self.position == self._breaks_at:
            raise SourceError("broken at frame 5; convert the file again")
        if self.info.frame_count is not None and self.position >= self.info.frame_count:
            raise StopIteration
        frame = Frame(PIXEL, self.position, self.position / 200, perf_counter())
        self.position += 1
        return frame

    def seek(self, index: int) -> None:
        if index == 13:
            raise SeekError("frame 13 cannot be reached")
        self.seeks.append(index)
        self.position = index

    def index_at(self, pts_s: float) -> int:
        return round(pts_s * 200)

    def interrupt(self) -> None:
        self._interrupted.set()

    def close(self) -> None:
        pass


class Deck:
    """A player with everything it says written down."""

    def __init__(self, source: Counting, *, process: Callable[[Frame], FramePacket] = FramePacket, **options) -> None:
        self.shown: list[int] = []
        self.transports: list[Transport] = []
        self.errors: list[tuple[str, str]] = []
        self.player = Player(
            source,
            process=process,
            publish=lambda packet: self.shown.append(packet.frame.index),
            on_transport=self.transports.append,
            on_error=lambda error, detail: self.errors.append((str(error), detail)),
            **options,
        )

    def __enter__(self) -> "Deck":
        self.player.start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self.player.stop()

    def wait(self, done: Callable[[], bool]) -> None:
        deadline = perf_counter() + 10
        while not done():
            assert perf_counter() < deadline, (self.shown, self.player.transport, self.errors)
            sleep(0.001)


def test_shows_the_first_frame_and_waits():
    with Deck(Counting()) as deck:
        deck.wait(lambda: deck.shown == [0])
        sleep(0.05)
        assert deck.shown == [0]
        assert deck.player.transport == Transport(playing=False, index=0)


def test_plays_every_frame_once_and_stops_at_the_end():
    with Deck(Counting(), loop=False) as deck:
        deck.player.play()
        deck.wait(lambda: deck.player.transport.at_end)
        assert deck.shown == list(range(20))
        assert not deck.player.transport.playing
        deck.player.play()
        deck.wait(lambda: len(deck.shown) > 22)
        assert deck.shown[20:23] == [0, 1, 2]


def test_loops():
    with Deck(Counting(3)) as deck:
        deck.player.play()
        deck.wait(lambda: len(deck.shown) >= 8)
        assert deck.shown[:8] == [0, 1, 2, 0, 1, 2, 0, 1]


def test_steps_both_ways_while_paused():
    with Deck(Counting()) as deck:
        deck.wait(lambda: deck.shown == [0])
        for frames, index in ((1, 1), (1, 2), (-1, 1), (10, 11), (-100, 0), (100, 19)):
            deck.player.step(frames)
            deck.wait(lambda index=index: deck.player.transport.index == index)
        assert not deck.player.transport.playing


def test_quick_steps_add_up():
    with Deck(Counting()) as deck:
        deck.wait(lambda: deck.shown == [0])
        for _ in range(5):
            deck.player.step(1)
        deck.wait(lambda: deck.shown == [0, 1, 2, 3, 4, 5])
        for _ in range(3):
            deck.player.step(-1)
        deck.wait(lambda: deck.player.transport.index == 2)


def test_step_past_the_end_says_so_and_back_again_works():
    with Deck(Counting(3)) as deck:
        deck.player.seek(2)
        deck.wait(lambda: deck.player.transport.index == 2)
        deck.player.step(1)
        deck.wait(lambda: deck.player.transport.at_end)
        deck.player.step(-1)
        deck.wait(lambda: deck.player.transport.index == 1)
        assert not deck.player.transport.at_end


def test_seek_while_paused_shows_exactly_that_frame():
    with Deck(Counting()) as deck:
        deck.wait(lambda: deck.shown == [0])
        deck.player.seek(7)
        deck.wait(lambda: deck.shown == [0, 7])
        sleep(0.03)
        assert deck.shown == [0, 7]


def test_seek_while_playing_goes_on_from_there():
    with Deck(Counting(400), loop=False) as deck:
        deck.player.play()
        deck.wait(lambda: len(deck.shown) > 3)
        deck.player.seek(300)
        deck.wait(lambda: 302 in deck.shown)
        after = deck.shown[deck.shown.index(300) :]
        assert after[:3] == [300, 301, 302]


def test_a_seek_during_a_frame_is_served_after_it():
    busy, go_on = Event(), Event()

    def held(frame: Frame) -> FramePacket:
        if frame.index == 1:
            busy.set()
            go_on.wait(10)
        return FramePacket(frame)

    with Deck(Counting(), process=held) as deck:
        deck.wait(lambda: deck.shown == [0])
        deck.player.step(1)
        deck.wait(busy.is_set)
        deck.player.pause()
        deck.player.seek(9)
        go_on.set()
        deck.wait(lambda: deck.shown == [0, 1, 9])


def test_of_many_seeks_the_last_is_shown_last():
    source = Counting(400)
    with Deck(source) as deck:
        for index in range(0, 390, 3):
            deck.player.seek(index)
        deck.wait(lambda: deck.shown[-1:] == [387])
        sleep(0.03)
        assert deck.shown[-1] == 387


def test_paces_a_file_by_its_own_clock():
    """40 frames at 200 fps take at least 0.19 s however fast the machine is; a bound from below is no timing test."""
    with Deck(Counting(40), loop=False) as deck:
        started = perf_counter()
        deck.player.play()
        deck.wait(lambda: deck.player.transport.at_end)
        assert perf_counter() - started >= 0.19


def test_slow_processing_shows_every_frame_and_counts_the_late_ones():
    def slow(frame: Frame) -> FramePacket:
        sleep(0.02)
        return FramePacket(frame)

    with Deck(Counting(10), process=slow, loop=False) as deck:
        deck.player.play()
        deck.wait(lambda: deck.player.transport.at_end)
        assert deck.shown == list(range(10))
        assert deck.player.counters.late == 9  # the first was shown before playing began
        assert deck.player.counters.processed == 10


def test_live_drops_old_frames_for_new_ones_and_counts_them():
    def slow(frame: Frame) -> FramePacket:
        sleep(0.02)
        return FramePacket(frame)

    with Deck(Counting(live=True), process=slow) as deck:
        deck.player.play()
        deck.wait(lambda: len(deck.shown) >= 5)
        gaps = np.diff(deck.shown[1:])
        assert (gaps > 1).all()
        assert deck.player.counters.dropped > 0


def test_live_runs_on_unseen_while_paused():
    source = Counting(live=True)
    with Deck(source) as deck:
        deck.player.play()
        deck.wait(lambda: len(deck.shown) >= 2)
        deck.player.pause()
        sleep(0.02)
        frozen = deck.shown[-1]
        position = source.position
        deck.wait(lambda: source.position > position + 10)
        assert deck.shown[-1] <= frozen + 1
        deck.player.play()
        deck.wait(lambda: deck.shown[-1] > position)


def test_jobs_run_between_frames_and_redraw_while_paused():
    with Deck(Counting()) as deck:
        deck.wait(lambda: deck.shown == [0])
        ran = Event()
        deck.player.call(ran.set)
        deck.wait(lambda: deck.shown == [0, 0])
        assert ran.is_set()
        assert deck.player.counters.repeated == 1
        quiet = Event()
        deck.player.call(quiet.set, refresh=False)
        deck.wait(quiet.is_set)
        sleep(0.02)
        assert deck.shown == [0, 0]


def test_a_broken_source_is_told_and_seeking_still_works():
    with Deck(Counting(breaks_at=5)) as deck:
        deck.player.play()
        deck.wait(lambda: bool(deck.errors))
        assert deck.errors == [("broken at frame 5; convert the file again", "")]
        assert not deck.player.transport.playing
        assert deck.shown == [0, 1, 2, 3, 4][: len(deck.shown)]
        deck.player.play()
        deck.wait(lambda: len(deck.errors) == 2)
        assert deck.shown == [0, 1, 2, 3, 4], "playing on tries to read on and does not start again"
        deck.player.seek(1)
        deck.wait(lambda: deck.shown[-1] == 1)


def test_an_error_from_before_a_seek_does_not_stop_that_seek():
    source = Counting(count=100, breaks_at=5)
    held, go_on = Event(), Event()
    plain_next = source.__class__.__next__

    class Held(Counting):
        def __next__(self) -> Frame:
            if self.position == 5:
                held.set()
                go_on.wait(10)
            return plain_next(self)

    with Deck(Held(count=100, breaks_at=5), loop=False) as deck:
        deck.player.play()
        deck.wait(held.is_set)
        deck.player.seek(50)
        go_on.set()
        deck.wait(lambda: 50 in deck.shown)
        assert deck.errors == []


def test_steps_after_a_pause_start_from_the_frame_that_is_shown():
    def slow(frame: Frame) -> FramePacket:
        sleep(0.03)
        return FramePacket(frame)

    with Deck(Counting(200), process=slow, loop=False) as deck:
        deck.player.play()
        deck.wait(lambda: len(deck.shown) > 4)
        deck.player.pause()
        sleep(0.1)
        standing = deck.shown[-1]
        deck.player.step(-1)
        deck.wait(lambda: deck.shown[-1] == standing - 1)
        deck.player.step(1)
        deck.wait(lambda: deck.shown[-1] == standing)
        deck.player.seek(100)
        deck.player.pause()
        deck.wait(lambda: deck.shown[-1] == 100)
        deck.player.step(-1)
        deck.wait(lambda: deck.shown[-1] == 99)


class Held:
    """Processes at once, but holds a frame from when it is told to until it is let go."""

    def __init__(self) -> None:
        self.busy, self.go_on = Event(), Event()
        self.holds: Callable[[Frame], bool] = lambda _: False

    def __call__(self, frame: Frame) -> FramePacket:
        if self.holds(frame) and not self.busy.is_set():
            self.busy.set()
            self.go_on.wait(10)
        return FramePacket(frame)


@pytest.mark.parametrize("live", [False, True])
def test_a_step_while_the_standing_frame_is_processed_anew_is_not_used_up_by_it(live):
    held = Held()
    with Deck(Counting(live=live), process=held) as deck:
        deck.wait(lambda: len(deck.shown) == 1)
        held.holds = lambda _: True
        deck.player.call(lambda: None)
        deck.wait(held.busy.is_set)
        deck.player.step(1)
        held.go_on.set()
        deck.wait(lambda: len(deck.shown) == 3)
        first, again, after = deck.shown
        assert first == again
        assert after == 1 or (live and after > first)
        deck.player.step(-1)
        deck.wait(lambda: live or deck.shown[-1] == 0)


def test_a_step_after_a_pause_goes_on_from_the_frame_that_the_pause_still_shows():
    held = Held()
    held.holds = lambda frame: frame.index == 5
    with Deck(Counting(200), process=held) as deck:
        deck.player.play()
        deck.wait(held.busy.is_set)
        deck.player.pause()
        deck.player.step(1)
        held.go_on.set()
        deck.wait(lambda: deck.shown[-1] == 6)
        assert deck.shown == [0, 1, 2, 3, 4, 5, 6]
        deck.player.step(-1)
        deck.wait(lambda: deck.shown[-1] == 5)


def test_a_step_back_from_a_frame_under_way_goes_to_the_one_before_it():
    held = Held()
    held.holds = lambda frame: frame.index == 5
    with Deck(Counting(200), process=held) as deck:
        deck.player.play()
        deck.wait(held.busy.is_set)
        deck.player.pause()
        deck.player.step(-1)
        held.go_on.set()
        deck.wait(lambda: len(deck.shown) == 7)
        assert deck.shown[-2:] == [5, 4]


def test_playing_and_stepping_during_a_step_serve_the_second_step_too():
    held = Held()
    held.holds = lambda frame: frame.index == 1
    with Deck(Counting(200), process=held) as deck:
        deck.wait(lambda: deck.shown == [0])
        deck.player.step(1)
        deck.wait(held.busy.is_set)
        deck.player.play()
        deck.player.pause()
        deck.player.step(1)
        held.go_on.set()
        deck.wait(lambda: deck.shown == [0, 1, 2])


def test_a_source_that_only_says_interrupted_does_not_spin():
    class Dead(Counting):
        asked = 0

        def __next__(self) -> Frame:
            self.asked += 1
            raise SourceInterruptedError("closed")

    source = Dead()
    with Deck(source):
        sleep(0.1)
        assert source.asked < 5


def test_a_packet_that_cannot_be_handed_on_is_told_and_ends_no_thread():
    def full(_: FramePacket) -> None:
        raise EngineError("shared memory is full")

    errors: list[str] = []
    player = Player(
        Counting(),
        process=FramePacket,
        publish=full,
        on_transport=lambda _: None,
        on_error=lambda error, detail: errors.append(f"{error}{detail}"),
    )
    player.start()
    deadline = perf_counter() + 5
    while not errors and perf_counter() < deadline:
        sleep(0.005)
    assert errors == ["shared memory is full"]
    assert player.stop()


def test_a_failed_seek_is_told_and_playing_can_go_on():
    with Deck(Counting()) as deck:
        deck.wait(lambda: deck.shown == [0])
        deck.player.seek(13)
        deck.wait(lambda: bool(deck.errors))
        deck.player.play()
        deck.wait(lambda: len(deck.shown) > 3)


def test_a_bug_in_process_is_told_with_its_traceback_and_ends_no_thread():
    def bug(frame: Frame) -> FramePacket:
        if frame.index == 2:
            raise ZeroDivisionError("bug")
        return FramePacket(frame)

    with Deck(Counting(), process=bug) as deck:
        deck.player.play()
        deck.wait(lambda: bool(deck.errors))
        assert "ZeroDivisionError" in deck.errors[0][1]
        deck.player.seek(9)
        deck.wait(lambda: deck.shown[-1] == 9)


@pytest.mark.parametrize("blocks_at", [0, 3])
def test_stops_within_a_second_whatever_blocks(blocks_at):
    before = active_count()
    with Deck(Counting(blocks_at=blocks_at)) as deck:
        deck.player.play()
        sleep(0.05)
        started = perf_counter()
        assert deck.player.stop()
        assert perf_counter() - started < 1.0
    assert active_count() == before
    assert not [t for t in threads() if t.name.startswith("featscope")]


def test_stop_does_not_wait_for_a_stuck_network():
    release = Event()

    def stuck(frame: Frame) -> FramePacket:
        release.wait(30)
        return FramePacket(frame)

    deck = Deck(Counting(), process=stuck)
    deck.player.start()
    sleep(0.05)
    deck.wait(lambda: deck.player.busy_s > 0.03)
    started = perf_counter()
    assert not deck.player.stop()
    assert perf_counter() - started < 1.5
    release.set()
    deck.wait(lambda: deck.player.stop())
    assert deck.shown == []
    assert deck.player.busy_s == 0


def test_rate_meter_counts_events_of_its_window():
    now = 0.0
    meter = RateMeter(1.0, clock=lambda: now)
    for _ in range(11):
        meter.tick()
        now += 0.1
    assert meter.per_second == pytest.approx(10.0)
    now += 5
    assert meter.per_second == 0.0


def test_loops_exactly_the_range_from_its_first_to_its_last_frame():
    with Deck(Counting()) as deck:
        deck.player.set_loop(loop=True, span=LoopRange(3, 5))
        deck.player.play()
        deck.wait(lambda: len(deck.shown) >= 13)
        assert deck.shown[:13] == [0, 1, 2, 3, 4, 5, 3, 4, 5, 3, 4, 5, 3]


def test_a_loop_of_one_frame_keeps_the_pace_of_the_file():
    source = Counting()
    with Deck(source, speed=0.1) as deck:
        deck.player.set_loop(loop=True, span=LoopRange(0, 0))
        deck.wait(lambda: deck.shown == [0])
        began_s = perf_counter()
        deck.player.play()
        deck.wait(lambda: len(deck.shown) >= 5)
        assert perf_counter() - began_s >= 3 / (200 * 0.1)  # a bound from below: the machine may be slow, not early


def test_sought_behind_the_loop_it_plays_on_and_comes_back_from_the_end():
    with Deck(Counting()) as deck:
        deck.player.set_loop(loop=True, span=LoopRange(3, 5))
        deck.player.seek(17)
        deck.wait(lambda: deck.shown[-1:] == [17])
        deck.player.play()
        deck.wait(lambda: deck.shown.count(5) >= 2)
        after = deck.shown[deck.shown.index(17) :]
        assert after[:8] == [17, 18, 19, 3, 4, 5, 3, 4]


def test_playing_from_the_loops_last_frame_begins_at_its_first():
    with Deck(Counting()) as deck:
        deck.player.seek(9)
        deck.player.set_loop(loop=True, span=LoopRange(7, 9))
        deck.wait(lambda: deck.shown[-1:] == [9])
        deck.player.play()
        deck.wait(lambda: deck.shown.count(8) >= 2)
        after = deck.shown[deck.shown.index(9) :]
        assert after[:5] == [9, 7, 8, 9, 7]


def test_without_looping_a_range_is_nothing_to_the_player():
    with Deck(Counting()) as deck:
        deck.player.set_loop(loop=False, span=LoopRange(3, 5))
        deck.player.play()
        deck.wait(lambda: deck.player.transport.at_end)
        assert deck.shown == list(range(20))


def test_a_range_beyond_the_file_is_cut_to_it():
    with Deck(Counting()) as deck:
        deck.player.set_loop(loop=True, span=LoopRange(15, 900))
        assert deck.player.transport.span == LoopRange(15, 19)


class Grouped(Counting):
    """A file whose every tenth frame can be shown at once; a read of frame 17 lasts until it is interrupted."""

    def quick_index(self, index: int) -> int:
        return round(index / 10) * 10

    def __next__(self) -> Frame:
        if self.position == 17:
            if self._interrupted.wait(30):
                self._interrupted.clear()
            raise SourceInterruptedError("told to stop")
        return super().__next__()


def test_a_quick_seek_shows_a_frame_nearby_with_its_own_number():
    with Deck(Grouped(40)) as deck:
        deck.player.seek(24, quick=True)
        deck.wait(lambda: deck.shown[-1:] == [20])
        assert deck.player.transport.index == 20
        deck.player.seek(24)
        deck.wait(lambda: deck.shown[-1:] == [24])


def test_a_read_that_nobody_wants_any_more_is_cut_short():
    with Deck(Grouped(40)) as deck:
        deck.wait(lambda: deck.shown == [0])
        deck.player.seek(17)
        deck.wait(lambda: deck.player._is_reading and deck.player._seek_to is None)
        deck.player.seek(31)
        deck.wait(lambda: deck.shown[-1:] == [31])
        deck.player.step(1)
        deck.wait(lambda: deck.shown[-1:] == [32])
        assert deck.errors == []


def test_a_network_that_is_ready_at_the_last_frame_still_sees_it():
    seen: list[int] = []

    def process(frame: Frame) -> FramePacket:
        seen.append(frame.index)
        return FramePacket(frame)

    deck = Deck(Counting(10), loop=False)
    try:
        deck.player.start(index=9)
        deck.wait(lambda: deck.shown == [9])
        deck.player.call(lambda: deck.player.replace_process(process))
        deck.player.play()
        deck.wait(lambda: seen == [9])
        deck.wait(lambda: deck.player.transport.at_end)
        sleep(0.05)
        assert seen == [9]
        assert deck.shown == [9, 9]
    finally:
        assert deck.player.stop()


def test_throttled_it_keeps_its_pace_and_processes_few_frames():
    forwards: list[int] = []

    def process(frame: Frame) -> FramePacket:
        forwards.append(frame.index)
        return FramePacket(frame)

    with Deck(Counting(2000), process=process) as deck:
        deck.player.play()
        deck.wait(lambda: len(forwards) > 5)
        deck.player.set_throttle(on=True)
        first = len(forwards) + 1
        deck.wait(lambda: len(forwards) > first + 4)
        few = forwards[first : first + 4]
        assert all(later - earlier >= 40 for earlier, later in pairwise(few))  # at 200 fps, 0.2 s
        deck.player.set_throttle(on=False)
        before = len(forwards) + 1
        deck.wait(lambda: len(forwards) > before + 10)
        assert all(later - earlier == 1 for earlier, later in pairwise(forwards[before : before + 10]))


def test_throttled_a_loop_and_the_end_are_as_before():
    with Deck(Counting(400)) as deck:
        deck.player.set_throttle(on=True)
        deck.player.set_loop(loop=True, span=LoopRange(0, 60))
        deck.player.play()
        deck.wait(lambda: deck.shown.count(60) > 1)
        assert max(deck.shown) == 60
        deck.wait(lambda: deck.shown[-1] == 40)
        sleep(0.05)  # frames behind it are left out by now
        deck.player.pause()
        deck.player.step(1)
        deck.wait(lambda: deck.shown[-1] == 41)


def test_throttled_a_live_source_shows_few_frames():
    with Deck(Counting(live=True)) as deck:
        deck.player.set_throttle(on=True)
        deck.player.play()
        deck.wait(lambda: len(deck.shown) >= 4)
        assert all(later - earlier > 20 for earlier, later in pairwise(deck.shown[1:]))
