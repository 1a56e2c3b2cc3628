"""How far boxes cover each other, by which an object is known again: one way for all who ask it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Xyxy = tuple[float, float, float, float]
"""Left, upper, right and lower edge."""


def pairwise_iou(
    ones: NDArray[np.float32] | Sequence[Xyxy], others: NDArray[np.float32] | Sequence[Xyxy]
) -> NDArray[np.float64]:
    """Intersection over union of each upright box with each other one.

    Args:
        ones: (N, 4) corners.
        others: (M, 4) corners, in the same pixels.

    Returns:
        (N, M) in 0..1; 0 where both are empty.
    """
    first = np.asarray(ones, np.float64).reshape(-1, 1, 4)
    second = np.asarray(others, np.float64).reshape(1, -1, 4)
    sides = np.minimum(first[..., 2:], second[..., 2:]) - np.maximum(first[..., :2], second[..., :2])
    shared = sides.clip(0).prod(axis=-1)
    areas = [(boxes[..., 2:] - boxes[..., :2]).clip(0).prod(axis=-1) for boxes in (first, second)]
    union = areas[0] + areas[1] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
