"""What somebody may have meant who named a file that is not there: one beside it, of the kind that is looked for.

All names of a kind end alike, which makes no two of them similar, so suffixes are left out of the comparison.
"""

import re
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from viewer.core.errors import nearest

_READ_BYTES = 1 << 20


def meant(path: Path, known: Iterable[str]) -> str:
    """Suggest the one of some names of files that a path comes nearest to.

    Args:
        path: What is not there.
        known: Names that would do, of any suffix.

    Returns:
        `; did you mean 'x'?`, ready to append to a message, or an empty string if nothing is near.
    """
    by_stem = {Path(name).stem: name for name in sorted(known)}
    near = nearest(path.stem, by_stem)
    return "" if near is None else f"; did you mean {by_stem[near]!r}?"


def neighbours(
    path: Path, could_be: Callable[[Path], bool] = lambda _: True, *, suffixes: Collection[str] = ()
) -> set[str]:
    """Names of the files beside a path that are of its kind.

    Args:
        path: What is not there.
        could_be: Whether a file may be of the kind that is looked for.
        suffixes: How files of its kind end; by default as the path does.

    Raises:
        OSError: If the system does not let us look.
    """
    folder = path.parent
    entries = folder.iterdir() if folder.is_dir() else ()
    endings = suffixes or (path.suffix.lower(),)
    alike = (entry for entry in entries if entry.suffix.lower() in endings)
    return {entry.name for entry in alike if entry.is_file() and could_be(entry)}


def mentions(pattern: str) -> Callable[[Path], bool]:
    """Tells files of text in which a line matches a pattern from others of their suffix."""
    wanted = re.compile(pattern.encode(), re.MULTILINE)

    def does(path: Path) -> bool:
        try:
            with path.open("rb") as file:
                return wanted.search(file.read(_READ_BYTES)) is not None
        except OSError:
            return False

    return does
