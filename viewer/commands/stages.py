"""`featscope stages`: what of a model can be tapped."""

import argparse
import json
import sys
from dataclasses import asdict

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from viewer.commands.command import Command
from viewer.commands.loading import loading
from viewer.commands.options import MODEL_OPTIONS, add_options, config_from
from viewer.config import Config
from viewer.core.detector import DetectorInfo
from viewer.core.stage import Stage

_LINE = 120  # characters of a heading on one line
_WIDEST = 10_000


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help=Config.model_fields["model"].description)
    add_options(parser, MODEL_OPTIONS, config=False)
    parser.add_argument("--json", action="store_true", help="print JSON")


def _run(parsed: argparse.Namespace) -> int:
    from viewer.assembly import open_configured_detector

    config = config_from(parsed)
    with loading(Console(stderr=True)) as progress:
        detector = open_configured_detector(config, progress=progress)
    try:
        info, stages = detector.info, detector.stages
    finally:
        detector.close()
    if parsed.json:
        records = [_record(stage, is_timed=_is_timed(stages)) for stage in stages]
        json.dump({"model": info.name, "stages": records}, sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        _show(info, stages)
    return 0


def _is_timed(stages: tuple[Stage, ...]) -> bool:
    """Whether shares were measured; of an exported program no stage's time can be told from the others'."""
    return any(stage.share for stage in stages)


def _record(stage: Stage, *, is_timed: bool) -> dict[str, object]:
    record = asdict(stage)
    record["role"] = str(stage.role)
    record["share"] = round(stage.share, 4) if is_timed else None
    return record


def _show(info: DetectorInfo, stages: tuple[Stage, ...]) -> None:
    title = f"{info.name}: {info.architecture}, {info.parameters / 1e6:.2f} M parameters"
    heading = ", ".join((title, *info.notes))
    if len(heading) > _LINE:  # many notes, such as those on a file of one's own, read better as a list
        heading = "\n  ".join((title, *info.notes))
    table = Table(box=None, pad_edge=False, header_style="bold")
    longest = max((len(stage.node) for stage in stages), default=0)
    for column in ("", "node", "name", "role", "kind"):
        # A node that is cut off cannot be given to --tap.
        table.add_column(column, min_width=longest if column == "node" else None)
    for column in ("stride", "channels", "map", "time"):
        table.add_column(column, justify="right")
    also = {stage.node: words for stage in stages if (words := _also(stage))}
    if also:
        table.add_column("also")
    is_timed = _is_timed(stages)
    for stage in stages:
        rows, columns = stage.map_hw
        table.add_row(
            "●" if stage.default else "",
            stage.node,
            stage.name,
            str(stage.role),
            stage.kind,
            str(stage.stride),
            str(stage.channels),
            f"{rows}x{columns}",
            f"{stage.share * 100:.1f} %" if is_timed else "\N{EN DASH}",
            *([also.get(stage.node, "")] if also else []),
        )
    console = Console(highlight=False, soft_wrap=True)
    # A node that is cut off cannot be typed, so lines may be longer than the terminal.
    console.width = max(
        console.width, Measurement.get(console, console.options.update(max_width=_WIDEST), table).maximum
    )
    console.print(heading, markup=False)
    console.print(table)
    time = "share of the forward pass, with what is inside" if is_timed else "not measured for this format"
    console.print(f"● tapped unless asked otherwise; map: rows x columns; time: {time}")
    if also:
        console.print("also: paths of modules that return the same map and tap it too; those with a dot are inside it")


def _also(stage: Stage) -> str:
    """Other paths of a stage's map, those inside it by what they add to its own.

    One call of many that a shared activation runs is left to the JSON: nobody looks for `model.0.act@57`.
    """
    inside = f"{stage.node}."
    paths = [path for path in stage.aliases if path.startswith(inside) or "@" not in path]
    return ", ".join(path.removeprefix(stage.node) if path.startswith(inside) else path for path in paths)


STAGES = Command("list the stages of a model that can be tapped", _declare, _run)
