"""Training pictures from streets that the clip never shows: each with its own seed, moment, light and weather.

Run as `python -m viewer.demo.dataset --out DIR`. The folder has the layout that YOLO trainers read: `images/`,
`labels/` and `data.yaml`. The same arguments write the same files.
"""

import argparse
import sys
from pathlib import Path

import cv2
import numpy as np

from viewer.demo.light import Conditions
from viewer.demo.scene import Scene, SceneFrame
from viewer.demo.world import CLASS_NAMES, DURATION_S

TRAIN_SEEDS = 10_000
VALIDATION_SEEDS = 900_000
_JPEG_QUALITY = 92


def draw_conditions(rng: np.random.Generator) -> Conditions:
    """Draw a moment's light and weather; glare and rain stay mild, so that full strength is news to the detector."""
    weather = rng.random()
    return Conditions(
        hour=float(rng.uniform(6.6, 19.9)),
        sun_side=float(rng.uniform(-1, 1)),
        glare=float(rng.uniform(0.05, 0.4)) if weather < 0.14 else 0.0,
        rain=float(rng.uniform(0.1, 0.5)) if weather > 0.82 else 0.0,
        cloud=float(rng.uniform(0, 0.8)),
        exposure=float(rng.uniform(0.86, 1.14)),
    )


def draw_frame(seed: int) -> SceneFrame:
    """Draw one picture of the street with this seed at a random moment."""
    rng = np.random.default_rng(seed)
    return Scene(seed).frame(float(rng.uniform(0, DURATION_S)), draw_conditions(rng))


def label_lines(frame: SceneFrame) -> str:
    """Ground truth in YOLO's text form: class and centre, width, height as shares of the picture."""
    height, width = frame.labels.shape
    lines: list[str] = []
    for note in frame.annotations:
        x0, y0, x1, y1 = note.xyxy
        values = ((x0 + x1) / 2 / width, (y0 + y1) / 2 / height, (x1 - x0) / width, (y1 - y0) / height)
        lines.append(f"{note.label} " + " ".join(f"{value:.6f}" for value in values))
    return "\n".join(lines) + "\n"


def write_split(out: Path, split: str, seeds: range) -> None:
    """Write the pictures and labels of some seeds; those that are there already are kept."""
    images, labels = out / "images" / split, out / "labels" / split
    images.mkdir(parents=True, exist_ok=True)
    labels.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        target = labels / f"{seed}.txt"
        if target.exists():
            continue
        frame = draw_frame(seed)
        cv2.imwrite(str(images / f"{seed}.jpg"), frame.rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
        target.write_text(label_lines(frame), encoding="utf-8")


def write_dataset(out: Path, *, train: int, validation: int, first_seed: int = TRAIN_SEEDS) -> Path:
    """Write both splits and their description.

    Args:
        out: folder, made where it is missing.
        train: number of training pictures.
        validation: number of validation pictures.
        first_seed: of the training streets; the validation streets are always the same.

    Returns:
        Path of the description, `data.yaml`.
    """
    write_split(out, "train", range(first_seed, first_seed + train))
    write_split(out, "val", range(VALIDATION_SEEDS, VALIDATION_SEEDS + validation))
    names = "".join(f"  {index}: {name}\n" for index, name in enumerate(CLASS_NAMES))
    description = out / "data.yaml"
    text = f"path: {out.resolve()}\ntrain: images/train\nval: images/val\nnames:\n{names}"
    description.write_text(text, encoding="utf-8")
    return description


def main(arguments: list[str] | None = None) -> int:
    """Command line of the data set."""
    parser = argparse.ArgumentParser(prog="python -m viewer.demo.dataset", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--train", type=int, default=1600, help="training pictures")
    parser.add_argument("--validation", type=int, default=150, help="validation pictures")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    description = write_dataset(options.out, train=options.train, validation=options.validation)
    sys.stdout.write(f"{description}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
