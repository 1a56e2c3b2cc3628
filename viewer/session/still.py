"""What a snapshot is called, how large it is, and what is written down beside it."""

from dataclasses import dataclass, replace
from typing import Any

from viewer.config.schema import Config
from viewer.core.detector import DetectorInfo
from viewer.core.frame import SourceInfo
from viewer.core.packet import FramePacket
from viewer.render.timecode import timecode
from viewer.session.copying import focus_record
from viewer.session.miss import miss_record
from viewer.session.resolve import shown_candidates, shown_detections
from viewer.session.state import ViewState
from viewer.sinks.naming import plain
from viewer.sinks.record import box_record, packet_record

_MOST_PIXELS = 64_000_000
_MOST_SIDE = 16_384


@dataclass(frozen=True, slots=True)
class Still:
    """A frame to keep.

    Attributes:
        stem: Name of its files, `street_frame000137`.
        record: What is known of it, in plain values for JSON.
        caption: What the picture itself says of it, one line.
    """

    stem: str
    record: dict[str, Any]
    caption: str


def still_of(state: ViewState, packet: FramePacket, config: Config) -> Still:
    """Write a frame down: what `--packets` writes of it, and of what source, model and options it came.

    With it go the `thresholds`, the object that is `followed`, as it is copied, and the `candidates` while they are
    drawn: whoever reads it has the numbers to all that the picture shows.

    Args:
        state: What the user chose.
        packet: The frame that is shown.
        config: The options that hold now.
    """
    shown = packet
    if packet.thresholds != state.thresholds:
        # Masks and poses belong to the detections that the engine chose; it sends others in a moment.
        shown = replace(packet, detections=shown_detections(state, packet), shapes=None, thresholds=state.thresholds)
    record = packet_record(shown, state.detector)
    record |= _seen_record(state, packet)
    record["source"] = None if state.source is None else _source_record(state.source)
    record["model"] = None if state.detector is None else _model_record(state.detector)
    # The source is told above; as an option it could carry a password.
    record["options"] = config.model_dump(mode="json", exclude={"source", "snapshots"}, exclude_none=True)
    name = state.source.name if state.source else "source"
    return Still(f"{plain(name)}_frame{packet.frame.index:06d}", record, _caption(state, packet))


def _caption(state: ViewState, packet: FramePacket) -> str:
    """Which frame of what it is, and by which thresholds its boxes were chosen."""
    frame, thresholds = packet.frame, state.thresholds
    words = [state.source.name if state.source else "source", f"frame {frame.index}", timecode(frame.pts_s)]
    if state.detector is not None:
        words += [state.detector.name, f"confidence {thresholds.conf:.2f}", f"IoU {thresholds.iou:.2f}"]
    return " · ".join(words)


def _seen_record(state: ViewState, packet: FramePacket) -> dict[str, Any]:
    """What the picture shows beside detections, and what chose them."""
    thresholds = state.thresholds
    chosen_by = {
        "conf": round(thresholds.conf, 4),
        "iou": round(thresholds.iou, 4),
        "max_det": thresholds.max_det,
        "classes": None if thresholds.classes is None else sorted(thresholds.classes),
    }
    seen: dict[str, Any] = {"thresholds": chosen_by}
    if state.focus is not None:
        seen["followed"] = focus_record(state, packet)
    if state.under:
        candidates, _ = shown_candidates(state, packet)
        seen["candidates"] = [box_record(candidates, row, state.detector) for row in range(len(candidates))]
    return seen | miss_record(state, packet)


def _source_record(source: SourceInfo) -> dict[str, Any]:
    height, width = source.image_hw
    return {
        "uri": source.uri,
        "name": source.name,
        "kind": str(source.kind),
        "width": width,
        "height": height,
        "fps": None if source.fps is None else round(float(source.fps), 4),
        "frame_count": source.frame_count,
        "codec": source.codec,
    }


def _model_record(detector: DetectorInfo) -> dict[str, Any]:
    return {
        "name": detector.name,
        "architecture": detector.architecture,
        "parameters": detector.parameters,
        "device": detector.device,
        "precision": detector.precision,
        "notes": list(detector.notes),
    }


def full_ratio(picture_width: float, image_width: int, area_wh: tuple[float, float], screen_ratio: float) -> float:
    """How much larger than on the screen a snapshot is, so that its largest picture has every pixel of the footage.

    Args:
        picture_width: Of the whole picture in the largest tile, in logical pixels.
        image_width: Of the footage in pixels.
        area_wh: Width and height of all that is taken, in logical pixels.
        screen_ratio: Pixels of the screen for a logical one; a snapshot has no fewer.

    Returns:
        Pixels of the snapshot for a logical one, less where it would not fit into a usual picture file.
    """
    wanted = max(screen_ratio, image_width / picture_width)
    width, height = area_wh
    return min(wanted, _MOST_SIDE / max(width, height), (_MOST_PIXELS / (width * height)) ** 0.5)
