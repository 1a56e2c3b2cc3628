"""Candidates as rows of numbers: packed on the device whatever the network, read on the host.

Packing has fixed shapes and never waits for the device, so it can stand in a CUDA graph. The columns are those of
`viewer.core.protocols.Detector.candidates`.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from viewer.core.boxes import Boxes
from viewer.core.geometry import Letterbox

CANDIDATES = 1024
"""Rows kept of a frame: several times the most detections it can have."""


def pack_best(boxes: Tensor, scores: Tensor, labels: Tensor, strides: Tensor | None = None) -> Tensor:
    """Pack the best of many boxes.

    Args:
        boxes: (N, 4) corners in input pixels.
        scores: (N,) in 0..1; what is no number stays so, and its row is counted and dropped when it is read.
        labels: (N,) class numbers.
        strides: (N,) stride of the level that made each box; None where the head does not say.

    Returns:
        (1024, 7) float32, best score first, filled with zeros.
    """
    best, index = scores.float().topk(min(CANDIDATES, scores.shape[0]))
    columns = [
        boxes.float().index_select(0, index),
        best[:, None],
        labels.float().index_select(0, index)[:, None],
        torch.zeros_like(best)[:, None] if strides is None else strides.float().index_select(0, index)[:, None],
    ]
    return fill(torch.cat(columns, 1), CANDIDATES)


def corners(xywh: Tensor) -> Tensor:
    """Left, top, right and bottom of (..., 4) boxes given by centre and size."""
    centre, half = xywh[..., :2], xywh[..., 2:4] / 2
    return torch.cat((centre - half, centre + half), -1)


def fill(rows: Tensor, count: int) -> Tensor:
    """Add rows of zeros below until there are `count`."""
    return rows if rows.shape[0] == count else torch.nn.functional.pad(rows, (0, 0, 0, count - rows.shape[0]))


def read_rows(rows: NDArray[np.float32], letterbox: Letterbox) -> Boxes:
    """Turn downloaded rows into boxes in source pixels.

    Boxes are not clipped to the picture yet: suppression has to see them whole, and clips what it keeps.

    Args:
        rows: (K, 7) or (K, 8) float32 as packed above; rows whose score is 0 are fill, those with a number that is
            not finite are left out and counted.
        letterbox: Where the model's input lay in the picture.
    """
    kept = rows_kept(rows)
    nonfinite = int(np.count_nonzero(~(rows[:, 4] <= 0))) - len(kept)
    rows = rows[kept]
    oriented = rows.shape[1] == 8
    xywhr = _rotated_to_image(rows, letterbox) if oriented else None
    return Boxes(
        xyxy=_envelope(xywhr) if xywhr is not None else letterbox.to_image(rows[:, :4], clip=False),
        scores=rows[:, 4].astype(np.float32),
        labels=rows[:, 5].astype(np.int32),
        strides=rows[:, 6].astype(np.int32),
        xywhr=xywhr,
        nonfinite=nonfinite,
    )


def rows_kept(rows: NDArray[np.float32]) -> NDArray[np.intp]:
    """Which rows become boxes, in the order of the boxes: those with a score and without a number that is none."""
    return np.flatnonzero((rows[:, 4] > 0) & np.isfinite(rows).all(1))


def _rotated_to_image(rows: NDArray[np.float32], letterbox: Letterbox) -> NDArray[np.float32]:
    """Centre and size scaled an axis each, the rotation kept, as ultralytics' `scale_boxes` does."""
    centre = np.concatenate([rows[:, :2], rows[:, :2]], 1)
    xy = letterbox.to_image(centre, clip=False)[:, :2]
    size = rows[:, 2:4] / np.array(letterbox.scale_xy, np.float32)
    return np.concatenate([xy, size, rows[:, 7:8]], 1).astype(np.float32)


def _envelope(xywhr: NDArray[np.float32]) -> NDArray[np.float32]:
    x, y, w, h, angle = xywhr.T
    cos, sin = np.cos(angle), np.sin(angle)
    half_w, half_h = (np.abs(w * cos) + np.abs(h * sin)) / 2, (np.abs(w * sin) + np.abs(h * cos)) / 2
    return np.stack([x - half_w, y - half_h, x + half_w, y + half_h], 1).astype(np.float32)
