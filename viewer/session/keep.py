"""A packet that outlives the shared memory it came in."""

from dataclasses import replace

from viewer.core.boxes import Boxes
from viewer.core.packet import FramePacket


def kept(packet: FramePacket) -> FramePacket:
    """The same packet with arrays of its own, read-only as all arrays in values are."""
    rgb = packet.frame.rgb.copy()
    rgb.setflags(write=False)
    taps = tuple(replace(tap, codes=tap.codes.copy()) for tap in packet.taps)
    for tap in taps:
        tap.codes.setflags(write=False)
    return replace(
        packet,
        frame=replace(packet.frame, rgb=rgb),
        detections=_kept_boxes(packet.detections),
        candidates=_kept_boxes(packet.candidates),
        taps=taps,
        shapes=packet.shapes and packet.shapes.copy(),
    )


def _kept_boxes(boxes: Boxes) -> Boxes:
    return Boxes(
        boxes.xyxy.copy(),
        boxes.scores.copy(),
        boxes.labels.copy(),
        boxes.strides.copy(),
        None if boxes.xywhr is None else boxes.xywhr.copy(),
        boxes.nonfinite,
    )
