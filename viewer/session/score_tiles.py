"""What the head says of one class as tiles, one a level, beside those of the taps."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from viewer.core.packet import FramePacket
from viewer.core.region import ScoreLevel, ScoreMap
from viewer.render.plan import OverlayPlan, TilePlan
from viewer.render.views import MapView
from viewer.session.level_names import level_name
from viewer.session.overlay_colours import overlay_colours
from viewer.session.state import ViewState
from viewer.session.three_digits import three_digits

_HINT = (
    "What the head says of this class in each cell, 0 to 1, before thresholds and suppression; "
    "of several anchors in a cell the best"
)


def score_keys(strides: Iterable[int]) -> tuple[str, ...]:
    """Keys of these tiles; no node is called so, for nodes are paths of modules."""
    return tuple(f"score@{stride}" for stride in strides)


def score_tiles(state: ViewState, packet: FramePacket) -> list[TilePlan]:
    """A tile a level, finest first; none where this frame has no scores of the class that is asked."""
    found = packet.findings.score_map
    if found is None or found.label != state.inquiry.score_map:
        return []
    return [_tile(state, packet, found, level) for level in found.levels]


def _tile(state: ViewState, packet: FramePacket, found: ScoreMap, level: ScoreLevel) -> TilePlan:
    limits, is_over = (0.0, state.score_top), state.view is MapView.OVERLAY
    rows, columns = level.scores.shape
    overlay = None
    if state.overlays and packet.letterbox is not None:
        rect = packet.letterbox.rect_of_map((rows, columns), level.stride)
        overlay = OverlayPlan(
            _codes(level.scores, limits), overlay_colours(state, limits, is_over=is_over), rect, limits
        )
    (key,) = score_keys((level.stride,))
    name = state.detector.name_of(found.label) if state.detector else f"class {found.label}"
    shape = f"{rows}\N{MULTIPLICATION SIGN}{columns}"
    return TilePlan(
        key=key,
        title=f"{level_name(level.stride, state.stages)} · {name} score",  # its end is cut off first
        subtitle=f"stride {level.stride} · {shape} · {found.head}",
        limits_text=(three_digits(limits[0]), three_digits(limits[1])),
        warning=_warning(level),
        overlay=overlay,
        show_boxes=state.boxes,
        show_labels=state.boxes and state.maximised == key,
        hint=_HINT,
        view=MapView.OVERLAY if overlay is None else state.view,
    )


def _warning(level: ScoreLevel) -> str:
    broken = int(np.count_nonzero(~np.isfinite(level.scores)))
    return "" if not broken else "1 cell not finite" if broken == 1 else f"{broken} cells not finite"


def _codes(scores: NDArray[np.float32], limits: tuple[float, float]) -> NDArray[np.uint8]:
    """Scores as codes, see `viewer.core.packet.TapMap.codes`."""
    low, high = limits
    share = np.clip((np.nan_to_num(scores) - low) / (high - low), 0, 1)
    codes = np.where(np.isfinite(scores), 1 + np.round(254 * share), 0).astype(np.uint8)
    codes.setflags(write=False)
    return codes
