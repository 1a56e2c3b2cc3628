"""Where the files that ship with Featscope lie: inside the package in a wheel, beside it in a checkout."""

from pathlib import Path

from viewer.core.errors import ViewerError

_PACKAGE = Path(__file__).resolve().parent.parent


def resource(relative: str) -> Path:
    """Path of a shipped file, `assets/demo.mp4`.

    Raises:
        ViewerError: If the installation lacks it.
    """
    # Inside first: beside an installed package may lie a folder of the same name that is somebody else's.
    for root in (_PACKAGE, _PACKAGE.parent):
        path = root / relative
        if path.exists():
            return path
    raise ViewerError(f"this installation lacks {relative}; install featscope again")
