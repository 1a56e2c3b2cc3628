"""Fetching a file whole or not at all, because a user asked for it by name."""

import shutil
import tempfile
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

from platformdirs import user_cache_path

_CHUNK_BYTES = 1 << 18
_SILENCE_S = 20.0
_PREFIX = ".download-"
_STALE_S = 600.0
"""A part that has not grown for this long belongs to a process that was killed."""


def models_folder() -> Path:
    """Where downloaded checkpoints are kept and looked for."""
    return user_cache_path("featscope") / "models"


def download(url: str, target: Path, *, title: str, progress: Callable[[str, float | None], None]) -> None:
    """Download to `target`, which appears only when it is complete.

    Args:
        url: Where from; https.
        target: File to write; its folder is made.
        title: Said to `progress` with the share done, 0..1, or None where the server does not tell the size.
        progress: Told after each chunk.

    Raises:
        OSError: If the server cannot be reached, stays silent for 20 s, ends early or breaks the rules of HTTP;
            nothing is left behind. What a process that was killed left, the next download removes.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_stale(target.parent)
    request = urllib.request.Request(url, headers={"User-Agent": "featscope"})
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=_PREFIX) as folder:
        part = Path(folder) / target.name
        try:
            with urllib.request.urlopen(request, timeout=_SILENCE_S) as response, part.open("wb") as file:
                length = str(response.headers.get("Content-Length"))
                size = int(length) if length.isdecimal() else 0
                done = 0
                while chunk := response.read(_CHUNK_BYTES):
                    file.write(chunk)
                    done += len(chunk)
                    progress(title, done / size if size else None)
        except HTTPException as error:
            raise OSError(f"the server's answer is no HTTP: {type(error).__name__}") from error
        if size and done != size:
            raise OSError(f"the server sent {done} of {size} bytes")
        shutil.move(part, target)


def _remove_stale(folder: Path) -> None:
    for left in folder.glob(f"{_PREFIX}*"):
        with suppress(OSError):  # another process may be at it, too
            newest_s = max(path.stat().st_mtime for path in (left, *left.iterdir()))
            if time.time() - newest_s > _STALE_S:
                shutil.rmtree(left)
