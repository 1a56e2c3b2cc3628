"""RetinaNet, FCOS and SSD: a head that says something at every anchor.

Decoding is that of `postprocess_detections` (torchvision/models/detection/retinanet.py, fcos.py, ssd.py, 0.29) without
its thresholds: the best pairs of anchor and class are kept, whatever they score. It has fixed shapes and never waits
for the device.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models.detection.fcos import FCOS
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.ssd import SSD

from viewer.core.dense import DenseLevel
from viewer.detectors.dense import Cells, cut
from viewer.detectors.rows import CANDIDATES, fill
from viewer.detectors.torchvision.stages import nominal_stride


@dataclass(frozen=True, slots=True, eq=False)
class DenseOutputs:
    """What a dense head said of one picture, in 32-bit floats.

    Attributes:
        logits: (A, C) of each class.
        regression: (A, 4), in the words of the model's box coder.
        centredness: (A, 1) logits of FCOS; None for others.
        picture_hw: Height and width of the picture in the input, in pixels; the rest is padding.
        input_hw: Height and width of the input.
    """

    logits: Tensor
    regression: Tensor
    centredness: Tensor | None
    picture_hw: tuple[int, int]
    input_hw: tuple[int, int]


class DenseHead:
    """Drives a dense model.

    Args:
        model: RetinaNet, FCOS or SSD of torchvision, in eval mode.
    """

    def __init__(self, model: nn.Module) -> None:
        self._model: Any = model
        self._has_background = isinstance(model, SSD)
        self._is_fcos = isinstance(model, FCOS)
        self._input_hw = (0, 0)
        self._anchors = self._strides = torch.empty(0)
        self._levels: tuple[Cells, ...] = ()
        self._per_cell: list[int] = []

    def forward(self, images: Tensor, picture_hw: tuple[int, int]) -> DenseOutputs:
        """Run backbone and head.

        Args:
            images: (1, 3, H, W), normalised and padded.
            picture_hw: Height and width of the picture in it.
        """
        features = list(self._model.backbone(images).values())
        said = self._model.head(features)
        input_hw = (images.shape[2], images.shape[3])
        if input_hw != self._input_hw:
            self._lay_anchors(images, features)
        centredness = said["bbox_ctrness"][0].float() if self._is_fcos else None
        logits, regression = said["cls_logits"][0].float(), said["bbox_regression"][0].float()
        return DenseOutputs(logits, regression, centredness, picture_hw, input_hw)

    def candidates(self, outputs: DenseOutputs) -> Tensor:
        """Pack the best pairs of anchor and class; see `viewer.core.protocols.Detector.candidates`."""
        scores = self._scores(outputs)
        # A pair among the best K stands at one of the K anchors whose best class is best: no need to sort them all.
        likely = scores.amax(1).topk(min(CANDIDATES, scores.shape[0])).indices
        few = scores.index_select(0, likely)
        best, pairs = few.flatten().topk(min(CANDIDATES, few.numel()))
        classes = scores.shape[1]
        anchors = likely.index_select(0, pairs // classes)
        labels = pairs % classes + int(self._has_background)
        boxes = self._boxes(outputs.regression.index_select(0, anchors), self._anchors.index_select(0, anchors))
        return pack(boxes, best, labels, self._strides.index_select(0, anchors), outputs.picture_hw)

    def dense_scores(self, outputs: DenseOutputs) -> tuple[DenseLevel, ...]:
        """What is said at every anchor; see `viewer.core.protocols.ScoringDetector`."""
        scores, boxes = (
            self._scores(outputs),
            clipped(self._boxes(outputs.regression, self._anchors), outputs.picture_hw),
        )
        if self._has_background:
            scores = torch.nn.functional.pad(scores, (1, 0))  # class numbers begin after the background
        return cut(scores, boxes, self._levels, self._per_cell)

    def _scores(self, outputs: DenseOutputs) -> Tensor:
        if self._has_background:
            return outputs.logits.softmax(1)[:, 1:]
        scores = outputs.logits.sigmoid()
        return scores if outputs.centredness is None else (scores * outputs.centredness.sigmoid()).sqrt()

    def _boxes(self, regression: Tensor, anchors: Tensor) -> Tensor:
        coder = self._model.box_coder
        return coder.decode(regression, anchors) if self._is_fcos else coder.decode_single(regression, anchors)

    def _lay_anchors(self, images: Tensor, features: list[Tensor]) -> None:
        """Anchors and their strides depend on the size of the input alone, and are kept until it changes."""
        self._input_hw = (images.shape[2], images.shape[3])
        maps = [feature.float() for feature in features]
        self._anchors = self._model.anchor_generator(ImageList(images, [self._input_hw]), maps)[0]
        sizes = [(grid.shape[2], grid.shape[3]) for grid in maps]
        self._levels = tuple((nominal_stride(images.shape[3], columns), rows, columns) for rows, columns in sizes)
        cells = sum(rows * columns for rows, columns in sizes)
        # SSD has more anchors at some levels than at others.
        counts = self._per_cell = self._anchors_per_cell(len(maps), len(self._anchors) // cells)
        spread = [
            torch.full((rows * columns * count,), stride)
            for (stride, rows, columns), count in zip(self._levels, counts, strict=True)
        ]
        self._strides = torch.cat(spread).to(images.device, torch.float32)

    def _anchors_per_cell(self, levels: int, alike: int) -> list[int]:
        counts = self._model.anchor_generator.num_anchors_per_location()
        return counts if len(counts) == levels else [alike] * levels


def pack(boxes: Tensor, scores: Tensor, labels: Tensor, strides: Tensor, picture_hw: tuple[int, int]) -> Tensor:
    """Put candidates into rows of fixed number, clipped to the picture, for torchvision compares clipped boxes.

    Args:
        boxes: (N, 4) corners in input pixels.
        scores: (N,) best first.
        labels: (N,) class numbers.
        strides: (N,) of the level each comes from.
        picture_hw: Height and width of the picture in the input.

    Returns:
        (1024, 7) float32.
    """
    columns = [*clipped(boxes, picture_hw).unbind(1), scores, labels.float(), strides]
    return fill(torch.stack(columns, 1), CANDIDATES)


def clipped(boxes: Tensor, picture_hw: tuple[int, int]) -> Tensor:
    """(N, 4) corners within a picture of this height and width."""
    height, width = picture_hw
    x, y = boxes[:, 0::2].clamp(0, width), boxes[:, 1::2].clamp(0, height)
    return torch.stack((x[:, 0], y[:, 0], x[:, 1], y[:, 1]), 1)
