"""How far boxes of two frames cover each other, which is how an object is known again."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Xyxy = tuple[float, float, float, float]


def overlaps(ones: Sequence[Xyxy], others: ArrayLike) -> NDArray[np.float64]:
    """Intersection over union of each box with each other one.

    Args:
        ones: N boxes, corners in source pixels.
        others: (M, 4) likewise.

    Returns:
        (N, M) in 0..1; 0 where both boxes are empty.
    """
    first = np.asarray(ones, np.float64).reshape(-1, 1, 4)
    second = np.asarray(others, np.float64).reshape(1, -1, 4)
    sides = np.minimum(first[..., 2:], second[..., 2:]) - np.maximum(first[..., :2], second[..., :2])
    shared = sides.clip(0).prod(axis=-1)
    union = _area(first) + _area(second) - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def _area(xyxy: NDArray[np.float64]) -> NDArray[np.float64]:
    return (xyxy[..., 2:] - xyxy[..., :2]).clip(0).prod(axis=-1)
