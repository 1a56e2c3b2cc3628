"""Playing backwards: every frame in turn, in step with the clock, and out of it again."""

from collections.abc import Callable
from time import perf_counter, sleep

import pytest

from tests.pipeline.test_player import Counting, Deck
from tests.sources.clips import Clip, number_in, x264
from viewer.core.frame import Frame
from viewer.core.looprange import LoopRange
from viewer.core.packet import FramePacket
from viewer.pipeline import Player
from viewer.pipeline.backwards import frame_before, frames_late
from viewer.sources.video import VideoSource


def wait(done: Callable[[], object]) -> None:
    deadline_s = perf_counter() + 20
    while not done():
        assert perf_counter() < deadline_s
        sleep(0.002)


@pytest.mark.parametrize(
    ("at", "options", "before"),
    [
        (7, {}, 6),
        (7, {"left_out": 3}, 3),
        (7, {"left_out": 30}, 0),
        (0, {}, None),
        (0, {"loop": True}, 19),
        (5, {"loop": True, "span": LoopRange(5, 9)}, 9),
        (6, {"loop": True, "span": LoopRange(5, 9), "left_out": 4}, 5),
        (5, {"span": LoopRange(5, 9)}, 4),
        (4, {"loop": True, "span": LoopRange(5, 9)}, 3),
    ],
)
def test_which_frame_comes_before(at, options, before):
    assert frame_before(at, count=20, **options) == before


def test_how_many_frames_are_left_out():
    assert frames_late(None, 25, 1) == 0
    assert frames_late(0.05, 25, 1) == 0
    assert frames_late(0.4, 25, 1) == 9
    assert frames_late(0.4, 25, 2) == 19
    assert frames_late(60, 25, 1) == 24


def test_every_frame_is_shown_down_to_the_first():
    with Deck(Counting(), loop=False) as deck:
        deck.player.seek(10)
        deck.wait(lambda: deck.shown[-1:] == [10])
        deck.player.play(backwards=True)
        assert deck.player.transport.backwards
        deck.wait(lambda: not deck.player.transport.playing)
        assert deck.shown[-11:] == list(range(10, -1, -1))
        assert not deck.player.transport.backwards
        assert not deck.player.transport.at_end


def test_it_begins_with_a_frame_that_is_still_to_come():
    with Deck(Counting(), loop=False) as deck:
        deck.wait(lambda: deck.shown == [0])
        deck.player.seek(3)
        deck.player.play(backwards=True)
        deck.wait(lambda: not deck.player.transport.playing)
        assert deck.shown[-3:] == [2, 1, 0]


def test_a_loop_is_played_round():
    with Deck(Counting()) as deck:
        deck.player.set_loop(loop=True, span=LoopRange(4, 6))
        deck.player.seek(5)
        deck.wait(lambda: deck.shown[-1:] == [5])
        before = len(deck.shown)
        deck.player.play(backwards=True)
        deck.wait(lambda: len(deck.shown) >= before + 6)
        assert deck.shown[before : before + 6] == [4, 6, 5, 4, 6, 5]


def test_it_stands_steps_and_turns_round_where_it_is():
    with Deck(Counting(200)) as deck:
        deck.player.seek(100)
        deck.wait(lambda: deck.shown[-1:] == [100])
        deck.player.play(backwards=True)
        deck.wait(lambda: deck.shown[-1] < 95)
        deck.player.pause()
        sleep(0.05)
        at = deck.shown[-1]
        deck.player.step(1)
        deck.wait(lambda: deck.shown[-1] == at + 1)
        deck.player.step(-1)
        deck.wait(lambda: deck.shown[-1] == at)
        deck.player.play(backwards=True)
        deck.wait(lambda: deck.shown[-1] < at - 3)
        deck.player.pause()
        sleep(0.05)
        at, before = deck.shown[-1], len(deck.shown)
        deck.player.play()
        deck.wait(lambda: len(deck.shown) >= before + 3)
        assert deck.shown[before : before + 3] == [at + 1, at + 2, at + 3]


def test_a_seek_goes_on_backwards_from_there():
    with Deck(Counting(200)) as deck:
        deck.player.seek(50)
        deck.wait(lambda: deck.shown[-1:] == [50])
        deck.player.play(backwards=True)
        deck.wait(lambda: deck.shown[-1] < 48)
        deck.player.seek(150)
        deck.wait(lambda: deck.shown[-1] in range(100, 148))
        first = deck.shown.index(150)
        assert deck.shown[first : first + 3] == [150, 149, 148]


def test_a_damaged_frame_is_passed_over():
    class Damaged(Counting):
        def __next__(self) -> Frame:
            if self.position == 5:
                self.position = 6
            return super().__next__()

    with Deck(Damaged(), loop=False) as deck:
        deck.player.seek(8)
        deck.wait(lambda: deck.shown[-1:] == [8])
        deck.player.play(backwards=True)
        deck.wait(lambda: not deck.player.transport.playing)
        assert deck.shown[-8:] == [8, 7, 6, 4, 3, 2, 1, 0]


def test_a_slow_network_loses_frames_and_not_time():
    def slowly(frame: Frame) -> FramePacket:
        sleep(0.02)  # four times as long as a frame lasts
        return FramePacket(frame)

    with Deck(Counting(400), process=slowly) as deck:
        deck.player.seek(390)
        deck.wait(lambda: deck.shown[-1:] == [390])
        began_s = perf_counter()
        deck.player.play(backwards=True)
        deck.wait(lambda: deck.shown[-1] < 200)
        took_s, at = perf_counter() - began_s, deck.shown[-1]
        assert len(deck.shown) < 150  # left some out
        assert (390 - at) / 200 <= took_s + 0.05  # never ahead of the clock


def test_a_slow_decoder_loses_frames_and_not_the_picture():
    class Slow(Counting):
        def __next__(self) -> Frame:
            sleep(0.03)
            return super().__next__()

    with Deck(Slow(400)) as deck:
        deck.player.seek(390)
        deck.wait(lambda: deck.shown[-1:] == [390])
        before = len(deck.shown)
        deck.player.play(backwards=True)
        deck.wait(lambda: deck.shown[-1] < 200)
        assert 5 < len(deck.shown) - before < 120
        assert deck.shown[before:] == sorted(deck.shown[before:], reverse=True)


def test_a_file_with_one_key_frame_shows_exactly_its_frames(tmp_path):
    clip = Clip("long.mp4", frames=120, options=x264("keyint=500:min-keyint=500:scenecut=0"))
    shown: list[tuple[int, int]] = []
    errors: list[BaseException] = []

    def read(packet: FramePacket) -> None:
        shown.append((packet.frame.index, number_in(packet.frame.rgb)))

    with VideoSource(clip.write(tmp_path)) as source:
        player = Player(
            source,
            process=FramePacket,
            publish=read,
            on_transport=lambda _: None,
            on_error=lambda error, _: errors.append(error),
            speed=4.0,
            loop=False,
        )
        player.start(index=119)
        try:
            wait(lambda: shown)
            player.play(backwards=True)
            wait(lambda: not player.transport.playing)
        finally:
            assert player.stop()
    assert errors == []
    indices = [index for index, _ in shown]
    assert (indices[0], indices[-1]) == (119, 0)
    assert indices == sorted(set(indices), reverse=True)
    assert all(index == number for index, number in shown)


def test_a_live_source_plays_on():
    with Deck(Counting(live=True)) as deck:
        deck.player.play(backwards=True)
        deck.wait(lambda: len(deck.shown) > 5)
        assert not deck.player.transport.backwards
