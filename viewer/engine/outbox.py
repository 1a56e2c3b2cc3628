"""What the engine sends: events over the pipe, packets through the ring, never waiting for the window."""

import contextlib
from collections import deque
from multiprocessing.connection import Connection
from threading import Lock

from viewer.core.messages import Event, PacketReady
from viewer.core.packet import FramePacket
from viewer.engine.ring_writer import RingWriter, take_apart


class Outbox:
    """Sends events and packets; any thread may use it.

    A packet that finds no free slot waits, and gives way to a newer one: the window gets the newest it can take, and
    always the last one.

    Args:
        pipe: Connection to the window.
    """

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._lock = Lock()
        self._ring: RingWriter | None = None
        self._free: deque[int] = deque()
        self._waiting: FramePacket | None = None
        self._is_held = False
        self._undisplayed = 0

    @property
    def undisplayed(self) -> int:
        """Packets that gave way to a newer one."""
        return self._undisplayed

    def send(self, event: Event) -> None:
        """Send an event; does nothing once the window is gone."""
        with self._lock:
            self._send(event)

    def offer(self, packet: FramePacket, *, hold: bool = False) -> None:
        """Send a packet now or as soon as a slot is free.

        Args:
            packet: What to send.
            hold: Keep it back until the next is offered, which takes its place, or until `let_go`.
        """
        with self._lock:
            if self._waiting is not None:
                self._undisplayed += 1
            self._waiting, self._is_held = packet, hold
            self._flush()

    def let_go(self) -> None:
        """Send what is held back; it is the last for now."""
        with self._lock:
            self._is_held = False
            self._flush()

    def release(self, ring: str, slot: int) -> None:
        """Take a slot back from the window; slots of an earlier ring are void."""
        with self._lock:
            if self._ring is not None and ring == self._ring.name:
                self._free.append(slot)
                self._flush()

    def close(self) -> None:
        """Give the shared memory back."""
        with self._lock:
            if self._ring is not None:
                self._ring.close()
            self._ring = None
            self._free.clear()

    def _flush(self) -> None:
        packet, ring = self._waiting, self._ring
        if packet is None or self._is_held or (ring is not None and not self._free):
            return
        parcel = None if ring is None else take_apart(packet, halves=ring.halves)
        if ring is None or parcel is None or not ring.fits(parcel):
            ring = self._open_ring(packet)
            parcel = take_apart(packet, halves=ring.halves)
        slot = self._free.popleft()
        ring.write(slot, parcel)
        self._waiting = None
        self._send(PacketReady(ring.name, slot))

    def _open_ring(self, packet: FramePacket) -> RingWriter:
        if self._ring is not None:
            self._ring.close()
        self._ring = RingWriter.for_packet(packet)
        self._free = deque(range(self._ring.slots))
        self._send(self._ring.opened)
        return self._ring

    def _send(self, event: Event) -> None:
        # A broken pipe means that the window is gone; the control loop meets the same and ends the process.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError, OSError):
            self._pipe.send(event)
