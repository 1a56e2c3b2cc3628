"""What became of the object the user chose: where it is in the frame that is shown, or where it was lost and why.

The question behind a click on a car is mostly when the detector loses it. So an object is followed over frames by
class and overlap, and once no detection continues it, it is told in which frame and with which score it was last
found, and which candidate stands there instead with which score. This follows one object for the eye; it is no tracker
and gives nothing an identity.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from viewer.core.boxes import Boxes
from viewer.core.frame import Frame
from viewer.core.judgement import Judge, Judgement, Outcome
from viewer.core.overlap import Xyxy, pairwise_iou
from viewer.core.packet import FramePacket
from viewer.core.region import LEAST_SCORE
from viewer.core.suppression import Suppression, Thresholds
from viewer.render.plan import BoxPlan, RenderPlan, Rgb

LEAST_OVERLAP = 0.3
"""IoU that continues an object from frame to frame; at 25 fps a crossing car keeps well over it."""
SAME_PLACE = 0.5
"""IoU that is asked of what is less certain: a candidate, another class, a detection after a gap."""
REACH_S = 2.0
"""Media time over which a lost object is looked for; later, another one at its place would be taken for it."""


class Fate(StrEnum):
    """What became of the object in the frame that is shown."""

    FOUND = "found"
    UNDER = "under the threshold"
    SUPPRESSED = "suppressed"
    CLASS_OFF = "class off"
    CUT_OFF = "cut off"
    RENAMED = "renamed"
    GONE = "gone"
    FAR = "far"


_FATES = {
    Outcome.UNDER: Fate.UNDER,
    Outcome.SUPPRESSED: Fate.SUPPRESSED,
    Outcome.CLASS_OFF: Fate.CLASS_OFF,
    Outcome.CUT_OFF: Fate.CUT_OFF,
}


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where an object was seen.

    Attributes:
        index: Frame number.
        pts_s: Its media time in seconds.
        xyxy: Corners in source pixels.
        score: 0..1.
    """

    index: int
    pts_s: float
    xyxy: Xyxy
    score: float


@dataclass(frozen=True, slots=True)
class Focus:
    """The object the user chose.

    Attributes:
        label: Class number.
        name: Class name.
        rgb: Colour of its class.
        found: Where a detection was last followed to; None if there was none since it was chosen.
        place: Where it was last seen at all, as a candidate too.
        index: Number of the frame that is shown.
        fate: What became of it there.
        box: What stands for it in that frame; None where nothing does.
        judgement: What became of the candidate that stands for it; None where none does.
    """

    label: int
    name: str
    rgb: Rgb
    found: Sighting | None
    place: Sighting
    index: int
    fate: Fate
    box: BoxPlan | None
    judgement: Judgement | None = None


def chosen(box: BoxPlan, frame: Frame) -> Focus:
    """Begin to follow a box of a frame."""
    here = _sighting(box, frame)
    found, fate = (None, Fate.UNDER) if box.under else (here, Fate.FOUND)
    return Focus(box.label, box.name, box.rgb, found, here, frame.index, fate, box)


def followed(focus: Focus, plan: RenderPlan, packet: FramePacket, thresholds: Thresholds, method: Suppression) -> Focus:
    """Look for the object in a frame, which may be the same one with other thresholds.

    A detection of its class that overlaps its last place continues it, `LEAST_OVERLAP` from one detection to the next
    and `SAME_PLACE` after a gap. Where there is none, the best candidate of its class at that place tells what
    happened; then a detection of another class there; beyond `REACH_S` nothing is looked for.

    Args:
        focus: What is known.
        plan: What is drawn of the frame.
        packet: The frame.
        thresholds: What chose the detections.
        method: The suppression that did.
    """
    frame = packet.frame
    focus = replace(focus, index=frame.index, box=None, judgement=None)
    if abs(frame.pts_s - focus.place.pts_s) > REACH_S:
        return replace(focus, fate=Fate.FAR)
    least = LEAST_OVERLAP if focus.fate is Fate.FOUND else SAME_PLACE
    box = _best([box for box in plan.boxes if box.label == focus.label], focus.place.xyxy, least)
    if box is not None:
        here = _sighting(box, frame)
        return replace(focus, found=here, place=here, fate=Fate.FOUND, box=box)
    row = _candidate(focus, packet)
    if row is not None:
        box = _plan_of(packet.candidates.take([row]).clipped(frame.image_hw), focus)
        judgement = Judge(packet.candidates, thresholds, method, frame.image_hw).of(row)
        fate = _FATES.get(judgement.outcome, Fate.GONE)
        return replace(focus, place=_sighting(box, frame), fate=fate, box=box, judgement=judgement)
    box = _best([box for box in plan.boxes if box.label != focus.label], focus.place.xyxy, SAME_PLACE)
    return replace(focus, fate=Fate.GONE if box is None else Fate.RENAMED, box=box)


def same_box(box: BoxPlan, plan: RenderPlan) -> BoxPlan | None:
    """What a box that was pointed at is in the next frame; None if nothing continues it."""
    alike = [other for other in (plan.under if box.under else plan.boxes) if other.label == box.label]
    return _best(alike, box.xyxy, LEAST_OVERLAP)


def _sighting(box: BoxPlan, frame: Frame) -> Sighting:
    return Sighting(frame.index, frame.pts_s, box.xyxy, box.score)


def _best(boxes: Sequence[BoxPlan], xyxy: Xyxy, least: float) -> BoxPlan | None:
    if not boxes:
        return None
    shares = pairwise_iou([xyxy], [box.xyxy for box in boxes])[0]
    row = int(shares.argmax())
    return boxes[row] if shares[row] >= least else None


def _candidate(focus: Focus, packet: FramePacket) -> int | None:
    """Row of the best score of its class at its place."""
    likely = (packet.candidates.labels == focus.label) & (packet.candidates.scores >= LEAST_SCORE)
    candidates = packet.candidates.take(likely).clipped(packet.frame.image_hw)
    places = np.flatnonzero(pairwise_iou([focus.place.xyxy], candidates.xyxy)[0] >= SAME_PLACE)
    return int(np.flatnonzero(likely)[places[0]]) if places.size else None


def _plan_of(boxes: Boxes, focus: Focus) -> BoxPlan:
    """The first of these, a candidate for the object, as a dotted box."""
    left, top, right, bottom = boxes.xyxy[0].tolist()
    label, score = int(boxes.labels[0]), float(boxes.scores[0])
    return BoxPlan(
        (left, top, right, bottom),
        f"{focus.name} {score:.2f}",
        focus.rgb,
        label=label,
        score=score,
        stride=int(boxes.strides[0]),
        under=True,
    )
