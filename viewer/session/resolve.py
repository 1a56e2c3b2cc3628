"""From what the user chose and what the engine found to what is drawn: one pure function.

Nothing is remembered between calls, so a picture can be made again from its state and packet, a threshold moves over
kept candidates while everything stands still, and a test needs neither window nor engine.
"""

import itertools
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from viewer.core.boxes import Boxes
from viewer.core.cell import CellGrid
from viewer.core.geometry import Letterbox, Rect
from viewer.core.packet import FramePacket, TapMap
from viewer.core.shapes import Shapes
from viewer.core.stage import Stage
from viewer.core.suppression import kept_rows
from viewer.render.colormap import lut
from viewer.render.plan import BoxPlan, OverlayPlan, Point, PosePlan, RenderPlan, TilePlan
from viewer.render.skeleton import LEAST_SCORE, limbs
from viewer.render.views import Grid, MapView
from viewer.session.arrange import DETECTIONS_TILE, arranged, page_of
from viewer.session.before import Before, before, count_words
from viewer.session.cam_tile import cam_keys, cam_tiles
from viewer.session.channels import maps_shown
from viewer.session.class_colour import colour_of
from viewer.session.overlay_colours import overlay_colours
from viewer.session.score_tiles import score_keys, score_tiles
from viewer.session.state import ViewState
from viewer.session.sweep_tile import sweep_keys, sweep_tiles
from viewer.session.three_digits import three_digits
from viewer.session.under import under_rows

_SHED_HINT = (
    "With this map playing would fall behind the source's rate; it comes back when there is time for it, "
    "and while the picture stands (--no-shed keeps all maps)"
)
_HALVED_HINT = (
    "Maps are made for every second frame to hold the source's rate; "
    "a frame between shows that of the frame before (--no-shed makes all)"
)
_NOTHING_YET_HINT = "This reducer compares frames, and there is none to compare this one with yet: step or play"
_MOSAIC_HINT = (
    "The strongest channels side by side, not laid over the frame: each part is the whole picture as one channel sees "
    "it, all in the same colours; the pointer tells which. One gives way when another is a quarter stronger"
)
_BROKEN_HINT = (
    "Boxes whose score or corners are no finite numbers are left out; maps that are not finite either show where the "
    "network breaks, and where none does, its decoding is to blame"
)


def resolve(state: ViewState, packet: FramePacket | None) -> RenderPlan:
    """Decide everything that is drawn for a packet.

    Where the thresholds of the state are not those the packet's detections were chosen by, they are chosen anew among
    its candidates; what becomes one only then has no mask or pose until the engine has processed the frame again. Maps
    are drawn for stages that the packet has and the state still wants.

    Args:
        state: What the user chose; read through `relevant` alone.
        packet: Newest frame; None before the first.

    Returns:
        A plan whose arrays are those of the packet, not copies.
    """
    detections, rows = detected(state, packet)
    was = before(state, packet, detections)
    shapes = packet.shapes if packet is not None else None
    tiles = [_detections_tile(state, packet, len(detections), None if was is None else len(was.boxes))]
    if packet is not None:
        tiles += cam_tiles(state, packet) + sweep_tiles(state, packet) + _tap_tiles(state, packet)
        tiles += score_tiles(state, packet)
    frame = packet.frame if packet else None
    alone = tuple(tile for tile in tiles if tile.key == state.maximised)
    shown, grid = (alone, Grid.AUTO) if alone else (_page(state, tiles), state.grid)
    under = _under(state, packet) if state.under and packet is not None else ()
    boxes = _boxes(state, detections, rows, shapes)
    plan = RenderPlan(frame, shown, boxes, under, state.divider, grid)
    return plan if was is None else _compared(state, plan, was)


def _compared(state: ViewState, plan: RenderPlan, was: Before) -> RenderPlan:
    """The plan with what vanished and what appeared since something was altered."""
    boxes = list(plan.boxes)
    for row in map(int, was.change.new):
        boxes[-1 - row] = replace(boxes[-1 - row], fate="new")  # plans have the best last
    gone = tuple(replace(box, fate="gone") for box in _boxes(state, was.gone, was.change.gone, None))
    return replace(plan, boxes=tuple(boxes), gone=gone, before=len(was.boxes))


