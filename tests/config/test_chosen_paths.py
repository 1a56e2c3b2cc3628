"""Paths are looked at when they are chosen."""

import sys
from pathlib import Path

import pytest

from viewer.config.chosen_paths import MissingFolderError, check_file, check_folder
from viewer.core.errors import ConfigError


def test_a_folder_is_there_or_made_on_request(tmp_path: Path):
    check_folder(str(tmp_path))
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(MissingFolderError, match="is not there; create it"):
        check_folder(str(tmp_path / "new"))
    check_folder(str(tmp_path / "new"), make=True)
    assert (tmp_path / "new").is_dir()


@pytest.mark.parametrize("make", [True, False])
def test_a_name_that_no_folder_can_have_is_refused_and_not_offered_to_be_made(tmp_path: Path, make):
    with pytest.raises(ConfigError, match="no file can have a null character in its name") as refused:
        check_folder(str(tmp_path / "a\0b"), make=make)
    assert not isinstance(refused.value, MissingFolderError)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for a folder nobody may write into")
def test_a_folder_nobody_may_write_into_is_refused():
    with pytest.raises(ConfigError, match="cannot write into /proc"):
        check_folder("/proc")


@pytest.mark.parametrize(
    ("key", "value"),
    [("model", "{0}/gone.pt"), ("weights", "{0}/gone.pth"), ("source", "{0}/gone.mp4"), ("reducer", "{0}/gone.py:A")],
)
def test_a_file_that_is_not_there_is_refused(tmp_path: Path, key: str, value: str):
    with pytest.raises(ConfigError, match=f"is not there; give {key} one that is"):
        check_file(key, value.format(tmp_path))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("model", "yolo11n.pt"), ("source", "rtsp://192.0.2.7/front"), ("source", "shots/*.png"), ("source", "0"),
        ("limits", "a/b"), ("model", None), ("reducer", "pca"), ("source", "/dev/null"),
    ],
)  # fmt: skip
def test_names_addresses_and_patterns_are_no_paths(key: str, value: str | None):
    check_file(key, value)
