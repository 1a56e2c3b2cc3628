"""A team's own detector behind the `Detector` port: how little glue it takes, and how much it shows."""

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name everybody knows
from numpy.typing import NDArray

from viewer.core import Boxes, DetectorInfo, Letterbox, Role, Stage, Suppression
from viewer.detectors.discovery import find_maps

FOLDER = Path(__file__).parents[3] / "shared" / "real"
IS_THERE = (FOLDER / "centernet_coco.npz").exists()
TOP = 100


def load_centernet() -> Any:
    spec = importlib.util.spec_from_file_location("centernet_coco", FOLDER / "centernet_coco.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class CenterNetDetector:
    """CenterNet, 80 classes, on a stretched 512x512 input, with a one-to-one heat map instead of anchors."""

    def __init__(self) -> None:
        self.source = load_centernet()
        self.module = self.source.build().requires_grad_(requires_grad=False)
        self.device, self.dtype = torch.device("cpu"), torch.float32
        size = self.source.INPUT_SIZE
        with torch.inference_mode():
            blocks = {name: m for name, m in self.module.named_modules() if name and not list(m.children())[2:]}
            found = find_maps(blocks, lambda: self.forward(torch.zeros(1, 3, size, size)), repeats=1)
        last = {size // one.map_hw[0]: one.node for one in found if one.node.startswith("Mobilenet")}
        self.stages = tuple(
            Stage(
                node=one.node,
                role=Role.BACKBONE if one.node.startswith("Mobilenet") else Role.HEAD,
                stride=size // one.map_hw[0],
                channels=one.channels,
                map_hw=one.map_hw,
                kind=one.kind,
                share=one.share,
                default=one.node in {last.get(8), last.get(16), last.get(32)},
            )
            for one in found
            if one.map_hw[0] > 1 and size % one.map_hw[0] == 0
        )
        parameters = sum(p.numel() for p in self.module.parameters())
        self.info = DetectorInfo(
            "centernet_coco", "CenterNet", tuple(self.source.NAMES), parameters, (4,), "cpu", "fp32", Suppression.NONE
        )

    def letterbox(self, image_hw: tuple[int, int]) -> Letterbox:
        return Letterbox.stretch(image_hw, (self.source.INPUT_SIZE, self.source.INPUT_SIZE))

    def forward(self, images: torch.Tensor) -> Any:
        return self.module(images * 255)

    def candidates(self, outputs: Any) -> torch.Tensor:
        heatmap, extents = outputs
        peaks = heatmap * (F.max_pool2d(heatmap, 3, 1, 1) == heatmap)
        scores, flat = peaks.flatten().topk(TOP)
        cells = heatmap.shape[2] * heatmap.shape[3]
        labels, y, x = flat // cells, flat % cells // heatmap.shape[3], flat % heatmap.shape[3]
        left, above, right, below = extents[0, :, y, x]
        rows = [x * 4 - left, y * 4 - above, x * 4 + right, y * 4 + below, scores, labels, torch.full_like(scores, 4)]
        return torch.stack(rows, 1).float()

    def read_candidates(self, rows: NDArray[np.float32], letterbox: Letterbox) -> Boxes:
        xyxy = letterbox.to_image(rows[:, :4], clip=False)
        return Boxes(xyxy, rows[:, 4].copy(), rows[:, 5].astype(np.int32), rows[:, 6].astype(np.int32))

    def close(self) -> None:
        self.module = torch.nn.Identity()
