"""Attention as a map: how much each cell is looked at, for the blocks of ultralytics that compute it and throw it away.

RT-DETR's AIFI asks its attention for no weights, and the blocks of YOLO11, 12 and 26 keep theirs to themselves. So each
such block gets a child module `attention`, which works the weights out again from queries and keys, and only while
somebody has a hook on it. What the block itself computes stays as it was, to the bit.
"""

import math
from typing import Any

import torch
from torch import Tensor, nn

CHILD = "attention"
"""Name of the child module; its output is the map."""


class AttentionMap(nn.Module):
    """Hands on (1, heads, H, W) attention, for hooks to see."""

    def forward(self, queries: Tensor, keys: Tensor, map_hw: tuple[int, int]) -> Tensor:
        """How much each cell is looked at by all cells that could.

        Args:
            queries: (areas, heads, N, depth), scaled as the block scales them before its softmax.
            keys: (areas, heads, N, depth) of the same cells; areas follow each other row by row.
            map_hw: Rows and columns of all areas together.

        Returns:
            (1, heads, H, W) float32, >= 0; 1 everywhere if every cell is looked at alike.
        """
        weights = (queries @ keys.transpose(-2, -1)).softmax(-1, dtype=torch.float32)
        received = weights.sum(-2)  # (areas, heads, N)
        return received.transpose(0, 1).reshape(1, received.shape[1], *map_hw)


def expose_attention(network: nn.Module) -> None:
    """Give every block that has attention inside the child `attention`.

    Args:
        network: An ultralytics model, fused if it ever will be.
    """
    from ultralytics.nn.modules.block import AAttn, Attention
    from ultralytics.nn.modules.transformer import AIFI

    tellers = {AIFI: _of_aifi, Attention: _of_attention, AAttn: _of_area_attention}
    for block in list(network.modules()):
        teller = tellers.get(type(block))
        if teller is not None:
            block.add_module(CHILD, AttentionMap())
            block.__class__ = _telling(type(block), teller)


def _telling(kind: Any, teller: Any) -> Any:
    """The class of a block that calls its child `attention` while that has hooks, and is the same otherwise."""

    def forward(self: Any, x: Tensor) -> Tensor:
        child = self.get_submodule(CHILD)
        if child._forward_hooks or child._forward_pre_hooks:  # noqa: SLF001 - there is no public way to ask
            child(*teller(self, x), (x.shape[2], x.shape[3]))
        return kind.forward(self, x)

    return type(kind.__name__, (kind,), {"forward": forward, "__doc__": kind.__doc__})


def _of_aifi(block: Any, x: Tensor) -> tuple[Tensor, Tensor]:
    """Queries and keys as AIFI's `nn.MultiheadAttention` makes them (ultralytics/nn/modules/transformer.py, 8.4)."""
    channels, height, width = x.shape[1:]
    position = block.build_2d_sincos_position_embedding(width, height, channels, like=x).to(x.dtype)
    tokens = x.flatten(2).permute(0, 2, 1)
    tokens = (block.norm1(tokens) if block.normalize_before else tokens) + position
    inner = block.ma
    weight, bias = inner.in_proj_weight[: 2 * channels], inner.in_proj_bias[: 2 * channels]
    both = nn.functional.linear(tokens, weight, bias).unflatten(-1, (2, inner.num_heads, inner.head_dim))
    queries, keys = both.permute(2, 0, 3, 1, 4)
    return queries * math.sqrt(1 / inner.head_dim), keys


def _of_attention(block: Any, x: Tensor) -> tuple[Tensor, Tensor]:
    """Queries and keys as YOLO11's `Attention` makes them (ultralytics/nn/modules/block.py, 8.4)."""
    depth = block.key_dim
    qkv = block.qkv(x).flatten(2).unflatten(1, (block.num_heads, 2 * depth + block.head_dim)).transpose(-2, -1)
    return qkv[..., :depth] * block.scale, qkv[..., depth : 2 * depth]


def _of_area_attention(block: Any, x: Tensor) -> tuple[Tensor, Tensor]:
    """Queries and keys as YOLO12's `AAttn` makes them, an area of rows for itself each."""
    depth = block.head_dim
    qkv = block.qkv(x).flatten(2).transpose(1, 2)
    qkv = qkv.reshape(block.area, -1, block.num_heads, 3 * depth).transpose(1, 2)
    return qkv[..., :depth] * depth**-0.5, qkv[..., depth : 2 * depth]
