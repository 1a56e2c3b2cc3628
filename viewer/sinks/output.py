"""A file that appears under its name only once it is complete."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from viewer.core.errors import SinkError
from viewer.core.paths import check_spelled, is_device, path_errors


def part_of(path: Path) -> Path:
    """The hidden file that is written to until an output is complete; one that stays was left by a killed process."""
    return path.with_name(f".{path.stem}.part{path.suffix}")


class OutputFile:
    """An output in the making.

    It is written to `part`, a hidden file in the same folder (a rename across disks would be a copy, and could fail
    half-way). `commit` gives it its name, `abort` removes it; after either, both do nothing. A device or pipe such as
    `/dev/stdout` is written to directly.
    """

    def __init__(self, path: Path, *, errors: tuple[type[Exception], ...] = (OSError,)) -> None:
        """Make sure that the file can be written.

        Args:
            path: Where the complete file will be; one that is there is replaced on commit.
            errors: What a failed write raises.

        Raises:
            SinkError: If its folder is missing or closed to us, or `path` is a folder.
        """
        self.path = path
        self._errors = errors
        check_spelled(path, SinkError, f"cannot write {path}")
        with path_errors(SinkError, f"cannot write {path}"):
            self._is_device = is_device(path)
        self.part = path if self._is_device else part_of(path)
        self._is_open = True
        if path.is_dir():
            raise SinkError(f"cannot write {path}: it is a folder; name a file in it")
        if not path.parent.is_dir():
            raise SinkError(f"cannot write {path}: there is no folder {path.parent}; make it first")
        with self.writing():
            self.part.open("wb").close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Context for everything that writes to `part`.

        Raises:
            SinkError: In place of an error in writing; nothing is left.
        """
        try:
            yield
        except self._errors as error:
            self.abort()
            reason = getattr(error, "strerror", None) or str(error)
            raise SinkError(f"cannot write {self.path}: {reason}; nothing was left behind") from error

    def commit(self) -> None:
        """Give the file its name.

        Raises:
            SinkError: If that fails; nothing is left.
        """
        if self._is_open:
            with self.writing():
                if not self._is_device:
                    self.part.replace(self.path)
            self._is_open = False

    def abort(self) -> None:
        """Remove what was written."""
        if self._is_open and not self._is_device:
            with suppress(OSError):
                self.part.unlink(missing_ok=True)
        self._is_open = False
