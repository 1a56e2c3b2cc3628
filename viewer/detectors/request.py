"""What a user asked of a detector, in one value that every adapter reads."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from viewer.core.errors import DetectorError

_MOST_PX = 4096  # as much as `--imgsz` takes

Progress = Callable[[str, float | None], None]
"""Told what is being done and how far it is, 0..1, or None where that is not known."""


class Precision(StrEnum):
    """Floating type of weights and activations."""

    FP32 = "fp32"
    FP16 = "fp16"
    BF16 = "bf16"


def _silent(_what: str, _share: float | None) -> None:
    pass


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """A model and how to load it.

    Attributes:
        model: What the user named: a file, or a word that stands for a model.
        device: `auto`, `cpu`, `cuda`, `cuda:1`, `mps`.
        imgsz: Longest side of the model's input in pixels, for models whose input is free.
        precision: Floating type of weights and activations.
        trust_checkpoint: Load a checkpoint that holds more than weights and known classes. It can run any code.
        weights: State dict to load into a model that is named by architecture; None takes the adapter's default.
        decode: How outputs become boxes, for formats that do not say; None lets the adapter guess.
        fuse: Fold normalisation into convolutions where the adapter can.
        channels_last: Memory format of weights and activations; None lets the adapter choose by device.
        rectangular: Pad a picture no further than the stride asks; otherwise to a square.
        end_to_end: Use the one-to-one branch of a head that has both, and no suppression.
        progress: Told what is being done.
    """

    model: str
    device: str = "auto"
    imgsz: int = 640
    precision: Precision = Precision.FP32
    trust_checkpoint: bool = False
    weights: str | None = None
    decode: str | None = None
    fuse: bool = True
    channels_last: bool | None = None
    rectangular: bool = True
    end_to_end: bool = False
    progress: Progress = _silent

    def check_imgsz(self, least: int = 32) -> None:
        """Refuse sizes that no network of free input can take.

        Args:
            least: Smallest size in pixels.

        Raises:
            DetectorError: If `imgsz` is smaller, or larger than 4096.
        """
        if not least <= self.imgsz <= _MOST_PX:
            raise DetectorError(f"input size {self.imgsz} is not usable; give {least} to {_MOST_PX} pixels")