def relevant(state: ViewState) -> tuple[object, ...]:
    """The part of a state that `resolve` reads: plans differ only where this or the packet does."""
    return (
        state.detector,
        state.source,
        state.stages,
        state.tapped,
        state.thresholds,
        state.alpha,
        state.colormap,
        state.fade,
        state.view,
        state.divider,
        state.overlays,
        state.boxes,
        state.under,
        state.maximised,
        state.grid,
        state.page,
        state.order,
        state.inquiry,
        state.score_top,
        state.sweep,
    )


def tile_keys(state: ViewState) -> tuple[str, ...]:
    """Keys of all tiles there are, in the order in which they are shown."""
    scores = () if state.inquiry.score_map is None else score_keys(state.score_strides)
    asked = (*cam_keys(state), *sweep_keys(state))
    return arranged((DETECTIONS_TILE, *asked, *state.tapped, *scores), state.order)


def _page(state: ViewState, tiles: list[TilePlan]) -> tuple[TilePlan, ...]:
    """The tiles that have a place, in the user's order."""
    if state.order:
        by_key = {tile.key: tile for tile in tiles}
        tiles = [by_key[key] for key in arranged(tuple(by_key), state.order)]
    places = state.grid.places
    page, _ = page_of(len(tiles), places, state.page)
    return tuple(tiles[page * places : (page + 1) * places])


def shown_detections(state: ViewState, packet: FramePacket) -> Boxes:
    """The boxes that are drawn for a packet, best first, in source pixels."""
    return detected(state, packet)[0]


def detected(state: ViewState, packet: FramePacket | None) -> tuple[Boxes, NDArray[np.intp]]:
    """Detections, and which candidates they are."""
    nothing = np.zeros(0, np.intp)
    if packet is None:
        return Boxes.empty(), nothing
    if state.detector is None or packet.thresholds == state.thresholds:
        return packet.detections, nothing if packet.shapes is None else packet.shapes.rows.astype(np.intp)
    image_hw = packet.frame.image_hw
    rows = kept_rows(packet.candidates, state.thresholds, state.detector.suppression, image_hw=image_hw)
    return packet.candidates.take(rows).clipped(image_hw), rows


def _under(state: ViewState, packet: FramePacket) -> tuple[BoxPlan, ...]:
    """Boxes of what is under the threshold, see `viewer.session.under`."""
    candidates, rows = shown_candidates(state, packet)
    return tuple(replace(box, under=True) for box in _boxes(state, candidates, rows, None))


def shown_candidates(state: ViewState, packet: FramePacket) -> tuple[Boxes, NDArray[np.intp]]:
    """What is drawn of the candidates under the threshold, best first, in source pixels, and which rows they are."""
    if state.detector is None:
        return Boxes.empty(), np.zeros(0, np.intp)
    rows = under_rows(packet.candidates, state.thresholds, state.detector.suppression)
    return packet.candidates.take(rows).clipped(packet.frame.image_hw), rows


def box_plans(state: ViewState, boxes: Boxes) -> tuple[BoxPlan, ...]:
    """Boxes to draw, without masks and poses, the worst score first."""
    return _boxes(state, boxes, np.zeros(0, np.intp), None)


def _boxes(
    state: ViewState, detections: Boxes, candidates: NDArray[np.intp], shapes: Shapes | None
) -> tuple[BoxPlan, ...]:
    drawn = {} if shapes is None else dict(zip(shapes.rows.tolist(), range(len(shapes.rows)), strict=True))
    places = [drawn.get(row) for row in candidates.tolist()] if shapes is not None else itertools.repeat(None)
    corners = itertools.repeat(None) if detections.xywhr is None else _corners(detections.xywhr)
    # Not strict: upright boxes have no corners, and most detectors' no shapes, without end.
    xyxy, scores, labels = detections.xyxy.tolist(), detections.scores.tolist(), detections.labels.tolist()
    columns = xyxy, scores, labels, detections.strides.tolist(), corners, places
    plans = [
        BoxPlan(
            (left, top, right, bottom),
            f"{_class_name(state, label)} {score:.2f}",
            colour_of(state, label),
            turned,
            _rings(shapes, place),
            _pose(shapes, place),
            label,
            score,
            stride,
        )
        for (left, top, right, bottom), score, label, stride, turned, place in zip(*columns, strict=False)
    ]
    return tuple(reversed(plans))


def _rings(shapes: Shapes | None, place: int | None) -> tuple[tuple[Point, ...], ...]:
    if shapes is None or shapes.masks is None or place is None:
        return ()
    return tuple(tuple((x, y) for x, y in ring.tolist()) for ring in shapes.masks.rings(place))


