"""One run of the benchmark: everything in turn, and what came out as a table and as JSON."""

import importlib.util
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from viewer.bench.child import Child
from viewer.bench.effort import Effort
from viewer.bench.forwards import Forwards, choose_taps
from viewer.bench.machine import describe_machine
from viewer.bench.measure import Figure, flat, take_turns
from viewer.bench.stand_in import FPS, camera
from viewer.bench.subject import Subject, open_subject
from viewer.config import Config
from viewer.core.detector import DetectorInfo

SCHEMA = 1

AT_MOST = {
    "taps6_over_forward": 0.01,
    "taps6_alone_over_forward": 0.015,
    "taps10_over_forward": 0.02,
    "gui_ms_per_paint": 5.0,
    "latency_over_compute": 1.3,
    "host_mb_growth": 5.0,
    "first_window_s": 1.0,
    "first_frame_s": 6.0,
    "added_ops_taps6": 15.0,
    "graph_taps6_over_graph": 1.05,
    "frame_over_floor": 1.15,
    "bytes_down": 100_000.0,
    "host_ms_per_frame": 0.3,
}
"""What is promised, where less is better."""

AT_LEAST = {
    "fps_over_predict": 1.0,
    "fps_over_naive_hook": 1.2,
    "taps_over_naive": 30.0,
    "fps_over_visualize": 4.0,
    "fps_over_eigencam": 20.0,
    "window_over_headless": 0.9,
}
"""What is promised, where more is better."""

EXPLAIN_AT_MOST = {
    "pca6_over_forward": 0.12,
    "similarity6_over_forward": 0.08,
    "layercam1_over_forward": 0.6,
    "layercam1_deep_over_forward": 1.2,
    "slider_ms": 30.0,
}
"""What is promised of questions, where less is better."""

EXPLAIN_AT_LEAST = {"pca_fps_over_eigencam": 20.0, "layercam_fps_over_visualize": 3.0}
"""What is promised of questions, where more is better."""

AT_LEAST_ON_GPU = AT_LEAST | {"fps_over_predict": 3.0, "fps_over_naive_hook": 5.0}

_AT_MOST = AT_MOST | EXPLAIN_AT_MOST
_LEAK_IMGSZ = 96
_SCREEN, _HEADLESS = "viewer.bench", "viewer.bench.headless"


@dataclass(slots=True)
class Report:
    """What came out.

    Attributes:
        machine: Where it was measured.
        setting: Model, source, size, precision, how the network ran.
        figures: By name.
        ratios: By name; what is promised stands in `AT_MOST` and `AT_LEAST`.
        skipped: What was not measured, and why.
        peers: Whether others were measured, too.
        seconds: How long it all took.
    """

    machine: dict[str, object]
    setting: dict[str, object]
    figures: dict[str, Figure] = field(default_factory=dict[str, Figure])
    ratios: dict[str, float] = field(default_factory=dict[str, float])
    skipped: list[str] = field(default_factory=list[str])
    seconds: float = 0.0

    def as_json(self) -> str:
        """Everything, with the version of this form."""
        return json.dumps({"schema": SCHEMA, **asdict(self)}, indent=2)

    def kept(self, name: str) -> bool | None:
        """Whether a promise is kept; None where nothing is promised."""
        value, at_least = self.ratios[name], self._at_least
        if name in _AT_MOST:
            return value <= _AT_MOST[name]
        return value >= at_least[name] if name in at_least else None

    @property
    def _at_least(self) -> dict[str, float]:
        return (AT_LEAST_ON_GPU if self.setting["device"] != "cpu" else AT_LEAST) | EXPLAIN_AT_LEAST

    def show(self, console: Console) -> None:
        """Print two tables."""
        setting = ", ".join(f"{key} {value}" for key, value in self.setting.items())
        console.print(f"{self.machine['processor']}, {self.machine['cores']} cores; {setting}")
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column("measured")
        for column in ("median", "middle half", ""):
            table.add_column(column, justify="right" if column != "" else "left")
        table.add_column("samples", justify="right")
        for name, one in self.figures.items():
            table.add_row(name, f"{one.median:.3g}", f"{one.low:.3g} to {one.high:.3g}", one.unit, str(one.count))
        console.print(table)
        promised = _AT_MOST | self._at_least
        ratios = Table(box=None, pad_edge=False, header_style="bold")
        ratios.add_column("ratio")
        for column in ("value", "promised"):
            ratios.add_column(column, justify="right")
        ratios.add_column("")
        for name, value in self.ratios.items():
            sign = "≤" if name in _AT_MOST else "≥"
            goal = f"{sign} {promised[name]:g}" if name in promised else ""
            verdict = {True: "[green]kept[/]", False: "[red]missed[/]", None: ""}[self.kept(name)]
            ratios.add_row(name, f"{value:.4g}", goal, verdict)
        console.print(ratios)
        for line in self.skipped:
            console.print(f"not measured: {line}")
        console.print(f"{self.seconds:.0f} s in all")


