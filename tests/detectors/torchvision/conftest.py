"""torchvision's detectors that detect plenty."""

from collections.abc import Callable, Iterator

import pytest

from tests.support.lively_torchvision import SIZE, liven
from viewer.detectors import open_detector
from viewer.detectors.torchvision.adapter import TorchvisionDetector


@pytest.fixture
def lively() -> Iterator[Callable[..., TorchvisionDetector]]:
    """Opens a builder with weights that detect; what was opened is closed in the end."""
    opened = []

    def make(name: str, **options):
        detector = open_detector(f"torchvision:{name}", device="cpu", **{"weights": "random", "imgsz": SIZE, **options})
        opened.append(detector)
        liven(detector.module)
        return detector

    yield make
    for detector in opened:
        detector.close()
