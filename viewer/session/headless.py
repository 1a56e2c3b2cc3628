"""The state of a session that has no window: what options say, of a source and a network that are open."""

from collections.abc import Iterable
from dataclasses import replace

from viewer.config.schema import Config
from viewer.core.detector import DetectorInfo
from viewer.core.errors import ConfigError, did_you_mean
from viewer.core.frame import SourceInfo
from viewer.core.inquiry import NOTHING, Inquiry
from viewer.core.stage import Stage
from viewer.core.suppression import Thresholds
from viewer.session.arrange import order_named
from viewer.session.present import set_by
from viewer.session.resolve import tile_keys
from viewer.session.state import EnginePhase, ViewState


def headless_state(
    config: Config,
    *,
    source: SourceInfo,
    detector: DetectorInfo,
    stages: tuple[Stage, ...],
    tapped: Iterable[Stage],
    thresholds: Thresholds,
    inquiry: Inquiry = NOTHING,
) -> ViewState:
    """What `resolve` and records need to know.

    Args:
        config: The options.
        source: The open source.
        detector: The loaded network.
        stages: Every stage that can be tapped.
        tapped: Those that are.
        thresholds: What turns candidates into detections, with the network's own class numbers.
        inquiry: What is asked of every frame.

    Raises:
        ConfigError: If one tile is to be shown alone and there is none of that name.
    """
    state = ViewState(
        phase=EnginePhase.READY,
        source=source,
        detector=detector,
        stages=stages,
        tapped=tuple(stage.node for stage in tapped),
    )
    state = replace(
        set_by(config, state),
        thresholds=thresholds,
        order=order_named(config.order, stages),
        inquiry=inquiry,
        score_top=config.score_top,
    )
    return state if config.alone is None else replace(state, maximised=_tile_named(config.alone, state))


def _tile_named(name: str, state: ViewState) -> str:
    key = order_named((name,), state.stages)[0]
    keys = tile_keys(state)
    if key not in keys:
        raise ConfigError(f"--alone {name}: no such tile{did_you_mean(name, keys) or '; there are ' + ', '.join(keys)}")
    return key
