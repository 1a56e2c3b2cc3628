"""A published checkpoint asked for by its bare name arrives whole, once, with progress; or not at all."""

import io

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
