"""What the command line can do, one module a command.

A command declares its options and runs with what was parsed. It imports what it needs when it runs: `featscope --help`
waits for nothing, and `render` and `stages` never meet Qt.
"""

from viewer.commands.bench import BENCH
from viewer.commands.command import Command
from viewer.commands.doctor import DOCTOR
from viewer.commands.render import RENDER
from viewer.commands.stages import STAGES
from viewer.commands.tour import TOUR
from viewer.commands.view import VIEW

COMMANDS: dict[str, Command] = {
    "view": VIEW,
    "render": RENDER,
    "stages": STAGES,
    "bench": BENCH,
    "tour": TOUR,
    "doctor": DOCTOR,
}
"""Commands by name, in the order of `featscope --help`."""

__all__ = ["COMMANDS", "Command"]
