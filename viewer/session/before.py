"""What was found before something was altered, chosen by the thresholds that hold now, and what became of it."""

from dataclasses import dataclass

import numpy as np

from viewer.core.boxes import Boxes
from viewer.core.difference import Difference, difference
from viewer.core.packet import FramePacket
from viewer.core.suppression import kept_rows
from viewer.session.state import ViewState


@dataclass(frozen=True, slots=True, eq=False)
class Before:
    """Detections of a frame as it is, beside those of the altered one.

    Attributes:
        boxes: Detections before, best first, in source pixels.
        change: Which of them are gone, and which of those after are new.
    """

    boxes: Boxes
    change: Difference

    @property
    def gone(self) -> Boxes:
        """Detections that vanished."""
        return self.boxes.take(self.change.gone)


def before(state: ViewState, packet: FramePacket | None, after: Boxes) -> Before | None:
    """Choose among the candidates of the frame as it is; no network runs.

    Args:
        state: What the user chose.
        packet: The frame.
        after: What is detected in it now.

    Returns:
        None where nothing is altered.
    """
    unaltered = None if packet is None else packet.findings.alteration
    if packet is None or unaltered is None or state.detector is None:
        return None
    image_hw, candidates = packet.frame.image_hw, unaltered.candidates
    rows = kept_rows(candidates, state.thresholds, state.detector.suppression, image_hw=image_hw)
    boxes = candidates.take(np.asarray(rows)).clipped(image_hw)
    return Before(boxes, difference(boxes, after))


def count_words(before: int, after: int) -> str:
    r"""`before 14 \N{RIGHTWARDS ARROW} after 11`."""
    return f"before {before} \N{RIGHTWARDS ARROW} after {after}"
