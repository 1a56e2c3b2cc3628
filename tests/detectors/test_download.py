"""A published checkpoint asked for by its bare name arrives whole, once, with progress; or not at all."""

import http.client
import io
import os

import pytest

from viewer.core.errors import DetectorError
from viewer.detectors import open_detector
from viewer.detectors.download import download
from viewer.detectors.ultralytics import files


class Response(io.BytesIO):
    def __init__(self, content, size=None):
        super().__init__(content)
        self.headers = {} if size is None else {"Content-Length": str(size)}


@pytest.fixture
def serve(monkeypatch):
    """Answer every request with this response and note the addresses."""
    asked = []

    def install(make):
        def urlopen(request, timeout):
            assert timeout > 0
            asked.append(request.full_url)
            return make()

        monkeypatch.setattr("urllib.request.urlopen", urlopen)
        return asked

    return install


def test_a_published_name_is_fetched_once(serve, checkpoint, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "models_folder", lambda: tmp_path / "models")
    monkeypatch.chdir(tmp_path)
    content, said = checkpoint("yolo11n.yaml").read_bytes(), []
    asked = serve(lambda: Response(content, len(content)))
    for _ in range(2):
        detector = open_detector(
            "yolo11n.pt", device="cpu", imgsz=64, progress=lambda what, at: said.append((what, at))
        )
        assert detector.info.name == "yolo11n"
    assert asked == ["https://github.com/ultralytics/assets/releases/download/v8.4.0/yolo11n.pt"]
    shares = [at for what, at in said if what == "downloading yolo11n.pt"]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert [entry.name for entry in (tmp_path / "models").iterdir()] == ["yolo11n.pt"]


def test_only_bare_published_names_are_fetched(serve, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "models_folder", lambda: tmp_path / "models")
    monkeypatch.chdir(tmp_path)
    asked = serve(lambda: pytest.fail("went online"))
    for name in ("weights/yolo11n.pt", str(tmp_path / "yolo11n.pt"), "my-model.pt", "https://example.com/yolo11n.pt"):
        with pytest.raises(DetectorError, match="no model file"):
            open_detector(name, device="cpu")
    assert asked == []


def test_a_cut_download_leaves_nothing(serve, tmp_path):
    serve(lambda: Response(b"half of it", 20))
    with pytest.raises(OSError, match="10 of 20 bytes"):
        download("https://example.com/a.pt", tmp_path / "models" / "a.pt", title="a", progress=lambda *_: None)
    assert list((tmp_path / "models").iterdir()) == []


def test_an_unknown_size_is_no_share(serve, tmp_path):
    serve(lambda: Response(b"all of it"))
    said = []
    download("https://example.com/a.pt", tmp_path / "a.pt", title="a", progress=lambda *heard: said.append(heard))
    assert said == [("a", None)]
    assert (tmp_path / "a.pt").read_bytes() == b"all of it"


class Broken(Response):
    def read(self, _size=-1):
        raise http.client.IncompleteRead(b"half")


@pytest.mark.parametrize("where", ["in the body", "before it"])
def test_an_answer_that_breaks_the_rules_is_one_line(serve, tmp_path, monkeypatch, where):
    def answer():
        if where == "in the body":
            return Broken(b"", 20)
        raise http.client.BadStatusLine("nonsense")

    monkeypatch.setattr(files, "models_folder", lambda: tmp_path / "models")
    monkeypatch.chdir(tmp_path)
    serve(answer)
    with pytest.raises(DetectorError, match=r"cannot be downloaded \(the server's answer is no HTTP"):
        open_detector("yolo11n.pt", device="cpu")
    assert list((tmp_path / "models").iterdir()) == []


def test_a_size_that_is_no_number_is_none(serve, tmp_path):
    serve(lambda: Response(b"all of it", "many"))
    download("https://example.com/a.pt", tmp_path / "a.pt", title="a", progress=lambda *_: None)
    assert (tmp_path / "a.pt").read_bytes() == b"all of it"


def test_an_interrupted_download_leaves_nothing(serve, tmp_path):
    def interrupt(*_):
        raise KeyboardInterrupt

    serve(lambda: Response(b"all of it", 9))
    with pytest.raises(KeyboardInterrupt):
        download("https://example.com/a.pt", tmp_path / "models" / "a.pt", title="a", progress=interrupt)
    assert list((tmp_path / "models").iterdir()) == []


def test_what_a_killed_download_left_is_removed_by_the_next(serve, tmp_path):
    for name, age_s in ((".download-killed", 3600), (".download-running", 0)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.pt").write_bytes(b"half")
        for path in (tmp_path / name / "a.pt", tmp_path / name):
            then_s = path.stat().st_mtime - age_s
            os.utime(path, (then_s, then_s))
    serve(lambda: Response(b"all of it"))
    download("https://example.com/a.pt", tmp_path / "a.pt", title="a", progress=lambda *_: None)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [".download-running", "a.pt"]
