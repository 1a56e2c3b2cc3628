"""What the system says against a path that somebody typed, as one line of the caller's own kind of error."""

import errno
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from viewer.core.errors import ViewerError

_ADVICE = {
    errno.EACCES: "; its owner can allow it",
    errno.EPERM: "; its owner can allow it",
    errno.ENAMETOOLONG: "; give a shorter one",
    errno.ENOSPC: "; make room on the disk",
    errno.EIO: "; the disk may be failing",
}


@contextmanager
def path_errors(kind: type[ViewerError], attempt: str) -> Generator[None]:
    """Context for whatever asks the system about a path: looking whether it is there, listing, reading.

    Even a look can be refused: a name may be too long, a folder above it closed to us.

    Args:
        kind: The error to raise instead.
        attempt: How its message begins, `cannot read clip.mp4`.

    Raises:
        ViewerError: Of that kind, in place of an `OSError`.
    """
    try:
        yield
    except OSError as error:
        raise kind(f"{attempt}: {error.strerror or error}{_ADVICE.get(error.errno or 0, '')}") from error


def check_spelled(path: Path | str, kind: type[ViewerError], attempt: str) -> None:
    """Refuse a path that no file can have on this system, which answers to it with other errors than to any other.

    Args:
        path: To be written to; asked whether such a file is there, the system just says no.
        kind: The error to raise.
        attempt: How its message begins, `cannot write clip.mp4`.

    Raises:
        ViewerError: Of that kind, if there is a null character in it, or half of a letter.
    """
    shown = attempt.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
    try:
        spelled = os.fsencode(path)
    except UnicodeEncodeError as error:
        raise kind(f"{shown}: no file can have half a letter in its name; give another") from error
    if b"\0" in spelled:
        raise kind(f"{shown}: no file can have a null character in its name; give another")


def expanded(name: str, kind: type[ViewerError]) -> Path:
    """A path as typed, `~` and `~user` replaced by home folders.

    Args:
        name: As typed.
        kind: The error to raise if it cannot be done.

    Raises:
        ViewerError: Of that kind, if nobody here has that name.
    """
    try:
        return Path(name).expanduser()
    except RuntimeError as error:
        raise kind(f"cannot find {name}: no home folder for {Path(name).parts[0]}; write the folder out") from error


def is_device(path: Path) -> bool:
    """Whether a path leads to a device or a pipe, which is written to and never replaced.

    `/dev/stdout` leads to a plain file where a shell redirects it, and is one all the same.

    Raises:
        OSError: If the system does not let us look.
    """
    in_dev = path.is_absolute() and path.parts[1:2] == ("dev",) and path.parts[2:3] != ("shm",)
    return path.exists() and not path.is_dir() and (in_dev or not path.is_file())
