"""Reading one thread ahead changes nothing but the time it takes."""

from threading import active_count

import pytest

from tests.pipeline.test_player import Counting
from viewer.core.errors import SourceError
from viewer.pipeline import ReadAhead


def test_every_frame_comes_once_and_in_order():
    before = active_count()
    with ReadAhead(Counting(25)) as frames:
        assert [frame.index for frame in frames] == list(range(25))
        assert list(frames) == []
    assert active_count() == before


def test_it_reads_no_more_than_a_few_frames_ahead():
    source = Counting(1000)
    with ReadAhead(source) as frames:
        for _ in range(5):
            next(frames)
    assert source.position <= 9


def test_what_breaks_the_source_breaks_the_iteration_at_the_same_frame():
    with ReadAhead(Counting(20, breaks_at=5)) as frames:
        assert [next(frames).index for _ in range(5)] == [0, 1, 2, 3, 4]
        with pytest.raises(SourceError, match="broken at frame 5"):
            next(frames)


def test_a_blocked_source_does_not_hold_the_close():
    before = active_count()
    with ReadAhead(Counting(20, blocks_at=1)) as frames:
        assert next(frames).index == 0
    assert active_count() == before
