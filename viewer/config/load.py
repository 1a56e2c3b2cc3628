"""From defaults, a YAML preset and command-line options to one checked `Config`, with messages a user can act on."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from viewer.config.schema import Config
from viewer.core.errors import ConfigError, ViewerError, did_you_mean
from viewer.core.paths import expanded, path_errors
from viewer.core.resources import resource


class _Loader(yaml.SafeLoader):
    """Safe YAML without base-60 numbers: `limits: 0:2.5` is text, as YAML 1.2 has it, and not two and a half."""


for _tag, _pattern in {
    "tag:yaml.org,2002:int": r"[-+]?(?:0|[1-9][0-9]*)",
    "tag:yaml.org,2002:float": r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?",
}.items():
    for _first in "-+.0123456789":
        _resolvers = [entry for entry in _Loader.yaml_implicit_resolvers.get(_first, []) if entry[0] != _tag]
        _Loader.yaml_implicit_resolvers = {**_Loader.yaml_implicit_resolvers, _first: _resolvers}
    # PyYAML carries no types for this one.
    _Loader.add_implicit_resolver(  # pyright: ignore[reportUnknownMemberType]
        _tag, re.compile(f"^(?:{_pattern})$"), list("-+.0123456789")
    )


def load_config(
    preset: str | None = None,
    options: Mapping[str, Any] | None = None,
    *,
    defaults: Mapping[str, Any] | None = None,
) -> Config:
    """Merge defaults, a preset and options; the later wins.

    Args:
        preset: Path of a YAML file, or the name of one that ships with Featscope (`dashcam`).
        options: Keys of `Config` with the values the user gave; None stands for "not given".
        defaults: What the user's settings put in the place of the schema's own defaults, checked already.

    Raises:
        ConfigError: If the file cannot be read, a key is unknown or a value is out of bounds.
    """
    given = {key: value for key, value in (options or {}).items() if value is not None}
    settings = _read(preset) if preset else {}
    try:
        return Config(**{**(defaults or {}), **settings, **given})
    except ValidationError as error:
        detail = error.errors()[0]
        origin = "" if not detail["loc"] or str(detail["loc"][0]) in given else f" in {preset}"
        raise ConfigError(explained(detail, origin, Config)) from error


def _read(preset: str) -> dict[str, Any]:
    return read_mapping(_find(preset), f"preset {preset}")


def read_mapping(path: Path, what: str) -> dict[str, Any]:
    """Read a YAML file of `key: value` lines.

    Args:
        path: Where it is.
        what: What to call it in a message.

    Raises:
        ConfigError: If it cannot be read or holds something else.
    """
    try:
        with path_errors(ConfigError, f"cannot read {what}"):
            text = path.read_text(encoding="utf-8")
    except ValueError as error:
        raise ConfigError(f"{what} is not valid YAML: {_first_line(error)}") from error
    return parsed_mapping(text, what)


def parsed_mapping(text: str, what: str) -> dict[str, Any]:
    """The same of a text.

    Raises:
        ConfigError: If it is no YAML, or holds something else than `key: value` lines.
    """
    try:
        content = yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(f"{what} is not valid YAML: {_first_line(error)}") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigError(f"{what} must hold 'key: value' lines, not {type(content).__name__}")
    settings = {str(key): value for key, value in cast("dict[object, Any]", content).items()}
    # Options are spelled with hyphens on the command line; both spellings mean the same key.
    return {key.replace("-", "_"): value for key, value in settings.items()}


def _find(preset: str) -> Path:
    path = expanded(preset, ConfigError)
    with path_errors(ConfigError, f"cannot read preset {preset}"):
        is_there = path.exists()
    if is_there or path.suffix or len(path.parts) > 1:
        if not is_there:
            raise ConfigError(f"no preset {preset}; give a YAML file or one of {', '.join(preset_names())}")
        return path
    if preset not in preset_names():
        raise ConfigError(f"no preset {preset!r}{did_you_mean(preset, preset_names())}")
    return resource(f"configs/{preset}.yaml")


def preset_names() -> list[str]:
    """Names of the presets that ship with Featscope."""
    try:
        return sorted(path.stem for path in resource("configs").glob("*.yaml"))
    except ViewerError:
        return []


def explained(detail: ErrorDetails, origin: str, model: type[BaseModel]) -> str:
    """What is wrong with a value, as one line.

    Args:
        detail: Of pydantic's.
        origin: Where the value stands, such as ` in my.yaml`; empty if it was just given.
        model: What the value is a field of.
    """
    key = str(detail["loc"][0]) if detail["loc"] else ""
    if detail["type"] == "extra_forbidden":
        return f"unknown key {key!r}{origin}{did_you_mean(key, model.model_fields)}"
    cause = detail.get("ctx", {}).get("error")
    if isinstance(cause, ViewerError):
        return f"{cause}{origin}"
    field = model.model_fields.get(key)
    meaning = f" ({field.description})" if field else ""
    reason = detail["msg"].removeprefix("Input ").removeprefix("Value error, ").partition(", unable to")[0]
    return f"{key} is {detail['input']!r}{origin}, but {reason}{meaning}"


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:160]
