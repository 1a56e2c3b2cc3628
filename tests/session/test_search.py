"""A search jumps among what was seen, looks at what was not, and says when there is nothing."""

import numpy as np
import pytest

from viewer.core.frame import Frame
from viewer.core.messages import Seek, Step
from viewer.session.search import Finder, Move, Search, Target, next_move, told

PIXEL = np.zeros((1, 1, 3), np.uint8)
THERE, LOST = Target(3), Target(3, lost=True)
FOLLOWED = Target(3, lost=True, followed=True)


def presence(signs: str) -> np.ndarray:
    """`+` there, `.` not there, `?` not seen."""
    return np.array([{"+": 1, ".": 0, "?": -1}[sign] for sign in signs], np.int8)


@pytest.mark.parametrize(
    ("signs", "target", "start", "direction", "move"),
    [
        ("..+.+", THERE, 0, 1, Move(2, found=True)),
        ("..+.+", THERE, 2, 1, Move(4, found=True)),
        ("+.+..", THERE, 4, -1, Move(2, found=True)),
        ("+.+..", THERE, 2, -1, Move(0, found=True)),
        (".....", THERE, 1, 1, None),
        ("+....", THERE, 0, 1, None),
        ("+....", THERE, 0, -1, None),
        (".?..+", THERE, 0, 1, Move(1, found=False)),
        ("+.?.+", THERE, 4, -1, Move(2, found=False)),
        ("+++.+", LOST, 0, 1, Move(3, found=True)),
        ("+...+", LOST, 1, 1, None),
        ("+.++.", LOST, 4, -1, Move(1, found=True)),
        ("++??.", LOST, 0, 1, Move(2, found=False)),
        (".?.+.", LOST, 0, 1, Move(1, found=False)),
        ("...?.", LOST, 0, 1, Move(3, found=False)),
        ("+?.++", LOST, 4, -1, Move(1, found=False)),
        ("....+", LOST, 4, 1, None),
        (".+.+", LOST, 0, -1, None),
        ("+++.?", FOLLOWED, 0, 1, Move(3, found=True)),
        ("++?.?", FOLLOWED, 0, 1, Move(2, found=False)),
        ("?.+++", FOLLOWED, 4, -1, Move(1, found=True)),
        (".+.?", FOLLOWED, 2, 1, Move(3, found=False)),
        ("+++", FOLLOWED, 2, 1, None),
        ("+....", FOLLOWED, 1, 1, None),
    ],
)
def test_the_next_move(signs, target, start, direction, move):
    assert next_move(presence(signs), target, start, direction) == move


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class Film:
    """An engine that answers a search: what is truly in each frame, what was seen of it."""

    def __init__(self, signs: str, seen: int = 1, damaged: tuple[int, ...] = ()) -> None:
        self.truth = presence(signs)
        self.known = np.full(len(signs), -1, np.int8)
        self.known[:seen] = self.truth[:seen]
        self.clock = Clock()
        self.finder = Finder(self.clock)
        self.shown = 0
        self.sent: list = []
        self._damaged = damaged

    def answer(self, intents: list) -> None:
        """Do what is asked, and tell the finder, until it asks no more."""
        for _ in range(100):
            if not intents:
                return
            self.sent += intents
            (intent,) = intents
            index = intent.index if isinstance(intent, Seek) else self.shown + intent.frames
            while index in self._damaged:
                index += 1
            self.shown = index
            self.known[index] = self.truth[index]
            self.clock.now += 1
            intents = self.finder.saw(Frame(PIXEL, index, 0.0, self.clock.now), self.known)
        pytest.fail("it never ends")

    def find(self, target: Target = THERE, direction: int = 1) -> None:
        self.answer(self.finder.begin(target, direction, self.shown, self.known))


def test_among_seen_frames_it_jumps_at_once():
    film = Film("+...+", seen=5)
    film.find()
    assert film.sent == [Seek(4)]
    assert film.finder.search is None


def test_beyond_them_it_looks_frame_by_frame_and_stays_where_it_is_found():
    film = Film("+...+..")
    film.find()
    assert film.sent == [Step(1)] * 4
    assert film.shown == 4
    assert film.finder.search is None


