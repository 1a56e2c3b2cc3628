"""Why something was found: the activations of a stage that speak for its score, in the same forward that found it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from viewer.core.boxes import Boxes
from viewer.core.cam import MOST_MERGED, Cam, CamMap, CamQuestion, CamTarget, CamWork, Explained, Lost
from viewer.core.chase import Chase
from viewer.core.errors import InquiryError, NoGradientError, TapError
from viewer.core.inquiry import Inquiry
from viewer.core.protocols import BranchedDetector, Detector, RescoringDetector
from viewer.core.stage import Stage, entering_head, find_stages
from viewer.core.suppression import Thresholds, kept_rows
from viewer.detectors.devices import is_out_of_memory
from viewer.detectors.recording import first_sentence, recording, renew_kept
from viewer.inference.studies.breaking import breakable
from viewer.inference.studies.layercam import Evidence, cells_of, evidence_of, merged
from viewer.inference.studies.maker import maker_of
from viewer.inference.studies.origins import Origins
from viewer.inference.studies.together import Level, merge_apart
from viewer.inference.study import Seen
from viewer.taps.hooks import pooled_hw

if TYPE_CHECKING:
    from types import EllipsisType

_MOST_CHANNELS = 8
_SCORE = 4
"""Column of the score, see `viewer.core.protocols.Detector.candidates`."""
_STEPS = 254
_LIFT = 1024.0
"""Factor on gradients on their way through 16-bit floats, where small ones would vanish; taken off afterwards."""


class _OvertakenError(Exception):
    """Something else is wanted than what is worked out."""


class CamStudy:
    """LayerCAM of one candidate, or of all detections merged.

    Args:
        detector: Whose scores are explained.
    """

    field: ClassVar[str] = "cam"
    needs_gradients: ClassVar[bool] = True

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._question = CamQuestion(CamTarget())
        self._chase = Chase(CamTarget())
        self._stages: tuple[Stage, ...] = ()
        self._origins: Origins | None = None
        self.work: CamWork | None = None
        """How far a merged map is; None while none is in the making. Any thread may read it."""
        self.expected: CamQuestion | EllipsisType | None = ...
        """What will be asked next, set from any thread, so that work for another question ends; nobody said so yet."""

    def ask(self, inquiry: Inquiry) -> None:
        """Explain this from the next frame on.

        Raises:
            InquiryError: If the network has no such stage, or none at all; what was asked before stands.
        """
        question = inquiry.cam or CamQuestion(CamTarget())
        stages = self._stages_for(question.node)
        if stages != self._stages or self._origins is None:
            fresh = Origins(self._detector.module, stages)
            self.close()
            self._origins, self._stages = fresh, stages
        renew_kept(self._detector.module)
        if question.target != self._question.target:
            self._chase = Chase(question.target)
        self._question = question

    def begin(self) -> None:
        """Forget the last frame's activations."""
        if self._origins is not None:
            self._origins.begin()

    def find(self, seen: Seen) -> Cam:
        """Explain a frame.

        Raises:
            InquiryError: If no gradient leads from the score to the stage.
        """
        try:
            if self._question.merged is not None:
                return self._all(seen, self._question.merged)
            row = self._chase.row(self._looked_at(seen), seen.frame.pts_s, seen.frame.index)
            return Cam(self._question, lost=row) if isinstance(row, Lost) else self._one(seen, row)
        except RuntimeError as error:  # of autograd, as where what it needs was overwritten in place
            if is_out_of_memory(error):
                raise
            raise InquiryError(self._no_way(self._stages, first_sentence(error))) from error
        except _OvertakenError:
            return Cam(self._question, lost=Lost.OVERTAKEN)
        finally:
            self.work = None
            self.begin()  # what was recorded holds the memory of a whole forward

    def _looked_at(self, seen: Seen) -> Boxes:
        """Boxes as those see them who chose: an object is followed as it is drawn, a place holds whole candidates."""
        whole = self._question.target.region is not None
        return seen.boxes if whole else seen.boxes.clipped(seen.frame.image_hw)

    def close(self) -> None:
        """Remove every hook; twice is harmless."""
        if self._origins is not None:
            self._origins.close()
        self._origins = None

    def _stages_for(self, node: str) -> tuple[Stage, ...]:
        detector = self._detector
        if not node:
            stages = entering_head(detector.stages, detector.info.strides)
            if not stages:
                raise InquiryError(f"nothing to explain {detector.info.name} by: no stage of it can be tapped")
            return stages
        try:
            return find_stages((node,), detector.stages, model=detector.info.name)
        except TapError as error:
            raise InquiryError(str(error)) from error

    # --- one object -------------------------------------------------------------------------------------------------

    def _one(self, seen: Seen, row: int) -> Cam:
        there = self._activations(seen)
        stride = int(seen.boxes.strides[row])
        level = [stage for stage in there if stage.stride == stride] if not self._question.node else []
        tried = level or list(there)
        scores, places = self._scores(seen, np.array([row]))
        with breakable(scores, self._go_on):
            gradients = _gradients(scores, places[0], [there[stage] for stage in tried])
        found = {
            stage: evidence_of(there[stage], gradient)
            for stage, gradient in zip(tried, gradients, strict=True)
            if gradient is not None
        }
        if not any(bool(evidence.rows.any()) for evidence in found.values()):
            raise InquiryError(self._no_way(tried, _why_none(float(seen.boxes.scores[row]))))
        # Where the head does not tell which level made the box, it is the one that says most for it.
        stage = max(found, key=lambda stage: float(found[stage].cells.sum())) if len(found) > 1 else next(iter(found))
        evidence = found[stage]
        channels, total = _strongest(evidence.channels)
        maker = maker_of(self._detector, seen, int(seen.kept[row]))
        one = _explained(seen.boxes, row)
        if maker is not None:
            one = replace(one, stride=maker.stride, cell=maker.cell, classes=maker.classes)
        return Cam(self._question, _map_of(stage, evidence), (one,), channels=channels, evidence=total)

    # --- all of them ------------------------------------------------------------------------------------------------

    def _all(self, seen: Seen, thresholds: Thresholds) -> Cam:
        rows = self._chosen(seen, thresholds)
        if not rows.size:
            return Cam(self._question, lost=Lost.NONE)
        there = self._activations(seen)
        whole = self._apart(seen, rows, there)
        whole = self._one_by_one(seen, rows, there) if whole is None else whole
        if whole is None:
            raise InquiryError(self._no_way(list(there), "no score is made from it; choose another stage"))
        small = torch.nn.functional.adaptive_avg_pool2d(whole[None], pooled_hw(seen.letterbox.input_hw))[0]
        codes, nonfinite = _codes(small.cpu().numpy(), 1.0)
        finest = min(there, key=lambda stage: stage.stride)
        stride = seen.letterbox.input_hw[1] // small.shape[1]
        return Cam(
            self._question,
            CamMap(finest, stride, codes, (0.0, 1.0), nonfinite=nonfinite),
            tuple(_explained(seen.boxes, row) for row in rows.tolist()),
        )

    def _one_by_one(self, seen: Seen, rows: NDArray[np.intp], there: dict[Stage, Tensor]) -> Tensor | None:
        """The merged map, a way back for each score."""
        self.work = CamWork(0, len(rows))
        maps: list[Tensor] = []
        for stride in np.unique(seen.boxes.strides[rows]).tolist():
            of_level = rows[seen.boxes.strides[rows] == stride]
            scores, places = self._scores(seen, of_level)
            with breakable(scores, self._go_on):
                maps += _maps(scores, places, self._up_to(there, stride), self._went_back)
        return merged(maps, seen.letterbox.input_hw) if maps else None

    def _went_back(self) -> None:
        """One more way back was gone; no further one is where somebody wants something else meanwhile."""
        if self.work is not None:
            self.work = replace(self.work, done=self.work.done + 1)
        self._go_on()

    def _go_on(self) -> None:
        """Go no step further where somebody wants something else meanwhile."""
        if self.expected not in (..., self._question):
            raise _OvertakenError

    def _apart(self, seen: Seen, rows: NDArray[np.intp], there: dict[Stage, Tensor]) -> Tensor | None:
        """The same where the head scores each anchor by itself; None where it does not, or the stage is another."""
        detector = self._detector
        if self._question.node or not isinstance(detector, BranchedDetector):
            return None
        raw = detector.raw_scores(seen.outputs)
        levels = [] if raw is None else self._levels(there, detector.score_branches, seen.letterbox.input_hw)
        if raw is None or not levels or levels[-1].first + math.prod(levels[-1].map_hw) != raw.shape[-1]:
            return None
        wanted = torch.zeros_like(seen.rows)
        wanted[seen.kept[rows], _SCORE] = 1.0
        (slopes,) = torch.autograd.grad(seen.rows, raw, wanted, retain_graph=True)
        return merge_apart(raw, slopes, levels, seen.letterbox.input_hw)

    def _levels(
        self, there: dict[Stage, Tensor], branches: Sequence[nn.Module], input_hw: tuple[int, int]
    ) -> list[Level]:
        """The levels of a dense head, finest first; none where cells do not tile the input."""
        stages = sorted(there, key=lambda stage: stage.stride)
        levels: list[Level] = []
        first = 0
        if len(stages) != len(branches):
            return []
        for stage, branch in zip(stages, branches, strict=True):
            rows, columns = there[stage].shape[-2:]
            if (rows * stage.stride, columns * stage.stride) != input_hw:
                return []
            levels.append(Level(stage.stride, first, branch, self._up_to(there, stage.stride)))
            first += rows * columns
        return levels

    def _chosen(self, seen: Seen, thresholds: Thresholds) -> NDArray[np.intp]:
        method = self._detector.info.suppression
        rows = kept_rows(seen.boxes, thresholds, method, image_hw=seen.frame.image_hw)[:MOST_MERGED]
        return rows if rows.size else np.arange(min(1, len(seen.boxes)))

    def _up_to(self, there: dict[Stage, Tensor], stride: int) -> list[Tensor]:
        """The activations that a level of this stride can be made from: its own and those that ran before it."""
        stages = list(there)
        own = [place for place, stage in enumerate(stages) if stage.stride == stride]
        last = own[-1] if own and not self._question.node else len(stages) - 1
        return [there[stage] for stage in stages[: last + 1]]

    def _scores(self, seen: Seen, rows: NDArray[np.intp]) -> tuple[Tensor, list[int]]:
        """Scores that gradients lead from, and where among them those of these boxes are."""
        if isinstance(self._detector, RescoringDetector):
            with recording():
                again = self._detector.scores_again(seen.outputs, seen.kept[rows])
            if again is not None:
                return again, list(range(len(rows)))
        return seen.rows[:, _SCORE], seen.kept[rows].tolist()

    # --- what was recorded ------------------------------------------------------------------------------------------

    def _activations(self, seen: Seen) -> dict[Stage, Tensor]:
        """What the stages returned, in the order of execution.

        Raises:
            InquiryError: If gradients cannot lead there.
        """
        made = {} if self._origins is None else self._origins.activations
        by_node = {stage.node: stage for stage in self._stages}
        there = {by_node[node]: activation for node, activation in made.items()}
        if seen.unrecorded:
            raise self._never(f"this network does not run with them: {seen.unrecorded}")
        if not there:
            raise InquiryError(self._no_way(self._stages, "it was not run in this frame, or returns no map"))
        if not seen.rows.requires_grad:
            why = "what comes after it, or the decoding of boxes, does not keep them (detach, numpy, whole numbers)"
            raise self._never(why)
        return there

    def _never(self, why: str) -> NoGradientError:
        return NoGradientError(self._no_way(self._stages, why), self._question.node)

    def _no_way(self, stages: Sequence[Stage], why: str) -> str:
        names = ", ".join(stage.title for stage in stages)
        return f"no gradient leads from the scores of {self._detector.info.name} to {names}: {why}"


