"""What every command is: a summary, its options, and what it does."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """One command of the command line.

    Attributes:
        summary: One line for the help.
        declare: Adds its options to a parser.
        run: Does it and returns the exit code.
    """

    summary: str
    declare: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
