"""What a terminal shows while a network loads or is downloaded."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn


@contextmanager
def loading(console: Console) -> Iterator[Callable[[str, float | None], None]]:
    """Show what is going on, and a bar where it is known how far.

    Args:
        console: Where to show it; nothing is shown where it is no terminal.

    Yields:
        Takes a text and a fraction 0..1, or None.
    """
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("Loading", total=None)
        yield lambda text, fraction: progress.update(
            task, description=text, total=None if fraction is None else 1.0, completed=fraction or 0.0
        )
