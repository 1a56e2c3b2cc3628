"""`featscope tour`: pictures of every screen and state of the window."""

import argparse
import sys
from pathlib import Path

from viewer.commands.command import Command
from viewer.commands.options import RUN_OPTIONS, add_options, config_from
from viewer.commands.view import size_of

_EACH_S = 1.6
_WIDTH = 960


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="where the pictures go, a folder for each look")
    parser.add_argument("source", nargs="?", metavar="SOURCE", help="what is watched meanwhile (default: demo)")
    add_options(parser, RUN_OPTIONS)
    parser.add_argument(
        "--window", action="append", metavar="WxH", help="size of the window; repeat (default: 1280x800 and 1920x1080)"
    )
    parser.add_argument("--theme", action="append", metavar="NAME", help="theme; repeat (default: dark and light)")
    parser.add_argument(
        "--animation", metavar="OUT.gif", type=Path, help="also show the pictures of the first look in turn, in a file"
    )
    parser.add_argument("--scene", action="append", metavar="NAME", help="only this one; repeat (default: all)")


def _run(parsed: argparse.Namespace) -> int:
    from viewer.assembly import source_address
    from viewer.sinks.animation import write_animation
    from viewer.sources import check_source
    from viewer.ui.tour import Look, tour

    config = config_from(parsed)
    check_source(source_address(config))
    sizes = [size_of(text) for text in getattr(parsed, "window", None) or ("1280x800", "1920x1080")]
    themes = getattr(parsed, "theme", None) or ("dark", "light")
    looks = [Look(size_wh, theme) for theme in themes for size_wh in sizes]
    taken = tour(
        config,
        parsed.folder,
        looks,
        scenes=getattr(parsed, "scene", None) or (),
        told=lambda line: sys.stdout.write(f"{line}\n"),
    )
    sys.stdout.write(f"{len(taken)} pictures in {parsed.folder}\n")
    animation: Path | None = getattr(parsed, "animation", None)
    if animation is not None:
        write_animation(taken[:: len(looks)], animation, each_s=_EACH_S, width=_WIDTH)
        sys.stdout.write(f"{animation}\n")
    return 0


TOUR = Command("photograph every screen and state of the window", _declare, _run)
