"""What somebody typed for a source, told apart by its form alone; loads nothing, so that a window may ask as well."""

import re

STREAM_SCHEMES = frozenset({"http", "https", "rtmp", "rtp", "rtsp", "rtsps", "srt", "tcp", "udp"})
"""URL schemes read as network streams."""

CAMERA = re.compile(r"(?:/dev/video)?(\d+)")
"""A camera, whole and stripped; its number is the first group."""

URL = re.compile(r"([a-z][a-z0-9+.-]+)://", re.IGNORECASE)  # two letters at least: `C:` is a drive
"""The beginning of a URL; its scheme is the first group."""


def live_address(uri: str) -> str | None:
    """One spelling for every live source that can be opened; None for files, which any number may read at once."""
    if camera := CAMERA.fullmatch(uri.strip()):
        return f"/dev/video{int(camera[1])}"
    url = URL.match(uri)
    return uri.strip() if url and url[1].lower() in STREAM_SCHEMES else None
