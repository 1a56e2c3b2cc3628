"""A small seeded network with weights: three convolutions, folded as a fused network's are, and a box a bright cell."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from viewer.core import Boxes, DetectorInfo, Letterbox, Role, Stage, Suppression


class Convs(nn.Module):
    """Stride 8, SiLU after each convolution, so that a channel without weights and bias is zero."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.stem = nn.Sequential(nn.Conv2d(3, 6, 3, stride=4, padding=1), nn.SiLU())
        self.block = nn.Sequential(nn.Conv2d(6, 8, 3, stride=2, padding=1), nn.SiLU())
        self.head = nn.Conv2d(8, 2, 1)
        self.eval().requires_grad_(False)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.head(self.block(self.stem(images)))


class ConvDetector:
    """The twenty best cells of both classes, each a box of three cells."""

    def __init__(self, *, seed: int = 0, size: int = 64) -> None:
        self.module = Convs(seed)
        self.device, self.dtype, self.size = torch.device("cpu"), torch.float32, size
        self.stages = (
            Stage("stem", Role.BACKBONE, 4, 6, (size // 4, size // 4), default=True),
            Stage("block", Role.NECK, 8, 8, (size // 8, size // 8), name="P3", default=True),
        )
        self.info = DetectorInfo("convs", "Convs", ("cat", "dog"), 1, (8,), "cpu", "fp32", Suppression.GREEDY)
        self.forwards = 0

    def letterbox(self, image_hw: tuple[int, int]) -> Letterbox:
        return Letterbox.fit(image_hw, (self.size, self.size))

    def forward(self, images: torch.Tensor) -> Any:
        self.forwards += 1
        return self.module(images)

    def candidates(self, outputs: Any) -> torch.Tensor:
        scores = outputs[0].sigmoid()
        columns = scores.shape[2]
        best, places = scores.flatten().topk(20)
        label, cell = places // scores[0].numel(), places % scores[0].numel()
        x, y = cell % columns * 8 + 4, cell // columns * 8 + 4
        return torch.stack((x - 12, y - 12, x + 12, y + 12, best, label, torch.full_like(x, 8)), 1).float()

    def read_candidates(self, rows: NDArray[np.float32], letterbox: Letterbox) -> Boxes:
        xyxy = letterbox.to_image(rows[:, :4], clip=False)
        return Boxes(xyxy, rows[:, 4].copy(), rows[:, 5].astype(np.int32), rows[:, 6].astype(np.int32))

    def close(self) -> None:
        pass
