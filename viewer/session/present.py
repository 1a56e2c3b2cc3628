"""What holds now as options: the words that started the session, with what the user has changed since.

A snapshot writes them down, so that the picture can be made again, and an export runs with them.
"""

from dataclasses import replace

from viewer.config.schema import EXPLAIN_ALL, EXPLAIN_FOLLOWED, EXPLAIN_MISSED, Config
from viewer.core.alteration import edit_words
from viewer.core.followed import Followed
from viewer.session.state import ViewState

_DIGITS = 4


def set_by(config: Config, state: ViewState) -> ViewState:
    """The state with everything as options say it; what `present_config` writes down, the other way round."""
    return replace(
        state,
        taps=config.tap_settings,
        thresholds=config.thresholds(),
        transport=replace(state.transport, speed=config.speed, loop=config.loop),
        alpha=config.alpha,
        colormap=config.colormap,
        fade=config.fade,
        view=config.view,
        divider=config.divider,
        grid=config.grid,
        page=config.page - 1,
        order=config.order,
        health=replace(state.health, keeps=config.health),
        inquiry=replace(state.inquiry, alteration=config.alteration),
    )


def present_config(config: Config, state: ViewState) -> Config:
    """Bring options to what the state says.

    Args:
        config: What the session began with.
        state: What holds now; where it does not know yet, as of taps while the network loads, the options stay.
    """
    thresholds, classes, tap = state.thresholds, config.classes, state.taps.nodes
    if state.detector is not None:
        classes = None if thresholds.classes is None else tuple(map(str, sorted(thresholds.classes)))
        tap = state.tapped
    return config.model_copy(
        update={
            "tap": tap,
            "reducer": state.taps.reducer,
            "limits": str(state.taps.limits),
            "conf": round(thresholds.conf, _DIGITS),
            "iou": round(thresholds.iou, _DIGITS),
            "max_det": thresholds.max_det,
            "classes": classes,
            "alpha": round(state.alpha, _DIGITS),
            "colormap": state.colormap,
            "fade": state.fade,
            "view": state.view,
            "divider": round(state.divider, _DIGITS),
            "grid": state.grid,
            "page": state.page + 1,
            "order": state.order,
            "health": state.health.keeps,
            "explain": explain_word(state),
            "explain_at": state.why.node or None,
            "follow": _followed(state),
            "look_at": _looked_at(state) or config.look_at,
            "speed": state.transport.speed,
            "loop": state.transport.loop,
            **edit_words(state.inquiry.alteration.edits),
            "perturb": tuple(map(str, state.inquiry.alteration.perturbations)),
        }
    )


def explain_word(state: ViewState) -> str | None:
    """What is explained, as an option says it."""
    if state.inquiry.cam is None:
        return None
    if state.inquiry.cam.merged is not None:
        return EXPLAIN_ALL
    if state.inquiry.cam.target.region is not None:
        return EXPLAIN_MISSED
    return None if state.focus is None else EXPLAIN_FOLLOWED


def _followed(state: ViewState) -> str | None:
    """The object that is followed, where it was seen last."""
    focus = state.focus
    return None if focus is None else str(Followed(str(focus.label), focus.place.index, focus.place.xyxy))


def _looked_at(state: ViewState) -> str | None:
    """The place that is asked about, as an option says it."""
    region = state.inquiry.region
    return None if region is None else ",".join(f"{edge:.2f}" for edge in region.xyxy)
