"""What an exporter wrote into a file beside the graph; ultralytics says class names, task and stride there."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_LONGEST = 1 << 20
"""Characters of a metadata value that are parsed; a list of class names has no more."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known beside the graph.

    Attributes:
        names: Class names by number; empty where not given.
        task: `detect`, `segment`, `pose`, `obb`; empty where not given.
        stride: Largest stride in pixels; None where not given.
        producer: What made the file, in words.
    """

    names: tuple[str, ...] = ()
    task: str = ""
    stride: int | None = None
    producer: str = ""


def read_metadata(proto: Any) -> Metadata:
    """Read a model's properties; those that are of another form are left out, since anybody may write anything there.

    Args:
        proto: An `onnx.ModelProto`.
    """
    given = {entry.key: entry.value for entry in proto.metadata_props}
    stride = _literal(given.get("stride", ""))
    return Metadata(
        names=_names(_literal(given.get("names", ""))),
        task=given.get("task", ""),
        stride=stride if isinstance(stride, int) and 1 <= stride <= 256 else None,
        producer=" ".join(part for part in (proto.producer_name, proto.producer_version) if part),
    )


def _literal(text: str) -> Any:
    if not text or len(text) > _LONGEST:
        return None
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None


def _names(value: Any) -> tuple[str, ...]:
    if isinstance(value, (list, tuple)):
        return tuple(map(str, value))
    if not isinstance(value, Mapping):
        return ()
    try:
        numbered = {int(key): str(name) for key, name in value.items()}
    except (TypeError, ValueError):
        return ()
    if not numbered or min(numbered) < 0 or max(numbered) > 100_000:
        return ()
    return tuple(numbered.get(number, f"class {number}") for number in range(max(numbered) + 1))
