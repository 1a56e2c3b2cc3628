"""Files that look like checkpoints and are none that can be used."""

import os
import warnings
from pathlib import Path

import torch


class Bomb:
    """Makes a folder when it is unpickled."""

    def __init__(self, witness: str) -> None:
        self.witness = witness

    def __reduce__(self):
        return os.mkdir, (self.witness,)


def save_torchscript(path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.trace(torch.nn.Conv2d(3, 2, 1), torch.zeros(1, 3, 4, 4)).save(str(path))


def save_classifier(path: Path) -> None:
    from viewer.detectors.ultralytics.quiet import load_library

    load_library()
    from ultralytics.nn.tasks import ClassificationModel

    model = ClassificationModel("yolo11n-cls.yaml", verbose=False)
    torch.save({"model": model.half(), "train_args": {"task": "classify"}}, path)
