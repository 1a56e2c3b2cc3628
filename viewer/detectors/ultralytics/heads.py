"""Candidates of each kind of head: what comes out of the network, packed on the device and read on the host.

Packing has fixed shapes and never waits for the device, so it can stand in a CUDA graph. Shapes and column orders are
those of ultralytics/nn/modules/head.py, 8.4.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from viewer.core.boxes import Boxes
from viewer.core.geometry import Letterbox
from viewer.detectors.rows import CANDIDATES
from viewer.detectors.rows import fill as _fill


def first_tensor(outputs: Any) -> Tensor:
    """The predictions in a head's nest of tuples: always its first leaf."""
    while not isinstance(outputs, Tensor):
        outputs = outputs[0]
    return outputs


def pack_dense(predictions: Tensor, strides: Tensor, *, classes: int, oriented: bool) -> Tensor:
    """Pack the best anchors of a head that needs suppression, one row an anchor with its best class.

    Args:
        predictions: (1, 4 + classes + extra, A) centre, size, class scores; the last row is the rotation if oriented.
        strides: (1, A) stride of each anchor's level.
        classes: Number of classes.
        oriented: Whether boxes rotate.

    Returns:
        (1024, 7) float32, or (1024, 8) if oriented; see `viewer.core.protocols.Detector.candidates`.
    """
    anchors = predictions[0]
    kept = min(CANDIDATES, anchors.shape[1])
    scores, index = anchors[4 : 4 + classes].amax(0).topk(kept)
    best = anchors.index_select(1, index).float()
    tail = [scores.float(), best[4 : 4 + classes].argmax(0).float(), strides[0].index_select(0, index).float()]
    box = list(best[:4].unbind())
    columns = [*box, *tail, best[-1]] if oriented else [*_corners(*box), *tail]
    return _fill(torch.stack(columns, 1), CANDIDATES)


def pack_chosen(predictions: Tensor, strides: Tensor, *, rows: int, oriented: bool) -> Tensor:
    """Pack what a one-to-one head has chosen itself.

    Args:
        predictions: (1, N, 6 + extra) corners (centre and size if oriented), score, class; then the rotation if
            oriented.
        strides: (N,) stride of the level of each row.
        rows: Number of rows wanted; N is less where the picture has fewer anchors.
        oriented: Whether boxes rotate.

    Returns:
        (rows, 7) float32, or (rows, 8) if oriented.
    """
    chosen = predictions[0].float()
    parts = [chosen[:, :6], strides[:, None].float()]
    if oriented:
        parts.append(chosen[:, 6:7])
    return _fill(torch.cat(parts, 1), rows)


def pack_queries(predictions: Tensor, *, input_hw: tuple[int, int], rows: int) -> Tensor:
    """Pack the queries of RT-DETR's decoder.

    Args:
        predictions: (1, N, 6) centre and size as shares of the input, score, class.
        input_hw: Height and width of the model's input in pixels.
        rows: Number of rows wanted.

    Returns:
        (rows, 7) float32.
    """
    height, width = input_hw
    x, y, w, h, scores, labels = predictions[0].float().unbind(1)
    columns = [*_corners(x * width, y * height, w * width, h * height), scores, labels, torch.zeros_like(scores)]
    return _fill(torch.stack(columns, 1), rows)


def read_rows(rows: NDArray[np.float32], letterbox: Letterbox) -> Boxes:
    """Turn downloaded rows into boxes in source pixels.

    Boxes are not clipped to the picture yet: suppression has to see them whole, and clips what it keeps.

    Args:
        rows: (K, 7) or (K, 8) float32 as packed above; rows whose score is 0 or not a number are fill.
        letterbox: Where the model's input lay in the picture.
    """
    rows = rows[rows[:, 4] > 0]
    oriented = rows.shape[1] == 8
    xywhr = _rotated_to_image(rows, letterbox) if oriented else None
    return Boxes(
        xyxy=_envelope(xywhr) if xywhr is not None else letterbox.to_image(rows[:, :4], clip=False),
        scores=rows[:, 4].astype(np.float32),
        labels=rows[:, 5].astype(np.int32),
        strides=rows[:, 6].astype(np.int32),
        xywhr=xywhr,
    )


def _corners(x: Tensor, y: Tensor, w: Tensor, h: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    return x - w / 2, y - h / 2, x + w / 2, y + h / 2


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
