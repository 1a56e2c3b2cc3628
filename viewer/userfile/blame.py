"""Whose fault it was: an error out of a user's file as one line that names the place in that file."""

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from viewer.core.errors import ViewerError
from viewer.userfile.no_fault import is_capturing, is_out_of_memory


@contextmanager
def blamed(
    path: Path, doing: str, *, error: type[ViewerError], definition: Callable[..., object] | None = None
) -> Iterator[None]:
    """Context for whatever runs code of a user's file.

    Args:
        path: The file.
        doing: What fails, as the message says it: `decode()`.
        error: What to raise.
        definition: Function whose first line is named where no frame of the traceback lies beside the file.

    Raises:
        ViewerError: Of the kind of `error`, in place of anything the code raises, but our own errors, those of full
            memory, and those of a graph being captured, which only say that the code has to run eagerly.
    """
    captured = is_capturing()
    try:
        yield
    except (ViewerError, MemoryError):
        raise
    except (Exception, SystemExit) as cause:  # whatever a user's own code raises
        if captured or is_out_of_memory(cause):
            raise
        place = _place(cause, path) or line_of(definition, path)
        said = str(cause).strip().splitlines()
        what = f"{type(cause).__name__}: {said[0]}" if said else type(cause).__name__
        raise error(f"{place}: {doing} failed: {what}") from cause


def line_of(function: Callable[..., object] | None, path: Path) -> str:
    """Where a function begins, `my_detector.py:12`; the name of the file alone where that is not known."""
    code = getattr(function, "__code__", None)
    return f"{Path(code.co_filename).name}:{code.co_firstlineno}" if code is not None else path.name


def _place(error: BaseException, path: Path) -> str:
    """The innermost line that belongs to the user: in the file itself, or in one that lies beside it."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno and _is_file(error.filename):
        return f"{Path(error.filename).name}:{error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    folder = path.parent.resolve()
    own = [frame for frame in frames if _is_file(frame.filename) and _is_beside(Path(frame.filename), folder)]
    return f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else ""


def _is_file(name: str) -> bool:
    """Whether it names a file: code of the interpreter's own and of `exec` is called `<...>`."""
    return not name.startswith("<")


def _is_beside(file: Path, folder: Path) -> bool:
    return file.resolve().is_relative_to(folder) and "site-packages" not in file.parts