def run_bench(
    config: Config,
    *,
    taps: int,
    peers: bool,
    screen: bool,
    effort: Effort | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Report:
    """Measure everything.

    Args:
        config: Model, source, device, precision.
        taps: How many stages the loops tap.
        peers: Whether others are run beside ours.
        screen: Whether the window is measured, which needs PySide6.
        effort: How long to look at each thing.
        say: Told what is being measured.

    Raises:
        ViewerError: If source or model cannot be opened, or a process of the benchmark fails.
    """
    began_s = time.perf_counter()
    effort = effort or Effort()
    with tempfile.TemporaryDirectory(prefix="featscope-bench-") as folder:
        say("preparing frames and network")
        subject = open_subject(config, Path(folder))
        forwards = Forwards(subject, rounds=effort.rounds)
        info = forwards.info
        report = Report(
            describe_machine(),
            _setting(subject, config, info) | {"taps": taps},
        )
        try:
            say("forwards with and without taps")
            counts = sorted({3, 6, 10, taps})
            figures, ratios = forwards.measure(counts)
            report.figures |= figures
            report.ratios |= {name: value for name, value in ratios.items() if name in AT_MOST}
            report.ratios["added_ops_taps6"] = forwards.added_operations(6)
            nodes = tuple(stage.node for stage in choose_taps(forwards.stages, taps))
        finally:
            forwards.close()
        _measure_loops(report, subject, effort, taps=taps, peers=peers, say=say)
        if info.device != "cpu":
            _measure_device(report, subject, nodes, say)
        _measure_memory(report, subject, effort, nodes, say)
        if screen:
            _measure_screen(report, subject, effort, nodes, say)
    report.seconds = time.perf_counter() - began_s
    return report


def run_explain_bench(
    config: Config, *, screen: bool, effort: Effort | None = None, say: Callable[[str], None] = lambda _: None
) -> Report:
    """Measure what questions cost, and nothing else.

    Args:
        config: Model, source, device, precision.
        screen: Whether the window is measured, which needs PySide6.
        effort: How long to look at each thing.
        say: Told what is being measured.

    Raises:
        ViewerError: If source or model cannot be opened, or a process of the benchmark fails.
    """
    from viewer.bench.explaining import measure_explaining

    began_s = time.perf_counter()
    effort = effort or Effort()
    with tempfile.TemporaryDirectory(prefix="featscope-bench-") as folder:
        say("preparing frames and network")
        subject = open_subject(config, Path(folder))
        measured = measure_explaining(subject, effort, say)
        report = Report(describe_machine(), _setting(subject, config, measured.info))
        report.figures |= measured.figures
        report.ratios |= measured.ratios
        report.skipped += measured.skipped
    if screen:
        say("a slider, paused")
        with Child(_SCREEN, _order("slide", {}) | {"paints": effort.paints // 4}) as window:
            spent = Figure.of(window.answer()["slider_ms"], "ms")
        report.figures["slider moved to redrawn, paused, 1280x720, 6 maps, 20 boxes"] = spent
        report.ratios["slider_ms"] = spent.median
    report.seconds = time.perf_counter() - began_s
    return report


def _setting(subject: Subject, config: Config, info: DetectorInfo | None) -> dict[str, object]:
    setting: dict[str, object] = {
        "model": subject.model,
        "source": f"{subject.info.name} {subject.info.image_hw[1]}x{subject.info.image_hw[0]}",
        "imgsz": config.imgsz,
    }
    return setting if info is None else setting | {"device": info.device, "precision": info.precision}


def has_screen() -> bool:
    """Whether the window can be measured here."""
    return importlib.util.find_spec("PySide6") is not None


def _measure_loops(
    report: Report, subject: Subject, effort: Effort, *, taps: int, peers: bool, say: Callable[[str], None]
) -> None:
    from viewer.bench.loops import compare_loops

    say("whole loops in turn")
    forward_ms = report.figures["forward"].median
    compared = compare_loops(subject, effort, taps=taps, peers=peers, forward_ms=forward_ms)
    report.figures |= compared.figures
    ratios = dict(compared.ratios)
    naive_over_forward = ratios.pop("naive_over_forward", None)
    if naive_over_forward is not None:
        ours = report.figures[f"cost of {taps} taps, in place"].median / forward_ms
        ratios["taps_over_naive"] = naive_over_forward / ours
    report.ratios |= ratios
    report.skipped += compared.skipped


def _measure_device(report: Report, subject: Subject, nodes: tuple[str, ...], say: Callable[[str], None]) -> None:
    from viewer.bench.device import measure_device

    say("graphs and transfers")
    figures, ratios = measure_device(subject, nodes)
    report.figures |= figures
    report.ratios |= ratios
    if not figures:
        report.skipped.append("graph: this network cannot be captured")


def _measure_memory(
    report: Report, subject: Subject, effort: Effort, nodes: tuple[str, ...], say: Callable[[str], None]
) -> None:
    say(f"memory over {effort.leak_frames} frames")
    order = {**_keys(subject.config), "tap": nodes, "imgsz": _LEAK_IMGSZ}
    with Child(_HEADLESS, order) as headless:
        outcome = headless.ask({"frames": effort.leak_frames})
    samples = list(outcome["memory_mb"].values())
    report.figures["memory of the process"] = Figure.of(samples, "MB")
    if outcome["device_mb"] is not None:
        report.figures["memory on the device"] = Figure.of([outcome["device_mb"]], "MB")
    if outcome["growth_mb"] is None:
        report.skipped.append("host_mb_growth: this system does not tell a process's memory")
    else:
        report.ratios["host_mb_growth"] = outcome["growth_mb"]


def _measure_screen(
    report: Report, subject: Subject, effort: Effort, nodes: tuple[str, ...], say: Callable[[str], None]
) -> None:
    keys = {**_keys(subject.config), "tap": nodes}
    say("window against headless")
    starts: list[dict[str, Any]] = []
    for _ in range(effort.starts - 1):
        with _playing(keys) as window:
            starts.append(window.answer())
    with _playing(keys) as window:
        starts.append(window.answer())
        with Child(_HEADLESS, keys) as headless:
            headless.ask({"frames": effort.rate_frames})
            played: list[dict[str, Any]] = []

            def play() -> list[float]:
                played.append(window.ask({"seconds": effort.play_s}))
                return [played[-1]["engine_fps"]]

            taken = take_turns(
                effort.window_turns,
                {"window": play, "headless": lambda: [headless.ask({"frames": effort.rate_frames})["fps"]]},
            )
    fps, alone_fps = flat(taken["window"]), flat(taken["headless"])
    say("painting")
    with Child(_SCREEN, _order("paint", {}) | {"paints": effort.paints}) as window:
        painted_ms = window.answer()["gui_ms_per_paint"]
    say(f"latency of a camera at {FPS} frames a second")
    with camera(subject.frames) as address:
        order = _order("live", keys | {"source": address}) | {"seconds": effort.live_s}
        with Child(_SCREEN, order) as window:
            live = window.answer()
    report.figures |= {
        "headless, its own process": Figure.of(alone_fps, "fps"),
        "engine with the window playing": Figure.of(fps, "fps"),
        "window's thread per paint, playing": Figure.of([turn["gui_ms_per_paint"] for turn in played], "ms"),
        "window's thread per paint, 1280x720, 6 maps, 20 boxes": Figure.of([painted_ms], "ms"),
        "camera: arrival to painted": Figure.of([live["latency_ms"]], "ms"),
        "camera: letterbox, forward, suppression": Figure.of([live["compute_ms"]], "ms"),
    }
    shares = [one / other for one, other in zip(fps, alone_fps, strict=True)]
    report.ratios |= {
        "window_over_headless": Figure.of(shares, "").median,
        "gui_ms_per_paint": painted_ms,
        "latency_over_compute": live["latency_ms"] / live["compute_ms"],
        # The first start of all pays for files that are not in the system's cache yet.
        "first_window_s": min(start["first_window_s"] for start in starts),
        "first_frame_s": min(start["first_frame_s"] for start in starts),
    }


def _playing(keys: dict[str, Any]) -> Child:
    return Child(_SCREEN, _order("play", keys | {"speed": 8.0, "loop": True}))


def _order(what: str, keys: dict[str, Any]) -> dict[str, Any]:
    return {"what": what, "config": keys, "began_s": time.time()}


def _keys(config: Config) -> dict[str, Any]:
    return config.model_dump(exclude_defaults=True)
