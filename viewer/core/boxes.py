"""Scored boxes, before suppression (candidates) and after it (detections), as arrays rather than objects."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """Scored boxes of one frame, best score first.

    Attributes:
        xyxy: (N, 4) float32, left, top, right, bottom in source pixels; detections are clipped to the picture,
            candidates only where the framework's own suppression compares clipped boxes, as torchvision's does.
        scores: (N,) float32 in 0..1, not increasing.
        labels: (N,) int32 class numbers.
        strides: (N,) int32, stride of the head level that made the box; 0 where the head does not say.
        xywhr: (N, 5) float32, centre, size and rotation in radians of oriented boxes in source pixels; None where
            boxes are upright. `xyxy` then holds the envelope.
        nonfinite: Number of boxes left out of these because their score or a corner was no finite number.
    """

    xyxy: NDArray[np.float32]
    scores: NDArray[np.float32]
    labels: NDArray[np.int32]
    strides: NDArray[np.int32]
    xywhr: NDArray[np.float32] | None = None
    nonfinite: int = 0

    def __post_init__(self) -> None:
        for array in (self.xyxy, self.scores, self.labels, self.strides, self.xywhr):
            if array is not None:
                array.setflags(write=False)

    def __len__(self) -> int:
        return len(self.scores)

    @classmethod
    def empty(cls) -> "Boxes":
        """No boxes at all."""
        return cls(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int32), np.zeros(0, np.int32))

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_] | Sequence[int]) -> "Boxes":
        """The boxes at these rows, in this order.

        Args:
            rows: Row numbers or an (N,) mask.
        """
        index = np.asarray(rows)
        if index.size == 0:
            return Boxes.empty()
        return Boxes(
            self.xyxy[index],
            self.scores[index],
            self.labels[index],
            self.strides[index],
            None if self.xywhr is None else self.xywhr[index],
        )

    def clipped(self, image_hw: tuple[int, int]) -> "Boxes":
        """The same boxes, `xyxy` clipped to a picture of this height and width in pixels."""
        height, width = image_hw
        return replace(self, xyxy=self.xyxy.clip(0, np.array([width, height, width, height], np.float32)))
