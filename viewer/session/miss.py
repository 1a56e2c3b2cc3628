"""Why nothing was found at a place, in numbers and in words: they are what an engineer writes into his report.

The scores come from the network with the frame; which of them become detections is for thresholds and suppression to
say, which are applied here again. So the answer follows every slider while the frame stands still.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from viewer.core.detector import DetectorInfo
from viewer.core.judgement import Judge, Outcome
from viewer.core.packet import FramePacket
from viewer.core.pointed import pointed_at, share_covered
from viewer.core.region import LEAST_SCORE, RegionScores
from viewer.core.stage import Stage
from viewer.core.suppression import Thresholds
from viewer.render.labels import class_rgb
from viewer.session.level_names import at_level, level_name
from viewer.session.missed import Miss, MissRow
from viewer.session.resolve import box_plans
from viewer.session.state import ViewState
from viewer.sinks.record import box_record

_MOST_ROWS = 6
_LEAST_ROWS = 3
"""Rows that are shown although nothing in them scores `LEAST_SCORE`: how near nothing it is tells something too."""
_MEANT = 0.25
"""Share of a rectangle from which a box in it is taken for what was meant."""
_NO_CANDIDATE = "There is no candidate here to explain."
_NOT_KEPT = "This candidate is not among those that are kept of a frame, so its score cannot be explained: {reason}."
_NO_CELLS = "This head has no cells, or its decoding does not tell them: only candidates that were kept are known."


def miss_of(state: ViewState, packet: FramePacket) -> Miss | None:
    """The answer for the frame that is shown; None where nothing is asked, or this frame does not tell of it yet."""
    found, info = packet.findings.region, state.detector
    if info is None or found is None or found.region != state.inquiry.region:
        return None
    strides = tuple(sorted({int(stride) for stride in found.boxes.strides}))
    levels = tuple(level_name(stride, state.stages) for stride in strides)
    place = pointed_at(found.region, found.boxes, state.picked)
    verdict = _nothing(found, info, state.stages)
    if verdict and place is not None and state.picked is None:
        place = 0  # of nothing, what comes nearest to something is told, and so marked
    box = picked = None
    unexplained = _NO_CANDIDATE
    if place is not None:
        judge = Judge(packet.candidates, state.thresholds, info.suppression, packet.frame.image_hw)
        outcome = _outcome(found, place, judge, state.thresholds)
        picked = int(found.boxes.labels[place]), int(found.boxes.strides[place])
        plan = box_plans(state, found.boxes.take([place]).clipped(packet.frame.image_hw))[0]
        box = replace(plan, under=outcome is not Outcome.FOUND)
        words = _Words(found, packet, state, judge)
        verdict = verdict or words.verdict(place)
        unexplained = "" if found.rows[place] >= 0 else _NOT_KEPT.format(reason=words.left_out(place))
    note = f"Best score of all cells of the {found.head}" if found.head else _NO_CELLS
    return Miss(
        region=found.region,
        strides=strides,
        levels=levels,
        rows=_rows(found, info, strides),
        verdict=verdict,
        picked=picked,
        box=box,
        note=note,
        has_cells=bool(found.head),
        unexplained=unexplained,
    )


def miss_record(state: ViewState, packet: FramePacket) -> dict[str, Any]:
    """What is written down of a place that is asked about; nothing where none is.

    Returns:
        `missed`: the place as `xyxy` in source pixels, the `verdict` in words, the `head`, and its `best` candidates
        before thresholds, one a class and level, each as a detection is written with its `stride`, and `cell` as row
        and column where the head has cells.
    """
    miss, found = miss_of(state, packet), packet.findings.region
    if miss is None or found is None:
        return {}
    best = [
        {
            **box_record(found.boxes, row, state.detector),
            "stride": int(found.boxes.strides[row]),
            **({"cell": found.cells[row].tolist()} if found.head else {}),
        }
        for row in range(len(found))
    ]
    place = [round(edge, 2) for edge in found.region.xyxy]
    return {"missed": {"xyxy": place, "verdict": miss.verdict, "head": found.head, "best": best}}


def _rows(found: RegionScores, info: DetectorInfo, strides: Sequence[int]) -> tuple[MissRow, ...]:
    labels = list(dict.fromkeys(found.boxes.labels.tolist()))  # the best score first
    scores = dict(zip(_pairs(found), found.boxes.scores.tolist(), strict=True))
    rows = [
        MissRow(
            label,
            info.name_of(label),
            class_rgb(label, info.names),
            tuple(scores.get((label, stride)) for stride in strides),
        )
        for label in labels[:_MOST_ROWS]
    ]
    return tuple(
        row
        for place, row in enumerate(rows)
        if place < _LEAST_ROWS or max(score or 0.0 for score in row.scores) >= LEAST_SCORE
    )


def _pairs(found: RegionScores) -> list[tuple[int, int]]:
    """Class and stride of each candidate."""
    return list(zip(found.boxes.labels.tolist(), found.boxes.strides.tolist(), strict=True))


def _nothing(found: RegionScores, info: DetectorInfo, stages: Sequence[Stage]) -> str:
    """That there is nothing, and what comes nearest to something; empty where there is."""
    if len(found) and found.boxes.scores[0] >= LEAST_SCORE:
        return ""
    head = "the head sees nothing here" if found.head else "none was kept here"
    nearest = ""
    if len(found):
        name, score = info.name_of(int(found.boxes.labels[0])), float(found.boxes.scores[0])
        nearest = f" (best: {name} {score:.1g}{at_level(int(found.boxes.strides[0]), stages)})"
    return f"No candidate above {LEAST_SCORE:g}: {head}{nearest}"


def _outcome(found: RegionScores, place: int, judge: Judge, thresholds: Thresholds) -> Outcome | None:
    """What became of a candidate; None for one that the head itself, or the limit of what is kept, left out before."""
    row = int(found.rows[place])
    if row >= 0:
        return judge.of(row).outcome
    if thresholds.classes is not None and int(found.boxes.labels[place]) not in thresholds.classes:
        return Outcome.CLASS_OFF
    return None if found.boxes.scores[place] > thresholds.conf else Outcome.UNDER


class _Words:
    """Says what became of candidates.

    Args:
        found: The candidates of a region.
        packet: Their frame.
        state: What the user chose.
        judge: Knows what became of the frame's candidates.
    """

    def __init__(self, found: RegionScores, packet: FramePacket, state: ViewState, judge: Judge) -> None:
        self._found, self._packet, self._state, self._judge = found, packet, state, judge

    def verdict(self, place: int) -> str:
        """What became of one, `car 0.18 at P4, under the threshold 0.25`."""
        boxes = self._found.boxes
        label, score = int(boxes.labels[place]), float(boxes.scores[place])
        at = at_level(int(boxes.strides[place]), self._state.stages)
        return f"{self._name(label)} {score:.2f}{at}, {self._reason(place)}"

    def _reason(self, place: int) -> str:
        thresholds = self._state.thresholds
        match _outcome(self._found, place, self._judge, thresholds):
            case Outcome.FOUND:
                number = self._judge.of(int(self._found.rows[place])).place
                return f"found: it is detection {number}{self._share_of_place(place)}"
            case Outcome.CLASS_OFF:
                return "filtered by class"
            case Outcome.UNDER:
                return f"under the threshold {thresholds.conf:.2f}"
            case Outcome.SUPPRESSED:
                return self._suppressed(int(self._found.rows[place]))
            case Outcome.CUT_OFF:
                count = self._judge.detections
                return f"cut off: {count} detection already" if count == 1 else f"cut off: {count} detections already"
            case Outcome.OUTSIDE:
                return "outside the picture"
            case None:
                return self.left_out(place)

    def _share_of_place(self, place: int) -> str:
        """How much of a rectangle that was asked about a box covers, where that is so little that another is meant."""
        region = self._found.region
        if region.is_point:
            return ""
        covered = share_covered(region, self._found.boxes.xyxy[place])
        if covered >= _MEANT:
            return ""
        return f", which covers {covered * 100:.0f} % of this place; nothing was found of the size of all of it"

    def _suppressed(self, row: int) -> str:
        judgement, candidates = self._judge.of(row), self._packet.candidates
        by = 0 if judgement.by is None else judgement.by
        rival = f"{self._name(int(candidates.labels[by]))} {float(candidates.scores[by]):.2f}"
        whom = f"detection {judgement.place} ({rival})" if judgement.place else f"{rival}, which is no detection itself"
        return f"suppressed by {whom}, IoU {judgement.iou:.2f} > {self._state.thresholds.iou:.2f}"

    def left_out(self, place: int) -> str:
        """Why one is no candidate of the frame."""
        found = self._found
        rival, score = int(found.rivals[place]), float(found.rival_scores[place])
        if rival != int(found.boxes.labels[place]):
            return f"outdone in its own cell by {self._name(rival)} {score:.2f}"
        return f"not among the {len(self._packet.candidates)} candidates that are kept of a frame"

    def _name(self, label: int) -> str:
        info = self._state.detector
        return f"class {label}" if info is None else info.name_of(label)
