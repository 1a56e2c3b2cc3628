"""Decide from what the user typed which kind of source it is, and say plainly when there is nothing there."""

from fractions import Fraction
from glob import glob, has_magic
from pathlib import Path
from urllib.parse import unquote, urlsplit

from viewer.core.errors import SourceError, did_you_mean
from viewer.core.paths import expanded, path_errors
from viewer.core.protocols import Source
from viewer.sources.addresses import CAMERA, STREAM_SCHEMES, URL
from viewer.sources.credentials import is_readable, without_credentials
from viewer.sources.suffixes import IMAGE_SUFFIXES

_CAMERA_DIGITS = 9
"""More do not fit the integer that OpenCV takes."""


def open_source(uri: str, *, size: tuple[int, int] | None = None, fps: float | None = None) -> Source:
    """Open whatever a user may name.

    Args:
        uri: A camera (`0`, `/dev/video0`), a stream (`rtsp://…`, `http://…`, `udp://…`), a folder or pattern of
            images (`shots/`, `shots/*.png`), one image, or a video file. `~` stands for the home folder.
        size: Width and height in pixels to ask of a camera, which may give another.
        fps: Frames per second to ask of a camera, or to show images at.

    Raises:
        SourceError: If there is nothing, or nothing that can be read; nothing stays open.
    """
    # Each kind loads its library only when it is met: cv2 and av are slow to import and often one is enough.
    _check_address(uri)
    if camera := CAMERA.fullmatch(uri.strip()):
        from viewer.sources.camera import open_camera

        return open_camera(int(camera[1]), uri=uri.strip(), size=size, fps=fps)
    if (url := URL.match(uri)) and url[1].lower() != "file":
        if url[1].lower() not in STREAM_SCHEMES:
            hint = did_you_mean(url[1].lower(), STREAM_SCHEMES) or f"; known are {' '.join(sorted(STREAM_SCHEMES))}"
            raise SourceError(f"no way to open {url[1]}:// streams{hint}")
        from viewer.sources.stream import open_stream

        return open_stream(uri)
    return _open_path(unquote(urlsplit(uri).path) if url else uri, fps)


def check_source(uri: str) -> None:
    """Refuse at once a file or folder that is plainly not there, loading no library for it.

    Cameras and streams pass: only opening them tells.

    Raises:
        SourceError: As `open_source` would.
    """
    _check_address(uri)
    url = URL.match(uri)
    if CAMERA.fullmatch(uri.strip()) or (url and url[1].lower() != "file"):
        return
    name = unquote(urlsplit(uri).path) if url else uri
    path = expanded(name, SourceError)
    with path_errors(SourceError, f"cannot open {name}"):
        if path.exists() or not has_magic(name):
            _require(path)


def _open_path(name: str, fps: float | None) -> Source:
    path = expanded(name, SourceError)
    rate = None if fps is None else Fraction(fps).limit_denominator(1001)
    with path_errors(SourceError, f"cannot open {name}"):
        is_folder, is_pattern = path.is_dir(), has_magic(name) and not path.exists()
        if not is_folder and not is_pattern:
            _require(path)
    if is_folder:
        from viewer.sources.images import ImageSource, images_in

        return ImageSource(images_in(path), uri=name, fps=rate)
    if is_pattern:
        return _open_pattern(path, name, rate)
    if path.suffix.lower() in IMAGE_SUFFIXES:
        from viewer.sources.images import ImageSource

        return ImageSource([path], uri=name, fps=rate)
    from viewer.sources.video import VideoSource

    return VideoSource(path)


def _open_pattern(path: Path, name: str, fps: Fraction | None) -> Source:
    from viewer.sources.images import ImageSource, natural_order

    matches = [Path(match) for match in glob(str(path), recursive=True)]  # noqa: PTH207 - Path.glob takes no absolute pattern
    images = natural_order(match for match in matches if match.suffix.lower() in IMAGE_SUFFIXES)
    if not images:
        raise SourceError(f"no image matches {name!r}; quote the pattern and check the folder")
    return ImageSource(images, uri=name, fps=fps)


def _check_address(uri: str) -> None:
    """Refuse what has the form of a camera or a URL but can be none."""
    if (camera := CAMERA.fullmatch(uri.strip())) and len(camera[1]) > _CAMERA_DIGITS:
        raise SourceError(f"no camera {camera[1]}; cameras are counted from 0, and `featscope doctor` lists them")
    if URL.match(uri) and not is_readable(uri):
        raise SourceError(
            f"the address {without_credentials(uri)} is not understood; check its host and port, and write / # ? @ in "
            "a password as %2F %23 %3F %40"
        )


def _require(path: Path) -> None:
    """Refuse what is neither a folder nor a file with something in it."""
    if path.is_dir():
        return
    if not path.exists():
        raise SourceError(_missing(path))
    if not path.is_file():
        raise SourceError(f"{path} is neither a file nor a folder; give a video, an image, a folder, a camera or a URL")
    if path.stat().st_size == 0:
        raise SourceError(f"{path} is empty (0 bytes); copy or record it again")


def _missing(path: Path) -> str:
    if not path.parent.is_dir():
        return f"no file {path}: there is no folder {path.parent}"
    hint = did_you_mean(path.name, (entry.name for entry in path.parent.iterdir()))
    return f"no file {path}{hint or f'; {path.parent.resolve()} holds nothing of a similar name'}"
