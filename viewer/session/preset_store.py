"""Saved choices of taps on disk: a YAML file that people can read, mend and hand on.

```yaml
YOLO11 detect:
  night: [model.4, model.16]
```
A file that cannot be read is set aside, not overwritten: what somebody saved is worth more than a tidy folder.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import yaml

from viewer.core.errors import SinkError
from viewer.core.paths import path_errors
from viewer.sinks.naming import free_path
from viewer.sinks.output import OutputFile

_HEAD = "# Stages to tap, saved in Featscope: architecture, name, nodes.\n"

Presets = dict[str, tuple[str, ...]]
"""Nodes by the name they were saved under."""


class PresetStore:
    """Reads and writes the file; every call looks at it anew, for two windows may share it.

    Args:
        path: Of the file; it need not be there.

    Attributes:
        trouble: What was wrong with the file, for the user; empty while nothing is. Whoever says it empties it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.trouble = ""

    def presets(self, architecture: str) -> Presets:
        """What is saved for an architecture; nothing where the file cannot be read, and `trouble` says why."""
        try:
            return self._read().get(architecture, {})
        except SinkError as error:
            self.trouble = str(error)
            return {}

    def save(self, architecture: str, name: str, nodes: tuple[str, ...]) -> None:
        """Keep these nodes under a name; others of that name are replaced.

        Raises:
            SinkError: If the file cannot be written; it stays as it was.
        """
        content = self._read()
        content.setdefault(architecture, {})[name] = nodes
        self._write(content)

    def delete(self, architecture: str, name: str) -> None:
        """Keep them no longer; one that is not there is no error.

        Raises:
            SinkError: If the file cannot be written; it stays as it was.
        """
        content = self._read()
        content.get(architecture, {}).pop(name, None)
        self._write({key: presets for key, presets in content.items() if presets})

    def _read(self) -> dict[str, Presets]:
        with path_errors(SinkError, f"cannot read the saved stages in {self._path}"):
            if not self._path.exists():
                return {}
            data = self._path.read_bytes()
        try:
            return _parsed(yaml.safe_load(data.decode()))
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            self._set_aside(" ".join(str(error).split())[:160])
            return {}

    def _set_aside(self, reason: str) -> None:
        aside = free_path(self._path.parent, f"{self._path.stem}.broken", [self._path.suffix])
        with path_errors(SinkError, f"cannot set {self._path} aside, which is not readable ({reason})"):
            self._path.rename(aside)
        self.trouble = f"{self._path} is not readable and was set aside as {aside.name}: {reason}"

    def _write(self, content: Mapping[str, Presets]) -> None:
        plain = {key: {name: list(nodes) for name, nodes in presets.items()} for key, presets in content.items()}
        text = yaml.safe_dump(plain, allow_unicode=True, default_flow_style=None, sort_keys=True, width=100)
        with path_errors(SinkError, f"cannot write {self._path}"):
            self._path.parent.mkdir(parents=True, exist_ok=True)
        output = OutputFile(self._path)
        with output.writing():
            output.part.write_text(_HEAD + text, encoding="utf-8", newline="\n")
        output.commit()


def _parsed(content: Any) -> dict[str, Presets]:
    """Check what was read.

    Raises:
        ValueError: If it is not architecture, name, nodes.
    """
    presets: dict[str, Presets] = {}
    for architecture, named in _pairs({} if content is None else content, "the file"):
        for name, nodes in _pairs(named, architecture):
            if not isinstance(nodes, list) or not all(isinstance(node, str) for node in cast("list[Any]", nodes)):
                raise ValueError(f"{name} of {architecture} is no list of nodes")
            presets.setdefault(architecture, {})[name] = tuple(cast("list[str]", nodes))
    return presets


def _pairs(value: Any, where: str) -> list[tuple[str, Any]]:
    if not isinstance(value, dict):
        raise ValueError(f"{where} holds no 'name: value' lines")  # noqa: TRY004 - one kind of error for what is read
    return [(str(key), item) for key, item in cast("dict[Any, Any]", value).items()]
