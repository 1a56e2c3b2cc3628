"""When Python looks for cycles of objects nobody needs any more: not while a program starts, and not in what stays.

Imports and a window make some hundred thousand objects, nearly all of which live as long as the program. Looking
through them again and again took a twelfth of the start, and later stops a playing window for longer than a frame.
"""

import gc
from collections.abc import Generator
from contextlib import contextmanager

_nested = 0


@contextmanager
def put_off() -> Generator[None]:
    """A context in which nothing is looked for before `resume` is called; afterwards all is as it was."""
    global _nested
    was_enabled = gc.isenabled()
    _nested += 1
    gc.disable()
    try:
        yield
    finally:
        _nested -= 1
        if not _nested:
            gc.unfreeze()
        if was_enabled:
            gc.enable()
        else:
            gc.disable()


def resume() -> None:
    """Look again from now on, but not in what is there already; does nothing where nothing was put off."""
    if _nested:
        gc.freeze()
        gc.enable()
