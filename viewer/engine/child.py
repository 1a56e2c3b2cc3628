"""One engine process, from its start to its orders."""

import contextlib
import multiprocessing
import signal
import threading
from collections.abc import Iterator

from viewer.engine.entry import Orders, run_engine


class EngineProcess:
    """A process that waits for its orders, and our end of its pipe.

    Args:
        network: Whether it will run one, and may import what that needs.
    """

    def __init__(self, *, network: bool) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=run_engine, args=(theirs, network), name="featscope-engine", daemon=True)
        with _ctrl_c_ignored():
            self.process.start()
        theirs.close()

    def order(self, orders: Orders) -> None:
        """Say what to run, once. A process that died meanwhile does not mind; its pipe tells."""
        with contextlib.suppress(OSError):
            self.pipe.send(orders)

    def kill(self) -> None:
        """End a process that was never given orders."""
        self.process.kill()
        self.process.join()
        self.process.close()
        self.pipe.close()


@contextlib.contextmanager
def _ctrl_c_ignored() -> Iterator[None]:
    """A child started in here ignores Ctrl+C from its first instruction on; the window decides when it ends."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
