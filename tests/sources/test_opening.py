"""What a user types, and what is said when there is nothing behind it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import av
import av.error
import cv2
import numpy as np
import pytest

import viewer.sources.decoder
from tests.sources.clips import CLIPS, numbered
from viewer.core.errors import SourceError
from viewer.core.frame import SourceKind
from viewer.sources import check_source, open_source
from viewer.sources.images import images_in, read_image


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    folder = tmp_path / "shots"
    folder.mkdir()
    for number in (1, 2, 10):
        cv2.imwrite(str(folder / f"img{number}.png"), numbered(number))
    (folder / "notes.txt").write_text("not an image")
    return folder


def test_missing_file_suggests_the_nearest(tmp_path: Path):
    (tmp_path / "dashcam.mp4").touch()
    with pytest.raises(SourceError, match=r"did you mean 'dashcam\.mp4'"):
        open_source(str(tmp_path / "dashcm.mp4"))


def test_missing_folder_is_named(tmp_path: Path):
    with pytest.raises(SourceError, match="no folder"):
        open_source(str(tmp_path / "nowhere" / "a.mp4"))


@pytest.mark.parametrize("uri", ["63", "/dev/video63"])
def test_missing_camera_is_refused_quietly(uri: str, capfd: pytest.CaptureFixture[str]):
    with pytest.raises(SourceError, match="no camera 63"):
        open_source(uri)
    assert capfd.readouterr().err == ""


def test_unknown_scheme_is_refused():
    with pytest.raises(SourceError, match=r"did you mean 'https?'"):
        open_source("htp://camera/video")


@pytest.mark.parametrize("pattern", ["", "*.png", "img*"])
def test_folder_and_pattern_are_images(shots: Path, pattern: str):
    with open_source(str(shots / pattern)) as source:
        assert source.info.kind is SourceKind.IMAGES
        assert source.info.frame_count == 3


def test_folder_without_images(tmp_path: Path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(SourceError, match="no images in folder"):
        open_source(str(tmp_path))


def test_pattern_without_images(shots: Path):
    with pytest.raises(SourceError, match="no image matches"):
        open_source(str(shots / "*.jpg"))


def test_name_with_magic_characters_is_a_file_first(tmp_path: Path):
    path = tmp_path / "clip[1].mp4"
    CLIPS[0].write(tmp_path).rename(path)
    with open_source(str(path)) as source:
        assert source.info.kind is SourceKind.VIDEO


def test_file_url(shots: Path):
    with open_source((shots / "img1.png").as_uri()) as source:
        assert np.array_equal(next(source).rgb[..., ::-1], numbered(1))


def test_import_loads_neither_opencv_nor_pyav():
    code = "import sys, viewer.sources; sys.exit(bool({'av', 'cv2', 'torch'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


LONG = "x" * 300


@pytest.mark.parametrize(
    ("uri", "says"),
    [
        (f"{LONG}.mp4", "File name too long; give a shorter one"),
        (f"{LONG}/*.png", "File name too long"),
        (f"file:///{LONG}", "File name too long"),
        ("~nosuchuser/x.mp4", "no home folder for ~nosuchuser"),
        ("~nosuchuser/*.png", "no home folder for ~nosuchuser"),
        ("http://[::1/x", r"the address http://\[::1/x is not understood"),
        ("rtsp://me:hun/ter2@camera/x", "the address rtsp://camera/x is not understood"),
        ("http://camera:99999/x", "is not understood"),
        ("file://[::1/x", "is not understood"),
        ("99999999999999999999", "no camera 99999999999999999999"),
        ("/dev/video99999999999999999999", "no camera 99999999999999999999"),
        ("9" * 5000, "no camera 999"),
    ],
)
def test_what_cannot_be_a_source_is_one_line(uri: str, says: str):
    for look in (open_source, check_source):
        with pytest.raises(SourceError, match=says) as caught:
            look(uri)
        assert "\n" not in str(caught.value)
        assert "hun" not in str(caught.value)


def test_what_may_not_be_read_is_told(shots: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    video = CLIPS[0].write(shots)
    monkeypatch.setattr(viewer.sources.decoder.av, "open", _refused_by_ffmpeg)
    for holder, attribute, act in (
        (Path, "open", lambda: open_source(str(video))),
        (Path, "iterdir", lambda: images_in(shots)),
        (Path, "iterdir", lambda: open_source(str(shots / "missing.mp4"))),
        (Path, "exists", lambda: open_source(str(video))),
        (np, "fromfile", lambda: read_image(shots / "img1.png")),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(holder, attribute, refuse)
            with pytest.raises(SourceError, match="Permission denied; its owner can"):
                act()


def _refused_by_ffmpeg(name: str, *_: object, **__: object) -> None:
    raise av.error.PermissionError(13, "Permission denied", name)
