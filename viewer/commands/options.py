"""Options made from the fields of `Config`, so that an option and a preset's key are always the same word."""

import argparse
from collections.abc import Iterable, Mapping
from typing import Any

from viewer.config import Config, load_config
from viewer.config.load import preset_names

MODEL_OPTIONS = (
    "weights",
    "decode",
    "trust_checkpoint",
    "device",
    "half",
    "bf16",
    "fuse",
    "channels_last",
    "imgsz",
)
"""What matters to a model without a source."""

RUN_OPTIONS = (
    "model",
    *MODEL_OPTIONS,
    "tf32",
    "graph",
    "tap",
    "reducer",
    "limits",
    "mute",
    "solo",
    "scale",
    "perturb",
    "conf",
    "iou",
    "max_det",
    "classes",
    "health",
    "alpha",
    "colormap",
    "fade",
    "view",
    "divider",
    "grid",
    "page",
    "order",
    "size",
    "fps",
)
"""What `view` and `render` share."""

ASKING_OPTIONS = ("explain", "explain_at", "follow", "score_map", "score_top", "look_at", "cell", "channel", "alone")
"""What `render` asks of every frame beside boxes and maps; in the window one asks by hand."""

_REPEATED = {
    "mute": "STAGE:CHANNEL",
    "solo": "STAGE:CHANNEL",
    "scale": "STAGE:CHANNEL:FACTOR",
    "perturb": "KIND:AMOUNT",
    "tap": "NODE",
    "classes": "CLASS",
    "order": "TILE",
}


def add_options(parser: argparse.ArgumentParser, keys: Iterable[str], *, config: bool = True) -> None:
    """Add an option for each key of `Config`; none has a default here, so "not given" can be told from given."""
    for key in keys:
        field = Config.model_fields[key]
        flag = "--" + key.replace("_", "-")
        meaning = field.description or ""
        if field.annotation in (bool, bool | None):
            parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=None, help=meaning)
        elif key in _REPEATED:
            parser.add_argument(flag, action="append", metavar=_REPEATED[key], help=meaning)
        else:
            shown = "" if field.default is None else f" (default: {field.default})"
            parser.add_argument(flag, metavar=key.upper(), help=meaning + shown)
    if config:
        names = ", ".join(preset_names())
        parser.add_argument("--config", metavar="FILE", help=f"YAML preset: a file, or one of {names}")


def config_from(parsed: argparse.Namespace, defaults: Mapping[str, Any] | None = None) -> Config:
    """Merge defaults, `--config` and the options that were given.

    Args:
        parsed: The command line.
        defaults: What the user set in place of the defaults that options come with.

    Raises:
        ConfigError: If a key is unknown or a value out of bounds.
    """
    given = {key: getattr(parsed, key, None) for key in Config.model_fields}
    return load_config(getattr(parsed, "config", None), given, defaults=defaults)
