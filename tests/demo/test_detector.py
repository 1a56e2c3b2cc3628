"""The shipped detector loads safely and sees what is there, and honestly less where the clip is hard."""

import json
import pickletools
import zipfile
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pytest
import torch

from viewer.core import Thresholds, suppress
from viewer.demo.train import kept_arguments
from viewer.demo.world import CLASS_NAMES
from viewer.detectors import open_detector
from viewer.render.letterbox import letterbox_image

ASSETS = Path(__file__).parents[2] / "assets"
CHECKPOINT = ASSETS / "demo.pt"
CLEAR = (10, 40, 70, 95, 172, 181, 310, 335, 360)
HARD = {"glare": (122, 135, 150), "rain": (405, 440, 475)}
CROSSING = (215, 235, 255)
IOU = 0.5


@dataclass(frozen=True)
class Outcome:
    """What became of one frame: each true object with whether it was found, and the number of boxes reported."""

    seen: tuple[tuple[dict, bool], ...]
    reported: int


@pytest.fixture(scope="module")
def detector():
    # Threads that wait for each other on a busy machine cost more than they bring to a small network.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    opened = open_detector(str(CHECKPOINT), device="cpu")
    yield opened
    opened.close()
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def outcomes(detector):
    """Outcome of each picked frame of the clip, by frame number."""
    truth = json.loads((ASSETS / "demo.json").read_text(encoding="utf-8"))["frames"]
    picked = {*CLEAR, *CROSSING, *(number for numbers in HARD.values() for number in numbers)}
    with av.open(str(ASSETS / "demo.mp4")) as container:
        return {
            number: match(detect(detector, frame.to_ndarray(format="rgb24")), truth[number])
            for number, frame in enumerate(container.decode(video=0))
            if number in picked
        }


def detect(detector, rgb):
    letterbox = detector.letterbox(rgb.shape[:2])
    images = torch.from_numpy(letterbox_image(rgb, letterbox)).permute(2, 0, 1)[None].to(detector.dtype) / 255
    rows = detector.candidates(detector.forward(images)).cpu().numpy()
    candidates = detector.read_candidates(rows, letterbox)
    return suppress(candidates, Thresholds(), detector.info.suppression, image_hw=rgb.shape[:2])


def match(boxes, notes):
    """Pair boxes with true objects of their class, best score first."""
    left = list(notes)
    for xyxy, label in zip(boxes.xyxy, boxes.labels, strict=True):
        same = [note for note in left if note["label"] == label]
        best = max(same, key=lambda note: overlap(xyxy, note["xyxy"]), default=None)
        if best is not None and overlap(xyxy, best["xyxy"]) >= IOU:
            left.remove(best)
    return Outcome(tuple((note, note not in left) for note in notes), len(boxes))


def overlap(a, b):
    sides = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    if (sides <= 0).any():
        return 0.0
    both = sides.prod()
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def recall(outcomes, numbers, wanted=lambda _: True):
    hits = [hit for number in numbers for note, hit in outcomes[number].seen if wanted(note)]
    return sum(hits) / len(hits)


def test_the_checkpoint_is_small_and_names_no_place():
    assert CHECKPOINT.stat().st_size <= 4_000_000
    with zipfile.ZipFile(CHECKPOINT) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("data.pkl"))
        strings = [value for _, value, _ in pickletools.genops(archive.read(name)) if isinstance(value, str)]
    assert not [text for text in strings if text.startswith("/") or "\\" in text]


def test_it_loads_without_trust(detector):
    assert detector.info.names == CLASS_NAMES
    assert detector.info.parameters < 1_900_000
    assert detector.info.strides == (8, 16, 32)


def test_clear_frames_are_seen(outcomes):
    assert recall(outcomes, CLEAR) >= 0.7
    hits = sum(hit for number in CLEAR for _, hit in outcomes[number].seen)
    assert hits / sum(outcomes[number].reported for number in CLEAR) >= 0.75


@pytest.mark.parametrize("kind", HARD)
def test_bad_light_and_weather_hide_things(outcomes, kind):
    assert 0.1 < recall(outcomes, HARD[kind]) < recall(outcomes, CLEAR)


def test_what_is_half_hidden_is_missed_more_often(outcomes):
    frames = (*CLEAR, *CROSSING)
    hidden = recall(outcomes, frames, lambda note: note["visibility"] < 0.6)
    assert hidden < recall(outcomes, frames, lambda note: note["visibility"] > 0.95)


def test_kept_arguments_hold_no_paths():
    assert kept_arguments({"imgsz": 640, "data": "here/data.yaml", "model": "x"}) == {"imgsz": 640}
