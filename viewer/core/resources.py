"""Where the files that ship with Featscope lie: beside the package in a checkout, inside it in a wheel."""

from pathlib import Path

from viewer.core.errors import ViewerError

_PACKAGE = Path(__file__).resolve().parent.parent


def resource(relative: str) -> Path:
    """Path of a shipped file, `assets/demo.mp4`.

    Raises:
        ViewerError: If the installation lacks it.
    """
    for root in (_PACKAGE.parent, _PACKAGE):
        path = root / relative
        if path.exists():
            return path
    raise ViewerError(f"this installation lacks {relative}; install featscope again")
