"""What is known of a detector once it is loaded, in words that hold for every framework."""

from dataclasses import dataclass

from viewer.core.field import ReceptiveField
from viewer.core.suppression import Suppression

CAPTURING = ", capturing anew"
"""Ends `DetectorInfo.execution` while a graph with other taps is being made."""


@dataclass(frozen=True, slots=True)
class DetectorInfo:
    """A loaded detector.

    Attributes:
        name: Short name for titles, `yolo11n`.
        architecture: Class of the network, `YOLO11 detect`.
        names: Class names by class number.
        parameters: Number of weights.
        strides: Strides of the levels that enter the head, finest first.
        device: `cpu`, `cuda:0 NVIDIA H200`, `mps`.
        precision: `fp32`, `fp16`, `bf16`.
        suppression: What its candidates still need.
        execution: How it runs: `eager`, `graph`, or `eager: ` and why no graph; empty before the first frame;
            with `CAPTURING` behind it while the taps change.
        notes: Things worth knowing, one line each: fused, random weights.
        shapes: What it says of an object beside its box: `masks`, `keypoints`.
        warning: What no picture of it may be shown without, in two or three words: `random weights`; mostly empty.
        classes: How many classes it tells apart where it has no names for them; None where that is not known.
        gflops: Floating-point operations of a forward at the size it runs at, in thousands of millions, a
            multiplication and an addition counted as two; 0 where they were not counted.
        fields: What the cells of each stage can depend on; stages that were not looked at are missing.
        has_fixed_input: Whether its input has one size, whatever size is asked for.
    """

    name: str
    architecture: str
    names: tuple[str, ...]
    parameters: int
    strides: tuple[int, ...]
    device: str
    precision: str
    suppression: Suppression
    execution: str = ""
    notes: tuple[str, ...] = ()
    shapes: tuple[str, ...] = ()
    warning: str = ""
    classes: int | None = None
    gflops: float = 0.0
    fields: tuple[ReceptiveField, ...] = ()
    has_fixed_input: bool = False

    @property
    def is_capturing(self) -> bool:
        """Whether a graph for newer taps is being made beside the one that runs."""
        return self.execution.endswith(CAPTURING)

    def field_of(self, node: str) -> ReceptiveField | None:
        """What the cells of a stage can depend on; None where that was not looked for."""
        return next((field for field in self.fields if field.node == node), None)

    def name_of(self, label: int) -> str:
        """Class name, or `class 7` where the model has none for it."""
        return self.names[label] if 0 <= label < len(self.names) else f"class {label}"
