"""Which cell of a dense head made a candidate, found again among all cells by its box and its score."""

from dataclasses import dataclass

import torch
from torch import Tensor

from viewer.core.dense import DenseLevel
from viewer.core.protocols import Detector, ScoringDetector
from viewer.inference.study import Seen

MOST_CLASSES = 5
_NEARLY_PX = 0.5
_NEARLY = 1e-3


@dataclass(frozen=True, slots=True)
class Maker:
    """A cell, and what it says.

    Attributes:
        stride: Of its level, in input pixels.
        cell: Row and column.
        classes: Class number and score of the best classes, best first.
    """

    stride: int
    cell: tuple[int, int]
    classes: tuple[tuple[int, float], ...]


@torch.no_grad()
def maker_of(detector: Detector, seen: Seen, row: int) -> Maker | None:
    """The cell that made a row of the candidates; None where the head has none or does not tell.

    Args:
        detector: Whose candidates they are.
        seen: A frame.
        row: Of `seen.rows`.
    """
    if not isinstance(detector, ScoringDetector) or not detector.scoring_head:
        return None
    wanted = seen.rows[row].detach()
    found = [_nearest(level, wanted) for level in detector.dense_scores(seen.outputs)]
    if not found:
        return None
    away, maker, score = min(found, key=lambda one: one[0])
    is_same = away < _NEARLY_PX and abs(score - float(wanted[4])) < _NEARLY
    return maker if is_same else None


def _nearest(level: DenseLevel, wanted: Tensor) -> tuple[float, Maker, float]:
    """The cell whose box is nearest to a row: how far, in pixels; the cell; its score of the row's class."""
    scores, boxes = level.scores, level.boxes[..., :4]
    columns = boxes.shape[2]
    away = (boxes - wanted[:4]).abs().amax(-1)
    # Anchors that agree on the box are told apart by their score.
    label = min(int(wanted[5]), scores.shape[1] - 1)
    place = int((away + (scores[:, label] - wanted[4]).abs()).argmin())
    anchor, cell = divmod(place, boxes.shape[1] * columns)
    at = divmod(cell, columns)
    of_classes = scores[anchor, :, at[0], at[1]].float()
    best, labels = of_classes.topk(min(MOST_CLASSES, len(of_classes)))
    classes = tuple(zip(labels.tolist(), best.tolist(), strict=True))
    return float(away.flatten()[place]), Maker(level.stride, at, classes), float(of_classes[label])