def _pose(shapes: Shapes | None, place: int | None) -> PosePlan | None:
    """Joints that are likely there, and the limbs between those."""
    if shapes is None or shapes.keypoints is None or place is None:
        return None
    joints = [(x, y) if score >= LEAST_SCORE else None for x, y, score in shapes.keypoints[place].tolist()]
    ends = [(joints[start], joints[end]) for start, end in limbs(len(joints))]
    lines = tuple((start, end) for start, end in ends if start is not None and end is not None)
    return PosePlan(lines, tuple(joint for joint in joints if joint is not None))


def _corners(xywhr: NDArray[np.float32]) -> list[tuple[tuple[float, float], ...]]:
    """Corners of oriented boxes in turn; a positive rotation goes from x towards y, clockwise on the screen."""
    cos, sin = np.cos(xywhr[:, 4]), np.sin(xywhr[:, 4])
    along = np.stack([cos, sin], axis=1) * xywhr[:, 2:3] / 2
    across = np.stack([-sin, cos], axis=1) * xywhr[:, 3:4] / 2
    turn = np.stack([-along - across, along - across, along + across, across - along], axis=1)
    return [tuple((x, y) for x, y in box) for box in (xywhr[:, None, :2] + turn).tolist()]


def _class_name(state: ViewState, label: int) -> str:
    return state.detector.name_of(label) if state.detector else f"class {label}"


def _detections_tile(state: ViewState, packet: FramePacket | None, count: int, was: int | None) -> TilePlan:
    words: list[str] = []
    if state.detector is not None:
        words.append(state.detector.name)
    if packet is not None and packet.letterbox is not None:
        objects = f"{count} object" if count == 1 else f"{count} objects"
        words.append(objects if was is None else count_words(was, count))
    elif state.source is not None:
        words.append(state.source.name)
    return TilePlan(
        key=DETECTIONS_TILE,
        title="Detections",
        subtitle=" · ".join(words),
        limits_text=None,
        warning=_detections_warning(state, packet),
        overlay=None,
        show_boxes=state.boxes,
        show_labels=state.boxes,
        hint=_detections_hint(state, packet),
    )


def _detections_warning(state: ViewState, packet: FramePacket | None) -> str:
    nonfinite = 0 if packet is None else packet.candidates.nonfinite
    if nonfinite:  # beside it, that weights are random matters less
        return "1 box not finite" if nonfinite == 1 else f"{nonfinite} boxes not finite"
    return "" if state.detector is None else state.detector.warning


def _detections_hint(state: ViewState, packet: FramePacket | None) -> str:
    notes = () if state.detector is None else state.detector.notes
    is_broken = packet is not None and packet.candidates.nonfinite > 0
    return "\n".join((_BROKEN_HINT, *notes) if is_broken else notes)


def _tap_tiles(state: ViewState, packet: FramePacket) -> list[TilePlan]:
    """A tile a stage in the order of execution; one that is shed keeps its place, so that nothing jumps."""
    shed, shown = packet.shed.nodes, maps_shown(state, packet)
    if not shed:
        return [_tap_tile(state, packet, tap) for tap in shown if tap.stage.node in state.tapped]
    maps = {tap.stage.node: tap for tap in shown}
    return [
        _tap_tile(state, packet, maps[stage.node]) if stage.node in maps else _shed_tile(state, stage, packet.shed.fps)
        for stage in state.stages
        if stage.node in state.tapped and (stage.node in maps or stage.node in shed)
    ]


def _shed_tile(state: ViewState, stage: Stage, fps: float) -> TilePlan:
    return TilePlan(
        key=stage.node,
        title=stage.title,
        subtitle=_words(stage, stage.map_hw),
        limits_text=None,
        warning=f"shed to hold {fps:.3g} fps",
        overlay=None,
        show_boxes=state.boxes,
        show_labels=state.boxes and state.maximised == stage.node,
        hint=_SHED_HINT,
    )


