"""The `Config` for the engine that is opened next: what is wanted, and all that the user has set since the first."""

from contextlib import suppress
from typing import Any

from viewer.config import Config, load_config
from viewer.core.errors import ConfigError
from viewer.core.tapping import LimitsMode, TapSettings
from viewer.session.present import present_config
from viewer.session.restoring import restoring
from viewer.session.state import ViewState
from viewer.session.wanted import Wanted


def config_for(wanted: Wanted, config: Config, state: ViewState) -> Config:
    """What an engine is to be given so that it opens this with all that the user has set since.

    Another model has other stages, classes and values: taps, classes and what belonged to the old file start anew.

    Args:
        wanted: What to open.
        config: What is open.
        state: What the user has set.

    Raises:
        ConfigError: If something in it is not usable.
    """
    changes: dict[str, Any] = dict.fromkeys(("mute", "solo", "scale", "perturb"), ())  # of what is open
    if wanted.source is not None:
        changes |= {"source": wanted.source, "size": wanted.size, "fps": wanted.fps}
        if state.taps.reducer.startswith("similarity:"):
            changes["reducer"] = "absmean"  # the place is one in the other picture
    if wanted.model is not None:
        changes |= {
            "model": wanted.model,
            "weights": wanted.weights,
            "decode": wanted.decode,
            "trust_checkpoint": False,  # it was given for the file before
            "tap": None,
            "classes": None,
        }
        changes |= _carried(state.taps)
    present = present_config(config, state).model_dump()
    if wanted.looked_at is not None:
        # What was kept may mean nothing by now, a reducer's file may be gone: then the session begins plain.
        with suppress(ConfigError):
            return load_config(None, {**present, **changes, **restoring(wanted.looked_at.settings)})
    return load_config(None, {**present, **changes})


def _carried(taps: TapSettings) -> dict[str, Any]:
    """What of the taps still means something to another model."""
    is_fixed = taps.limits.mode is LimitsMode.FIXED
    return {
        "reducer": "absmean" if ":" in taps.reducer else taps.reducer,
        "limits": LimitsMode.RUNNING.value if is_fixed else str(taps.limits),
    }
