"""What can be done where memory ran out: a new engine that needs less, in one of a few ways."""

from dataclasses import replace
from enum import StrEnum

from viewer.config.schema import Config
from viewer.session.present import present_config
from viewer.session.state import ViewState

_LEAST_IMGSZ = 160
_GRID = 32


class Relief(StrEnum):
    """A way to need less."""

    FEWER_TAPS = "fewer taps"
    SMALLER_INPUT = "smaller input"
    HALF = "half precision"


def reliefs(state: ViewState, config: Config) -> dict[Relief, str]:
    """What can be offered for the notice that is shown, with its words; nothing where memory is not the matter."""
    where = "" if state.notice is None else state.notice.memory_of
    if not where:
        return {}
    offered: dict[Relief, str] = {}
    if len(state.tapped) > 1:
        offered[Relief.FEWER_TAPS] = f"Tap {len(_fewer(state))} of {len(state.tapped)}"
    is_fixed = state.detector is not None and state.detector.has_fixed_input
    if config.imgsz > _LEAST_IMGSZ and not is_fixed:
        offered[Relief.SMALLER_INPUT] = f"Input of {_smaller(config)} px"
    if not where.startswith(("cpu", "this")) and not (config.half or config.bf16):
        offered[Relief.HALF] = "Half precision"
    return offered


def relieved(relief: Relief, state: ViewState, config: Config) -> tuple[ViewState, Config]:
    """The state and the options once less is needed; all else stays as the user has set it."""
    present = present_config(config, state)
    match relief:
        case Relief.FEWER_TAPS:
            kept = _fewer(state)
            taps = replace(state.taps, nodes=kept)
            return replace(state, taps=taps, tapped=kept), present.model_copy(update={"tap": kept})
        case Relief.SMALLER_INPUT:
            return state, present.model_copy(update={"imgsz": _smaller(config)})
        case Relief.HALF:
            return state, present.model_copy(update={"half": True})


def _fewer(state: ViewState) -> tuple[str, ...]:
    """The later half of the tapped stages, whose maps are the smaller ones."""
    return state.tapped[-(len(state.tapped) // 2) :]


def _smaller(config: Config) -> int:
    return max(_LEAST_IMGSZ, config.imgsz // 2 // _GRID * _GRID)
