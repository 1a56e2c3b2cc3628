"""What was opened before, kept between runs as a small YAML file that a person can read, mend or delete.

The file is a convenience: one that cannot be read is set aside under another name and said so, one that cannot be
written costs nothing but the memory of it. Passwords are never written: an address is kept without what
`without_credentials` takes out of it, and trust in a checkpoint is given anew each time.
"""

import logging
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml
from platformdirs import user_state_path
from pydantic import BaseModel, ConfigDict, ValidationError

_MOST = 8
"""Entries a list keeps."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LastSession:
    """What was open when the window closed.

    Attributes:
        source: As it would be typed.
        model: As it would be typed.
        index: Number of the frame that was shown.
        weights: State dict that was loaded into the model; None where it brought its own.
        decode: How its outputs were read; None where that was guessed.
        settings: How it was looked at: keys of `Config` with plain values.
        span: First and last frame of the loop; None where the whole file was played.
    """

    source: str
    model: str
    index: int = 0
    weights: str | None = None
    decode: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Recents:
    """Sources and models that were opened, newest first.

    Attributes:
        sources: As they would be typed; files by their full path.
        models: Likewise.
        last: What was open at the end; None before the first time.
        export: What was chosen for the last export, as plain values.
        folds: Whether parts of panels are open, by their headings; those that the user opened or folded.
        note: Why the list is empty although there was one; empty where nothing is wrong.
    """

    sources: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    last: LastSession | None = None
    export: Mapping[str, Any] = field(default_factory=dict[str, Any])
    folds: Mapping[str, bool] = field(default_factory=dict[str, bool])
    note: str = field(default="", compare=False)

    def with_source(self, source: str) -> "Recents":
        """The same with this source in front."""
        return replace(self, sources=_in_front(source, self.sources))

    def with_model(self, model: str) -> "Recents":
        """The same with this model in front."""
        return replace(self, models=_in_front(model, self.models))


class RecentsFile:
    """The file behind `Recents`.

    Args:
        path: Where it lies; the platform's folder for such things unless given.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or user_state_path("featscope") / "recent.yaml"

    def load(self) -> Recents:
        """What was kept; nothing where there is no file, or one that had to be set aside."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return Recents()
        except (OSError, ValueError) as error:
            return self._set_aside(error)
        try:
            return _Kept.model_validate(yaml.safe_load(text) or {}).recents()
        except (yaml.YAMLError, ValidationError, RecursionError, ValueError) as error:
            return self._set_aside(error)

    def save(self, recents: Recents) -> None:
        """Write it whole or not at all; a disk that refuses is no reason to stop."""
        text = yaml.safe_dump(_as_plain(recents), sort_keys=False, allow_unicode=True)
        part = ""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle, part = tempfile.mkstemp(dir=self.path.parent, prefix=".recent-")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write("# What Featscope opened lately. Safe to edit or delete.\n" + text)
            Path(part).replace(self.path)
        except OSError as error:
            _log.warning("what was opened is not remembered: %s", error)
            with suppress(OSError):
                Path(part).unlink(missing_ok=True)

    def _set_aside(self, error: Exception) -> Recents:
        aside = self.path.with_suffix(".broken.yaml")
        with suppress(OSError):
            self.path.replace(aside)
        reason = " ".join(str(error).split())[:120]
        _log.warning("%s cannot be read (%s); it is set aside as %s", self.path, reason, aside.name)
        return Recents(note=f"{self.path.name} could not be read and was set aside as {aside.name}")


class _KeptSession(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    source: str
    model: str
    index: int = 0
    weights: str | None = None
    decode: str | None = None
    settings: dict[str, Any] = {}
    span: tuple[int, int] | None = None


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    sources: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    last: _KeptSession | None = None
    export: dict[str, Any] = {}
    folds: dict[str, bool] = {}

    def recents(self) -> Recents:
        last = None if self.last is None else LastSession(**self.last.model_dump())
        return Recents(self.sources[:_MOST], self.models[:_MOST], last, self.export, self.folds)


def _as_plain(recents: Recents) -> dict[str, object]:
    plain: dict[str, object] = {"sources": list(recents.sources), "models": list(recents.models)}
    if recents.last is not None:
        last = recents.last
        session: dict[str, object] = {
            "source": last.source,
            "model": last.model,
            "index": last.index,
            "weights": last.weights,
            "decode": last.decode,
            "settings": dict(last.settings),
            "span": last.span and list(last.span),
        }
        plain["last"] = {key: value for key, value in session.items() if value not in (None, {})}
    if recents.export:
        plain["export"] = dict(recents.export)
    if recents.folds:
        plain["folds"] = dict(recents.folds)
    return plain


def _in_front(entry: str, entries: tuple[str, ...]) -> tuple[str, ...]:
    return (entry, *(other for other in entries if other != entry))[:_MOST]
