"""What the session needs of an engine, so that tests can stand one in without a process."""

from collections.abc import Callable
from typing import Protocol

from viewer.core.messages import Event, Intent
from viewer.core.packet import FramePacket


class EnginePort(Protocol):
    """A running engine. All methods belong to the window's thread; only the wake callback is called from another."""

    @property
    def is_alive(self) -> bool:
        """Whether the engine process runs and answers."""
        ...

    def start(self, wake: Callable[[], None]) -> None:
        """Start the engine; `wake` is called, from another thread, whenever there is something to take."""
        ...

    def send(self, intent: Intent) -> None:
        """Hand an intent over; does nothing where the engine is gone."""
        ...

    def take_events(self) -> list[Event]:
        """Events since the last call, oldest first, without packets and rings."""
        ...

    def take_packet(self) -> FramePacket | None:
        """The newest packet if there is one that was not taken yet.

        Its arrays are views of shared memory that stay valid until the next packet is taken or the engine is
        restarted or closed.
        """
        ...

    def restart(self, *, index: int, playing: bool) -> None:
        """Start a new engine in place of the old one, at this frame."""
        ...

    def close(self) -> None:
        """End the engine within two seconds, whatever it does, and give the shared memory back."""
        ...
