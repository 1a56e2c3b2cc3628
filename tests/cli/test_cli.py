"""The commands as a user runs them: what they print, what they write, how they refuse."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.programs import save_program
from viewer.cli import _parse, main
from viewer.commands.options import config_from
from viewer.config import Config
from viewer.core import SourceInfo, SourceKind
from viewer.core.paths import is_device
from viewer.session import ViewState
from viewer.session.export import plan_export

ROOT = Path(__file__).parents[2]
SMALL = ["--model", "yolo11n.yaml", "--imgsz", "96"]


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that must be refused; returns its one line."""
    assert main(list(arguments)) == 2
    line = capsys.readouterr().err
    assert line.startswith("featscope: ")
    assert line.count("\n") == 1
    assert "Traceback" not in line
    return line


def test_render_alters_channels_and_picture_and_writes_what_came_of_it(clip, tmp_path):
    packets = tmp_path / "out.jsonl"
    altered = ["--mute", "P3:4,7", "--scale", "model.4:1:2.5", "--perturb", "brightness:1.4", "--perturb", "rain:30"]
    assert main(["render", str(clip), "--packets", str(packets), "--max-frames", "2", *SMALL, *altered]) == 0
    lines = [json.loads(line) for line in packets.read_text().splitlines()]
    assert [set(line["altered"]) for line in lines] == [{"before", "after", "gone", "new"}] * 2


def test_what_cannot_be_altered_is_refused_in_one_line(clip, tmp_path, capsys):
    out = ["--packets", str(tmp_path / "out.jsonl"), *SMALL]
    assert "no channel 4000 in P3" in refused(capsys, "render", str(clip), *out, "--mute", "P3:4000")
    assert "did you mean 'brightness'" in refused(capsys, "render", str(clip), *out, "--perturb", "brightnes:2")
    assert not (tmp_path / "out.jsonl").exists()


def test_render_writes_video_and_packets(clip, tmp_path, capsys):
    out, packets = tmp_path / "out.mp4", tmp_path / "out.jsonl"
    assert main(["render", str(clip), "--out", str(out), "--packets", str(packets), "--max-frames", "6", *SMALL]) == 0
    said = capsys.readouterr().out
    assert "6 frames" in said
    assert "taps" in said
    assert "fps" in said
    lines = [json.loads(line) for line in packets.read_text().splitlines()]
    assert [line["index"] for line in lines] == list(range(6))
    assert lines[3]["pts_s"] == pytest.approx(3 / 25)
    assert set(lines[0]) == {"index", "pts_s", "nonfinite", "detections", "taps", "timings_ms"}
    tap = lines[0]["taps"][0]
    assert set(tap) == {"node", "name", "role", "stride", "limits", "mean", "max", "nonfinite"}
    assert (tap["node"], tap["name"], tap["role"], tap["stride"]) == ("model.4", "C3", "backbone", 8)
    assert set(lines[0]["timings_ms"]) >= {"decode", "letterbox", "forward", "reduce", "download", "suppress", "shape"}

    import av

    with av.open(str(out)) as video:
        frames = [frame.to_ndarray(format="rgb24") for frame in video.decode(video=0)]
    assert len(frames) == 6
    assert frames[0].shape == (720, 1280, 3)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.jsonl", "out.mp4"]


def test_render_writes_how_stages_are_where_that_is_asked(clip, tmp_path):
    packets = tmp_path / "out.jsonl"
    order = ["render", str(clip), "--packets", str(packets), "--max-frames", "3", "--health", "--tap", "C3", *SMALL]
    assert main(order) == 0
    *_, last = [json.loads(line) for line in packets.read_text().splitlines()]
    (health,) = last["health"]
    assert (health["node"], health["name"], health["frames"], health["dtype"]) == ("model.4", "C3", 3, "float32")
    assert health["dead"] is health["drift"] is None  # too few frames yet
    assert health["std"] > 0


