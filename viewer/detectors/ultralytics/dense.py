"""What a YOLO head says of every cell: the columns that its predictions are packed from, or that it chose among."""

from typing import Any

import torch
from torch import Tensor

from viewer.core.dense import DenseLevel
from viewer.detectors.dense import cut
from viewer.detectors.rows import corners
from viewer.detectors.ultralytics.heads import first_tensor

ONE_TO_ONE = "one-to-one head"
ONE_TO_MANY = "one-to-many head"
DENSE = "dense head"


def head_words(head: Any) -> str:
    """Which head decides: of a network that has two, the one in use."""
    if bool(head.end2end):
        return ONE_TO_ONE
    return ONE_TO_MANY if hasattr(head, "one2one_cv2") else DENSE


def dense_levels(head: Any, outputs: Any, *, oriented: bool) -> tuple[DenseLevel, ...]:
    """All that a head says of a frame, whether it chooses itself or leaves that to suppression.

    Args:
        head: A `Detect` of ultralytics, or a kind of it.
        outputs: What the network returned; its last part holds what the head said before it was decoded.
        oriented: Whether boxes rotate.
    """
    raw: dict[str, Any] = outputs[-1]
    is_chosen = bool(head.end2end)
    raw = raw.get("one2one" if is_chosen else "one2many", raw)
    if is_chosen:
        # Its own step from raw numbers to boxes, as in `wide_decode`: what came out of it holds the chosen ones only.
        predictions: Tensor = head._inference(raw)  # noqa: SLF001 - there is no public one
    else:
        predictions = first_tensor(outputs)
    columns = predictions[0].detach().float().T
    boxes, scores = columns[:, :4], columns[:, 4 : 4 + head.nc]
    if oriented:
        boxes = torch.cat((boxes, columns[:, -1:]), 1)
    elif not is_chosen:
        boxes = corners(boxes)
    levels = [(int(stride), *grid.shape[-2:]) for stride, grid in zip(head.stride.tolist(), raw["feats"], strict=True)]
    return cut(scores, boxes, levels, [1] * len(levels))
