"""Videos that are written: right frames, right times, right colours, or no file at all."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.sources.clips import number_in, numbered
from viewer.core.errors import SinkError
from viewer.sinks import VIDEO_SUFFIXES, VideoSink

FPS = Fraction(25)


def read(path: Path) -> tuple[list[np.ndarray], list[float]]:
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    return [frame.to_ndarray(format="rgb24") for frame in frames], [frame.time for frame in frames]


def write(path: Path, count: int = 20, **size: int) -> None:
    with VideoSink(path, fps=FPS) as sink:
        for number in range(count):
            sink.write(numbered(number, **size), number / 25)


@pytest.mark.parametrize("suffix", VIDEO_SUFFIXES)
def test_every_format_keeps_frames_and_rate(suffix: str, tmp_path: Path):
    path = tmp_path / f"out{suffix}"
    write(path)
    pictures, times = read(path)
    assert [number_in(rgb) for rgb in pictures] == list(range(20))
    assert np.diff(times) == pytest.approx(1 / 25, abs=2e-3)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_variable_rate_is_kept(suffix: str, tmp_path: Path):
    times = [0.0, 0.04, 0.5, 0.51, 3.0]
    with VideoSink(tmp_path / f"a{suffix}", fps=FPS) as sink:
        for number, pts_s in enumerate(times):
            sink.write(numbered(number), pts_s)
    pictures, found = read(tmp_path / f"a{suffix}")
    assert [number_in(rgb) for rgb in pictures] == [0, 1, 2, 3, 4]
    assert found == pytest.approx(times, abs=1e-3)


def test_times_that_do_not_grow_are_moved(tmp_path: Path):
    with VideoSink(tmp_path / "a.mkv", fps=FPS) as sink:
        for number, pts_s in enumerate([0.0, 0.04, 0.0, 0.04]):
            sink.write(numbered(number), pts_s)
    pictures, times = read(tmp_path / "a.mkv")
    assert [number_in(rgb) for rgb in pictures] == [0, 1, 2, 3]
    assert times == sorted(times)


def test_odd_sizes_are_padded_by_their_edge(tmp_path: Path):
    rgb = np.full((51, 101, 3), (30, 60, 200), np.uint8)
    with VideoSink(tmp_path / "a.mp4", fps=FPS) as sink:
        sink.write(rgb, 0.0)
    (picture,), _ = read(tmp_path / "a.mp4")
    assert picture.shape == (52, 102, 3)
    assert np.abs(picture.astype(int) - (30, 60, 200)).max() < 8


def test_colours_are_tagged_as_they_are_coded(tmp_path: Path):
    write(tmp_path / "a.mp4", 2)
    with av.open(str(tmp_path / "a.mp4")) as container:
        codec = container.streams.video[0].codec_context
        assert (codec.colorspace, codec.color_primaries, codec.color_trc, codec.color_range) == (1, 1, 1, 1)
        assert codec.pix_fmt == "yuv420p"


def test_mp4_can_start_before_it_is_loaded(tmp_path: Path):
    write(tmp_path / "a.mp4")
    data = (tmp_path / "a.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_unknown_suffix_names_the_known(tmp_path: Path):
    with pytest.raises(SinkError, match=r"\.mp4 .*\.webm"):
        VideoSink(tmp_path / "out.gif", fps=FPS)


def test_a_second_size_is_refused_and_leaves_nothing_when_the_block_ends(tmp_path: Path):
    def change_size() -> None:
        with VideoSink(tmp_path / "a.mp4", fps=FPS) as sink:
            sink.write(numbered(0), 0.0)
            sink.write(numbered(1, width=320), 0.04)

    with pytest.raises(SinkError, match="160x96"):
        change_size()
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_after_an_exception(tmp_path: Path):
    def fail_midway() -> None:
        with VideoSink(tmp_path / "a.mp4", fps=FPS) as sink:
            sink.write(numbered(0), 0.0)
            raise KeyError

    with pytest.raises(KeyError):
        fail_midway()
    assert list(tmp_path.iterdir()) == []


def test_an_older_file_survives_an_abort_and_yields_to_a_commit(tmp_path: Path):
    path = tmp_path / "a.mp4"
    path.write_text("old")
    sink = VideoSink(path, fps=FPS)
    sink.write(numbered(0), 0.0)
    sink.abort()
    sink.abort()
    sink.close()
    assert path.read_text() == "old"
    write(path, 2)
    assert len(read(path)[0]) == 2


def test_no_frames_leave_no_file(tmp_path: Path):
    VideoSink(tmp_path / "a.mp4", fps=FPS).close()
    assert list(tmp_path.iterdir()) == []


def test_closed_is_closed(tmp_path: Path):
    sink = VideoSink(tmp_path / "a.mp4", fps=FPS)
    sink.write(numbered(0), 0.0)
    sink.close()
    sink.close()
    with pytest.raises(SinkError, match="closed"):
        sink.write(numbered(1), 0.04)


_FULL = """
import resource, signal, sys
from fractions import Fraction
from pathlib import Path
import numpy as np
from viewer.core.errors import SinkError
from viewer.sinks import VideoSink
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))
rng = np.random.default_rng(0)
try:
    with VideoSink(Path(sys.argv[1]), fps=Fraction(25)) as sink:
        for number in range(int(sys.argv[2])):
            sink.write(rng.integers(0, 255, (96, 160, 3), np.uint8), number / 25)
except SinkError as error:
    print(error)
    sys.exit(2)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
@pytest.mark.parametrize("suffix", VIDEO_SUFFIXES)
@pytest.mark.parametrize("frames", [8, 60], ids=["at the end", "midway"])
def test_a_full_disk_is_one_line_and_leaves_nothing(suffix: str, frames: int, tmp_path: Path):
    path = tmp_path / f"a{suffix}"
    done = subprocess.run(
        [sys.executable, "-c", _FULL, str(path), str(frames)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done.stderr
    assert done.stdout.count("\n") == 1
    assert "cannot write" in done.stdout
    assert str(path) in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".mp4", ".avi"])
@pytest.mark.parametrize(
    ("fps", "rate"), [(25, Fraction(25)), (12.5, Fraction(25, 2)), (30000 / 1001, Fraction(30000, 1001))]
)
def test_the_rate_may_be_any_number(suffix: str, fps: float, rate: Fraction, tmp_path: Path):
    with VideoSink(tmp_path / f"a{suffix}", fps=fps) as sink:
        for number in range(5):
            sink.write(numbered(number), number / fps)
    with av.open(str(tmp_path / f"a{suffix}")) as container:
        assert container.streams.video[0].average_rate == rate
        assert len(list(container.decode(video=0))) == 5


@pytest.mark.parametrize("fps", [0, -25, Fraction(0), 1e-9, float("nan"), float("inf")])
def test_a_rate_that_is_none_is_refused(fps: float, tmp_path: Path):
    with pytest.raises(SinkError, match="give a rate above 0"):
        VideoSink(tmp_path / "a.avi", fps=fps)
    assert list(tmp_path.iterdir()) == []
