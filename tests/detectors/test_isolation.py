"""Loading and running a model touches no network, starts no process, prints nothing and leaves other settings alone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from viewer.detectors import open_detector

GUARDED = """
import os, socket, subprocess, sys
import torch, torchvision  # torch looks its libraries up with ldconfig, which is no business of ours
torch.set_num_threads(1)
tried = []
def refuse(*args, **_):
    tried.append(repr(args[-1])[:200])
    raise OSError("blocked by the test")
for owner, name in [(socket.socket, "connect"), (socket.socket, "connect_ex"), (socket.socket, "sendto"),
                    (socket, "getaddrinfo"), (socket, "gethostbyname"), (socket, "create_connection"),
                    (subprocess.Popen, "__init__"), (os, "system"), (os, "posix_spawn"), (os, "execv")]:
    setattr(owner, name, refuse)

import numpy as np
before = np.get_printoptions(), os.environ.get("OMP_NUM_THREADS")
import viewer.detectors
assert "ultralytics" not in sys.modules, "imported too early"
from viewer.detectors import open_detector
for model in sys.argv[1:]:
    detector = open_detector(model, device="cpu", imgsz=64)
    letterbox = detector.letterbox((48, 64))
    rows = detector.candidates(detector.forward(torch.rand(1, 3, *letterbox.input_hw)))
    assert len(detector.read_candidates(rows.numpy(), letterbox)) > 0
    detector.close()
assert (np.get_printoptions(), os.environ.get("OMP_NUM_THREADS")) == before
from ultralytics.utils import AUTOINSTALL, ONLINE, SETTINGS
assert not AUTOINSTALL and not ONLINE and not SETTINGS["sync"]
assert not tried, tried
"""


def test_no_network_no_process_no_noise(checkpoint, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("YOLO_", "ULTRALYTICS_", "XDG_"))}
    environment |= {"HOME": str(home), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    environment.pop("OMP_NUM_THREADS", None)
    models = [str(checkpoint("yolo11n.yaml")), str(checkpoint("rtdetr-small.yaml")), "yolo11n-seg.yaml"]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", GUARDED, *models],
        env=environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not (home / ".config").exists()


@pytest.mark.parametrize("name", ["yolov5n.pt", "yolov3-tiny.pt", "it's mine.pt"])
def test_a_file_is_opened_under_the_name_it_was_given(checkpoint, tmp_path, name, monkeypatch):
    monkeypatch.setattr("urllib.request.urlopen", lambda *_, **__: pytest.fail("went online"))
    path = tmp_path / name
    path.write_bytes(checkpoint("yolo11n.yaml").read_bytes())
    detector = open_detector(str(path), device="cpu", imgsz=64)
    assert detector.info.architecture == "YOLO11 detect"


def test_random_weights_are_the_same_every_time_and_leave_the_generator_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first, second = (open_detector("yolo11n.yaml", device="cpu", imgsz=64) for _ in range(2))
    assert torch.equal(torch.rand(3), expected)
    pairs = zip(first.module.parameters(), second.module.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
