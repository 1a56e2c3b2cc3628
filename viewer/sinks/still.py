"""A picture with the numbers behind it: two files of one name, both complete or neither there."""

import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from viewer.core.errors import SinkError
from viewer.sinks.jsonl import finite
from viewer.sinks.output import OutputFile


def save_still(path: Path, write_picture: Callable[[Path], bool], record: Mapping[str, Any]) -> None:
    """Write a picture, and a `.json` file of the same name beside it.

    Args:
        path: Of the picture; `free_path` finds one that replaces nothing.
        write_picture: Writes the picture to the path it is given; False where it could not.
        record: Plain values; numbers that are not finite become null.

    Raises:
        SinkError: If one of the two cannot be written; neither is left.
    """
    text = json.dumps(finite(record), allow_nan=False, ensure_ascii=False, indent=1)
    with ExitStack() as undo:
        numbers = OutputFile(path.with_suffix(".json"))
        undo.callback(numbers.abort)
        picture = OutputFile(path)
        undo.callback(picture.abort)
        with numbers.writing():
            numbers.part.write_text(text + "\n", encoding="utf-8", newline="\n")
        if not write_picture(picture.part):
            raise SinkError(f"cannot write {path}: the disk may be full; nothing was left behind")
        picture.commit()
        undo.callback(path.unlink, missing_ok=True)
        numbers.commit()
        undo.pop_all()
