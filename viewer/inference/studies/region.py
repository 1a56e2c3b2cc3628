"""The best candidates of every class and level at a place: what tells why nothing was found there."""

from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from viewer.core.boxes import Boxes
from viewer.core.dense import DenseLevel
from viewer.core.errors import InquiryError
from viewer.core.inquiry import Inquiry
from viewer.core.pointed import best_rows
from viewer.core.protocols import Detector, ScoringDetector
from viewer.core.region import Region, RegionScores
from viewer.detectors.rows import read_rows, rows_kept
from viewer.inference.study import Seen

_MOST = 64
"""Pairs of class and level that are told; a place where more of them score is no place to look at one by one."""
_SAME_PX = 0.5
_SAME_SCORE = 2e-3
"""How far a cell's own numbers may lie from those of the candidate made of it, which may have been rounded."""
_FACTS = 4
"""Columns behind a row as the detector packs it: cell's row and column, the rival and its score."""


class RegionStudy:
    """Looks through all cells of the head, on its device, and brings one small table down.

    Where the head has no cells, or they cannot be told, it looks through the candidates that are kept of the frame.
    """

    field: ClassVar[str] = "region"
    needs_gradients: ClassVar[bool] = False

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._region: Region | None = None

    def ask(self, inquiry: Inquiry) -> None:
        """Look there from the next frame on.

        Raises:
            InquiryError: If it is no place.
        """
        if inquiry.region is not None:
            left, top, right, bottom = inquiry.region.xyxy
            if not (left <= right and top <= bottom):
                raise InquiryError(f"{inquiry.region.xyxy} is no place; give left, top, right, bottom")
        self._region = inquiry.region

    def begin(self) -> None:
        """Nothing is remembered of a frame."""

    @torch.inference_mode()
    def find(self, seen: Seen) -> RegionScores:
        """The best of each class and level there, in a frame.

        Raises:
            InquiryError: If the place lies outside the picture.
        """
        region, detector = self._region, self._detector
        if region is None:
            raise RuntimeError("no region was asked for")
        _require_inside(region, seen.frame.image_hw)
        levels = detector.dense_scores(seen.outputs) if isinstance(detector, ScoringDetector) else ()
        if not levels or not isinstance(detector, ScoringDetector):
            return _among_candidates(region, seen.boxes)
        inside = seen.letterbox.to_input(np.array([region.xyxy], np.float32))[0].tolist()
        there = Region((inside[0], inside[1], inside[2], inside[3]))
        table = torch.cat([_best(level, there) for level in levels]).cpu().numpy()
        table = table[np.argsort(-table[:, 4], kind="stable")][:_MOST]
        rows, facts = table[:, :-_FACTS], table[:, -_FACTS:]
        kept = rows_kept(rows)
        boxes, facts = read_rows(rows, seen.letterbox), facts[kept]
        of_frame, rivals, rival_scores = _rows_of(boxes, seen.boxes), facts[:, 2].astype(np.int32), facts[:, 3].copy()
        too_low = (of_frame < 0) & _below_all_kept(boxes, seen)
        rivals[too_low], rival_scores[too_low] = boxes.labels[too_low], boxes.scores[too_low]
        return RegionScores(
            region=region,
            head=detector.scoring_head,
            boxes=boxes,
            rows=of_frame,
            cells=facts[:, :2].astype(np.int32),
            rivals=rivals,
            rival_scores=rival_scores,
        )

    def close(self) -> None:
        """It has no hooks."""


def _require_inside(region: Region, image_hw: tuple[int, int]) -> None:
    """Refuse a place of which nothing is in the picture."""
    left, top, right, bottom = region.xyxy
    height, width = image_hw
    if right < 0 or bottom < 0 or left > width or top > height:
        place = ",".join(f"{edge:g}" for edge in (region.xyxy[:2] if region.is_point else region.xyxy))
        raise InquiryError(
            f"{place} lies outside the picture, which is {width}x{height} pixels; ask about another place"
        )


def _best(level: DenseLevel, region: Region) -> Tensor:
    """The best of each class whose box lies in a region in input pixels.

    Returns:
        (classes, 11) float32, or 12 for oriented boxes: as a row of `Detector.candidates`, then row and column of the
        cell, the class that scores best there and what it scores. The score is -1 where no box lies there.
    """
    scores: Tensor = level.scores
    boxes: Tensor = level.boxes
    columns = boxes.shape[2]
    is_out = ~region.holds(_envelope(boxes))
    by_class = torch.nan_to_num(scores, nan=-1.0).movedim(1, 0).flatten(1)
    best, place = by_class.masked_fill(is_out.flatten(), -1.0).max(1)
    box = boxes.flatten(0, 2).index_select(0, place)
    rival_scores, rivals = by_class.index_select(1, place).max(0)
    cell = place % (boxes.shape[1] * columns)
    parts = [
        *box[:, :4].unbind(1),
        best,
        torch.arange(len(best), device=best.device),
        torch.full_like(best, level.stride),
        *box[:, 4:].unbind(1),
        cell // columns,
        cell % columns,
        rivals,
        rival_scores,
    ]
    return torch.stack([part.float() for part in parts], 1)


def _envelope(boxes: Tensor) -> Tensor:
    """Corners around boxes, which may be oriented."""
    if boxes.shape[-1] == 4:
        return boxes
    x, y, width, height, angle = boxes.unbind(-1)
    cos, sin = angle.cos().abs(), angle.sin().abs()
    half_w, half_h = (width * cos + height * sin) / 2, (width * sin + height * cos) / 2
    return torch.stack((x - half_w, y - half_h, x + half_w, y + half_h), -1)


def _rows_of(boxes: Boxes, candidates: Boxes) -> NDArray[np.int32]:
    """Which of a frame's candidates each box is, the nearest where neighbouring cells nearly agree; -1 for none."""
    if not len(boxes) or not len(candidates):
        return np.full(len(boxes), -1, np.int32)
    pairs = zip(boxes.xyxy, boxes.scores, boxes.labels, boxes.strides, strict=True)
    found: list[int] = []
    for xyxy, score, label, stride in pairs:
        is_kind = (candidates.labels == label) & (candidates.strides == stride)
        away = np.abs(candidates.xyxy - xyxy).max(1) / _SAME_PX
        away = np.maximum(away, np.abs(candidates.scores - score) / _SAME_SCORE)
        nearest = int(np.where(is_kind, away, np.inf).argmin())
        found.append(nearest if is_kind[nearest] and away[nearest] <= 1 else -1)
    return np.array(found, np.int32)


def _below_all_kept(boxes: Boxes, seen: Seen) -> NDArray[np.bool_]:
    """Which score too little to be kept of the frame, whatever another class says in their cells."""
    is_full = len(seen.boxes) + seen.boxes.nonfinite == len(seen.rows)
    return boxes.scores <= seen.boxes.scores.min(initial=np.inf) if is_full else np.zeros(len(boxes), np.bool_)


def _among_candidates(region: Region, candidates: Boxes) -> RegionScores:
    """The same among the candidates that are kept, which is all that is known of heads without cells."""
    rows = best_rows(region, candidates)[:_MOST]
    boxes = candidates.take(rows)
    no_cell = np.full((len(rows), 2), -1, np.int32)
    return RegionScores(region, "", boxes, rows.astype(np.int32), no_cell, boxes.labels.copy(), boxes.scores.copy())
