"""Only what could be meant is suggested: files of the kind that is looked for, whose names are alike themselves."""

import pytest

from viewer.core.errors import DetectorError
from viewer.core.nearby import meant, neighbours
from viewer.detectors import open_detector


def refused(model, **options):
    with pytest.raises(DetectorError) as caught:
        open_detector(str(model), device="cpu", **options)
    return str(caught.value)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_names_are_compared_without_what_they_all_end_in(tmp_path):
    assert meant(tmp_path / "best.keras", ["rest.keras", "cat.keras"]) == "; did you mean 'rest.keras'?"
    assert meant(tmp_path / "ab.keras", ["xyz.keras"]) == ""
    assert meant(tmp_path / "best.pth", ["best.ckpt"]) == "; did you mean 'best.ckpt'?"


def test_neighbours_are_of_the_same_kind_and_none_where_there_is_no_folder(tmp_path):
    for name in ("a.onnx", "B.ONNX", "a.txt"):
        (tmp_path / name).touch()
    assert neighbours(tmp_path / "c.onnx") == {"a.onnx", "B.ONNX"}
    assert neighbours(tmp_path / "c.onnx", lambda path: path.name == "a.onnx") == {"a.onnx"}
    assert neighbours(tmp_path / "c.onnx", suffixes=(".txt",)) == {"a.txt"}
    assert neighbours(tmp_path / "nowhere" / "c.onnx") == set()


def test_a_folder_is_no_neighbour(folder):
    (folder / "best.onnx").mkdir()
    assert neighbours(folder / "bets.onnx") == set()
    assert "did you mean" not in refused("bets.onnx")
    assert "did you mean" not in refused("best")


@pytest.mark.parametrize(
    ("near", "other", "content", "typed"),
    [
        ("detector.py", "detectors.py", "def build(device): ...", "detectorz.py"),
        ("reader.py", "readers.py", "def decode(outputs, letterbox): ...", "readerz.py"),
        ("dashcam.yaml", "dashcams.yaml", "nc: 3\nbackbone:\n  []\nhead: []\n", "dashcamz.yaml"),
    ],
)
def test_a_file_of_another_purpose_is_not_suggested(folder, near, other, content, typed):
    (folder / other).write_text("import os\nbuilder: 3\nheadings: 1\n")
    assert "did you mean" not in refused(typed)
    (folder / near).write_text(content)
    assert refused(typed).endswith(f"; did you mean {near!r}?")