def _why_none(score: float) -> str:
    if score == 1:
        return "this score is 1 to the last digit, and nothing could raise it"
    return "this score is not made from it; choose another stage"


def _gradients(scores: Tensor, place: int, activations: list[Tensor]) -> Sequence[Tensor | None]:
    """Gradients of one score."""
    lift = _LIFT if any(activation.dtype.itemsize < 4 for activation in activations) else 1.0
    wanted = torch.zeros_like(scores)
    wanted[place] = lift
    found = torch.autograd.grad(scores, activations, wanted, allow_unused=True)
    return [gradient if gradient is None or lift == 1.0 else gradient.float() / lift for gradient in found]


def _maps(
    scores: Tensor, places: Sequence[int], activations: list[Tensor], went_back: Callable[[], None]
) -> list[Tensor]:
    """(N, h, w) maps of N scores at each stage that any of them leads to; N ways back, each on its own."""
    each: list[list[Tensor | None]] = []
    for place in places:
        wanted = torch.zeros_like(scores)
        wanted[place] = 1.0
        gradients = torch.autograd.grad(scores, activations, wanted, allow_unused=True, retain_graph=True)
        pairs = zip(activations, gradients, strict=True)
        each.append([None if slope is None else cells_of(activation, slope) for activation, slope in pairs])
        went_back()
    stacks = ([cells for cells in stack if cells is not None] for stack in zip(*each, strict=True))
    return [torch.cat(stack) for stack in stacks if stack]


