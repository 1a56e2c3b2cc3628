"""What of a packet is written down: the numbers, none of the pixels."""

from typing import Any

from viewer.core.boxes import Boxes
from viewer.core.detector import DetectorInfo
from viewer.core.difference import difference
from viewer.core.packet import FramePacket, TapMap
from viewer.core.shapes import Shapes
from viewer.core.suppression import suppress
from viewer.sinks.findings import findings_record
from viewer.sinks.numbers import significant


def packet_record(packet: FramePacket, info: DetectorInfo | None) -> dict[str, Any]:
    """Turn a packet into plain values for JSON.

    Args:
        packet: One processed frame.
        info: Of the detector that processed it, for class names; None where none has seen it.

    Returns:
        `index`; `pts_s` in seconds; `nonfinite`, how many boxes were left out because a number of theirs is not finite;
        `detections`, best first, of `label`, `name`, `score` (0..1) and `xyxy` in source pixels, and where the detector
        makes them `mask`, rings as COCO writes polygons ([x, y, x, y, …], what lies inside an odd number of them is in
        the mask), or `keypoints` of [x, y, score (0..1)], in source pixels too; `taps` of `node`, `name`, `role`,
        `stride`, `limits` [low, high], `mean`, `max` and `nonfinite` of the reduced map, in activation units, the
        limits nan where no cell is finite, of a map in colour also `bands`, the limits of each by its name, and of a
        mosaic `channels`, row by row, and `nothing_yet`, why it is empty, while a reducer that compares frames has
        none to compare with; `timings_ms` by part; and what was found of what was asked, as
        `viewer.sinks.findings` says; while something is altered `altered`, see `alteration_record`. Values that are
        not finite stay so; `JsonlSink` writes them as null.
    """
    boxes = packet.detections
    record = {
        "index": packet.frame.index,
        "pts_s": round(packet.frame.pts_s, 6),
        "nonfinite": packet.candidates.nonfinite,
        "detections": [
            {**box_record(boxes, row, info), **shape_record(packet.shapes, row)} for row in range(len(boxes))
        ],
        "taps": [_tap_record(tap) for tap in packet.taps],
        "timings_ms": {part: round(spent_ms, 3) for part, spent_ms in packet.timings.as_dict().items()},
        **findings_record(packet.findings, info),
    }
    return record | alteration_record(packet, info)


def alteration_record(packet: FramePacket, info: DetectorInfo | None) -> dict[str, Any]:
    """What became of the detections since something was altered; empty where nothing was.

    Returns:
        `altered`: `before` and `after`, how many detections; `gone`, those before that have no match, as `detections`
        has them; `new`, which of `detections` have no match, by their place there.
    """
    unaltered, thresholds = packet.findings.alteration, packet.thresholds
    if unaltered is None or thresholds is None or info is None:
        return {}
    before = suppress(unaltered.candidates, thresholds, info.suppression, image_hw=packet.frame.image_hw)
    change = difference(before, packet.detections)
    return {
        "altered": {
            "before": len(before),
            "after": len(packet.detections),
            "gone": [box_record(before, row, info) for row in change.gone.tolist()],
            "new": change.new.tolist(),
        }
    }


def box_record(boxes: Boxes, row: int, info: DetectorInfo | None) -> dict[str, Any]:
    """One box, as `packet_record` writes it."""
    label = int(boxes.labels[row])
    return {
        "label": label,
        "name": info.name_of(label) if info else f"class {label}",
        "score": round(float(boxes.scores[row]), 5),
        "xyxy": [round(edge, 2) for edge in boxes.xyxy[row].tolist()],
    }


def shape_record(shapes: Shapes | None, place: int) -> dict[str, Any]:
    """What is known of an object beside its box.

    Args:
        shapes: Of a packet; those of its detections, in their order.
        place: Which of them.
    """
    record: dict[str, Any] = {}
    if shapes is not None and shapes.masks is not None:
        record["mask"] = [[round(edge, 1) for edge in ring.ravel().tolist()] for ring in shapes.masks.rings(place)]
    if shapes is not None and shapes.keypoints is not None:
        points = shapes.keypoints[place].tolist()
        record["keypoints"] = [[round(x, 2), round(y, 2), round(score, 4)] for x, y, score in points]
    return record


def _tap_record(tap: TapMap) -> dict[str, Any]:
    record: dict[str, Any] = {
        "node": tap.stage.node,
        "name": tap.stage.name,
        "role": str(tap.stage.role),
        "stride": tap.stage.stride,
        "limits": [float("nan") if tap.is_broken else significant(limit) for limit in tap.limits],
        "mean": significant(tap.mean),
        "max": significant(tap.max),
        "nonfinite": tap.nonfinite,
    }
    if tap.nothing_yet:
        record["nothing_yet"] = tap.nothing_yet
    if tap.bands:
        record["bands"] = {band.name: [significant(limit) for limit in band.limits] for band in tap.bands}
    if tap.mosaic is not None:
        record["channels"] = list(tap.mosaic.channels)
    return record
