"""Every bad input there is: one line, exit code 2, nothing written, no thread left, nothing said behind our back."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest
import torch

import viewer.sources.decoder
from tests.detectors.makers import Bomb, save_classifier, save_torchscript
from tests.sources import clips
from tests.sources.clips import numbered
from tests.sources.servers import Server
from viewer.cli import main
from viewer.core.errors import SourceInterruptedError
from viewer.core.frame import Link
from viewer.detectors.ultralytics import files
from viewer.sources.stream import open_stream

ROOT = Path(__file__).parents[2]
LONG = "x" * 300


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with a picture to watch and no cache of models beside it."""
    cv2.imwrite(str(tmp_path / "good.png"), numbered(1))
    (tmp_path / "outputs").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(files, "models_folder", lambda: tmp_path / "models")
    return tmp_path


@pytest.fixture
def refused(folder: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Render with these arguments, which must be refused; returns the line."""

    def render(source: str, *options: str) -> str:
        defaults = {"--packets": "outputs/o.jsonl", "--model": "yolo11n.yaml", "--imgsz": "96", "--device": "cpu"}
        given = [word for flag, value in defaults.items() if flag not in options for word in (flag, value)]
        entries, threads = set(folder.rglob("*")), set(threading.enumerate())
        capfd.readouterr()
        assert main(["render", source, *options, *given]) == 2
        said = capfd.readouterr()
        assert said.out == ""
        assert said.err.startswith("featscope: ")
        assert said.err.count("\n") == 1
        assert set(folder.rglob("*")) - {folder / "models"} == entries
        assert set(threading.enumerate()) <= threads
        return said.err

    return render


@pytest.mark.parametrize(
    ("source", "make", "says"),
    [
        ("missing.mp4", None, "no file missing.mp4"),
        ("nowhere/missing.mp4", None, "there is no folder nowhere"),
        ("empty.mp4", Path.touch, "is empty (0 bytes)"),
        ("truncated.mp4", clips.truncated, "is truncated"),
        ("text.mp4", clips.text, "is not a video"),
        ("frameless.mp4", clips.zero_frames, "has no pictures"),
        ("sound.mp4", clips.audio_only, "only audio"),
        ("text.png", clips.text, "is not an image"),
        ("pictures", Path.mkdir, "no images in folder"),
        ("*.tif", None, "no image matches"),
        (f"{LONG}.mp4", None, "File name too long"),
        ("~nosuchuser/clip.mp4", None, "no home folder for ~nosuchuser"),
        ("97", None, "no camera 97"),
        ("99999999999999999999", None, "no camera 99999999999999999999"),
        ("htp://camera/video", None, "no way to open htp://"),
        ("http://[::1/x", None, "is not understood"),
    ],
)
def test_source(refused, source: str, make: Callable[[Path], object] | None, says: str):
    if make is not None:
        make(Path(source))
    assert says in refused(source)


def test_source_that_may_not_be_read(refused, monkeypatch: pytest.MonkeyPatch):
    clips.CLIPS[0].write(Path())

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    def refuse_in_ffmpeg(*_: object, **__: object) -> None:
        raise viewer.sources.decoder.av.error.PermissionError(13, "Permission denied")

    monkeypatch.setattr(viewer.sources.decoder.av, "open", refuse_in_ffmpeg)
    monkeypatch.setattr(Path, "open", refuse)
    assert "cannot read h264.mp4: Permission denied" in refused("h264.mp4")


@pytest.mark.parametrize("scheme", ["rtsp", "http", "tcp"])
def test_stream_that_never_answers(refused, scheme: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(open_stream.__kwdefaults__, "open_timeout_s", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        line = refused(f"{scheme}://me:hunter2@127.0.0.1:{listener.getsockname()[1]}/x")
    assert "does not answer within 0.3 s" in line
    assert "hunter2" not in line


@pytest.mark.parametrize("scheme", ["rtsp", "http", "tcp"])
def test_stream_that_is_refused(refused, scheme: str):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    line = refused(f"{scheme}://me:hunter2@127.0.0.1:{port}/x")
    assert "Connection refused" in line
    assert "hunter2" not in line


def test_stream_that_dies_midway_is_waited_for_until_interrupted():
    """A live source is expected back, so this is no refusal: it says that it is lost, and lets go when told to."""
    threads = set(threading.enumerate())
    with Server(frames=20) as sender:
        source = open_stream(sender.url, backoff_s=(0.05, 0.1))
    with source:
        alarm = threading.Timer(1, source.interrupt)
        alarm.start()
        with pytest.raises(SourceInterruptedError, match="was interrupted"):
            list(source)
        alarm.join()
        assert source.status.link is Link.LOST
        assert "reconnecting" in source.status.text
    assert set(threading.enumerate()) <= threads


def _truncated_checkpoint(path: Path) -> None:
    torch.save({"model": torch.zeros(5000)}, path)
    path.write_bytes(path.read_bytes()[:9000])


def _bomb(path: Path) -> None:
    torch.save({"model": Bomb("witness")}, path)


def _weights(path: Path) -> None:
    torch.save(torch.nn.Conv2d(3, 2, 1).state_dict(), path)


@pytest.mark.parametrize(
    ("model", "make", "says"),
    [
        ("missing.pt", None, "no model file"),
        ("missing.yaml", None, "no model description"),
        ("model.tflite", None, "is a TensorFlow Lite model"),
        ("model.xyz", None, "give an ultralytics checkpoint"),
        ("weights.pth", None, "holds weights without a network"),
        ("folder.pt", Path.mkdir, "is a folder"),
        ("empty.pt", Path.touch, "is empty"),
        ("text.pt", clips.text, "is not a PyTorch checkpoint"),
        ("truncated.pt", _truncated_checkpoint, "is truncated"),
        ("bomb.pt", _bomb, "--trust-checkpoint"),
        ("script.pt", save_torchscript, "is a TorchScript export"),
        ("classifier.pt", save_classifier, "is a classification model"),
        ("weights.pt", _weights, "holds weights but no network"),
        ("text.yaml", clips.text, "is not a model description"),
        (f"{LONG}.pt", None, "File name too long"),
        ("~nosuchuser/best.pt", None, "no home folder for ~nosuchuser"),
    ],
)
def test_model(refused, folder: Path, model: str, make: Callable[[Path], object] | None, says: str):
    if make is not None:
        make(Path(model))
    assert says in refused("good.png", "--model", model)
    assert not (folder / "witness").exists()


def test_model_that_may_not_be_read(refused, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    _weights(Path("mine.pt"))
    monkeypatch.setattr(Path, "open", refuse)
    # Not --packets: that is opened first, and refused as well.
    monkeypatch.setattr("viewer.sinks.JsonlSink.__init__", lambda *_: None)
    monkeypatch.setattr("viewer.sinks.JsonlSink.abort", lambda _: None)
    assert "cannot read mine.pt: Permission denied" in refused("good.png", "--model", "mine.pt")


def test_model_that_cannot_be_downloaded(refused, monkeypatch: pytest.MonkeyPatch):
    def unreachable(*_: object, **__: object) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr("urllib.request.urlopen", unreachable)
    assert "cannot be downloaded (no route to host)" in refused("good.png", "--model", "yolo11n.pt")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--tap", "P9"], "no stage 'P9' in yolo11n"),
        (["--reducer", "men"], "did you mean 'mean'"),
        (["--limits", "0:inf"], "limits '0:inf' not understood"),
        (["--conf", "2"], "conf is '2'"),
        (["--conf", "nan"], "conf is 'nan'"),
        (["--imgsz", "5"], "imgsz is '5'"),
        (["--device", "gpu"], "did you mean 'cuda'"),
        (["--device", "cuda:99"], "cuda:99"),
        (["--config", "missing.yaml"], "no preset missing.yaml"),
        (["--config", LONG], "File name too long"),
        (["--config", "~nosuchuser/a.yaml"], "no home folder for ~nosuchuser"),
        (["--config", "outputs"], "Is a directory"),
        (["--max-frames", "0"], "--max-frames 0"),
        (["--canvas", "big"], "--canvas big"),
    ],
)
def test_option(refused, options: list[str], says: str):
    assert says in refused("good.png", *options)


@pytest.mark.skipif(torch.cuda.is_available(), reason="here it would be right")
def test_cuda_where_there_is_none(refused):
    assert "device 'cuda' asked, but" in refused("good.png", "--device", "cuda")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--out", "nowhere/o.mp4"], "there is no folder nowhere"),
        (["--packets", "nowhere/o.jsonl"], "there is no folder nowhere"),
        (["--packets", "outputs"], "it is a folder"),
        (["--out", "o.gif"], "give it one of the suffixes"),
        (["--out", f"{LONG}.mp4"], "File name too long"),
        (["--packets", LONG], "File name too long"),
        (["--packets", "good.png"], "would overwrite"),
    ],
)
def test_output(refused, options: list[str], says: str):
    assert says in refused("good.png", *options)


@pytest.mark.parametrize("option", [["--out", "outputs/o.mp4"], ["--packets", "outputs/o.jsonl"]])
def test_output_that_may_not_be_written(refused, option: list[str], monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    line = refused("good.png", *option)
    assert "cannot write outputs/o." in line
    assert "Permission denied; nothing was left behind" in line


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_device_that_is_full(refused):
    assert "cannot write /dev/full: No space left" in refused("good.png", "--packets", "/dev/full")


_SMALL_DISK = """
import resource, signal, sys
from viewer.cli import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
def test_disk_that_fills_up(folder: Path, clip: Path):
    options = ["--out", "outputs/o.mp4", "--max-frames", "8", "--model", "yolo11n.yaml", "--imgsz", "96"]
    done = subprocess.run(
        [sys.executable, "-c", _SMALL_DISK, "render", str(clip), *options],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("featscope: cannot write outputs/o.mp4: File too large")
    assert done.stderr.count("\n") == 1
    assert list((folder / "outputs").iterdir()) == []
