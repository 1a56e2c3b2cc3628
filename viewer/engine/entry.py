"""The first function of the engine process, apart so that the window can name it without importing what it runs."""

import os
import signal
from dataclasses import dataclass
from multiprocessing.connection import Connection
from threading import Thread

from viewer.config import Config


@dataclass(frozen=True, slots=True)
class Orders:
    """What an engine is to run.

    Attributes:
        config: What to open and load.
        index: Frame to show first.
        playing: Whether to play as soon as the network is ready.
    """

    config: Config
    index: int
    playing: bool


def run_engine(pipe: Connection, network: bool) -> None:
    """Wait for orders, then run an engine until the window ends it or is gone.

    Args:
        pipe: Connection to the window; `Orders` come first.
        network: Whether to load one; without, frames come as they are. What it needs is imported while orders are
            awaited.
    """
    # Ctrl+C in a terminal reaches the whole group; the window decides when to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from viewer.engine.host import Host, import_network

    imports = Thread(target=import_network, name="featscope-imports", daemon=True)
    if network:
        imports.start()
    try:
        orders: Orders = pipe.recv()
    except (EOFError, OSError):
        os._exit(0)  # the window is gone; a thread in the middle of an import would keep the process
    Host(
        pipe,
        orders.config,
        index=orders.index,
        playing=orders.playing,
        network=network,
        prepared=imports.join if network else None,
    ).run()
