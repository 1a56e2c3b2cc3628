"""The first function of the engine process, apart so that the window can name it without importing what it runs."""

from multiprocessing.connection import Connection

from viewer.config import Config


def run_engine(pipe: Connection, config: Config, index: int, playing: bool, network: bool) -> None:
    """Run an engine until the window ends it or is gone.

    Args:
        pipe: Connection to the window.
        config: What to open and load.
        index: Frame to show first.
        playing: Whether to play as soon as the network is ready.
        network: Whether to load one; without, frames come as they are.
    """
    import signal

    # Ctrl+C in a terminal reaches the whole group; the window decides when to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from viewer.engine.host import Host

    Host(pipe, config, index=index, playing=playing, network=network).run()
