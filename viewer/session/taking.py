"""What the window says about things that are taken away: a snapshot that was saved, an export that runs.

Apart from `Notice`, which tells of trouble and stays: this is good news, beside the pictures and soon gone.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended.

    Attributes:
        text: One line.
        path: What was saved; None where nothing was.
        failed: Whether it is bad news.
        stays: Whether it waits to be dismissed although it is good news: whoever waited for minutes looks elsewhere.
    """

    text: str
    path: Path | None = None
    failed: bool = False
    stays: bool = False


@dataclass(frozen=True, slots=True)
class Running:
    """An export under way.

    Attributes:
        text: One line.
        fraction: How far, 0..1; None where that is not known.
    """

    text: str
    fraction: float | None = None


@dataclass(frozen=True, slots=True)
class Taking:
    """Both, for one may happen beside the other.

    Attributes:
        outcome: Of what ended last, until it is dismissed.
        running: The export that runs.
    """

    outcome: Outcome | None = None
    running: Running | None = None


def saved(path: Path, did: str = "Saved", *, stays: bool = False) -> Outcome:
    """Say where something is, from the user's home where it lies there."""
    folder = path.parent
    home = Path.home()
    shown = Path("~", folder.relative_to(home)) if folder.is_relative_to(home) else folder
    return Outcome(f"{did} {path.name} in {shown}", path, stays=stays)