def _tap_tile(state: ViewState, packet: FramePacket, tap: TapMap) -> TilePlan:
    is_shown = state.overlays and packet.letterbox is not None and not tap.nothing_yet
    overlay = _overlay(state, packet.letterbox, tap) if is_shown and packet.letterbox is not None else None
    is_apart = tap.mosaic is not None
    nothing_yet = _NOTHING_YET_HINT if tap.nothing_yet else ""
    hints = (
        nothing_yet,
        _bands_hint(tap),
        _MOSAIC_HINT if is_apart else "",
        _HALVED_HINT if packet.shed.every_second else "",
    )
    view = MapView.MAP if is_apart else state.view
    return TilePlan(
        key=tap.stage.node,
        title=_title(tap),
        subtitle=_subtitle(tap),
        limits_text=_limits_text(tap),
        warning=_warning(tap) or ("every 2nd frame" if packet.shed.every_second else ""),
        overlay=overlay,
        show_boxes=state.boxes and not is_apart,
        # Many labels on a small tile hide the map they stand on.
        show_labels=state.boxes and state.maximised == tap.stage.node,
        hint="\n".join(hint for hint in hints if hint),
        view=MapView.OVERLAY if overlay is None else view,
        bands=tuple(band.name for band in tap.bands),
    )


def _limits_text(tap: TapMap) -> tuple[str, str] | None:
    """What the ends of the colours stand for; None where there are no such values."""
    if tap.is_broken or tap.bands or tap.nothing_yet:
        return None
    return three_digits(tap.limits[0]), three_digits(tap.limits[1])


def _bands_hint(tap: TapMap) -> str:
    """What each colour stands for, with the values at which it is dark and full."""
    if tap.is_broken:
        return ""
    coloured = zip(("red", "green", "blue"), tap.bands, strict=False)
    spans = ((colour, band.name, *map(three_digits, band.limits)) for colour, band in coloured)
    return " · ".join(f"{colour}: {name}, {low} to {high}" for colour, name, low, high in spans)


def _overlay(state: ViewState, letterbox: Letterbox, tap: TapMap) -> OverlayPlan:
    rows, columns = tap.codes.shape[:2]
    if tap.mosaic is None:
        rect = letterbox.rect_of_map((rows, columns), tap.stage.stride)
        field = None if state.detector is None else state.detector.field_of(tap.stage.node)
        grid = CellGrid.of_map(tap.stage, (rows, columns), letterbox, field)
    else:
        grid = None
        part = letterbox.rect_of_map((rows // tap.mosaic.rows, columns // tap.mosaic.columns), tap.stage.stride)
        rect = _fitted(part.width * tap.mosaic.columns, part.height * tap.mosaic.rows, letterbox.image_hw)
    return OverlayPlan(tap.codes, _colours(state, tap), rect, tap.limits, tap.bands, tap.mosaic, grid)


def _fitted(width: float, height: float, image_hw: tuple[int, int]) -> Rect:
    """A rectangle of these proportions in the middle of the picture, as large as it can be."""
    scale = min(image_hw[1] / width, image_hw[0] / height)
    width, height = width * scale, height * scale
    return Rect((image_hw[1] - width) / 2, (image_hw[0] - height) / 2, width, height)


def _colours(state: ViewState, tap: TapMap) -> NDArray[np.uint8]:
    """The table for a map; one in colour has its own colours."""
    is_over = state.view is MapView.OVERLAY and tap.mosaic is None
    if tap.bands:
        return lut("gray", state.alpha if is_over else 1.0)
    return overlay_colours(state, tap.limits, is_over=is_over)


def _title(tap: TapMap) -> str:
    """The stage, and which channel of it where only one is shown: a narrow tile has room for nothing else."""
    kind, _, number = tap.reducer.partition(":")
    return f"{tap.stage.title} ch {number}" if kind == "channel" else tap.stage.title


def _subtitle(tap: TapMap) -> str:
    """What is tapped and how; the same words frame after frame."""
    rows, columns = tap.codes.shape[:2]
    if tap.mosaic is not None:
        rows, columns = rows // tap.mosaic.rows, columns // tap.mosaic.columns
    return f"{_words(tap.stage, (rows, columns))} · {tap.reducer}"


@lru_cache(maxsize=256)
def _words(stage: Stage, map_hw: tuple[int, int]) -> str:
    shape = "\N{MULTIPLICATION SIGN}".join(str(size) for size in (stage.channels, *map_hw))
    words = [str(stage.role), f"stride {stage.stride}", shape]
    return " · ".join([stage.node, *words] if stage.name else words)


def _warning(tap: TapMap) -> str:
    nonfinite = tap.nonfinite
    if not nonfinite:
        return tap.nothing_yet
    if tap.is_broken:
        return "not finite"
    return f"{nonfinite} cell not finite" if nonfinite == 1 else f"{nonfinite} cells not finite"
