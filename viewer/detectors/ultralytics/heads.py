"""Candidates of each kind of head: what comes out of the network, packed on the device.

Packing has fixed shapes and never waits for the device, so it can stand in a CUDA graph. Shapes and column orders are
those of ultralytics/nn/modules/head.py, 8.4.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from viewer.detectors.rows import CANDIDATES, fill


@contextmanager
def scores_alone(head: Any) -> Iterator[None]:
    """A context for a forward that is recorded: a head's boxes are left out of it, for scores are what is explained.

    Boxes and scores leave the head in one tensor, so the way back from a score would lead through both branches.
    """
    branches = [getattr(head, name, None) for name in ("cv2", "one2one_cv2")]
    levels = [level for branch in branches if isinstance(branch, nn.ModuleList) for level in branch]
    handles = [level.register_forward_pre_hook(_detached) for level in levels]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _detached(_module: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return tuple(tensor.detach() for tensor in inputs)


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
    scores, index = best_anchors(predictions, classes=classes)
    best = anchors.index_select(1, index).float()
    tail = [scores.float(), best[4 : 4 + classes].argmax(0).float(), strides[0].index_select(0, index).float()]
    box = list(best[:4].unbind())
    columns = [*box, *tail, best[-1]] if oriented else [*_corners(*box), *tail]
    return fill(torch.stack(columns, 1), CANDIDATES)


def best_anchors(predictions: Tensor, *, classes: int) -> tuple[Tensor, Tensor]:
    """Scores and numbers of the anchors that `pack_dense` packs, in its order, each (at most 1024,)."""
    anchors = predictions[0]
    return anchors[4 : 4 + classes].amax(0).topk(min(CANDIDATES, anchors.shape[1]))


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
    return fill(torch.cat(parts, 1), rows)


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
    return fill(torch.stack(columns, 1), rows)


def _corners(x: Tensor, y: Tensor, w: Tensor, h: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    return x - w / 2, y - h / 2, x + w / 2, y + h / 2
