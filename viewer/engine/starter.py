"""Engines, the first of which begins before anybody knows what it is to run.

What an engine imports takes seconds, and so does what a window imports. A process started ahead does its share while
the window does its own, and is told what to run once that is known.
"""

from typing import Self

from viewer.config import Config
from viewer.engine.child import EngineProcess
from viewer.engine.client import EngineClient


class EngineStarter:
    """Makes engines; a context manager that starts one ahead and ends it where nobody came to need it."""

    def __init__(self) -> None:
        self._waiting: EngineProcess | None = None

    def __enter__(self) -> Self:
        self._waiting = EngineProcess(network=True)
        return self

    def __exit__(self, *_: object) -> None:
        waiting = self._take()
        if waiting is not None:
            waiting.kill()

    def __call__(self, config: Config, *, index: int = 0, playing: bool = True, network: bool = True) -> EngineClient:
        """An engine that is still to be started, as `EngineClient` makes it."""
        return EngineClient(config, index=index, playing=playing, network=network, waiting=self._take)

    def _take(self) -> EngineProcess | None:
        waiting, self._waiting = self._waiting, None
        return waiting
