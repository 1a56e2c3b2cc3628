"""The shipped clip and its ground truth are what this generator makes, and are small enough to ship."""

import json
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from viewer.demo.clip import FRAME_COUNT, KEYFRAME_INTERVAL, RATE_HZ, SEED, conditions_at, episodes
from viewer.demo.scene import Scene
from viewer.demo.world import CLASS_NAMES

ASSETS = Path(__file__).parents[2] / "assets"
CLIP, TRUTH = ASSETS / "demo.mp4", ASSETS / "demo.json"


@pytest.fixture(scope="module")
def truth():
    return json.loads(TRUTH.read_text(encoding="utf-8"))


def test_the_clip_is_h264_of_the_promised_shape():
    with av.open(str(CLIP)) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        assert (context.name, context.pix_fmt) == ("h264", "yuv420p")
        assert (context.width, context.height) == (960, 540)
        assert stream.average_rate == RATE_HZ
        packets = [packet for packet in container.demux(stream) if packet.pts is not None]
    assert len(packets) == FRAME_COUNT == 500
    keys = sorted(packet.pts * packet.time_base * RATE_HZ for packet in packets if packet.is_keyframe)
    assert keys == list(range(0, FRAME_COUNT, KEYFRAME_INTERVAL))


def test_the_clip_is_small_and_starts_fast():
    content = CLIP.read_bytes()
    assert len(content) <= 5_000_000
    assert content.index(b"moov") < content.index(b"mdat")
    assert TRUTH.stat().st_size < 1_500_000


def test_truth_covers_every_frame(truth):
    assert truth["version"] == 1
    assert (truth["width"], truth["height"], truth["fps"]) == (960, 540, RATE_HZ)
    assert truth["names"] == list(CLASS_NAMES)
    assert len(truth["frames"]) == FRAME_COUNT
    for row in truth["frames"]:
        for note in row:
            x0, y0, x1, y1 = note["xyxy"]
            assert 0 <= x0 < x1 <= 960
            assert 0 <= y0 < y1 <= 540
            assert note["name"] == CLASS_NAMES[note["label"]]
            assert 0 < note["visibility"] <= 1
    assert {note["name"] for row in truth["frames"] for note in row} == set(CLASS_NAMES)


def test_episodes_are_there_and_apart(truth):
    told = [(episode["kind"], episode["first"], episode["last"]) for episode in truth["episodes"]]
    assert told == [(episode.kind, episode.first, episode.last) for episode in episodes(Scene(SEED).world.ego)]
    assert {kind for kind, _, _ in told} == {"glare", "rain", "occlusion"}
    assert all(last - first >= 40 for _, first, last in told)
    assert all(before[2] < after[1] for before, after in pairwise(told))


def test_objects_keep_their_track_and_class(truth):
    names: dict[int, set[str]] = {}
    for row in truth["frames"]:
        tracks = [note["track"] for note in row]
        assert len(tracks) == len(set(tracks))
        for note in row:
            names.setdefault(note["track"], set()).add(note["name"])
    assert all(len(kinds) == 1 for kinds in names.values())


def test_the_occlusion_hides_more_than_the_clear_drive(truth):
    (episode,) = (episode for episode in truth["episodes"] if episode["kind"] == "occlusion")
    hidden = [note["visibility"] for row in truth["frames"][episode["first"] : episode["last"]] for note in row]
    clear = [note["visibility"] for row in truth["frames"][:100] for note in row]
    assert np.mean(np.array(hidden) < 0.9) > np.mean(np.array(clear) < 0.9)


def test_the_clip_is_what_the_generator_draws(truth):
    with av.open(str(CLIP)) as container:
        shown = next(container.decode(video=0)).to_ndarray(format="rgb24")
    drawn = Scene(SEED).frame(0.0, conditions_at(0.0))
    assert np.abs(shown.astype(int) - drawn.rgb).mean() < 4
    assert [note["xyxy"] for note in truth["frames"][0]] == [list(note.xyxy) for note in drawn.annotations]
