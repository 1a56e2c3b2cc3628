"""Fetching a file whole or not at all, because a user asked for it by name."""

import shutil
import tempfile
import urllib.request
from collections.abc import Callable
from pathlib import Path

_CHUNK_BYTES = 1 << 18
_SILENCE_S = 20.0


def download(url: str, target: Path, *, title: str, progress: Callable[[str, float | None], None]) -> None:
    """Download to `target`, which appears only when it is complete.

    Args:
        url: Where from; https.
        target: File to write; its folder is made.
        title: Said to `progress` with the share done, 0..1, or None where the server does not tell the size.
        progress: Told after each chunk.

    Raises:
        OSError: If the server cannot be reached, stays silent for 20 s or ends early; nothing is left behind.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    request = urllib.request.Request(url, headers={"User-Agent": "featscope"})
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".download-") as folder:
        part = Path(folder) / target.name
        with urllib.request.urlopen(request, timeout=_SILENCE_S) as response, part.open("wb") as file:
            size = int(response.headers.get("Content-Length") or 0)
            done = 0
            while chunk := response.read(_CHUNK_BYTES):
                file.write(chunk)
                done += len(chunk)
                progress(title, done / size if size else None)
        if size and done != size:
            raise OSError(f"the server sent {done} of {size} bytes")
        shutil.move(part, target)
