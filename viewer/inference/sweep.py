"""Which parts of a picture a detection needs, found by hiding random parts and looking whether it is still made.

The method is D-RISE: Petsiuk, Jain, Manjunatha, Morariu, Mehra, Ordonez and Saenko, "Black-box Explanation of Object
Detectors via Saliency Maps", CVPR 2021, sections 3.2 to 3.4, with the masks of Petsiuk, Das and Saenko, "RISE", BMVC
2018, section 3.3. Sampling: a grid of cells, 16 along the longer side of the model's input and as many as keep them
square along the other, each left visible with probability 0.5; scaled up bilinearly and shifted by a random part of a
cell; 400 masks by default (the paper takes 5000, which a CPU has no time for). Hidden parts are filled with the grey of
the letterbox rather than black, to which the picture fades where the mask is between 0 and 1.

Similarity: of all candidates of a masked picture, the greatest of

    IoU(box, target box) x cosine(class scores, target's class scores) x objectness.

Candidates carry the best class and its score alone. So the vector of class scores is that score at that class and 0
elsewhere, its cosine with the target's is 1 for candidates of the same class and 0 for others, and the score stands for
the objectness: IoU x score among the candidates of the class. They are taken before thresholds and suppression.

The value of a place is the mean similarity over the masks, weighted by how visible the place was. The paper divides by
the expected visibility, the same for all places; dividing by what was drawn is the same for many masks and less uneven
for few.
"""

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from viewer.core.boxes import Boxes
from viewer.core.overlap import pairwise_iou
from viewer.core.sweep import SweepMap, SweepWish
from viewer.inference.entry import PADDING

_CELL_PX = 8
"""Input pixels a cell of the map: masks are smooth over more."""


class Sweep:
    """One sweep in the making: `masked`, the network, `weigh`, and again.

    Args:
        wish: What is asked.
        index: Number of the frame.
        input_hw: Height and width of the model's input in pixels.
    """

    def __init__(self, wish: SweepWish, index: int, input_hw: tuple[int, int]) -> None:
        self._wish, self._index, self._input_hw = wish, index, input_hw
        self._generator = torch.Generator().manual_seed(wish.seed)
        self._target = np.array([wish.xyxy], np.float32)
        map_hw = (-(-input_hw[0] // _CELL_PX), -(-input_hw[1] // _CELL_PX))
        self._mask = torch.ones(input_hw)
        self._weighted = np.zeros(map_hw)
        self._visible = np.zeros(map_hw)
        self._done = 0

    def masked(self, images: Tensor) -> Tensor:
        """Hide random parts.

        Args:
            images: (1, 3, h, w) as the network takes them, 0..1; left as they are.
        """
        self._mask = random_mask(self._input_hw, self._wish, self._generator)
        mask = self._mask.to(images.device, images.dtype)
        return torch.lerp(torch.full_like(images, PADDING / 255), images, mask.expand_as(images))

    def weigh(self, candidates: Boxes) -> SweepMap:
        """Take in what the network made of the picture masked last.

        Args:
            candidates: In source pixels.
        """
        similarity = similarity_to(self._target, self._wish.label, candidates)
        mask = functional.adaptive_avg_pool2d(self._mask[None], self._visible.shape)[0].numpy()
        self._weighted += similarity * mask
        self._visible += mask
        self._done += 1
        return self._map()

    def _map(self) -> SweepMap:
        seen = self._visible > 0
        values = np.divide(self._weighted, self._visible, out=np.zeros_like(self._visible), where=seen)
        low, high = (float(values[seen].min()), float(values[seen].max())) if seen.any() else (0.0, 0.0)
        steps = (values - low) / max(high - low, 1e-9) * 254
        codes = np.where(seen, 1 + np.rint(steps.clip(0, 254)), 0).astype(np.uint8)
        codes.setflags(write=False)
        return SweepMap(self._wish, self._index, self._done, codes, (low, max(high, low + 1e-9)))


def similarity_to(target: NDArray[np.float32], label: int, candidates: Boxes) -> float:
    """The greatest IoU x score among candidates of a class; 0 where there is none.

    Args:
        target: (1, 4) corners in source pixels.
        label: Class number.
        candidates: In source pixels.
    """
    same = candidates.labels == label
    if not same.any():
        return 0.0
    overlap = pairwise_iou(target, candidates.xyxy[same])[0]
    return float((overlap * candidates.scores[same]).max())


def random_mask(input_hw: tuple[int, int], wish: SweepWish, generator: torch.Generator) -> Tensor:
    """(h, w) float32 mask on the host, 1 where the picture stays visible and 0 where it is hidden."""
    longest = max(input_hw)
    grid_hw = [max(1, round(wish.grid * side / longest)) for side in input_hw]
    cell_hw = [math.ceil(side / cells) for side, cells in zip(input_hw, grid_hw, strict=True)]
    # One cell more each way, for the shift.
    cells = torch.rand((1, 1, grid_hw[0] + 1, grid_hw[1] + 1), generator=generator) < wish.keep
    size: Any = [(cells + 1) * px for cells, px in zip(grid_hw, cell_hw, strict=True)]
    fine = functional.interpolate(cells.float(), size, mode="bilinear", align_corners=False)[0, 0]
    top, left = (int(torch.randint(px, (), generator=generator)) for px in cell_hw)
    return fine[top : top + input_hw[0], left : left + input_hw[1]]
