"""The map that tells why, as a tile beside the detections."""

import numpy as np
from numpy.typing import NDArray

from viewer.core.cam import Cam, CamMap, Lost
from viewer.core.packet import FramePacket
from viewer.render.colormap import DIVERGING, lut, zero_code
from viewer.render.plan import OverlayPlan, TilePlan
from viewer.render.views import MapView
from viewer.session.state import ViewState
from viewer.session.three_digits import three_digits
from viewer.session.why import AT_HEAD, TIMES, answer_of, lost_words, name_of

CAM_TILE = "why"
"""Key of the tile; no node is called that, for a module of a network has a number or a dot in its path."""

_VEIL = 0.75
"""Share of the opacity of maps with which the frame is dimmed."""

_HINT = (
    "LayerCAM: of each cell the activations that speak for the score, weighted by how much more of them would raise "
    "it; in units of the score. The colours go from 0 to the largest value of this frame"
)
_MERGED_HINT = (
    "LayerCAM of each detection, at most the 16 best, each divided by its own largest value, and of all the largest "
    "in each place"
)


def cam_keys(state: ViewState) -> tuple[str, ...]:
    """The key of the tile, while something is explained."""
    return () if state.inquiry.cam is None else (CAM_TILE,)


def cam_tiles(state: ViewState, packet: FramePacket) -> list[TilePlan]:
    """The tile, while something is explained; it keeps its place where this frame has no answer."""
    if state.inquiry.cam is None:
        return []
    cam = answer_of(state, packet)
    map_ = None if cam is None else cam.map
    overlay = None if map_ is None else _overlay(state, packet, map_)
    is_merged = state.inquiry.cam.merged is not None
    return [
        TilePlan(
            key=CAM_TILE,
            title=_title(state, cam),
            subtitle=_subtitle(cam),
            limits_text=None if map_ is None else (three_digits(map_.limits[0]), three_digits(map_.limits[1])),
            warning=_warning(cam, packet),
            overlay=overlay,
            show_boxes=state.boxes,
            show_labels=state.boxes and state.maximised == CAM_TILE,
            hint=_why_none(state, cam, packet) or (_MERGED_HINT if is_merged else _HINT),
            view=MapView.OVERLAY if overlay is None else state.view,
            answers=True,
        )
    ]


def _overlay(state: ViewState, packet: FramePacket, map_: CamMap) -> OverlayPlan | None:
    if not state.overlays or packet.letterbox is None:
        return None
    rows, columns = map_.codes.shape
    rect = packet.letterbox.rect_of_map((rows, columns), map_.stride)
    return OverlayPlan(map_.codes, _colours(state, map_.limits), rect, map_.limits)


def _colours(state: ViewState, limits: tuple[float, float]) -> NDArray[np.uint8]:
    """The table: where nothing speaks for an object the frame is dimmed, so that the few cells that do stand out.

    Over the frame opacity goes with the root of the value, so that what little speaks is seen already, up to more than
    that of other maps: those are compared with the frame, this one is searched for what shines.
    """
    zero = zero_code(limits) if state.colormap in DIVERGING else None
    table = lut(state.colormap, 1.0, zero=zero)
    if state.view is not MapView.OVERLAY:
        return table
    table = table.copy()
    most = 1 - (1 - state.alpha) ** 2
    least = _VEIL * state.alpha
    table[1:, 3] = np.rint(255 * (least + (most - least) * np.sqrt(np.linspace(0, 1, 255))))
    table.setflags(write=False)
    return table


def _title(state: ViewState, cam: Cam | None) -> str:
    if cam is None or cam.map is None:
        question = state.inquiry.cam
        label = None if question is None else question.target.label
        return "Why" if label is None else f"Why {name_of(state, label)}"
    if cam.question.merged is not None:
        count = len(cam.objects)
        return f"Why {count} objects" if count != 1 else "Why 1 object"
    one = cam.objects[0]
    return f"Why {name_of(state, one.label)} {one.score:.2f} · {cam.map.stage.title}"


def _subtitle(cam: Cam | None) -> str:
    if cam is None or cam.map is None:
        return "LayerCAM"
    map_ = cam.map
    shape = TIMES.join(str(size) for size in map_.codes.shape)
    if cam.question.merged is not None:
        where = cam.question.node or AT_HEAD
        return f"LayerCAM merged · {where} · {shape}"
    return f"LayerCAM · {map_.stage.node} · stride {map_.stage.stride} · {shape}"


def _warning(cam: Cam | None, packet: FramePacket) -> str:
    if cam is None:
        return "not explained" if packet.findings.why_not("cam") else ""
    if cam.lost is not None:
        return "not there yet" if cam.lost is Lost.BEFORE else "lost"
    if cam.map is not None and cam.map.nonfinite:
        return f"{cam.map.nonfinite} cells not finite" if cam.map.nonfinite > 1 else "1 cell not finite"
    return "" if cam.map is None or cam.map.limits[1] else "no evidence"


def _why_none(state: ViewState, cam: Cam | None, packet: FramePacket) -> str:
    if cam is None:
        return packet.findings.why_not("cam")
    return "" if cam.lost is None else lost_words(state, cam)
