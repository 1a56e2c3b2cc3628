"""What a user sets once for every run, and the file it is kept in: YAML to be read, edited and mended by hand.

A file that cannot be used costs nobody their window: it is set aside under another name, and what was wrong is said.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from platformdirs import user_config_path
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from viewer.config.load import explained, parsed_mapping, read_mapping
from viewer.config.schema import Config, as_text, as_tuple
from viewer.core.errors import ConfigError, did_you_mean
from viewer.core.paths import path_errors

_HEAD = """\
# Settings of Featscope. Its window writes this file (Ctrl+,) and reads it when it starts; you may edit it as well.
# What you leave out stands as it comes. Comments of your own are lost when the window writes it again.
"""
_NEVER_KEPT = ("trust_checkpoint",)
"""Trust is given to one file at a time; kept as a default it would be given to every file that comes."""


def _empty_if_none(value: object) -> object:
    # `keys:` with nothing behind it is how YAML spells "nothing yet".
    return {} if value is None else value


def _without_hyphens(value: object) -> object:
    if not isinstance(value, dict):
        return _empty_if_none(value)
    return {str(key).replace("-", "_"): held for key, held in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - the file may hold anything; pydantic checks it after this


_Key = Annotated[str, BeforeValidator(as_text)]
_Keys = Annotated[tuple[_Key, ...], BeforeValidator(as_tuple)]


class Settings(BaseModel):
    """Everything that is kept from one run to the next because the user said so."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    theme: Literal["dark", "light", "contrast"] = Field(default="dark", description="dark, light or contrast")
    defaults: Annotated[dict[str, Any], BeforeValidator(_without_hyphens)] = Field(
        default={},
        description="Options of `featscope view`, in the words of a preset: what holds unless a preset or the command "
        "line says otherwise",
    )
    keys: Annotated[dict[str, _Keys], BeforeValidator(_empty_if_none)] = Field(
        default={}, description="Keys of an action in place of its own, such as `snapshot: [F9]`; [] for none"
    )


def settings_path() -> Path:
    """Where this platform keeps the settings of a program."""
    return user_config_path("featscope", appauthor=False) / "settings.yaml"


def load_settings(path: Path, actions: Iterable[str], spell: Callable[[str], str] = str) -> tuple[Settings, str]:
    """Read the settings; nothing about the file is fatal.

    Args:
        path: May be missing, which is how everybody starts.
        actions: Names that `keys` may hold.
        spell: Turns a key as typed into the window's spelling, an unknown one into an empty text.

    Returns:
        The settings, and what the user should know: empty if all is well. A file that cannot be used has been renamed
        then, as far as the system allows, and the settings are those of the beginning.
    """
    try:
        with path_errors(ConfigError, f"cannot read {path}"):
            is_there = path.exists()
        return (read_settings(path, actions, spell) if is_there else Settings()), ""
    except ConfigError as error:
        return Settings(), f"{error}; {set_aside(path)}"


def read_settings(path: Path, actions: Iterable[str], spell: Callable[[str], str] = str) -> Settings:
    """Read and check the settings.

    Raises:
        ConfigError: If the file cannot be read, a key is unknown or a value out of bounds.
    """
    try:
        settings = Settings(**read_mapping(path, str(path)))
    except ValidationError as error:
        raise ConfigError(explained(error.errors()[0], f" in {path}", Settings)) from error
    check_defaults(settings.defaults, f" in {path}, under defaults")
    return settings.model_copy(
        update={"keys": _spelled(settings.keys, tuple(actions), spell, f" in {path}, under keys")}
    )


def _spelled(
    keys: Mapping[str, tuple[str, ...]], actions: Sequence[str], spell: Callable[[str], str], origin: str
) -> dict[str, tuple[str, ...]]:
    for name, held in keys.items():
        if name not in actions:
            raise ConfigError(f"unknown action {name!r}{origin}{did_you_mean(name, actions)}")
        for key in held:
            if not spell(key):
                raise ConfigError(f"no key {key!r} for {name}{origin}; write it like Space, Shift+Left or Ctrl+K")
    return {name: tuple(map(spell, held)) for name, held in keys.items()}


def check_defaults(defaults: Mapping[str, Any], origin: str = "") -> None:
    """Refuse what no preset could hold.

    Args:
        defaults: Keys of `Config` and their values.
        origin: Where they stand, for the message.

    Raises:
        ConfigError: If a key is unknown, a value out of bounds, or a key is none to be kept.
    """
    for key in _NEVER_KEPT:
        if key in defaults:
            raise ConfigError(f"{key} cannot be a default{origin}; give it with the one file you trust")
    try:
        Config(**defaults)
    except ValidationError as error:
        raise ConfigError(explained(error.errors()[0], origin, Config)) from error


def defaults_allowed() -> tuple[str, ...]:
    """Options that can be given a default, in the order of the schema."""
    return tuple(key for key in Config.model_fields if key not in _NEVER_KEPT)


def parsed_default(key: str, text: str) -> Any:
    """The value of an option that was typed into a field: what it is in YAML, but a text where a text is wanted.

    A path may have signs in it that mean something in YAML, `clip #1.mp4`, and a class may be called `no`.

    Args:
        key: Of `Config`.
        text: `0.4` for a number, `[P3, P4]` for a list; a text in quotes is what stands between them.

    Raises:
        ConfigError: If it is no YAML.
    """
    field, stripped = Config.model_fields.get(key), text.strip()
    wanted: Any = None if field is None else field.annotation
    is_quoted = len(stripped) > 1 and stripped[0] == stripped[-1] and stripped[0] in "\"'"
    if wanted in (str, str | None) and not is_quoted:
        return stripped
    return parsed_mapping(f"value: {text}", repr(text))["value"]


def as_yaml(settings: Settings) -> str:
    """The settings as their file has them, every key with what it means."""
    parts = [_HEAD]
    for name, value in settings.model_dump(mode="json").items():
        meaning = Settings.model_fields[name].description
        text = yaml.safe_dump({name: value}, sort_keys=False, allow_unicode=True, width=1000)
        parts.append(f"\n# {meaning}.\n{text}")
    return "".join(parts)


def save_settings(path: Path, settings: Settings) -> None:
    """Write the settings; the old file stands until the new one is whole.

    Raises:
        ConfigError: If it cannot be written.
    """
    fresh = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with path_errors(ConfigError, f"cannot write settings to {path}"):
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(as_yaml(settings), encoding="utf-8")
            fresh.replace(path)
    except ConfigError:
        with suppress(OSError):
            fresh.unlink()
        raise


def set_aside(path: Path) -> str:
    """Give a broken file another name, over none that is there; says what became of it."""
    number, aside = 1, path.with_name(f"{path.stem}.broken{path.suffix}")
    try:
        while aside.exists():
            number += 1
            aside = path.with_name(f"{path.stem}.broken-{number}{path.suffix}")
        path.rename(aside)
    except OSError:
        return "it stays where it is, and Featscope runs with what it comes with"
    return f"it is kept as {aside.name}, and Featscope starts with what it comes with"
