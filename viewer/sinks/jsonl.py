"""One JSON object a line: the form that every tool can read, append to and cut."""

import json
import math
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from viewer.core.errors import SinkError
from viewer.sinks.output import OutputFile


class JsonlSink:
    """Writes records as JSON lines, UTF-8. Used by one thread."""

    def __init__(self, path: Path) -> None:
        """Begin a file.

        Raises:
            SinkError: If it cannot be written.
        """
        self._output = OutputFile(path)
        with self._output.writing():
            self._file = self._output.part.open("w", encoding="utf-8", newline="\n")

    def write(self, record: Mapping[str, Any]) -> None:
        """Append one record; numbers that are not finite become null, since JSON has no word for them.

        Raises:
            SinkError: If the disk is full or gone; nothing is left.
        """
        if self._file.closed:
            raise SinkError(f"{self._output.path} is closed; nothing more can be written to it")
        line = json.dumps(finite(record), allow_nan=False, ensure_ascii=False, separators=(", ", ": "))
        with self._output.writing():
            self._file.write(line + "\n")

    def close(self) -> None:
        """Finish the file and put it in its place; twice is harmless.

        Raises:
            SinkError: If the last of it cannot be written; nothing is left.
        """
        if not self._file.closed:
            with self._output.writing():
                self._file.close()  # closes the file even if the flush before it fails
            self._output.commit()

    def abort(self) -> None:
        """Remove whatever was written."""
        with suppress(OSError):  # what cannot be flushed is thrown away anyway
            self._file.close()
        self._output.abort()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()


def finite(value: Any) -> Any:
    """The same value with null for every number that JSON has no word for."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return value
