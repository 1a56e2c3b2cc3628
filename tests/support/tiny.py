"""A network whose every answer is known: strided averages, so a bright spot stays where it is at any stride."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from viewer.core import Boxes, DetectorInfo, Letterbox, Role, Stage, Suppression


class Pyramid(nn.Module):
    """Brightness averaged over 4, 8, 16 and 32 pixels, two channels each."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.AvgPool2d(4)
        self.down = nn.ModuleList(nn.AvgPool2d(2) for _ in range(3))

    def forward(self, images: torch.Tensor) -> list[torch.Tensor]:
        maps = [self.stem(images.mean(1, keepdim=True).repeat(1, 2, 1, 1))]
        for pool in self.down:
            maps.append(pool(maps[-1]))
        return maps


class TinyDetector:
    """One box over the brightest cell of the finest map; its score is that cell's brightness."""

    def __init__(self, device: str = "cpu", *, size: int = 320) -> None:
        self.module = Pyramid().to(device)
        self.device, self.dtype = torch.device(device), torch.float32
        self.size = size
        self.stages = tuple(
            Stage(node, Role.BACKBONE, stride, 2, (size // stride, size // stride), default=True)
            for node, stride in (("stem", 4), ("down.0", 8), ("down.1", 16), ("down.2", 32))
        )
        self.info = DetectorInfo("tiny", "Pyramid", ("spot",), 0, (4,), device, "fp32", Suppression.GREEDY)
        self.closed = 0

    def letterbox(self, image_hw: tuple[int, int]) -> Letterbox:
        return Letterbox.fit(image_hw, (self.size, self.size))

    def forward(self, images: torch.Tensor) -> Any:
        return self.module(images)

    def candidates(self, outputs: Any) -> torch.Tensor:
        finest = outputs[0][0, 0]
        score, cell = finest.flatten().topk(1)
        y, x = cell // finest.shape[1] * 4, cell % finest.shape[1] * 4
        return torch.stack((x, y, x + 4, y + 4, score, torch.zeros_like(x), torch.full_like(x, 4)), 1).float()

    def read_candidates(self, rows: NDArray[np.float32], letterbox: Letterbox) -> Boxes:
        return Boxes(
            letterbox.to_image(rows[:, :4], clip=False),
            rows[:, 4].copy(),
            rows[:, 5].astype(np.int32),
            rows[:, 6].astype(np.int32),
        )

    def close(self) -> None:
        self.closed += 1
