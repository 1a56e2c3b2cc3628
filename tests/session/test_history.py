"""What was seen is kept frame by frame, forgotten where it holds no more, and brought down to columns."""

import numpy as np
import pytest

from viewer.core import Boxes
from viewer.session.history import LIVE_FRAMES, History
from viewer.session.lanes import bins, columns_of, scales


def boxes(*found: tuple[int, float]) -> Boxes:
    """Detections by class and score."""
    labels = np.array([label for label, _ in found], np.int32)
    scores = np.array([score for _, score in found], np.float32)
    return Boxes(np.zeros((len(found), 4), np.float32), scores, labels, np.zeros(len(found), np.int32))


def test_a_frame_is_told_as_it_was_seen_and_others_are_not():
    history = History(10)
    history.add(3, boxes((2, 0.5), (2, 0.75), (7, 0.25)), 31.5)
    seen = history.at(3)
    assert seen is not None
    assert (seen.count, seen.mean_score, seen.inference_ms, seen.missed) == (3, 0.5, 31.5, 0)
    assert history.at(2) is None
    assert history.at(-1) is None
    assert history.at(10) is None
    assert history.labels == (2, 7)


def test_a_frame_seen_again_replaces_what_was_noted():
    history = History(10)
    history.add(3, boxes((2, 0.5)), 30.0)
    history.add(3, boxes(), 40.0)
    seen = history.at(3)
    assert seen is not None
    assert (seen.count, seen.mean_score, seen.inference_ms) == (0, 0.0, 40.0)
    assert history.presence(2).tolist() == [-1, -1, -1, 0, -1, -1, -1, -1, -1, -1]


def test_presence_by_class_and_of_any():
    history = History(4)
    history.add(0, boxes((5, 0.9)), 1.0)
    history.add(1, boxes((5, 0.9), (6, 0.9)), 1.0)
    history.add(2, boxes(), 1.0)
    assert history.presence(5).tolist() == [1, 1, 0, -1]
    assert history.presence(6).tolist() == [0, 1, 0, -1]
    assert history.presence(None).tolist() == [1, 1, 0, -1]
    assert history.presence(80).tolist() == [0, 0, 0, -1]


def test_more_classes_than_bits_in_a_word():
    history = History(2)
    history.add(0, boxes(*((label, 0.5) for label in range(150))), 1.0)
    history.add(1, boxes((149, 0.5)), 1.0)
    assert [history.presence(label).tolist() for label in (0, 63, 64, 149)] == [[1, 0], [1, 0], [1, 0], [1, 1]]


def test_other_thresholds_void_detections_but_not_what_frames_took():
    history = History(3)
    history.add(1, boxes((0, 0.5)), 20.0)
    history.doubt_detections()
    seen = history.at(1)
    assert seen is not None
    assert (seen.count, seen.inference_ms) == (None, 20.0)
    assert history.presence(None).tolist() == history.presence(0).tolist() == [-1, -1, -1]


def test_what_other_thresholds_chose_is_still_drawn_until_it_is_seen_again():
    history = History(101)
    for index in range(101):
        history.add(index, boxes((0, 0.5), (0, 0.7)), 20.0)
    history.doubt_detections()
    lanes = bins(history, 10, 0, 10)
    assert lanes.stale.all()
    assert (lanes.count == 2).all()
    history.add(50, boxes((0, 0.9)), 20.0)
    lanes = bins(history, 10, 0, 10)
    assert lanes.stale.tolist() == [True] * 5 + [False] + [True] * 4
    assert lanes.count.tolist() == [2] * 5 + [1] + [2] * 4
    assert lanes.score[5] == pytest.approx(0.9, abs=1e-3)
    assert history.presence(0)[49:52].tolist() == [-1, 1, -1]


def test_a_live_history_rolls_and_counts_what_was_passed_over():
    history = History(None)
    for index in (0, 1, 2, 6):
        history.add(index, boxes((0, 0.5)), 10.0)
    seen = history.at(6)
    assert seen is not None
    assert seen.missed == 3
    assert history.at(4) is None
    newest = 6 + LIVE_FRAMES
    history.add(newest, boxes(), 10.0)
    assert history.at(6) is None
    assert history.first == newest - LIVE_FRAMES + 1
    counts = history.columns().count
    assert len(counts) == LIVE_FRAMES
    assert counts[-1] == 0
    assert (counts[:-1] == -1).all()
    history.add(5, boxes((0, 0.5)), 10.0)  # one long past is not remembered in a newer one's place
    assert (history.columns().count[:-1] == -1).all()


def test_memory_does_not_grow_with_the_frames_of_a_live_source():
    history = History(None)
    sizes = set()
    for index in range(3 * LIVE_FRAMES):
        history.add(index, boxes((index % 3, 0.5)), 10.0)
        sizes.add(len(history.columns().count))
    assert sizes == {LIVE_FRAMES}
    assert history.presence(None).shape == (LIVE_FRAMES,)


def test_changes_are_told_once_and_as_a_span():
    history = History(100)
    history.add(40, boxes(), 1.0)
    history.add(42, boxes(), 1.0)
    assert history.take_changed() == (40, 42)
    assert history.take_changed() is None


def test_several_frames_in_a_column_show_the_most_of_them():
    history = History(101)
    for index, found in ((50, 1), (51, 4), (52, 2)):
        history.add(index, boxes(*((0, 0.5) for _ in range(found))), 10.0 + index)
    history.miss(52, 1)
    lanes = bins(history, 10, 0, 10)
    # Column 5 begins where frame 50 stands.
    assert lanes.seen.tolist() == [False] * 5 + [True] + [False] * 4
    assert lanes.count[5] == 4
    assert lanes.score[5] == pytest.approx(0.5)
    assert lanes.inference_ms[5] == 62.0
    assert lanes.missed[5]


def test_a_frame_of_a_short_clip_fills_the_columns_about_its_place():
    history = History(5)
    history.add(2, boxes((0, 1.0)), 1.0)
    lanes = bins(history, 80, 0, 80)
    assert np.flatnonzero(lanes.seen).tolist() == list(range(30, 50))
    begin, end = columns_of(history, 80, 2, 2)
    assert begin <= 30
    assert end >= 50


@pytest.mark.parametrize(("frames", "width"), [(2, 700), (57, 700), (700, 700), (5003, 700)])
def test_columns_brought_up_to_date_in_part_are_those_made_at_once(frames, width):
    rng = np.random.default_rng(frames)
    history = History(frames)
    for index in range(frames):
        history.add(index, boxes(*((0, 0.5) for _ in range(rng.integers(0, 5)))), 1.0)
    whole = bins(history, width, 0, width)
    assert whole.seen.all()
    for first in rng.integers(0, frames, 20).tolist():
        begin, end = columns_of(history, width, first, min(first + 3, frames - 1))
        part = bins(history, width, begin, end)
        assert (part.count == whole.count[begin:end]).all()
        assert (part.score == whole.score[begin:end]).all()


def test_scales_are_round_and_leave_one_slow_frame_out():
    history = History(1000)
    assert scales(history) == (5.0, 10.0)
    history.add(0, boxes(*((0, 0.5) for _ in range(13))), 900.0)
    for index in range(1, 500):
        history.add(index, boxes(), 33.0)
    assert scales(history) == (20.0, 50.0)
