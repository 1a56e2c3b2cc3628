"""What the user wants opened instead of what is open, as a value, and how it is named and remembered."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from viewer.config.recents import LastSession
from viewer.config.schema import DEMO
from viewer.session.own_file import OwnFile, read_own_file
from viewer.sources.credentials import without_credentials

RUNS_CODE = "Opening it runs it, like any Python file; open only files you would run yourself."
"""What is to be known before a file of Python is opened; the command line's rule in the same words."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Another source, another model, or both; what is None stays.

    Attributes:
        source: File, folder, camera or address, as it would be typed.
        model: Checkpoint, file or known name, as it would be typed.
        size: Picture size to ask of a camera, `1280x720`.
        fps: Frames per second to ask of a camera.
        index: Frame of the source to begin with.
        weights: State dict for the model.
        decode: How the model's outputs are read.
        looked_at: The session that is continued, with all that was set in it; None for anything else.
        reducer: A user's own, to be run beside what is open.
        instead: What the same file can be opened as as well.
    """

    source: str | None = None
    model: str | None = None
    size: str | None = None
    fps: float | None = None
    index: int = 0
    weights: str | None = None
    decode: str | None = None
    looked_at: LastSession | None = None
    reducer: str | None = None
    instead: tuple["Wanted", ...] = ()

    @property
    def text(self) -> str:
        """Short words for it, `street.mp4 and best.pt`; nothing secret is in them."""
        return " and ".join(short_name(name) for name in (self.source, self.model) if name is not None)

    @property
    def code(self) -> tuple[str, ...]:
        """The files of Python that opening this would run."""
        kept = "" if self.looked_at is None else str(self.looked_at.settings.get("reducer", ""))
        own = (self.reducer or kept).rpartition(":")[0]  # FILE.py:NAME
        files = (name for name in (self.model, self.decode, own) if name is not None)
        return tuple(dict.fromkeys(name for name in files if name.lower().endswith(".py")))


def understood(wanted: Wanted, look: Callable[[str], OwnFile] = read_own_file) -> Wanted:
    """What is meant where a file of Python was given as a model, but holds reducers: those, or either.

    Args:
        wanted: As it was wished for.
        look: Reads a file without running it.
    """
    path = wanted.model
    if path is None or wanted.source is not None or not path.lower().endswith(".py"):
        return wanted
    found = look(path)
    reducers = tuple(Wanted(reducer=f"{path}:{name}") for name in found.reducers)
    if not reducers:
        return wanted
    first, *others = (wanted, *reducers) if found.builds else reducers
    return replace(first, instead=tuple(others))


def short_name(name: str) -> str:
    """A file's own name; an address without its secrets; what is no path as it is."""
    if "://" in name:
        return without_credentials(name)
    return Path(name).name or name


def to_continue(last: LastSession) -> Wanted:
    """What brings the last session back."""
    return Wanted(last.source, last.model, index=last.index, weights=last.weights, decode=last.decode, looked_at=last)


def remembered(name: str, exists: Callable[[Path], bool] = Path.exists) -> str | None:
    """How a source or model is kept for the next time; None for the demo, which needs no remembering.

    Args:
        name: As it was given.
        exists: Whether there is a file or folder of that path.
    """
    if name == DEMO:
        return None
    if "://" in name:
        return without_credentials(name)
    path = Path(name).expanduser()
    # The name of a known model or the number of a camera may also be that of a file here.
    return str(path.resolve()) if not name.isdigit() and exists(path) else name
