"""Pictures with their numbers: both or neither, and under a name that nothing has."""

import json
import math

import pytest

from viewer.core.errors import SinkError
from viewer.sinks import free_path, save_still
from viewer.sinks.naming import plain


def wrote(path) -> bool:
    path.write_bytes(b"picture")
    return True


def test_a_picture_and_its_numbers_stand_beside_each_other(tmp_path) -> None:
    save_still(tmp_path / "a.png", wrote, {"index": 3, "max": math.inf})
    assert (tmp_path / "a.png").read_bytes() == b"picture"
    assert json.loads((tmp_path / "a.json").read_text()) == {"index": 3, "max": None}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "a.png"]


def fails(_path) -> bool:
    return False


def breaks(path) -> bool:
    path.write_bytes(b"half")
    raise RuntimeError("a bug")


@pytest.mark.parametrize(("write", "error"), [(fails, SinkError), (breaks, RuntimeError)])
def test_a_picture_that_cannot_be_written_leaves_no_numbers(tmp_path, write, error) -> None:
    with pytest.raises(error):
        save_still(tmp_path / "a.png", write, {})
    assert list(tmp_path.iterdir()) == []


def test_numbers_that_cannot_be_put_in_their_place_leave_no_picture(tmp_path) -> None:
    (tmp_path / "a.json").mkdir()
    with pytest.raises(SinkError, match=r"a\.json"):
        save_still(tmp_path / "a.png", wrote, {})
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_names_are_numbered_until_all_suffixes_are_free(tmp_path) -> None:
    folder = tmp_path / "made" / "for it"
    assert free_path(folder, "a", (".png", ".json")) == folder / "a.png"
    (folder / "a.png").touch()
    (folder / "a_2.json").touch()
    assert free_path(folder, "a", (".png", ".json")) == folder / "a_3.png"


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SinkError, match="cannot save into"):
        free_path(tmp_path / "file" / "folder", "a", [".png"])


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("street.mp4", "street"),
        ("camera 0", "camera-0"),
        ("192.0.2.7:554/front", "192.0.2.7-554-front"),
        ("192.0.2.7", "192.0.2.7"),
        ("Straße früh.mov", "Straße-früh"),
        ("../..", "source"),
        ("a" * 300 + ".mp4", "a" * 80),
    ],
)
def test_a_sources_name_becomes_part_of_a_file_name(name, stem) -> None:
    assert plain(name) == stem
