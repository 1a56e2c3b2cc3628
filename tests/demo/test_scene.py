"""The street is the same each time, and what it says of itself is what its pixels show."""

import numpy as np
import pytest

from viewer.demo.light import Conditions
from viewer.demo.scene import MIN_HEIGHT_PX, MIN_VISIBILITY, Scene
from viewer.demo.world import CLASS_NAMES, DURATION_S, build_world

MOMENTS = [
    (1, 2.0, Conditions()),
    (5, 9.2, Conditions(hour=19.5)),
    (8, 16.0, Conditions(rain=0.8)),
    (3, 5.0, Conditions(glare=0.9)),
]


@pytest.mark.parametrize(("seed", "t", "conditions"), MOMENTS)
def test_same_seed_same_frame(seed, t, conditions):
    first, second = (Scene(seed).frame(t, conditions) for _ in range(2))
    np.testing.assert_array_equal(first.rgb, second.rgb)
    np.testing.assert_array_equal(first.labels, second.labels)
    assert first.annotations == second.annotations


def test_a_frame_does_not_depend_on_those_before():
    scene = Scene(4)
    scene.frame(1.0, Conditions())
    np.testing.assert_array_equal(scene.frame(3.0, Conditions()).rgb, Scene(4).frame(3.0, Conditions()).rgb)


def test_other_seeds_are_other_streets():
    pictures = [Scene(seed).frame(2.0, Conditions()).rgb for seed in (1, 2)]
    assert np.abs(pictures[0].astype(int) - pictures[1]).mean() > 10


@pytest.mark.parametrize(("seed", "t", "conditions"), MOMENTS)
def test_boxes_bound_the_visible_pixels(seed, t, conditions):
    frame = Scene(seed).frame(t, conditions)
    assert frame.annotations
    for note in frame.annotations:
        rows, columns = np.nonzero(frame.labels == frame.drawn.index(note.track) + 1)
        assert note.xyxy == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        assert note.xyxy[3] - note.xyxy[1] >= MIN_HEIGHT_PX
        assert MIN_VISIBILITY <= note.visibility <= 1
        assert note.name == CLASS_NAMES[note.label]


@pytest.mark.parametrize(("seed", "t", "conditions"), MOMENTS)
def test_every_large_whole_object_is_annotated(seed, t, conditions):
    frame = Scene(seed).frame(t, conditions)
    known = {note.track for note in frame.annotations}
    hidden = [
        track
        for ident, track in enumerate(frame.drawn, 1)
        if track not in known and np.count_nonzero(frame.labels == ident) > 4000
    ]
    assert not hidden


def test_arrays_are_read_only():
    frame = Scene(1).frame(0.0, Conditions())
    assert frame.rgb.shape == (540, 960, 3)
    assert frame.rgb.dtype == frame.labels.dtype == np.uint8
    assert not frame.rgb.flags.writeable
    assert not frame.labels.flags.writeable


def test_a_parked_car_grows_as_the_camera_comes_near():
    scene = Scene(2)
    parked = {
        actor.track
        for actor in scene.world.actors
        if actor.kind == "car" and actor.motion.along_mps == actor.motion.across_mps == 0
    }
    heights: dict[int, list[float]] = {}
    for t in (0.5, 1.0, 1.5, 2.0):
        for note in scene.frame(t, Conditions()).annotations:
            if note.track in parked and note.visibility == 1 and note.xyxy[0] > 2 and note.xyxy[2] < 958:
                heights.setdefault(note.track, []).append(note.xyxy[3] - note.xyxy[1])
    series = [line for line in heights.values() if len(line) > 1]
    assert series
    assert all(line == sorted(line) and line[-1] > line[0] for line in series)


def test_something_is_half_hidden_somewhere():
    scene = Scene(15)
    shares = [note.visibility for t in (8.5, 9.5) for note in scene.frame(t, Conditions()).annotations]
    assert min(shares) < 0.7
    assert max(shares) == 1


def test_weather_changes_the_picture_and_not_the_truth():
    scene = Scene(6)
    clear, wet = scene.frame(4.0, Conditions()), scene.frame(4.0, Conditions(rain=1.0))
    dazzled = scene.frame(4.0, Conditions(glare=1.0))
    assert clear.annotations == wet.annotations == dazzled.annotations
    assert wet.rgb.std() < 0.8 * clear.rgb.std()
    assert dazzled.rgb.mean() > 1.3 * clear.rgb.mean()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_camera_car_stops_and_touches_nobody(seed):
    world = build_world(seed)
    ego = world.ego
    assert ego.along(ego.stop_s + 1) == pytest.approx(ego.along(ego.stop_s + ego.wait_s), abs=0.05)
    assert ego.along(DURATION_S) > ego.along(ego.stop_s + ego.wait_s) + 30
    for t in np.arange(0, DURATION_S, 0.1):
        for actor in world.actors:
            along, across = actor.motion.at(t)
            if actor.kind in ("car", "truck", "person", "cyclist") and abs(across - ego.across) < 1.0:
                assert not -0.5 < along - ego.along(t) < 2.5, (actor.kind, t)


def test_all_classes_appear():
    for seed in (1, 2, 3):
        assert {actor.kind for actor in build_world(seed).actors} == set(CLASS_NAMES)
