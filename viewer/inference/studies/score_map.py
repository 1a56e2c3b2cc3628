"""What the head says of one class in every cell: maps of scores beside the maps of activations."""

from typing import ClassVar, Protocol

import torch
from torch import Tensor

from viewer.core.dense import DenseLevel
from viewer.core.errors import InquiryError
from viewer.core.inquiry import Inquiry
from viewer.core.protocols import Detector, ScoringDetector
from viewer.core.region import ScoreLevel, ScoreMap
from viewer.inference.study import Seen


class ScoreMapStudy:
    """Brings the scores of one class down, a number a cell."""

    field: ClassVar[str] = "score_map"
    needs_gradients: ClassVar[bool] = False

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._label = 0

    def ask(self, inquiry: Inquiry) -> None:
        """Bring the scores of this class from the next frame on.

        Raises:
            InquiryError: If the head has no cells to score.
        """
        self._scoring()
        self._label = inquiry.score_map or 0

    def begin(self) -> None:
        """Nothing is remembered of a frame."""

    @torch.inference_mode()
    def find(self, seen: Seen) -> ScoreMap:
        """The scores of a frame.

        Raises:
            InquiryError: If the head does not score this class, or its cells cannot be told from these outputs.
        """
        detector = self._scoring()
        levels = detector.dense_scores(seen.outputs)
        if not levels:
            raise InquiryError(f"no score map: the levels of {detector.info.name} cannot be told from its outputs")
        classes = levels[0].scores.shape[1]
        if not 0 <= self._label < classes:
            raise InquiryError(f"no score map of class {self._label}: {detector.info.name} scores {classes} classes")
        flat = torch.cat([_of_class(level, self._label).flatten() for level in levels]).cpu().numpy()
        found: list[ScoreLevel] = []
        begin = 0
        for level in levels:
            map_hw = tuple(level.scores.shape[-2:])
            end = begin + map_hw[0] * map_hw[1]
            found.append(ScoreLevel(level.stride, flat[begin:end].reshape(map_hw)))
            begin = end
        return ScoreMap(self._label, detector.scoring_head, tuple(found))

    def close(self) -> None:
        """It has no hooks."""

    def _scoring(self) -> "_Scoring":
        detector = self._detector
        if not isinstance(detector, ScoringDetector) or not detector.scoring_head:
            raise InquiryError(
                f"no score map of {detector.info.name}: its head scores no cells, or its decoding does not say which; "
                "look at its candidates instead"
            )
        return detector  # pyright: ignore[reportReturnType] - both protocols hold, which has no name in Python


class _Scoring(Detector, ScoringDetector, Protocol):
    """Both at once."""


def _of_class(level: DenseLevel, label: int) -> Tensor:
    scores: Tensor = level.scores
    return scores[:, label].float().amax(0)
