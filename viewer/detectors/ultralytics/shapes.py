"""Masks and poses of the detections of an ultralytics network, made for these alone.

Shapes and column orders are those of ultralytics/nn/modules/head.py and ultralytics/utils/ops.py, 8.4.
"""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from viewer.core.boxes import Boxes
from viewer.core.geometry import Letterbox, Rect
from viewer.core.shapes import MaskOutlines
from viewer.render.outline import trace_mask

_MARGIN = 1
"""Cells around a box that matter to what lies in it."""


def mask_outlines(coefficients: Tensor, prototypes: Tensor, detections: Boxes, letterbox: Letterbox) -> MaskOutlines:
    """Mix the prototypes of a frame into the masks of its detections.

    Args:
        coefficients: (M, P), how much of each prototype a mask has.
        prototypes: (P, h, w), spread over the whole model input.
        detections: The M boxes in source pixels; a mask ends where its box ends.
        letterbox: Where the model's input lay in the picture.
    """
    grid_hw = (prototypes.shape[1], prototypes.shape[2])
    logits = coefficients.float() @ prototypes.float().flatten(1)
    # Logits and not likelihoods, because it is between logits that ultralytics interpolates; half of each is enough.
    pictures = logits.to(torch.float16).cpu().numpy().reshape(-1, *grid_hw)
    masks: list[list[NDArray[np.float32]]] = []
    inner = letterbox.to_input(detections.xyxy)
    for picture, box, within in zip(pictures, inner.tolist(), detections.xyxy.tolist(), strict=True):
        rows, columns, rect = _cells_under(box, grid_hw, letterbox)
        cells = picture[rows, columns].astype(np.float32)
        masks.append(trace_mask(cells, 0.0, rect, tuple(within)) if cells.size else [])
    return MaskOutlines.of(masks)


def keypoints(values: Tensor, shape: tuple[int, int], letterbox: Letterbox) -> NDArray[np.float32]:
    """Bring keypoints into source pixels.

    Args:
        values: (M, K * D), x and y in input pixels and, where D is 3, a score 0..1; where it is 2 all count as sure.
        shape: K and D.
        letterbox: Where the model's input lay in the picture.

    Returns:
        (M, K, 3) float32, x, y in source pixels, score.
    """
    points = values.float().cpu().numpy().reshape(-1, *shape)
    scores = points[..., 2:3] if shape[1] == 3 else np.ones_like(points[..., :1])
    return np.concatenate([letterbox.points_to_image(points[..., :2]), scores], axis=-1).astype(np.float32)


def _cells_under(box: list[float], grid_hw: tuple[int, int], letterbox: Letterbox) -> tuple[slice, slice, Rect]:
    """Rows and columns of the grid under a box in input pixels, and where they lie in source pixels."""
    cell_h, cell_w = letterbox.input_hw[0] / grid_hw[0], letterbox.input_hw[1] / grid_hw[1]
    left, right = _span(box[0] / cell_w, box[2] / cell_w, grid_hw[1])
    top, bottom = _span(box[1] / cell_h, box[3] / cell_h, grid_hw[0])
    corners = np.array([[left * cell_w, top * cell_h], [right * cell_w, bottom * cell_h]], np.float32)
    (x, y), (x_end, y_end) = letterbox.points_to_image(corners).tolist()
    return slice(top, bottom), slice(left, right), Rect(x, y, x_end - x, y_end - y)


def _span(start: float, end: float, count: int) -> tuple[int, int]:
    return max(0, math.floor(start) - _MARGIN), min(count, math.ceil(end) + _MARGIN)
