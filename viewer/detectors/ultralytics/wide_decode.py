"""Boxes in single precision, whatever the network runs in: half a number has no room for where a box is.

A network in bfloat16 has eight bits for a number, so a corner near 600 px would land on the next multiple of four, and
one near 100 px on the next half; half precision snaps to a quarter of a pixel up there. What the last convolutions say
is kept as they say it, small numbers all; only what is made of them, distances, corners and scores, is computed wide.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor


def decode_wide(network: Any) -> None:
    """Let a YOLO head decode in float32; heads that choose by queries (RT-DETR) decode as they go and stay as they are.

    Args:
        network: With its weights in a 16-bit type already; changed in place.
    """
    head = network.model[-1]
    if not hasattr(head, "_inference"):
        return
    head.shape = None  # what a checkpoint remembers of its anchors may be in 16 bits
    head.dfl.float()  # a convolution whose weights are the numbers 0 to 15
    # Its own name for the step in which raw numbers become boxes, in every head; there is no public one.
    head._inference = partial(_decoded, head._inference)  # noqa: SLF001 - see above


def _decoded(decode: Callable[[dict[str, Any]], Tensor], raw: Mapping[str, Any]) -> Tensor:
    return decode({name: _wide(value) for name, value in raw.items()})


def _wide(value: Any) -> Any:
    """Numbers as float32; of the maps, which only say how many cells there are, a stand-in without memory."""
    if isinstance(value, Tensor):
        return value.float() if value.is_floating_point() else value
    if isinstance(value, (list, tuple)):
        return [torch.zeros((), device=each.device).expand(each.shape) for each in value]
    return value
