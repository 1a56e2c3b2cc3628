"""`featscope view`: the window."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from viewer.commands.command import Command
from viewer.commands.options import RUN_OPTIONS, add_options, config_from
from viewer.core import garbage
from viewer.core.errors import ConfigError

if TYPE_CHECKING:
    from viewer.engine import EngineStarter


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", nargs="?", metavar="SOURCE", help="what to watch (default: demo)")
    add_options(parser, (*RUN_OPTIONS, "speed", "loop", "shed", "snapshots"))
    parser.add_argument("--screenshot", metavar="OUT.png", type=Path, help="draw the window offscreen into a file")
    parser.add_argument("--at", metavar="FRAME", type=int, default=0, help="frame the screenshot shows (default: 0)")
    parser.add_argument("--theme", metavar="NAME", help="dark, light or contrast (default: as in the settings)")
    parser.add_argument("--window", metavar="WxH", default=None, help="size of the window (default: 1280x800)")


def _run(parsed: argparse.Namespace) -> int:
    from viewer.engine import EngineStarter

    with garbage.put_off(), EngineStarter() as engines:  # it imports on another core while the window does
        return _run_with(engines, parsed)


def _run_with(engines: "EngineStarter", parsed: argparse.Namespace) -> int:
    from viewer.assembly import source_address
    from viewer.sources import check_source
    from viewer.ui.app import Screenshot, load_preferences, run

    preferences = load_preferences(getattr(parsed, "theme", None))
    config = config_from(parsed, preferences.settings.defaults)
    # What is plainly not there is said where it was typed; what only opening tells is said in the window.
    check_source(source_address(config))
    size_wh = size_of(getattr(parsed, "window", None) or "1280x800")
    path: Path | None = getattr(parsed, "screenshot", None)
    if path is None:
        if getattr(parsed, "at", 0):
            raise ConfigError(f"--at {parsed.at} goes with --screenshot OUT.png; in the window press G")
        return run(config, engines, size_wh=size_wh, preferences=preferences, nothing_asked=_nothing_asked(parsed))
    if parsed.at < 0:
        raise ConfigError(f"--at {parsed.at} is no frame; the first frame is 0")
    return run(config, engines, size_wh=size_wh, screenshot=Screenshot(path, parsed.at), preferences=preferences)


def _nothing_asked(parsed: argparse.Namespace) -> bool:
    """Whether neither a source nor a model nor a preset was named."""
    return all(getattr(parsed, name, None) is None for name in ("source", "model", "config"))


def size_of(text: str) -> tuple[int, int]:
    """Width and height of a window as somebody wrote them, `1280x800`.

    Raises:
        ConfigError: If it is none, or too small to show anything.
    """
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit() and int(width) >= 320 and int(height) >= 240):
        raise ConfigError(f"--window {text} not understood; give WIDTHxHEIGHT of at least 320x240, such as 1280x800")
    return int(width), int(height)


VIEW = Command("open the window", _declare, _run)
