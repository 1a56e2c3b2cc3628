"""Names for what is saved at the press of a key: nobody is asked, so nothing that is there may be replaced."""

import re
from collections.abc import Sequence
from pathlib import Path

from viewer.core.errors import SinkError
from viewer.core.paths import check_spelled, path_errors

_MOST_LETTERS = 80


def free_path(folder: Path, stem: str, suffixes: Sequence[str]) -> Path:
    """The first name that nothing in a folder has: `street`, then `street_2`, `street_3` and so on.

    Args:
        folder: Where; it is made if it is not there.
        stem: The name wished for, without a suffix.
        suffixes: All of them have to be free, so that files of one name belong together.

    Returns:
        Path with the first of the suffixes.

    Raises:
        SinkError: If the folder cannot be made or looked into.
    """
    check_spelled(folder, SinkError, f"cannot save into {folder}")
    with path_errors(SinkError, f"cannot save into {folder}"):
        folder.mkdir(parents=True, exist_ok=True)
        number = 1
        while True:
            name = stem if number == 1 else f"{stem}_{number}"
            if not any((folder / f"{name}{suffix}").exists() for suffix in suffixes):
                return folder / f"{name}{suffixes[0]}"
            number += 1


def plain(name: str) -> str:
    """The name of a source as part of a file name: letters, digits, dots and hyphens, without a suffix."""
    stem = re.sub(r"\.[A-Za-z]\w{1,3}$", "", name)  # the last number of an address is no suffix
    return re.sub(r"[^\w.-]+", "-", stem).strip("-.")[:_MOST_LETTERS] or "source"
