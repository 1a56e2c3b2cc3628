"""`featscope bench`: what taps cost and how fast everything runs, beside what users do otherwise."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from viewer.commands.command import Command
from viewer.commands.options import add_options, config_from
from viewer.config import Config
from viewer.core.errors import ConfigError
from viewer.core.paths import is_device

if TYPE_CHECKING:
    from viewer.bench.report import Report

_OPTIONS = ("model", "device", "half", "bf16", "tf32", "imgsz", "conf")
_MODEL = "yolo11n.yaml"
_PRINTED = Path("-")


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--source", metavar="SOURCE", help="video to run on (default: demo)")
    add_options(parser, _OPTIONS, config=False)
    parser.set_defaults(model=_MODEL)
    parser.add_argument("--taps", metavar="N", type=int, default=6, help="stages that the loops tap (default: 6)")
    parser.add_argument("--peers", action="store_true", help="run beside it what users do otherwise")
    parser.add_argument(
        "--ui",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="measure the window, too (default: where PySide6 is installed)",
    )
    parser.add_argument(
        "--explain",
        dest="questions",  # `explain` itself is a key of `Config`
        action="store_true",
        help="measure what questions cost instead: reducers, explanations, a slider while paused",
    )
    parser.add_argument(
        "--json",
        metavar="FILE",
        type=Path,
        nargs="?",
        const=_PRINTED,
        help="write everything as JSON; without FILE print it, and the table beside it on standard error",
    )


def _run(parsed: argparse.Namespace) -> int:
    config = config_from(parsed)
    if not 1 <= parsed.taps <= 16:
        raise ConfigError(f"--taps {parsed.taps} is not a number of taps; give 1 to 16")
    is_printed = parsed.json == _PRINTED

    from viewer.bench.report import has_screen

    if parsed.ui and not has_screen():
        raise ConfigError("--ui needs PySide6, which is not installed; pip install PySide6-Essentials, or --no-ui")
    if parsed.json is None or is_printed:
        report = _measure(parsed, config)
    else:
        report = _measure_into(parsed.json, parsed, config)
    report.show(Console(highlight=False, soft_wrap=True, stderr=is_printed))
    if is_printed:
        sys.stdout.write(report.as_json() + "\n")
    return 0


def _measure_into(file: Path, parsed: argparse.Namespace, config: Config) -> "Report":
    """Measure, and write the file that was found to be writable before."""
    from viewer.sinks.output import OutputFile

    output = OutputFile(file)
    try:
        if file.suffix.lower() != ".json" and file.exists() and not is_device(file):
            raise ConfigError(f"--json {file} would replace that file; name a .json, or a video by --source {file}")
        report = _measure(parsed, config)
        with output.writing():
            output.part.write_text(report.as_json() + "\n", encoding="utf-8")
        output.commit()
    finally:
        output.abort()
    return report


def _measure(parsed: argparse.Namespace, config: Config) -> "Report":
    from viewer.bench.report import has_screen, run_bench, run_explain_bench

    screen = has_screen() if parsed.ui is None else parsed.ui
    console = Console(stderr=True, highlight=False)
    with console.status("starting") as status:
        if parsed.questions:
            report = run_explain_bench(config, screen=screen, say=status.update)
        else:
            report = run_bench(config, taps=parsed.taps, peers=parsed.peers, screen=screen, say=status.update)
    if not screen and parsed.ui is None:
        report.skipped.append("the window: PySide6 is not installed")
    return report


BENCH = Command("measure what taps cost and how fast everything runs", _declare, _run)
