"""What many tests share: a short clip, a small network, and the rule that no thread of ours outlives a test."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from threading import enumerate as running_threads
from time import perf_counter, sleep

import numpy as np
import pytest
from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# What tests open is not what their user opened.
_STATE_HOME = os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="featscope-state-")
# Small networks on a busy machine wait for each other's threads far longer than they compute.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Every run tries the same examples, and none is judged by how long it took on a busy machine.
settings.register_profile("featscope", derandomize=True, deadline=None)
settings.load_profile("featscope")


def pytest_unconfigure() -> None:
    """Leave nothing in the folder of temporary files, neither of this process nor of its workers."""
    shutil.rmtree(_STATE_HOME, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def settings_of_nobody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or writes the settings of whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        yield


@pytest.fixture(autouse=True)
def no_thread_of_ours_survives() -> Iterator[None]:
    yield
    deadline = perf_counter() + 2
    while left := [thread.name for thread in running_threads() if thread.name.startswith("featscope")]:
        assert perf_counter() < deadline, f"threads left: {left}"
        sleep(0.01)


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """30 frames of 128x72 at 25 fps; frame n has a bright square whose column is n."""
    import av

    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(25), options={"crf": "10", "g": "10"})
        stream.width, stream.height, stream.pix_fmt = 128, 72, "yuv420p"
        for index in range(30):
            rgb = np.full((72, 128, 3), 40, np.uint8)
            rgb[24:48, index * 4 : index * 4 + 8] = 230
            container.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        container.mux(stream.encode())
    return path


def square_column(rgb: np.ndarray) -> int:
    """Which frame of `clip` this is."""
    columns = rgb[36, :, 0].astype(float)
    return round(
        float((columns * (columns > 130) * np.arange(128)).sum() / (columns * (columns > 130)).sum() - 3.5) / 4
    )
