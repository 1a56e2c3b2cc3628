"""Train the slim detector on streets of our own making, and leave a checkpoint that is safe to load anywhere.

Run as `python -m viewer.demo.train --work DIR [--resume]`. Training goes on where it was cut off when `--resume` is
given. At the end the script prints the mean average precision on streets that neither training nor the clip shows.
"""

import argparse
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from viewer.demo.dataset import TRAIN_SEEDS, write_dataset

ARCHITECTURE = Path(__file__).with_name("slim.yaml")
INPUT_PX = 640
_RUN_NAME = "run"
_KEPT_ARGUMENTS = ("task", "imgsz", "single_cls", "names", "nc", "rect")


@dataclass(frozen=True, slots=True)
class Recipe:
    """What decides the outcome of a training.

    Attributes:
        start: Model description to begin with, or a checkpoint to refine.
        rate: Learning rate to begin with; it falls to a fiftieth along a cosine.
        first_seed: Of the training streets.
        train_pictures: Size of the training set.
        validation_pictures: Size of the validation set.
        epochs: Passes over the training set.
        hours: Wall-clock budget; where given, it decides the number of epochs.
        batch: Pictures a step.
    """

    start: Path
    rate: float
    first_seed: int
    train_pictures: int
    validation_pictures: int
    epochs: int
    hours: float | None
    batch: int


def train(work: Path, recipe: Recipe, *, resume: bool, threads: int, device: str) -> Path:
    """Write the data set, train and return the path of the best checkpoint.

    Args:
        work: Folder for data, logs and checkpoints.
        recipe: What to train on, from what, for how long.
        resume: Whether to go on from the last checkpoint in `work`.
        threads: CPU threads to use.
        device: As torch names it.
    """
    data = write_dataset(
        work / "data",
        train=recipe.train_pictures,
        validation=recipe.validation_pictures,
        first_seed=recipe.first_seed,
    )
    framework = _framework(threads)
    last = work / _RUN_NAME / "weights" / "last.pt"
    if resume and last.exists():
        framework.YOLO(str(last)).train(resume=True, device=device)
    else:
        framework.YOLO(str(recipe.start), task="detect").train(
            data=str(data),
            epochs=recipe.epochs,
            batch=recipe.batch,
            imgsz=INPUT_PX,
            rect=True,
            device=device,
            workers=0,
            project=str(work),
            name=_RUN_NAME,
            exist_ok=True,
            pretrained=recipe.start.suffix == ".pt",
            amp=False,
            plots=False,
            seed=1,
            deterministic=True,
            optimizer="AdamW",
            lr0=recipe.rate,
            lrf=0.02,
            cos_lr=True,
            warmup_epochs=1.0,
            weight_decay=0.0005,
            warmup_bias_lr=0.0,
            nbs=recipe.batch,
            mosaic=0.0,
            close_mosaic=0,
            scale=0.2,
            translate=0.05,
            fliplr=0.5,
            hsv_h=0.01,
            hsv_s=0.4,
            hsv_v=0.25,
            erasing=0.0,
            auto_augment=None,
            save=True,
            cache="ram",
            patience=0,
            time=recipe.hours,
        )
    return work / _RUN_NAME / "weights" / "best.pt"


def evaluate(checkpoint: Path, work: Path, *, threads: int, device: str) -> float:
    """Mean average precision at IoU 0.5 on the validation streets, 0 to 1, at the viewer's input size."""
    framework = _framework(threads)
    metrics = framework.YOLO(str(checkpoint)).val(
        data=str(work / "data" / "data.yaml"),
        imgsz=INPUT_PX,
        rect=True,
        batch=8,
        workers=0,
        plots=False,
        device=device,
        project=str(work),
        name="evaluation",
        exist_ok=True,
        verbose=False,
    )
    return float(metrics.box.map50)


def export(checkpoint: Path, target: Path) -> None:
    """Strip a training checkpoint to half-precision weights and the few arguments that matter.

    No path of the machine that trained it is left in the file.

    Args:
        checkpoint: written by the trainer.
        target: file to write.
    """
    import torch

    _framework(1)
    content: dict[str, Any] = torch.load(checkpoint, map_location="cpu", weights_only=False)
    model = (content.get("ema") or content["model"]).half()
    model.args = kept_arguments(model.args if isinstance(model.args, dict) else vars(model.args))
    model.yaml["yaml_file"] = ARCHITECTURE.name
    model.pt_path = None
    model.criterion = None
    for parameter in model.parameters():
        parameter.requires_grad = False
    target.parent.mkdir(parents=True, exist_ok=True)
    torch.save(
        {
            "epoch": -1,
            "model": model,
            "ema": None,
            "optimizer": None,
            "updates": None,
            "train_args": kept_arguments(content.get("train_args", {})),
            "version": content.get("version"),
        },
        target,
    )


def kept_arguments(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that a loader reads; none of them is a path."""
    return {name: arguments[name] for name in _KEPT_ARGUMENTS if name in arguments}


def _framework(threads: int) -> Any:
    """Import the trainer with installs, downloads and usage reports off, for this process only."""
    os.environ["YOLO_AUTOINSTALL"] = "false"
    os.environ["YOLO_OFFLINE"] = "true"
    import torch
    import ultralytics
    from ultralytics.utils import SETTINGS

    # The parent class's method changes the value in memory; the file with the user's settings stays as it is.
    dict.__setitem__(SETTINGS, "sync", False)
    torch.set_num_threads(threads)
    return ultralytics


def main(arguments: list[str] | None = None) -> int:
    """Command line of the training."""
    parser = argparse.ArgumentParser(prog="python -m viewer.demo.train", description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="folder for data, logs and checkpoints")
    parser.add_argument("--out", type=Path, help="where to write the stripped checkpoint")
    parser.add_argument("--resume", action="store_true", help="go on where training was cut off")
    parser.add_argument("--start", type=Path, default=ARCHITECTURE, help="model description, or checkpoint to refine")
    parser.add_argument("--rate", type=float, default=0.0025, help="learning rate to begin with")
    parser.add_argument("--first-seed", type=int, default=TRAIN_SEEDS, help="of the training streets")
    parser.add_argument("--train", type=int, default=1600, help="training pictures")
    parser.add_argument("--validation", type=int, default=150, help="validation pictures")
    parser.add_argument("--epochs", type=int, default=30, help="passes over the training pictures")
    parser.add_argument("--hours", type=float, help="wall-clock budget, in place of a number of epochs")
    parser.add_argument("--batch", type=int, default=8, help="pictures a step")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads")
    parser.add_argument("--device", default="cpu", help="as torch names it")
    options = parser.parse_args(arguments)
    work: Path = options.work.resolve()
    recipe = Recipe(
        start=options.start,
        rate=options.rate,
        first_seed=options.first_seed,
        train_pictures=options.train,
        validation_pictures=options.validation,
        epochs=options.epochs,
        hours=options.hours,
        batch=options.batch,
    )
    best = train(work, recipe, resume=options.resume, threads=options.threads, device=options.device)
    target: Path = options.out or work / "demo.pt"
    export(best, target)
    score = evaluate(target, work, threads=options.threads, device=options.device)
    sys.stdout.write(f"mAP50 {score:.3f}, {target.stat().st_size / 1e6:.2f} MB: {target}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