def _map_of(stage: Stage, evidence: Evidence) -> CamMap:
    cells = evidence.cells.cpu().numpy()
    finite = cells[np.isfinite(cells)]
    high = float(finite.max()) if finite.size else 0.0
    codes, nonfinite = _codes(cells, high)
    reach = (_span(evidence.rows), _span(evidence.columns))
    return CamMap(stage, stage.stride, codes, (0.0, high), reach, nonfinite)


def _codes(cells: NDArray[np.float32], high: float) -> tuple[NDArray[np.uint8], int]:
    """Values as codes of limits 0 and `high`, and how many are not finite."""
    finite = np.isfinite(cells)
    share = np.clip(np.nan_to_num(cells) / high, 0, 1) if high > 0 else np.zeros_like(cells)
    codes = np.where(finite, 1 + np.round(_STEPS * share), 0).astype(np.uint8)
    return codes, int(finite.size - np.count_nonzero(finite))


def _span(reached: Tensor) -> int:
    """From the first to the last that is reached, both counted."""
    places = np.flatnonzero(reached.cpu().numpy())
    return int(places[-1] - places[0]) + 1 if places.size else 0


def _strongest(channels: Tensor) -> tuple[tuple[tuple[int, float], ...], float]:
    """Channels that speak most for the score, and what all that do say together."""
    speaking = channels.relu()
    best, numbers = speaking.topk(min(_MOST_CHANNELS, len(speaking)))
    pairs = zip(numbers.tolist(), best.tolist(), strict=True)
    return tuple((number, value) for number, value in pairs if value > 0), float(speaking.sum())


def _explained(boxes: Boxes, row: int) -> Explained:
    left, top, right, bottom = boxes.xyxy[row].tolist()
    label, score = int(boxes.labels[row]), float(boxes.scores[row])
    return Explained(label, score, (left, top, right, bottom), int(boxes.strides[row]))
