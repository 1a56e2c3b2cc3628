"""The tile of an occlusion sweep: which places of the frame a detection needs."""

from viewer.core.packet import FramePacket
from viewer.render.plan import OverlayPlan, TilePlan
from viewer.render.views import MapView
from viewer.session.overlay_colours import overlay_colours
from viewer.session.state import ViewState
from viewer.session.three_digits import three_digits

SWEEP_TILE = "sweep"
"""Key of the tile; no node is called that without a dot or a number."""

_HINT = (
    "D-RISE: how well the detection is still found, on average, while a place is visible; bright places are needed. "
    "Random cells of a grid of 16 along the longer side are covered with grey, each with probability 0.5; each covered "
    "picture counts with the best IoU times score among the candidates of the same class "
    "(Petsiuk et al., Black-box Explanation of Object Detectors via Saliency Maps, CVPR 2021)"
)


def sweep_keys(state: ViewState) -> tuple[str, ...]:
    """Key of the tile, if there is one."""
    return () if state.sweep is None or state.sweep.map is None else (SWEEP_TILE,)


def sweep_tiles(state: ViewState, packet: FramePacket) -> list[TilePlan]:
    """What is known by now, laid over the frame; none where it belongs to another frame or nothing is known yet."""
    sweep = state.sweep
    known = None if sweep is None else sweep.map
    if sweep is None or known is None or packet.letterbox is None or known.index != packet.frame.index:
        return []
    overlay = None
    if state.overlays:
        colours = overlay_colours(state, known.limits, is_over=state.view is MapView.OVERLAY)
        overlay = OverlayPlan(known.codes, colours, packet.letterbox.map_rect, known.limits)
    low, high = known.limits
    count = f"{known.done} of {sweep.wish.masks} masks" if sweep.is_running else f"{sweep.wish.masks} masks"
    tile = TilePlan(
        key=SWEEP_TILE,
        title=f"Needed for {sweep.text}",
        subtitle=f"D-RISE \N{MIDDLE DOT} {count}",
        limits_text=(three_digits(low), three_digits(high)),
        warning="",
        overlay=overlay,
        show_boxes=state.boxes,
        show_labels=False,
        hint=_HINT,
        view=MapView.OVERLAY if overlay is None else state.view,
        answers=True,
    )
    return [tile]
