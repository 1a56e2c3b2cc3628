"""A sweep runs between frames, and whatever else is wished for ends it."""

from collections import deque

import numpy as np
import pytest

from viewer.core import Frame
from viewer.core.errors import DeviceError
from viewer.core.messages import Failed, Swept
from viewer.core.sweep import SweepMap, SweepWish
from viewer.engine.sweeping import Sweeping

WISH = SweepWish((0.0, 0.0, 1.0, 1.0), 0, masks=5)


class Worker:
    """A player that stands, whose worker does one thing when it is told to."""

    def __init__(self):
        self.jobs = deque()
        self.frame = Frame(np.zeros((4, 4, 3), np.uint8), 3, 0.0, 0.0)

    def call(self, job, *, refresh=True):
        assert not refresh
        self.jobs.append(job)

    def turn(self, times=1):
        for _ in range(times):
            self.jobs.popleft()()


def maps(frame, wish):
    for done in range(1, wish.masks + 1):
        yield SweepMap(wish, frame.index, done, np.ones((2, 2), np.uint8), (0.0, 1.0))


@pytest.fixture
def worker():
    return Worker()


@pytest.fixture
def told():
    return []


@pytest.fixture
def clock():
    return [0.0]


@pytest.fixture
def sweeping(worker, told, clock):
    return Sweeping(worker, maps, told.append, clock=lambda: clock[0])


def test_one_picture_a_turn_and_the_last_is_told(sweeping, worker, told):
    sweeping.begin(WISH)
    worker.turn(5)
    assert not worker.jobs
    assert [(news.wish, news.map.done) for news in told] == [(WISH, 5)]


def test_it_tells_how_far_it_is_ten_times_a_second(sweeping, worker, told, clock):
    sweeping.begin(WISH)
    for _ in range(4):
        clock[0] += 0.06
        worker.turn()
    # The first turn begins to count; what follows is told at every second turn.
    assert [news.map.done for news in told] == [3]


def test_a_sweep_that_is_ended_lets_the_worker_go(sweeping, worker, told):
    sweeping.begin(WISH)
    worker.turn(2)
    sweeping.end()
    worker.turn()
    assert not worker.jobs
    assert told == [Swept(WISH, None)]
    sweeping.end()
    assert len(told) == 1


def test_a_newer_one_takes_its_place(sweeping, worker, told):
    other = SweepWish((0.0, 0.0, 1.0, 1.0), 1, masks=2)
    sweeping.begin(WISH)
    worker.turn()
    sweeping.begin(other)
    worker.turn(3)
    assert not worker.jobs
    assert told[0] == Swept(WISH, None)
    assert (told[1].wish, told[1].map.done) == (other, 2)


def test_one_that_is_ended_before_it_began_never_does(sweeping, worker, told):
    sweeping.begin(WISH)
    sweeping.end()
    worker.turn()
    assert not worker.jobs
    assert told == [Swept(WISH, None)]


def test_a_device_that_gives_up_is_said(worker, told):
    def broken(_frame, _wish):
        raise DeviceError("out of memory")
        yield

    Sweeping(worker, broken, told.append).begin(WISH)
    worker.turn()
    assert isinstance(told[0], Failed)
    assert "out of memory" in told[0].text
    assert told[1] == Swept(WISH, None)