def test_the_frame_where_it_is_lost():
    film = Film("++++..+")
    film.find(LOST)
    assert film.shown == 4


def test_backwards_over_what_was_never_seen():
    film = Film("..+....", seen=0)
    film.shown = 6
    film.known[6] = 0
    film.find(direction=-1)
    assert film.sent == [Seek(5), Seek(4), Seek(3), Seek(2)]
    assert film.shown == 2


def test_where_nothing_is_found_it_comes_back_and_says_so():
    film = Film("+....")
    film.find()
    assert film.sent[-1] == Seek(0)
    assert film.shown == 0
    search = film.finder.search
    assert search is not None
    assert search.over
    assert not film.finder.is_looking


def test_where_all_is_known_nothing_moves():
    film = Film("+....", seen=5)
    film.find()
    assert film.sent == []
    assert film.finder.search is not None
    assert film.finder.search.over


@pytest.mark.parametrize(("direction", "start", "end"), [(1, 0, 5), (-1, 6, 0)])
def test_frames_that_cannot_be_shown_are_passed_over(direction, start, end):
    film = Film("+....+.", seen=1, damaged=(2, 3))
    film.shown = start
    film.known[start] = film.truth[start]
    film.known[5] = -1 if direction > 0 else 0
    film.truth[5] = 1 if direction > 0 else 0
    film.find(direction=direction)
    assert film.shown == end


def test_frames_from_before_it_asked_are_no_answer():
    film = Film("+....")
    (asked,) = film.finder.begin(THERE, 1, 0, film.known)
    assert asked == Step(1)
    assert film.finder.saw(Frame(PIXEL, 3, 0.0, film.clock.now - 1), film.known) == []
    assert film.finder.search is not None
    assert film.finder.search.at == 1


def test_stopped_it_asks_no_more():
    film = Film("+....")
    film.finder.begin(THERE, 1, 0, film.known)
    film.finder.stop()
    assert film.finder.saw(Frame(PIXEL, 1, 0.0, film.clock.now + 1), film.known) == []
    assert film.finder.search is None


@pytest.mark.parametrize(
    ("search", "name", "says"),
    [
        (Search(THERE, 1, 3, 7), "car", "Looking for the next frame with car · frame 7 of 99 · Esc stops"),
        (Search(Target(), -1, 9, 7), "", "Looking for the previous frame with any object · frame 7 of 99 · Esc stops"),
        (Search(LOST, 1, 3, 7), "car", "Looking for where car is lost · frame 7 of 99 · Esc stops"),
        (Search(THERE, 1, 3, 99, over=True), "car", "No car until the end (frame 99) · back at frame 3"),
        (
            Search(THERE, 1, 3, 99, over=True, there=True),
            "car",
            "No other car until the end (frame 99) · back at frame 3",
        ),
        (
            Search(Target(), -1, 3, 0, over=True, there=True),
            "",
            "No other object back to the beginning (frame 0) · back at frame 3",
        ),
        (
            Search(LOST, -1, 3, 0, over=True),
            "car",
            "No frame where car is lost back to the beginning (frame 0) · back at frame 3",
        ),
        (
            Search(Target(None, lost=True), 1, 3, 99, over=True),
            "",
            "No frame where every object is lost until the end (frame 99) · back at frame 3",
        ),
    ],
)
def test_a_search_in_words(search, name, says):
    assert told(search, name, 99) == says


def test_it_knows_whether_it_began_at_one_of_them():
    film = Film("+....")
    film.find()
    assert film.finder.search is not None
    assert film.finder.search.there
    film.shown = 2
    film.find()
    assert not film.finder.search.there


@pytest.mark.parametrize(
    ("direction", "origin", "at", "way"), [(1, 59, 79, 0.5), (-1, 40, 30, 0.25), (1, 99, 99, 1.0), (-1, 0, 0, 1.0)]
)
def test_how_far_along_its_own_way_it_is(direction, origin, at, way):
    assert Search(THERE, direction, origin, at).way(99) == way
