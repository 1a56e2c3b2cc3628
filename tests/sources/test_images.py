"""Images: natural order, every depth and orientation as upright 8-bit RGB."""

from __future__ import annotations

import struct
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.sources.clips import number_in, numbered
from viewer.core.errors import SourceError
from viewer.sources import open_source
from viewer.sources.images import natural_order, read_image


def test_natural_order():
    names = ["img10.png", "img2.png", "Img1.png", "a9b10.png", "a9b9.png", "b.png"]
    ordered = [path.name for path in natural_order(map(Path, names))]
    assert ordered == ["a9b9.png", "a9b10.png", "b.png", "Img1.png", "img2.png", "img10.png"]


def test_images_may_differ_in_size_and_take_a_tenth_of_a_second(tmp_path: Path):
    for number, width in ((1, 160), (2, 320)):
        cv2.imwrite(str(tmp_path / f"{number}.png"), numbered(number, width=width))
    with open_source(str(tmp_path)) as source:
        frames = list(source)
    assert [frame.rgb.shape for frame in frames] == [(96, 160, 3), (96, 320, 3)]
    assert source.info.image_hw == (96, 160)
    assert [frame.pts_s for frame in frames] == [0.0, 0.1]
    assert [number_in(frame.rgb) for frame in frames] == [1, 2]


def test_rate_can_be_asked(tmp_path: Path):
    for number in range(3):
        cv2.imwrite(str(tmp_path / f"{number}.png"), numbered(number))
    with open_source(str(tmp_path), fps=2) as source:
        assert [frame.pts_s for frame in source] == [0.0, 0.5, 1.0]
        assert source.info.duration_s == 1.5


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (np.full((4, 6), 200, np.uint8), (200, 200, 200)),
        (np.full((4, 6, 3), (10, 20, 250), np.uint8), (250, 20, 10)),
        (np.full((4, 6, 4), (10, 20, 250, 128), np.uint8), (250, 20, 10)),
        (np.full((4, 6), 200 * 257, np.uint16), (200, 200, 200)),
        (np.full((4, 6, 3), (10 * 257, 20 * 257, 250 * 257), np.uint16), (250, 20, 10)),
    ],
    ids=["grey", "colour", "alpha", "grey16", "colour16"],
)
def test_every_depth_becomes_rgb8(stored: np.ndarray, expected: tuple[int, ...], tmp_path: Path):
    cv2.imwrite(str(tmp_path / "a.png"), stored)
    rgb = read_image(tmp_path / "a.png")
    assert rgb.shape == (4, 6, 3)
    assert rgb.dtype == np.uint8
    assert tuple(rgb[1, 1]) == expected


def test_exif_orientation_is_honoured(tmp_path: Path):
    jpeg = cv2.imencode(".jpg", numbered(5)[..., ::-1])[1].tobytes()
    tiff = b"II*\0" + struct.pack("<IH", 8, 1) + struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0) + struct.pack("<I", 0)
    exif = b"Exif\0\0" + tiff
    path = tmp_path / "turned.jpg"
    path.write_bytes(jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:])
    rgb = read_image(path)
    assert rgb.shape == (160, 96, 3)
    assert number_in(np.rot90(rgb)) == 5


@pytest.mark.parametrize("content", [b"hello", b"\x89PNG\r\n\x1a\n broken"])
def test_unreadable_image_is_named(content: bytes, tmp_path: Path):
    cv2.imwrite(str(tmp_path / "1.png"), numbered(1))
    (tmp_path / "2.png").write_bytes(content)
    with open_source(str(tmp_path)) as source:
        next(source)
        with pytest.raises(SourceError, match=r"2\.png is not an image"):
            next(source)
    with pytest.raises(SourceError, match=r"2\.png"):
        open_source(str(tmp_path / "2.png"))


def test_image_that_vanished_is_named(tmp_path: Path):
    for number in (1, 2):
        cv2.imwrite(str(tmp_path / f"{number}.png"), numbered(number))
    with open_source(str(tmp_path)) as source:
        next(source)
        (tmp_path / "2.png").unlink()
        with pytest.raises(SourceError, match=r"cannot read .*2\.png"):
            next(source)


def test_non_ascii_name(tmp_path: Path):
    cv2.imwrite(str(tmp_path / "a.png"), numbered(3)[..., ::-1])
    path = (tmp_path / "a.png").rename(tmp_path / "straße 夜.png")
    with open_source(str(path)) as source:
        assert number_in(next(source).rgb) == 3
