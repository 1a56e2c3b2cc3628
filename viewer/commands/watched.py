"""A command that another program runs and watches: it tells how far it is, gives way, and ends when that one does."""

import _thread
import json
import os
import signal
import sys
from contextlib import suppress
from threading import Thread
from time import monotonic

_TELL_S = 0.1
_GIVE_WAY = 10
_STANDARD_INPUT = 0


class Watched:
    """Writes progress to standard output as lines of JSON; terminates the main thread when standard input ends.

    Made before the framework is loaded, which reads the number of its threads then, and where SIGTERM raises in the
    main thread: at once, if the input is at its end already.

    The end of the input is what remains of a program that was killed, so nothing runs on for nobody, and it means
    the same on every platform, which signals do not.
    """

    def __init__(self) -> None:
        self._told_s = float("-inf")
        # Whoever watches has something better to do with the cores, such as playing. Threads of one network wait for
        # each other at every operation, so a core that is taken from one of them holds all of them up.
        if hasattr(os, "nice"):
            os.nice(_GIVE_WAY)
        os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 2) // 2)))
        Thread(target=_terminate_at_end, name="featscope-watch", daemon=True).start()

    def tell(self, done: int, total: int | None) -> None:
        """Say how many frames are done, a few times a second."""
        if monotonic() - self._told_s >= _TELL_S or done == total:
            self._told_s = monotonic()
            sys.stdout.write(json.dumps({"frames": done, "of": total}) + "\n")
            sys.stdout.flush()


def _terminate_at_end() -> None:
    # Read past Python's buffer: its lock, held by a thread that waits, would abort the interpreter at its end.
    with suppress(OSError):
        while os.read(_STANDARD_INPUT, 64):
            pass
    # Whoever starts a job in the background has it ignore SIGINT, and with it what interrupts by default.
    _thread.interrupt_main(signal.SIGTERM)
