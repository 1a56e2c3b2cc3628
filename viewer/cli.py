"""The command line: which command was asked for, and the one place where errors become a line and an exit code."""

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from viewer import __version__
from viewer.commands import COMMANDS
from viewer.core.errors import ConfigError, ViewerError, did_you_mean

EXIT_BAD_INPUT = 2
EXIT_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: Arguments after the program's name; None takes the process's own.

    Returns:
        Exit code: 0, 2 for something the user can mend, 130 for Ctrl+C. A bug raises, with its traceback.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    debug = "--debug" in arguments
    try:
        chosen = _parse(arguments)
        return chosen.run(chosen)
    except ViewerError as error:
        if debug:
            raise
        line = " ".join(str(error).split())  # a name with a line break in it must not make two lines
        sys.stderr.write(f"featscope: {line}\n")
        return EXIT_BAD_INPUT
    except KeyboardInterrupt:
        sys.stderr.write("featscope: interrupted; unfinished files were removed\n")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away, as `featscope stages | head` does; that is no error of ours.
        sys.stderr.close()
        return 0


class _Parser(argparse.ArgumentParser):
    """An argparse parser whose errors are one line like all others."""

    def error(self, message: str) -> NoReturn:
        raise ConfigError(f"{message}; see `{self.prog} --help`")

    def refuse(self, unknown: Sequence[str]) -> NoReturn:
        """Say what of the arguments is not understood, the nearest option with it."""
        option = next((word.partition("=")[0] for word in unknown if word.startswith("-")), None)
        if option is None:
            self.error(f"{unknown[0]!r} is one argument too many")
        # A single letter is near every other one.
        known = [name for name in self._option_string_actions if name.startswith("--")]
        hint = did_you_mean(option, known, prefix="--") if option.startswith("--") else ""
        raise ConfigError(f"no option {option!r}{hint or f'; see `{self.prog} --help`'}")

    def knows(self, argument: str) -> bool:
        """Whether an argument is one of the options, or the beginning of one."""
        option = argument.partition("=")[0]
        return any(name.startswith(option) for name in self._option_string_actions)


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = _Parser(
        prog="featscope",
        description="See what a detection network sees while it sees it. Without a command the demo opens.",
    )
    parser.add_argument("--version", action="version", version=f"featscope {__version__}")
    _add_debug(parser)
    parser.set_defaults(run=COMMANDS["view"].run, command="view")
    subparsers = parser.add_subparsers(metavar="COMMAND", parser_class=_Parser)
    parsers: dict[str, _Parser] = {}
    for name, command in COMMANDS.items():
        sub = parsers[name] = subparsers.add_parser(name, help=command.summary, description=command.summary)
        _add_debug(sub)
        command.declare(sub)
        sub.set_defaults(run=command.run, command=name)
    words = [word for word in arguments if not word.startswith("-")]
    if arguments and words[:1] == arguments[:1] and words[0] not in COMMANDS:
        hint = did_you_mean(words[0], COMMANDS) or f"; to open it, run `featscope view {words[0]}`"
        raise ConfigError(f"no command {words[0]!r}{hint}")
    first = arguments[0] if arguments else ""
    if first.startswith("-") and not parser.knows(first):
        if not parsers["view"].knows(first):
            parsers["view"].refuse(arguments[:1])
        raise ConfigError(f"{first} goes behind a command, as in `featscope view {first}`")
    parsed, unknown = parser.parse_known_args(arguments)
    if unknown:
        parsers[parsed.command].refuse(unknown)
    return parsed


def _add_debug(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
