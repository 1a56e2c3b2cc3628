"""The state of a session that has no window: what options say, of a source and a network that are open."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from viewer.config.schema import Config
from viewer.core.detector import DetectorInfo
from viewer.core.errors import ConfigError, did_you_mean
from viewer.core.frame import SourceInfo
from viewer.core.inquiry import NOTHING, Inquiry
from viewer.core.stage import Stage
from viewer.core.suppression import Thresholds
from viewer.session.arrange import DETECTIONS_TILE, order_named
from viewer.session.cam_tile import CAM_TILE
from viewer.session.present import set_by
from viewer.session.resolve import tile_keys
from viewer.session.score_tiles import score_keys
from viewer.session.state import EnginePhase, ViewState
from viewer.session.sweep_tile import SWEEP_TILE


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
        ConfigError: If the order of tiles names one that there cannot be; the message suggests the nearest.
        ConfigError: If one tile is to be shown alone and there is none of that name.
    """
    known = tile_names(stages)
    for name in config.order:
        if name not in known:
            hint = did_you_mean(name, known) or f"; give a stage, or {DETECTIONS_TILE!r}"
            raise ConfigError(f"no tile {name!r} in {detector.name}{hint}")
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
        score_strides=() if inquiry.score_map is None else detector.strides,
    )
    return state if config.alone is None else replace(state, maximised=_tile_named(config.alone, state))


def _tile_named(name: str, state: ViewState) -> str:
    key = order_named((name,), state.stages)[0]
    keys = tile_keys(state)
    if key not in keys:
        raise ConfigError(f"--alone {name}: no such tile{did_you_mean(name, keys) or '; there are ' + ', '.join(keys)}")
    return key


def tile_names(stages: Sequence[Stage]) -> frozenset[str]:
    """Every name that an order of tiles may have for a tile of a model with these stages."""
    of_stages = (name for stage in stages for name in (stage.node, stage.name, *stage.aliases) if name)
    levels = score_keys(sorted({stage.stride for stage in stages}))
    return frozenset((DETECTIONS_TILE, CAM_TILE, SWEEP_TILE, *levels, *of_stages))
