"""How a session was looked at, kept beside what was open in it, so that continuing brings back more than a file."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from viewer.config.schema import Config
from viewer.core.errors import ConfigError
from viewer.core.looprange import LoopRange
from viewer.core.reducer_names import read_reducer
from viewer.session.present import set_by
from viewer.session.state import ViewState
from viewer.session.wanted import Wanted

KEPT = (
    "tap",
    "reducer",
    "limits",
    "conf",
    "iou",
    "max_det",
    "classes",
    "alpha",
    "colormap",
    "fade",
    "view",
    "divider",
    "grid",
    "page",
    "order",
    "health",
    "speed",
    "loop",
)
"""Keys of `Config` that say how something is looked at."""


def settings_of(config: Config) -> dict[str, Any]:
    """What is set of `KEPT`, as YAML can write it; what is at its default is left out.

    A file of the user's is named by its full path: from another folder another file may have the same name.
    """
    plain = config.model_dump(mode="json", include=set(KEPT), exclude_defaults=True)
    reducer = read_reducer(config.reducer)
    if reducer.kind == "file":
        plain["reducer"] = str(replace(reducer, path=str(Path(reducer.path).expanduser().resolve())))
    return {key: plain[key] for key in KEPT if key in plain}


def restoring(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Values of all of `KEPT` as they were; keys that mean nothing any more are left out."""
    defaults = {key: Config.model_fields[key].default for key in KEPT}
    return {**defaults, **{key: value for key, value in settings.items() if key in defaults}}


def restored(state: ViewState, wanted: Wanted, config: Config) -> ViewState:
    """The state in which a session is continued.

    Args:
        state: Before the new engine's words are heard.
        wanted: What is opened; a session that is not continued changes nothing.
        config: What the engine was given.
    """
    last = wanted.looked_at
    if last is None:
        return state
    state = set_by(config, state)
    return replace(state, transport=replace(state.transport, span=_span(last.span)))


def _span(frames: tuple[int, int] | None) -> LoopRange | None:
    """The loop as it was; somebody may have written nonsense into the file."""
    try:
        return None if frames is None else LoopRange(*frames)
    except ConfigError:
        return None