def test_render_explains_what_it_is_told_to(clip, tmp_path, capsys):
    out, packets = tmp_path / "out.mp4", tmp_path / "out.jsonl"
    order = ["render", str(clip), "--out", str(out), "--packets", str(packets), "--max-frames", "2", *SMALL]
    assert main([*order, "--explain", "best", "--explain-at", "C4"]) == 0
    for line in packets.read_text().splitlines():
        told = json.loads(line)["explanation"]
        assert (told["stage"], told["merged"], len(told["objects"])) == ("model.6", False, 1)
        assert told["limits"][0] == 0 < told["limits"][1]
    assert out.exists()
    capsys.readouterr()
    assert "no class 'persom'" in refused(capsys, *order, "--overwrite", "--explain", "persom")
    assert "no stage 'P9'" in refused(capsys, *order, "--overwrite", "--explain", "all", "--explain-at", "P9")


def test_render_says_what_it_was_asked_and_could_not_answer(clip, tmp_path, capsys):
    model = tmp_path / "spots.py"
    model.write_text(
        """
import torch
from torch import nn

names = ["spot"]
input_size = 64


class Spots(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(nn.AvgPool2d(4), nn.AvgPool2d(2))

    def forward(self, images):
        return self.backbone(images).mean(1)


def build(device):
    return Spots()


def decode(outputs, letterbox):
    scores, cells = outputs.detach().flatten().topk(5)
    corners = torch.stack([cells % 8, cells // 8], 1) * 8
    return torch.cat([corners, corners + 8], 1), scores, torch.zeros_like(scores)
"""
    )
    order = ["render", str(clip), "--packets", str(tmp_path / "out.jsonl"), "--max-frames", "2", "--model", str(model)]
    assert main([*order, "--explain", "best"]) == 0
    said = capsys.readouterr().err
    assert "no gradient leads" in said
    assert "(2 of 2 frames)" in said


def test_render_refuses_a_tile_that_there_cannot_be(clip, tmp_path, capsys):
    out = tmp_path / "out.mp4"
    order = ["render", str(clip), "--out", str(out), "--max-frames", "1", *SMALL]
    said = refused(capsys, *order, "--order", "detections", "--order", "P33")
    assert "no tile 'P33' in yolo11n; did you mean 'P3'?" in said
    assert not out.exists()
    tiles = [word for name in ("P3", "model.6", "detections", "why", "score@8") for word in ("--order", name)]
    assert main([*order, *tiles]) == 0


def test_render_takes_a_part_of_a_file_as_a_film_of_its_own(clip, tmp_path):
    out, packets = tmp_path / "out.mp4", tmp_path / "out.jsonl"
    order = ["render", str(clip), "--out", str(out), "--packets", str(packets), "--start", "20", "--max-frames", "4"]
    assert main([*order, *SMALL]) == 0
    assert [json.loads(line)["index"] for line in packets.read_text().splitlines()] == [20, 21, 22, 23]

    import av

    with av.open(str(out)) as video:
        times = [frame.time for frame in video.decode(video=0)]
    assert times == pytest.approx([0.0, 0.04, 0.08, 0.12], abs=1e-3)


def watched(clip, out, *more, stdin=subprocess.PIPE):
    return subprocess.Popen(
        [sys.executable, "-m", "viewer", "render", str(clip), "--out", str(out), "--watched", *SMALL, *more],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def test_a_watched_render_tells_how_far_it_is(clip, tmp_path):
    with watched(clip, tmp_path / "out.mp4", "--start", "25") as process:
        lines = [json.loads(line) for line in process.stdout if line.startswith("{")]
        assert process.wait() == 0
    assert lines[-1] == {"frames": 5, "of": 5}
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]


