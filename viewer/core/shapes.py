"""What a detector says of an object beside its box: the outline of its mask, the points of its pose.

A mask is kept as rings of corners rather than as pixels: both painters draw rings at any zoom, a file holds them
compactly, and a hundred of them are smaller than one picture.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class MaskOutlines:
    """Outlines of several masks.

    A mask has a ring for every connected part and every hole; what lies inside an odd number of its rings belongs to
    it. A mask that covers nothing has no ring.

    Attributes:
        points: (P, 2) float32, corners of all rings one after the other, x and y in source pixels.
        ends: (R,) int32, where in `points` each ring ends, not decreasing.
        owners: (R,) int32, which mask each ring belongs to, not decreasing.
    """

    points: NDArray[np.float32]
    ends: NDArray[np.int32]
    owners: NDArray[np.int32]

    def __post_init__(self) -> None:
        for array in (self.points, self.ends, self.owners):
            array.setflags(write=False)

    @classmethod
    def of(cls, masks: list[list[NDArray[np.float32]]]) -> "MaskOutlines":
        """Pack the rings, each (n, 2) in source pixels, of each mask."""
        rings = [ring for mask in masks for ring in mask]
        points = np.concatenate(rings) if rings else np.zeros((0, 2), np.float32)
        owners = [number for number, mask in enumerate(masks) for _ in mask]
        ends = np.cumsum([len(ring) for ring in rings]).astype(np.int32)
        return cls(points.astype(np.float32), ends, np.array(owners, np.int32))

    def rings(self, mask: int) -> list[NDArray[np.float32]]:
        """The rings of one mask, each (n, 2) in source pixels."""
        first, last = np.searchsorted(self.owners, [mask, mask + 1])
        starts = np.concatenate([np.zeros(1, np.int32), self.ends])
        return [self.points[starts[ring] : self.ends[ring]] for ring in range(first, last)]

    def copy(self) -> "MaskOutlines":
        """The same with arrays of its own."""
        return MaskOutlines(self.points.copy(), self.ends.copy(), self.owners.copy())


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """Masks or poses of some candidates of a frame: those that were detections when it was processed.

    Attributes:
        rows: (M,) int32, which candidates, by their row in `FramePacket.candidates`.
        masks: Outlines of M masks; None if the detector makes none.
        keypoints: (M, K, 3) float32, x and y in source pixels (they may lie outside the picture) and a score 0..1;
            None if the detector makes none.
    """

    rows: NDArray[np.int32]
    masks: MaskOutlines | None = None
    keypoints: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        self.rows.setflags(write=False)
        if self.keypoints is not None:
            self.keypoints.setflags(write=False)

    def copy(self) -> "Shapes":
        """The same with arrays of its own."""
        return Shapes(
            self.rows.copy(),
            None if self.masks is None else self.masks.copy(),
            None if self.keypoints is None else self.keypoints.copy(),
        )
