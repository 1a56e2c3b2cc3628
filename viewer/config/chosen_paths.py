"""Paths that the user settles on for good, looked at when they are chosen: weeks later nobody knows what is meant."""

from tempfile import TemporaryFile
from typing import Any

from viewer.core.errors import ConfigError
from viewer.core.paths import check_spelled, expanded, path_errors

_READ = ("source", "model", "weights", "decode", "reducer")
_PATTERN_SIGNS = frozenset("*?[")


class MissingFolderError(ConfigError):
    """A folder is not there, and could be made."""


def check_folder(text: str, *, make: bool = False) -> None:
    """Refuse a folder that nothing can be written into.

    Args:
        text: As typed.
        make: Make it if it is not there.

    Raises:
        MissingFolderError: If it is not there and there is a place to make it in.
        ConfigError: If something else has that name, there is no place for it, or nobody may write there.
    """
    path = expanded(text, ConfigError)
    check_spelled(path, ConfigError, f"cannot use folder {text}")
    with path_errors(ConfigError, f"cannot use folder {text}"):
        if path.exists() and not path.is_dir():
            raise ConfigError(f"{text} is no folder; give one, or leave this empty")
        if not path.exists() and not path.parent.is_dir():
            raise ConfigError(f"no folder {path.parent} to make {path.name} in; give one that is there")
        if not path.exists() and not make:
            raise MissingFolderError(f"{text} is not there; create it?")
        path.mkdir(exist_ok=True)
    with path_errors(ConfigError, f"cannot write into {text}"), TemporaryFile(dir=path):
        pass


def check_file(key: str, value: Any) -> None:
    """Refuse a path to be read by an option where there is nothing; names, addresses and patterns are none.

    Raises:
        ConfigError: If there is nothing at it.
    """
    if key not in _READ or not isinstance(value, str) or "://" in value or not ("/" in value or "\\" in value):
        return
    name = value.rpartition(":")[0] if key == "reducer" else value
    if not name or _PATTERN_SIGNS & set(name):
        return
    with path_errors(ConfigError, f"cannot use {name} for {key}"):
        if not expanded(name, ConfigError).exists():
            raise ConfigError(f"{name} is not there; give {key} one that is, or leave this empty")
