"""Pictures on disk as a source: one image, a folder of them, or a pattern, in the order a person would count them."""

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from viewer.core.errors import SourceError
from viewer.core.frame import SourceInfo, SourceKind
from viewer.core.paths import path_errors
from viewer.sources.indexed import IndexedSource
from viewer.sources.suffixes import IMAGE_SUFFIXES

NOMINAL_FPS = Fraction(10)
"""Images have no time of their own; ten a second is slow enough to see and quick enough to browse a folder."""


class ImageSource(IndexedSource):
    """Image files, one frame each, read when they are asked for.

    They may differ in size; `info.image_hw` is that of the first. Orientation in EXIF data is applied; grey, 16-bit
    and transparent images come out as 8-bit RGB.
    """

    def __init__(self, paths: Sequence[Path], *, uri: str, fps: Fraction | None = None) -> None:
        """Read the first image and take the others on trust.

        Args:
            paths: At least one, in the order of presentation.
            uri: What the user named.
            fps: Images a second; 10 unless given.

        Raises:
            SourceError: If the first cannot be read.
        """
        rate = fps or NOMINAL_FPS
        self._paths = tuple(paths)
        first = read_image(self._paths[0])
        self._first: NDArray[np.uint8] | None = first
        info = SourceInfo(
            uri=uri,
            name=Path(uri).name or uri,
            kind=SourceKind.IMAGES,
            image_hw=(first.shape[0], first.shape[1]),
            fps=rate,
            frame_count=len(self._paths),
            duration_s=float(len(self._paths) / rate),
        )
        super().__init__(info, np.arange(len(self._paths)) / float(rate))

    def _read(self, index: int) -> tuple[int, NDArray[np.uint8]]:
        first, self._first = self._first, None
        return index, first if index == 0 and first is not None else read_image(self._paths[index])

    def _release(self) -> None:
        self._first = None


def read_image(path: Path) -> NDArray[np.uint8]:
    """Read one image.

    Returns:
        (H, W, 3) uint8 RGB, C-contiguous.

    Raises:
        SourceError: If it cannot be read or is no image.
    """
    try:
        with path_errors(SourceError, f"cannot read {path}"):
            data = np.fromfile(path, np.uint8)  # not cv2.imread, which cannot open non-ASCII names on Windows
        rgb = cv2.imdecode(data, cv2.IMREAD_COLOR_RGB) if data.size else None
    except cv2.error as error:
        raise SourceError(f"{path} is not a usable image ({error.err})") from error
    if rgb is None:
        raise SourceError(f"{path} is not an image, or damaged; remove it or convert it to PNG")
    return np.ascontiguousarray(rgb, np.uint8)


def images_in(folder: Path) -> list[Path]:
    """The images of a folder in natural order.

    Raises:
        SourceError: If it has none, or cannot be listed.
    """
    with path_errors(SourceError, f"cannot list folder {folder}"):
        found = natural_order(path for path in folder.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES)
    if not found:
        known = " ".join(sorted(IMAGE_SUFFIXES))
        raise SourceError(f"no images in folder {folder}; files ending in {known} are looked for")
    return found


def natural_order(paths: Iterable[Path]) -> list[Path]:
    """Sort so that `img2` comes before `img10`."""
    return sorted(paths, key=_natural_key)


def _natural_key(path: Path) -> list[tuple[int, int, str]]:
    parts = re.split(r"(\d+)", str(path).lower())
    return [(1, int(part), part) if part.isdecimal() else (0, 0, part) for part in parts]
