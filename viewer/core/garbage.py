"""When Python looks for cycles of objects nobody needs any more: not while a program starts, and not in what stays.

Imports and a window make some hundred thousand objects, nearly all of which live as long as the program. Looking
through them again and again took a twelfth of the start, and later stops a playing window for longer than a frame.
"""

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def put_off() -> Generator[None]:
    """A context in which nothing is looked for before `resume` is called; afterwards all is as it was."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if was_enabled:
            gc.enable()


def resume() -> None:
    """Look again from now on, but not in what is there already."""
    gc.freeze()
    gc.enable()