@pytest.fixture
def in_the_background() -> Iterator[None]:
    """What is started ignores SIGINT, as shells have it for what they start with `&`."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("in_the_background")
def test_a_watched_render_ends_with_whoever_watches_it(tmp_path):
    with watched("demo", tmp_path / "out.mp4") as process:
        assert process.stdout.readline().startswith("{")
        process.stdin.close()
        assert process.wait() == 130
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("in_the_background")
def test_a_watched_render_whose_watcher_is_gone_does_not_begin(tmp_path):
    with watched("demo", tmp_path / "out.mp4", stdin=subprocess.DEVNULL) as process:
        assert process.wait() == 130
        assert process.stdout.read() == ""
    assert list(tmp_path.iterdir()) == []


def test_render_keeps_what_is_there_unless_told_otherwise(clip, tmp_path, capsys):
    out, packets = tmp_path / "out.mp4", tmp_path / "out.jsonl"
    packets.write_text("precious\n")
    order = ["render", str(clip), "--out", str(out), "--packets", str(packets), "--max-frames", "1", *SMALL]
    line = refused(capsys, *order)
    assert f"{packets} is there already" in line
    assert "--overwrite" in line
    out.write_bytes(b"precious too")
    assert f"{out} and {packets} are there already" in refused(capsys, *order)
    assert (out.read_bytes(), packets.read_text()) == (b"precious too", "precious\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.jsonl", "out.mp4"]
    for flag in ("--overwrite", "--force"):
        assert main([*order, flag]) == 0
    assert json.loads(packets.read_text())["index"] == 0


def test_render_writes_to_devices_without_being_told_to_overwrite(clip):
    assert main(["render", str(clip), "--packets", "/dev/null", "--max-frames", "1", *SMALL]) == 0
    assert not Path("/dev/null").is_file()


@pytest.mark.usefixtures("capfd")
def test_a_redirected_device_is_one_all_the_same(tmp_path):
    assert Path("/dev/stdout").is_file(), "the fixture redirects it into a file"
    assert is_device(Path("/dev/stdout"))
    (tmp_path / "plain").touch()
    assert not is_device(tmp_path / "plain")
    assert not is_device(tmp_path)
    assert not is_device(Path("/dev/nothing"))


def test_render_taps_and_reduces_as_told(clip, tmp_path):
    packets = tmp_path / "out.jsonl"
    options = ["--tap", "P4", "--tap", "model.2", "--reducer", "max", "--limits", "0:1"]
    assert main(["render", str(clip), "--packets", str(packets), "--max-frames", "1", *options, *SMALL]) == 0
    taps = json.loads(packets.read_text())["taps"]
    assert [tap["node"] for tap in taps] == ["model.2", "model.19"]
    assert taps[0]["limits"] == [0.0, 1.0]


def test_render_imports_no_qt(clip, tmp_path):
    script = (
        "import sys; from viewer.cli import main; code = main(sys.argv[1:]);"
        "print(sorted({'PySide6', 'pyqtgraph'} & set(sys.modules))); sys.exit(code)"
    )
    arguments = ["render", str(clip), "--packets", str(tmp_path / "o.jsonl"), "--max-frames", "1", *SMALL]
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.strip().endswith("[]")


def test_stages_prints_json_and_a_table(capsys):
    assert main(["stages", "yolo11n.yaml", "--json", "--imgsz", "96"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["model"] == "yolo11n"
    by_node = {stage["node"]: stage for stage in printed["stages"]}
    assert by_node["model.16"]["name"] == "P3"
    assert by_node["model.16"]["stride"] == 8
    assert by_node["model.16"]["role"] == "neck"
    assert by_node["model.16"]["channels"] == 64
    assert by_node["model.16"]["default"] is True
    assert sum(stage["default"] for stage in printed["stages"]) == 6
    assert "model.16.cv2" in by_node["model.16"]["aliases"]
    assert main(["stages", "yolo11n.yaml", "--imgsz", "96"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [words[-1] for words in lines if "model.22" in words] == [".cv2"]
    assert [words[-1] for words in lines if "model.23.cv2.0.2" in words] == ["model.23.cv2.0"]
    assert next(words[-1] for words in lines if "model.21" in words).endswith("%")  # nothing else returns its map


def test_doctor_says_what_is_there_and_what_is_missing(capsys):
    assert main(["doctor", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["libraries"]["torch"]
    assert "cpu" in found["devices"]
    assert found["codecs"]["H.264"] == "decodes and encodes"
    assert all(set(item) == {"what", "how"} for item in found["missing"])
    assert main(["doctor"]) == 0
    assert "torch" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["render", "CLIP", "--out", "o.mp4", "--conf", "2"], "conf is '2'"),
        (["render", "CLIP", "--out", "o.mp4", "--tap", "P9"], "no stage 'P9' in yolo11n; did you mean 'P"),
        (["render", "CLIP", "--out", "o.mp4", "--reducer", "men"], "did you mean 'mean'"),
        (["render", "CLIP", "--out", "o.mp4", "--device", "cuda:7"], "cuda"),
        (["render", "CLIP", "--out", "o.mp4", "--max-frames", "0"], "--max-frames 0"),
        (["render", "CLIP", "--out", "o.mp4", "--start", "-1"], "--start -1"),
        (["render", "CLIP", "--out", "o.mp4", "--start", "30"], "no frame 30 in clip.mp4"),
        (["render", "CLIP", "--out", "o.mp4", "--canvas", "big"], "--canvas big"),
        (["render", "CLIP"], "nothing to write"),
        (["render", "CLIP", "--out", "CLIP"], "would overwrite"),
        (["render", "CLIP", "--out", "o.gif"], "gif"),
        (["render", "CLIP", "--out", "no/such/folder/o.mp4"], "folder"),
        (["render", "missing.mp4", "--out", "o.mp4"], "missing.mp4"),
        (["render", "CLIP", "--out", "o.mp4", "--model", "missing.pt"], "missing.pt"),
        (["render", "CLIP", "--out", "o.mp4", "--colormap", "infernoo"], "did you mean 'inferno'"),
        (["render", "CLIP", "--out", "o.mp4", "--frobnicate"], "no option '--frobnicate'; see `featscope render"),
        (["render", "CLIP", "--ouut", "o.mp4"], "did you mean '--out'?"),
        (["render", "CLIP", "--out", "o.mp4", "--colormpa=turbo"], "no option '--colormpa'; did you mean '--colormap'"),
        (["render", "CLIP", "--out", "o.mp4", "--no-shed"], "no option '--no-shed'"),
        (["view", "CLIP", "--no-shd"], "did you mean '--no-shed'?"),
        (["view", "CLIP", "-x"], "no option '-x'; see"),
        (["--modle", "yolo11n.pt"], "did you mean '--model'?"),
        (["--model", "yolo11n.pt"], "as in `featscope view --model`"),
        (["stages", "yolo11n.yaml", "another"], "'another' is one argument too many"),
        (["render"], "SOURCE"),
        (["rendr", "x"], "did you mean 'render'"),
        (["view", "missing.mp4"], "missing.mp4"),
        (["view", "CLIP", "--screenshot", "no/such/folder/o.png"], "folder"),
        (["stages", "missing.pt"], "missing.pt"),
        (["stages", "yolo11m.yam"], "yolo11m.yam"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(clip, tmp_path, monkeypatch, capsys, arguments, says):
    monkeypatch.chdir(tmp_path)
    given = [str(clip) if argument == "CLIP" else argument for argument in arguments]
    if arguments[0] == "render" and "--model" not in arguments:
        given += SMALL
    assert says in refused(capsys, *given)
    assert list(tmp_path.iterdir()) == []


def test_debug_shows_the_traceback(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "viewer", "stages", "missing.pt", "--debug"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert "Traceback" in done.stderr


def test_no_display_is_one_line_that_names_the_headless_command(clip):
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    done = subprocess.run(
        [sys.executable, "-m", "viewer", "view", str(clip)],
        capture_output=True,
        text=True,
        check=False,
        env={**environment, "PYTHONPATH": str(ROOT)},
    )
    if sys.platform == "linux":
        assert done.returncode == 2
        assert "featscope render" in done.stderr
        assert done.stderr.count("\n") == 1


def test_help_and_version_wait_for_nothing():
    script = "import sys; from viewer.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    script += "print(sorted({'torch', 'cv2', 'av', 'PySide6'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stdout.strip().endswith("[]")


def test_times_that_cannot_be_told_are_said_to_be_unknown(capsys, tmp_path):
    path = str(save_program(tmp_path / "spotter.pt2"))
    assert main(["stages", path, "--device", "cpu", "--json"]) == 0
    assert {stage["share"] for stage in json.loads(capsys.readouterr().out)["stages"]} == {None}
    assert main(["stages", path, "--device", "cpu"]) == 0
    said = capsys.readouterr().out
    assert "0.0 %" not in said
    assert "not measured for this format" in said


def test_what_the_window_orders_is_understood(clip, tmp_path):
    config = Config(source=str(clip), model="yolo11n.yaml", imgsz=96, limits="0:2.5", tap=(), classes=("1e5", "car"))
    source = SourceInfo(str(clip), "clip.mp4", SourceKind.VIDEO, (72, 128), frame_count=30)
    order = plan_export(ViewState(source=source), config, tmp_path)
    settings = tmp_path / "settings.yaml"
    settings.write_text(order.settings)
    parsed = _parse(order.arguments(settings))
    assert parsed.command == "render"
    assert (parsed.start, parsed.max_frames, parsed.out) == (0, 30, order.path)
    assert config_from(parsed) == config
