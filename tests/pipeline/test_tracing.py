"""An object followed back to the first frame of a film, through candidates that are known beforehand."""

from types import SimpleNamespace

import numpy as np
import pytest

from viewer.core.boxes import Boxes
from viewer.core.cam import CamTarget, Lost
from viewer.core.chase import Chase
from viewer.core.errors import SourceError
from viewer.core.frame import Frame
from viewer.pipeline import trace

COUNT = 200
SPEED_PX = 5
BLANK = np.zeros((100, 2000, 3), np.uint8)
BLANK.setflags(write=False)


def place(index: int) -> tuple[float, float, float, float]:
    return (SPEED_PX * index, 10.0, SPEED_PX * index + 100.0, 60.0)


class Film:
    """A car that moves on, at 25 fps, beside a better one that stands; it comes in a frame and leaves in another."""

    def __init__(self, came: int = 0, left: int = COUNT) -> None:
        self.info = SimpleNamespace(name="film", is_live=False)
        self.came, self.left = came, left
        self.processed: list[int] = []
        self._next = 0

    def __iter__(self):
        return self

    def __next__(self) -> Frame:
        if self._next >= COUNT:
            raise StopIteration
        self._next += 1
        return Frame(BLANK, self._next - 1, (self._next - 1) / 25, 0.0)

    def seek(self, index: int) -> None:
        if index >= COUNT:
            raise SourceError(f"no frame {index}")
        self._next = index

    def process(self, frame: Frame, *, with_taps: bool = True):
        assert not with_taps
        self.processed.append(frame.index)
        rows = [(1500.0, 10.0, 1600.0, 60.0)]
        if self.came <= frame.index < self.left:
            rows.append(place(frame.index))
        boxes = Boxes(
            np.array(rows, np.float32),
            np.array([0.9, 0.5][: len(rows)], np.float32),
            np.ones(len(rows), np.int32),
            np.zeros(len(rows), np.int32),
        )
        return SimpleNamespace(candidates=boxes)


def traced(film: Film, index: int, start: int):
    return trace(film, film, CamTarget(1, place(index)), index=index, start=start)


def test_an_object_is_followed_back_further_than_it_could_be_found_by_its_place():
    path = traced(Film(), 150, 3)
    assert [waypoint.index for waypoint in path] == list(range(3, 151))
    assert all(waypoint.xyxy == place(waypoint.index) for waypoint in path)
    assert path[0].pts_s == 3 / 25


def test_the_way_ends_where_it_was_not_there_yet_and_no_more_is_run_than_that_takes():
    film = Film(came=120)
    assert [waypoint.index for waypoint in traced(film, 150, 0)] == list(range(120, 151))
    assert min(film.processed) > 0


def test_one_that_was_chosen_earlier_is_followed_on_to_the_beginning():
    assert [waypoint.index for waypoint in traced(Film(), 20, 60)] == list(range(20, 61))


def test_where_it_is_said_to_be_it_is_although_nothing_is_found_there():
    (only,) = traced(Film(came=190), 10, 10)
    assert (only.index, only.xyxy) == (10, place(10))


def test_a_frame_that_is_not_there_is_refused():
    with pytest.raises(SourceError, match="no frame 400"):
        traced(Film(), 400, 0)


@pytest.mark.parametrize("start", [3, 100, 170])
def test_a_film_means_the_object_in_each_of_its_frames(start):
    film = Film(came=40)
    target = CamTarget(1, place(150))
    known = CamTarget(1, place(150), path=trace(film, film, target, index=150, start=start))
    chase = Chase(known)
    film.seek(start)
    for frame in film:
        boxes = film.process(frame, with_taps=False).candidates
        row = chase.row(boxes, frame.pts_s, frame.index)
        assert row == (Lost.BEFORE if frame.index < 40 else 1)


def test_a_film_that_begins_after_it_left_does_not_take_another_for_it():
    film = Film(left=60)
    known = CamTarget(1, place(50), path=trace(film, film, CamTarget(1, place(50)), index=50, start=150))
    chase = Chase(known)
    elsewhere = Boxes(
        np.array([place(59)], np.float32), np.array([0.9], np.float32), np.ones(1, np.int32), np.zeros(1, np.int32)
    )
    assert chase.row(elsewhere, 150 / 25, 150) is Lost.FAR
