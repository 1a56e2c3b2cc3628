"""The benchmark's own arithmetic, and one short run of all of it."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from viewer.bench.effort import Effort
from viewer.bench.measure import Figure, paired_difference, take_turns
from viewer.bench.report import (
    AT_LEAST,
    AT_MOST,
    EXPLAIN_AT_LEAST,
    EXPLAIN_AT_MOST,
    Report,
    run_bench,
    run_explain_bench,
)
from viewer.cli import main
from viewer.config import load_config

QUICK = Effort(
    rounds=2, loop_rounds=1, loop_frames=4, leak_frames=30, starts=1, rate_frames=25, window_turns=1, play_s=1.0,
    live_s=2.0, paints=20,
)  # fmt: skip


def test_turns_go_there_and_back_so_that_a_slowing_machine_slows_all():
    order: list[str] = []
    ways = {name: lambda name=name: (order.append(name), [float(len(order))])[1] for name in "abc"}
    taken = take_turns(2, ways)
    assert order == list("abccba")
    assert taken == {"a": [[1.0], [6.0]], "b": [[2.0], [5.0]], "c": [[3.0], [4.0]]}


def test_a_difference_is_taken_a_round_at_a_time():
    slow, fast = [[11.0, 12.0, 13.0], [31.0, 32.0, 33.0]], [[10.0, 11.0, 12.0], [30.0, 31.0, 32.0]]
    assert paired_difference(slow, fast) == Figure(1.0, 1.0, 1.0, 2, "ms")


def test_figures_are_medians_with_the_middle_half():
    assert Figure.of([4.0, 1.0, 2.0, 3.0, 100.0], "ms") == Figure(3.0, 2.0, 4.0, 5, "ms")
    assert Figure.of([7.0], "s") == Figure(7.0, 7.0, 7.0, 1, "s")


def test_promises_are_kept_or_missed_in_the_right_direction():
    report = Report({}, {"device": "cpu"}, ratios={"taps6_over_forward": 0.009, "fps_over_predict": 0.9, "other": 1.0})
    assert report.kept("taps6_over_forward") is True
    assert report.kept("fps_over_predict") is False
    assert report.kept("other") is None
    on_gpu = Report({}, {"device": "cuda:0 card"}, ratios={"fps_over_predict": 2.0})
    assert on_gpu.kept("fps_over_predict") is False


MAY_BE_NEGATIVE = {"host_mb_growth", "added_ops_taps6", "taps6_over_forward", "taps10_over_forward", "taps_over_naive"}
"""Differences of two measurements: on a tiny network and a busy machine they can come out below zero."""


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_short_run_measures_everything_it_promises():
    config = load_config(None, {"model": "yolo11n.yaml", "imgsz": 96, "device": "cpu"})
    report = run_bench(config, taps=6, peers=True, screen=True, effort=QUICK)
    on_cpu = {*AT_MOST, *AT_LEAST} - {"graph_taps6_over_graph", "frame_over_floor", "bytes_down", "host_ms_per_frame"}
    missing = on_cpu - set(report.ratios)
    assert missing <= {"fps_over_eigencam", "host_mb_growth"}
    assert ("fps_over_eigencam" in missing) == any("grad-cam" in line for line in report.skipped)
    assert all(math.isfinite(value) for value in report.ratios.values())
    assert all(value > 0 for name, value in report.ratios.items() if name not in MAY_BE_NEGATIVE)
    assert report.ratios["added_ops_taps6"] <= AT_MOST["added_ops_taps6"]
    written = json.loads(report.as_json())
    assert written["schema"] == 1
    assert written["machine"]["packages"]["torch"]
    assert written["figures"]["forward"]["unit"] == "ms"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_short_run_measures_what_questions_cost():
    config = load_config(None, {"model": "yolo11n.yaml", "imgsz": 96, "device": "cpu"})
    report = run_explain_bench(config, screen=True, effort=QUICK)
    missing = {*EXPLAIN_AT_MOST, *EXPLAIN_AT_LEAST} - set(report.ratios)
    assert missing <= {"pca_fps_over_eigencam"}
    assert ("pca_fps_over_eigencam" in missing) == any("grad-cam" in line for line in report.skipped)
    assert all(math.isfinite(value) for value in report.ratios.values())
    assert report.kept("slider_ms") is not None


@pytest.mark.slow
def test_bench_render_and_stages_need_no_qt(tmp_path: Path):
    """With PySide6 out of reach, everything that draws no window still runs."""
    code = f"""
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in ('PySide6', 'shiboken6', 'pyqtgraph'):
            raise ImportError(name)
sys.meta_path.insert(0, Refuse())
from viewer.cli import main
assert main(['stages', 'demo', '--imgsz', '64', '--json']) == 0
assert main(['render', 'demo', '--imgsz', '64', '--max-frames', '2', '--packets', {str(tmp_path / "p.jsonl")!r}]) == 0
from viewer.bench.effort import Effort
from viewer.bench.report import run_bench
from viewer.config import load_config
effort = Effort(rounds=1, loop_rounds=1, loop_frames=2, leak_frames=24)
config = load_config(None, {{'imgsz': 64, 'device': 'cpu'}})
report = run_bench(config, taps=3, peers=False, screen=False, effort=effort)
assert 'taps6_over_forward' in report.ratios
assert not [name for name in sys.modules if name.partition('.')[0] == 'PySide6']
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_json_without_a_file_is_printed_alone_and_the_table_beside_it(monkeypatch, capsys):
    machine = {"processor": "any", "cores": 2}
    report = Report(machine, {"device": "cpu"}, ratios={"fps_over_predict": 1.5})
    monkeypatch.setattr("viewer.bench.report.run_bench", lambda *_given, **_named: report)
    assert main(["bench", "--no-ui", "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["ratios"] == {"fps_over_predict": 1.5}
    assert "fps_over_predict" in printed.err


def test_json_replaces_no_clip(tmp_path: Path, capsys):
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"frames")
    assert main(["bench", "--json", str(clip)]) == 2
    assert f"--source {clip}" in capsys.readouterr().err
    assert clip.read_bytes() == b"frames"
    assert list(tmp_path.iterdir()) == [clip]


def test_a_run_that_fails_leaves_the_file_of_the_last_one(tmp_path: Path, capsys):
    kept = tmp_path / "figures.json"
    kept.write_text("{}")
    assert main(["bench", "--model", "nothing.pt", "--json", str(kept)]) == 2
    assert "nothing.pt" in capsys.readouterr().err
    assert kept.read_text() == "{}"
    assert list(tmp_path.iterdir()) == [kept]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--taps", "0"], "--taps 0 is not a number of taps; give 1 to 16"),
        (["--model", "nothing.pt"], "no model file 'nothing.pt'"),
        (["--explain", "--model", "nothing.pt"], "no model file 'nothing.pt'"),
        (["--source", "nothing.mp4"], "nothing.mp4"),
        (["--json", "/nowhere/at/all.json"], "cannot write /nowhere/at/all.json"),
    ],
)
def test_bad_input_is_one_line(capsys, arguments, said):
    assert main(["bench", *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
