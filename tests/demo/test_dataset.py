"""The training set is reproducible, in the form trainers read, and shares no street with the clip."""

import cv2

from viewer.demo.clip import SEED
from viewer.demo.dataset import TRAIN_SEEDS, VALIDATION_SEEDS, draw_conditions, draw_frame, label_lines, write_dataset
from viewer.demo.world import CLASS_NAMES


def test_layout_and_labels(tmp_path):
    description = write_dataset(tmp_path, train=2, validation=1)
    assert description.read_text(encoding="utf-8").endswith("".join(f"  {i}: {n}\n" for i, n in enumerate(CLASS_NAMES)))
    assert sorted(path.name for path in (tmp_path / "images" / "train").iterdir()) == ["10000.jpg", "10001.jpg"]
    assert cv2.imread(str(tmp_path / "images" / "val" / f"{VALIDATION_SEEDS}.jpg")).shape == (540, 960, 3)
    lines = (tmp_path / "labels" / "train" / "10000.txt").read_text(encoding="utf-8").splitlines()
    assert lines
    for line in lines:
        label, *box = line.split()
        assert int(label) in range(len(CLASS_NAMES))
        assert len(box) == 4
        assert all(0 <= float(value) <= 1 for value in box)


def test_the_same_seed_writes_the_same_labels():
    assert label_lines(draw_frame(123)) == label_lines(draw_frame(123))


def test_training_never_sees_the_clip_and_only_mild_weather():
    import numpy as np

    assert SEED < TRAIN_SEEDS < VALIDATION_SEEDS
    drawn = [draw_conditions(np.random.default_rng(seed)) for seed in range(300)]
    assert max(conditions.glare for conditions in drawn) <= 0.4
    assert max(conditions.rain for conditions in drawn) <= 0.5
    assert sum(conditions.glare == 0 and conditions.rain == 0 for conditions in drawn) > 150
