"""The arithmetic of LayerCAM, on the device.

Source: Jiang et al., "LayerCAM: Exploring Hierarchical Class Activation Maps for Localization", TIP 2021, equations 6
and 7.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What of an activation speaks for a score.

    Attributes:
        cells: (h, w) float32, >= 0, in units of the score.
        channels: (C,) float32, the sum over cells, of either sign.
        rows: (h,) whether a gradient of either sign reaches any cell of a row.
        columns: (w,) likewise.
    """

    cells: Tensor
    channels: Tensor
    rows: Tensor
    columns: Tensor


def evidence_of(activation: Tensor, gradient: Tensor) -> Evidence:
    """Weigh an activation by where more of it would raise the score.

    Args:
        activation: (1, C, h, w).
        gradient: (1, C, h, w) of the score with respect to it.
    """
    slope = gradient[0].float()
    weighted = slope.relu().mul_(activation.detach()[0].float())
    reached = (slope != 0).any(0)
    return Evidence(weighted.sum(0).relu_(), weighted.sum((1, 2)), reached.any(1), reached.any(0))


def cells_of(activations: Tensor, gradients: Tensor) -> Tensor:
    """The maps of several scores at one stage.

    Args:
        activations: (1, C, h, w).
        gradients: (N, C, h, w), one score each.

    Returns:
        (N, h, w) float32, >= 0.
    """
    return (gradients.float().relu() * activations.detach().float()).sum(1).relu_()


def merged(levels: Sequence[Tensor], input_hw: tuple[int, int]) -> Tensor:
    """Merge the maps of several scores at several stages: each by its own largest value, then the largest of all.

    Source: `class_activation_map` of ultralytics/utils/plotting.py, 8.4.

    Args:
        levels: (N, h, w) maps of each stage, as many as there are scores that reach it.
        input_hw: Height and width of the model's input in pixels, over which maps are spread before they are divided.

    Returns:
        (H, W) float32 in 0..1.
    """
    whole: Tensor | None = None
    for maps in levels:
        spread = torch.nn.functional.interpolate(maps[:, None], input_hw, mode="bilinear", align_corners=False)
        shares = spread / spread.amax((2, 3), keepdim=True).clamp_(min=1e-7)
        best = shares.amax((0, 1))
        whole = best if whole is None else torch.maximum(whole, best)
    if whole is None:
        raise ValueError("no maps to merge")
    return whole
