"""What a dense head says of every cell, before any of it is dropped: what tells why an object was missed.

Candidates are the best of these few numbers; a class that another one outdoes in its own cell is not among them, nor is
what scores next to nothing.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class DenseLevel:
    """One level of a head, on the device.

    Attributes:
        stride: Input pixels for each cell.
        scores: (anchors, classes, h, w) tensor, 0..1, by class number; 0 for a number that is no class.
        boxes: (anchors, h, w, 4) tensor of corners in input pixels, or (anchors, h, w, 5) of centre, size and rotation
            in radians, as in `Detector.candidates`.
    """

    stride: int
    scores: Any
    boxes: Any
