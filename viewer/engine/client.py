"""The window's handle on its engine: starts it, talks to it, notices when it is gone, starts another."""

import contextlib
import queue
from collections.abc import Callable
from multiprocessing.connection import Connection
from threading import Lock, Thread

from viewer.config import Config
from viewer.core.messages import Event, Intent, PacketReady, Quit, Release, RingOpened
from viewer.core.packet import FramePacket
from viewer.engine.child import EngineProcess
from viewer.engine.entry import Orders
from viewer.engine.ring import RingReader
from viewer.engine.turns import TURNS, Turn, Turns
from viewer.sources.addresses import live_address

_END_S = 1.7
"""How long a told engine may take; it ends itself after 1.5 s at the latest."""


class _Line:
    """One engine process with its pipe and the two threads that serve it.

    The reader thread puts events and the newest packet's place into the client's mailbox; the writer thread sends, so
    that a window never waits for an engine that does not listen. Orders are the first it sends, as soon as the source
    is free.
    """

    def __init__(self, child: EngineProcess, orders: Orders, turn: Turn, client: "EngineClient") -> None:
        self._child, self._pipe, self.process = child, child.pipe, child.process
        self._orders, self._turn = orders, turn
        self.alive = True
        self._outgoing: queue.SimpleQueue[Intent | None] = queue.SimpleQueue()
        self._client = client
        self._threads = [
            Thread(target=self._read, args=(self._pipe,), name="featscope-engine-reader", daemon=True),
            Thread(target=self._write, args=(self._pipe,), name="featscope-engine-writer", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def send(self, intent: Intent) -> None:
        self._outgoing.put(intent)

    def close(self) -> None:
        """End the process, politely first where it has its orders, and both threads."""
        if not self._turn.give_up():
            self.send(Quit())
            self.process.join(_END_S)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self._turn.end()
        self._outgoing.put(None)
        for thread in self._threads:
            thread.join()
        self._pipe.close()
        self.process.close()

    def _read(self, pipe: Connection) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                self._client.deliver(self, pipe.recv())
        self.alive = False
        self._client.deliver(self, None)

    def _write(self, pipe: Connection) -> None:
        if not self._turn.wait():
            return
        self._child.order(self._orders)
        with contextlib.suppress(OSError):
            while (intent := self._outgoing.get()) is not None:
                pipe.send(intent)


class EngineClient:
    """Starts an engine process and keeps its newest packet at hand. See `viewer.engine.port.EnginePort`.

    Methods belong to the window's thread, `deliver` excepted.

    Args:
        config: What the engine opens and loads.
        index: Frame to show first.
        playing: Whether to play as soon as the network is ready.
        network: Whether to load one; without, frames come as they are.
        waiting: Gives away a process with a network's imports that waits for orders, if there is one.
        turns: The line in which engines wait for a source that only one may hold.
    """

    def __init__(
        self,
        config: Config,
        *,
        index: int = 0,
        playing: bool = True,
        network: bool = True,
        waiting: Callable[[], EngineProcess | None] = lambda: None,
        turns: Turns = TURNS,
    ) -> None:
        self._waiting, self._turns = waiting, turns
        self._config, self._network = config, network
        self._index, self._playing = max(index, 0), playing
        self._wake: Callable[[], None] = lambda: None
        self._line: _Line | None = None
        self._lock = Lock()
        self._events: list[Event] = []
        self._rings: dict[str, RingReader] = {}
        self._newest: PacketReady | None = None
        self._held: PacketReady | None = None
        self._retiring: list[Thread] = []

    @property
    def is_alive(self) -> bool:
        """Whether the engine process runs and answers."""
        return self._line is not None and self._line.alive

    @property
    def pid(self) -> int | None:
        """Process number of the engine, for reports and tests."""
        return self._line.process.pid if self._line else None

    def start(self, wake: Callable[[], None]) -> None:
        """Start the engine."""
        self._wake = wake
        self._line = self._call(self._index, playing=self._playing)

    def send(self, intent: Intent) -> None:
        """Hand an intent over; does nothing where the engine is gone."""
        if self._line is not None and self._line.alive:
            self._line.send(intent)

    def take_events(self) -> list[Event]:
        """Events since the last call, oldest first, without packets and rings."""
        with self._lock:
            events, self._events = self._events, []
        return events

    def take_packet(self) -> FramePacket | None:
        """The newest packet if there is one that was not taken yet; the one taken before is given back."""
        with self._lock:
            ready, self._newest = self._newest, None
        ring = self._rings.get(ready.ring) if ready else None
        if ready is None or ring is None:
            return None
        packet = ring.read(ready.slot)
        held, self._held = self._held, ready
        if held is not None:
            self.send(Release(held.ring, held.slot))
        self._drop_old_rings(ready.ring)
        return packet

    def restart(self, *, index: int, playing: bool) -> None:
        """Start a new engine in place of the old one, at this frame; returns at once, whatever the old one does."""
        self._hang_up()
        self._line = self._call(max(index, 0), playing=playing)

    def close(self) -> None:
        """End the engine within two seconds, whatever it does, and give the shared memory back."""
        self._hang_up()
        for thread in self._retiring:
            thread.join()
        self._retiring.clear()
        self._drop_old_rings("")

    def deliver(self, line: _Line, event: Event | None) -> None:
        """Take what the reader thread of a line read; None when the line broke."""
        with self._lock:
            if line is not self._line and self._line is not None:
                return  # the last words of an engine that was replaced
            match event:
                case None:
                    pass
                case RingOpened():
                    with contextlib.suppress(FileNotFoundError):
                        self._rings[event.name] = RingReader(event)
                case PacketReady():
                    if self._newest is not None:
                        line.send(Release(self._newest.ring, self._newest.slot))
                    self._newest = event
                case _:
                    self._events.append(event)
        self._wake()

    def _call(self, index: int, *, playing: bool) -> _Line:
        child = (self._waiting() if self._network else None) or EngineProcess(network=self._network)
        turn = self._turns.join(live_address(self._config.source))
        return _Line(child, Orders(self._config, index, playing), turn, self)

    def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            # Ending a process can take a second or two, which is the window's time only when it closes.
            thread = Thread(target=line.close, name="featscope-engine-retiring")
            thread.start()
            self._retiring = [old for old in self._retiring if old.is_alive()] + [thread]
        with self._lock:
            self._events.clear()
            self._newest = None
        self._held = None

    def _drop_old_rings(self, current: str) -> None:
        """Unmap rings nobody reads any more; one whose arrays are still held is tried again with the next packet."""
        with self._lock:
            for name in [name for name in self._rings if name != current]:
                if self._rings[name].close():
                    del self._rings[name]
