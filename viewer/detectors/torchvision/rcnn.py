"""The R-CNNs: a network that proposes regions, and a head that looks at each.

The parts and their order are those of `GeneralizedRCNN`, `RegionProposalNetwork` and `RoIHeads`
(torchvision/models/detection, 0.29). Boxes are reckoned in 32-bit floats whatever the network runs in, because
coordinates of hundreds of pixels need more digits than 16-bit floats have.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.rpn import concat_box_prediction_layers

from viewer.detectors.rows import CANDIDATES
from viewer.detectors.torchvision.dense import pack

_LEAST_PX = 1e-2
"""Boxes narrower than this are no boxes to torchvision."""


@dataclass(frozen=True, slots=True, eq=False)
class RcnnOutputs:
    """What an R-CNN said of one picture.

    Attributes:
        features: Feature pyramid by torchvision's names, (1, C, h, w) float32 each.
        proposals: (N, 4) corners in input pixels, float32, clipped to the picture.
        logits: (N, C) float32, the background first.
        regression: (N, 4 * C) float32, in the words of the head's box coder.
        picture_hw: Height and width of the picture in the input, in pixels; the rest is padding.
        ranking: Proposal and class of each candidate, once candidates were made of this.
    """

    features: dict[str, Tensor]
    proposals: Tensor
    logits: Tensor
    regression: Tensor
    picture_hw: tuple[int, int]
    ranking: list[Tensor] = field(default_factory=list[Tensor])


class RcnnHead:
    """Drives an R-CNN.

    Args:
        model: Faster, Mask or Keypoint R-CNN of torchvision, in eval mode.
    """

    def __init__(self, model: nn.Module) -> None:
        self._model: Any = model
        self._dtype = next(model.parameters()).dtype
        self._input_hw = (0, 0)
        self._anchors = torch.empty(0)

    def forward(self, images: Tensor, picture_hw: tuple[int, int]) -> RcnnOutputs:
        """Run backbone, proposals and the box head.

        Args:
            images: (1, 3, H, W), normalised and padded.
            picture_hw: Height and width of the picture in it.
        """
        rpn = self._model.rpn
        features: dict[str, Tensor] = self._model.backbone(images)
        objectness, deltas = rpn.head(list(features.values()))
        features = {name: feature.float() for name, feature in features.items()}
        if (images.shape[2], images.shape[3]) != self._input_hw:
            self._input_hw = (images.shape[2], images.shape[3])
            everything = ImageList(images, [self._input_hw])
            self._anchors = rpn.anchor_generator(everything, list(features.values()))[0]
        per_level = [level[0].numel() for level in objectness]
        scores, moves = concat_box_prediction_layers(
            [level.float() for level in objectness], [level.float() for level in deltas]
        )
        boxes = rpn.box_coder.decode(moves, [self._anchors]).view(1, -1, 4)
        proposals = rpn.filter_proposals(boxes, scores, [picture_hw], per_level)[0][0]
        logits, regression = self._look_at(features, proposals, picture_hw)
        return RcnnOutputs(features, proposals, logits.float(), regression.float(), picture_hw)

    def candidates(self, outputs: RcnnOutputs) -> Tensor:
        """Pack the best pairs of proposal and class; see `viewer.core.protocols.Detector.candidates`."""
        rows, proposals, labels = self._ranked(outputs)
        outputs.ranking[:] = proposals, labels
        return rows

    def scores_again(self, outputs: RcnnOutputs, rows: NDArray[np.intp]) -> Tensor:
        """Scores of some candidates from their proposals alone; see `viewer.core.protocols.RescoringDetector`."""
        proposals, labels = outputs.ranking
        chosen = torch.from_numpy(rows).to(proposals.device)
        logits, _ = self._look_at(outputs.features, outputs.proposals[proposals[chosen]], outputs.picture_hw)
        return logits.float().softmax(1).gather(1, labels[chosen][:, None])[:, 0]

    def _look_at(
        self, features: dict[str, Tensor], proposals: Tensor, picture_hw: tuple[int, int]
    ) -> tuple[Tensor, Tensor]:
        """Logits and regression of some proposals."""
        roi = self._model.roi_heads
        pooled = roi.box_roi_pool(features, [proposals], [picture_hw]).to(self._dtype)
        return roi.box_predictor(roi.box_head(pooled))

    def _ranked(self, outputs: RcnnOutputs) -> tuple[Tensor, Tensor, Tensor]:
        """Candidates, the best first, and the proposal and class, the background counted, of each."""
        roi = self._model.roi_heads
        scores = outputs.logits.softmax(1)[:, 1:]
        best, pairs = scores.flatten().topk(min(CANDIDATES, scores.numel()))
        classes = scores.shape[1]
        proposals, labels = pairs // max(1, classes), pairs % max(1, classes) + 1
        moves = outputs.regression.view(len(scores), -1, 4)[proposals, labels]
        boxes = roi.box_coder.decode_single(moves, outputs.proposals.index_select(0, proposals))
        rows = pack(boxes, best, labels, self._strides(outputs).index_select(0, proposals), outputs.picture_hw)
        sides = rows[:, 2:4] - rows[:, :2]
        rows[:, 4] *= (sides >= _LEAST_PX).all(1)
        order = rows[:, 4].argsort(descending=True, stable=True)
        return rows.index_select(0, order), proposals[order[: len(proposals)]], labels[order[: len(labels)]]

    def _strides(self, outputs: RcnnOutputs) -> Tensor:
        """Stride of the level each proposal was looked at in."""
        pool = self._model.roi_heads.box_roi_pool
        scales = torch.tensor(pool.scales, device=outputs.proposals.device)
        if len(pool.scales) == 1:
            return (1 / scales).expand(len(outputs.proposals))
        return (1 / scales)[pool.map_levels([outputs.proposals])]
