"""An object is followed by class and overlap, and what is said of a lost one is true."""

from dataclasses import replace

import numpy as np
import pytest

from viewer.core import Boxes, Thresholds
from viewer.session.fate import lines_of, title_of
from viewer.session.follow import Fate, chosen, followed, same_box
from viewer.session.resolve import resolve
from viewer.session.state import ViewState


def boxes(*rows: tuple[float, float, float, float]) -> Boxes:
    """Rows of left edge, score, class and width; all 40 px high at the same height."""
    values = np.array(rows, np.float32)
    left, scores, labels, width = values.T
    xyxy = np.stack([left, np.full_like(left, 100), left + width, np.full_like(left, 140)], axis=1)
    return Boxes(xyxy, scores, labels.astype(np.int32), np.full(len(values), 8, np.int32))


@pytest.fixture
def frame(packet):
    """A packet of candidates, of a frame number."""

    def make(index, *rows):
        found = boxes(*rows) if rows else Boxes.empty()
        return replace(packet(index), candidates=found, detections=Boxes.empty(), thresholds=None)

    return make


@pytest.fixture
def state(detector):
    return ViewState(detector=detector, thresholds=Thresholds(conf=0.25, iou=0.7))


@pytest.fixture
def follow(state):
    """Follows a focus into a packet."""
    return lambda focus, packet, now=state: followed(
        focus, resolve(now, packet), packet, now.thresholds, now.detector.suppression
    )


@pytest.fixture
def car(state, frame):
    """A car that was chosen in frame 10."""
    first = frame(10, (100, 0.87, 1, 60), (300, 0.6, 1, 60), (500, 0.5, 0, 60))
    return chosen(resolve(state, first).boxes[-1], first.frame)


def test_it_follows_the_box_that_overlaps_most(car, follow, frame):
    now = follow(car, frame(11, (300, 0.9, 1, 60), (130, 0.5, 1, 60), (112, 0.7, 1, 60)))

    assert (now.fate, now.index, now.found.index) == (Fate.FOUND, 11, 11)
    assert now.box.text == "car 0.70"
    assert title_of(now) == "car 0.70"
    assert lines_of(now, Thresholds()) == ("60×40 px · stride 8 · frame 11",)  # noqa: RUF001 - the sign of times


def test_another_class_is_not_taken_for_it_but_told(car, follow, frame):
    now = follow(car, frame(11, (100, 0.9, 0, 60)))

    assert (now.fate, now.found.index) == (Fate.RENAMED, 10)
    assert title_of(now) == "car, lost after 10"
    assert lines_of(now, Thresholds()) == ("score 0.87 in frame 10", "detected here as person 0.90")


def test_a_lost_one_tells_the_score_it_has_under_the_threshold(car, follow, frame):
    now = follow(car, frame(12, (104, 0.18, 1, 60), (100, 0.02, 1, 60)))

    assert now.fate is Fate.UNDER
    assert now.box.under
    assert title_of(now) == "car, lost after 10"
    assert lines_of(now, Thresholds(conf=0.25)) == (
        "score 0.87 in frame 10",
        "0.18 here, under the threshold 0.25",
    )


def test_candidates_carry_it_over_a_gap(car, follow, frame):
    for index, left in ((11, 115), (12, 130), (13, 145)):
        car = follow(car, frame(index, (left, 0.1, 1, 60)))
    again = follow(car, frame(14, (160, 0.8, 1, 60)))

    assert (car.fate, car.found.index, car.place.index) == (Fate.UNDER, 10, 13)
    assert (again.fate, again.found.index) == (Fate.FOUND, 14)


def test_with_nothing_there_the_last_sighting_stays(car, follow, frame):
    for index in range(11, 40):
        car = follow(car, frame(index, (400, 0.9, 1, 60)))

    assert (car.fate, car.box, car.found.index) == (Fate.GONE, None, 10)
    assert lines_of(car, Thresholds())[-1] == "no car here that scores 0.01 or more"


def test_a_score_of_next_to_nothing_is_none(car, follow, frame):
    assert follow(car, frame(11, (100, 0.004, 1, 60))).fate is Fate.GONE


def test_what_comes_to_its_place_much_later_is_another(car, follow, frame):
    gone = follow(car, frame(10 + 60, (100, 0.9, 1, 60)))

    assert (gone.fate, gone.box) == (Fate.FAR, None)
    assert follow(gone, frame(10, (100, 0.87, 1, 60))).fate is Fate.FOUND


def test_back_before_it_came_is_said_as_that(car, follow, frame):
    before = follow(car, frame(9))

    assert title_of(before) == "car, not before 10"


def test_the_slider_takes_it_away_and_brings_it_back(car, follow, frame, state):
    shown = frame(10, (100, 0.87, 1, 60))
    strict = replace(state, thresholds=Thresholds(conf=0.9))

    away = follow(car, shown, strict)
    assert (away.fate, title_of(away)) == (Fate.UNDER, "car, not detected")
    assert follow(away, shown).fate is Fate.FOUND


@pytest.mark.parametrize(
    ("thresholds", "fate", "words"),
    [
        (Thresholds(iou=0.4), Fate.SUPPRESSED, "0.60 here, suppressed by detection 1, IoU 0.46 > 0.40"),
        (Thresholds(classes=frozenset({0})), Fate.CLASS_OFF, "0.60 here, but its class is switched off"),
        (Thresholds(iou=0.9, max_det=1), Fate.CUT_OFF, "0.60 here, but not among the 1 best"),
    ],
)
def test_it_says_why_a_good_candidate_is_no_detection(state, frame, follow, thresholds, fate, words):
    shown = frame(10, (122, 0.95, 1, 60), (100, 0.60, 1, 60))
    lower = resolve(replace(state, thresholds=Thresholds(iou=0.9)), shown).boxes[0]
    # Its place is known, and the better box overlaps it too little to be taken for it.
    focus = replace(chosen(lower, shown.frame), fate=Fate.UNDER)

    now = follow(focus, shown, replace(state, thresholds=thresholds))

    assert (now.fate, lines_of(now, thresholds)[-1]) == (fate, words)


def test_a_candidate_can_be_followed_too(state, frame, follow):
    shown = frame(10, (100, 0.12, 1, 60))
    focus = chosen(resolve(replace(state, under=True), shown).under[0], shown.frame)

    assert (title_of(focus), lines_of(focus, Thresholds())) == (
        "car, not detected",
        ("0.12 here, under the threshold 0.25",),
    )
    assert follow(focus, frame(11, (102, 0.5, 1, 60))).fate is Fate.FOUND


def test_a_pointed_box_is_found_again_in_the_next_frame(state, frame):
    first, second = (resolve(state, frame(index, (left, 0.8, 1, 60))) for index, left in ((1, 100), (2, 110)))

    assert same_box(first.boxes[0], second) is second.boxes[0]
    assert same_box(first.boxes[0], resolve(state, frame(3, (300, 0.8, 1, 60)))) is None
