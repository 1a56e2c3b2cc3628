"""What the user takes along of an object: JSON that can be pasted into a report, a ticket or a notebook."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.detector import DetectorInfo
from viewer.core.packet import FramePacket
from viewer.session.follow import Focus
from viewer.session.resolve import detected
from viewer.session.state import ViewState
from viewer.sinks.record import box_record, shape_record


def focus_json(state: ViewState, packet: FramePacket) -> str:
    """The chosen object as indented JSON, see `focus_record`; empty where none is chosen."""
    record = focus_record(state, packet)
    return "" if record is None else json.dumps(record, indent=2)


def focus_record(state: ViewState, packet: FramePacket) -> dict[str, Any] | None:
    """The chosen object as plain values for JSON; None where none is chosen.

    Its fields are those of a detection in a `--packets` file, preceded by `source`, `index`, `pts_s` and `fate`:
    `found` for a detection, else what became of it (see `viewer.session.follow.Fate`). Box and score are then those of
    the candidate that stands for it, and where nothing does, of the frame it was last seen in, which `index` tells.
    """
    focus, info = state.focus, state.detector
    if focus is None or info is None:
        return None
    seen = {"source": state.source.uri if state.source else "", **_seen(focus, packet)}
    return {**seen, "fate": str(focus.fate), **_object(state, focus, packet, info)}


def _seen(focus: Focus, packet: FramePacket) -> dict[str, Any]:
    if focus.box is not None:
        return {"index": packet.frame.index, "pts_s": round(packet.frame.pts_s, 6)}
    return {"index": focus.place.index, "pts_s": round(focus.place.pts_s, 6)}


def _object(state: ViewState, focus: Focus, packet: FramePacket, info: DetectorInfo) -> dict[str, Any]:
    box = focus.box
    if box is not None and not box.under:
        boxes, candidates = detected(state, packet)
        rows = np.flatnonzero((boxes.labels == box.label) & (boxes.xyxy == np.array(box.xyxy, np.float32)).all(axis=1))
        if rows.size:
            row = int(rows[0])
            return {**box_record(boxes, row, info), **_shape(packet, candidates, row)}
    xyxy, score = (focus.place.xyxy, focus.place.score) if box is None else (box.xyxy, box.score)
    label = focus.label if box is None else box.label
    return {
        "label": label,
        "name": info.name_of(label),
        "score": round(score, 5),
        "xyxy": [round(edge, 2) for edge in xyxy],
    }


def _shape(packet: FramePacket, candidates: NDArray[np.intp], row: int) -> dict[str, Any]:
    """Its mask or pose, where they were made for it."""
    if packet.shapes is None:
        return {}
    places = np.flatnonzero(packet.shapes.rows == candidates[row])
    return shape_record(packet.shapes, int(places[0])) if places.size else {}
