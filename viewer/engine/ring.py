"""Packets in shared memory: the pixels of a frame are written once by the engine and read in place by the window.

A packet is pickled with its arrays out of band (PEP 574), so the pickle is a few hundred bytes and every array lies
in the slot as it is. The window's arrays are read-only views of the slot. The picture lies there as a window paints
it, see `viewer.core.screen`. This is the window's side; `viewer.engine.ring_writer` is the engine's.

No block outlives the two processes: the window removes its name as soon as it is mapped, after which the memory goes
with the last process that has it; before that, multiprocessing's resource tracker watches over it.
"""

import contextlib
import pickle
import struct
from collections.abc import Sequence
from dataclasses import replace
from multiprocessing.shared_memory import SharedMemory

import numpy as np

from viewer.core.messages import RingOpened
from viewer.core.packet import FramePacket
from viewer.core.screen import rgb_of

SLOTS = 4
"""One held by the window, one newest and not yet taken, one being written, one to spare."""

_ALIGNMENT = 64
_COUNT = struct.Struct("<q")


class _Mapped(SharedMemory):
    """A block that goes quietly when the last array in it does, should somebody hold one longer than the ring."""

    def __del__(self) -> None:
        with contextlib.suppress(BufferError, OSError):
            self.close()


class RingReader:
    """The window's side: maps the block and reads slots in place.

    Args:
        opened: What the engine said.

    Raises:
        FileNotFoundError: If the engine is gone and its block with it.
    """

    def __init__(self, opened: RingOpened) -> None:
        self._block = _Mapped(opened.name)
        self._slot_bytes = opened.slot_bytes
        with contextlib.suppress(FileNotFoundError):
            self._block.unlink()

    def read(self, slot: int) -> FramePacket:
        """The packet in a slot; its arrays are read-only views that stay valid until the slot is written again."""
        base = slot * self._slot_bytes
        view = memory_of(self._block)[base : base + self._slot_bytes].toreadonly()
        parts = [view[offset : offset + size] for offset, size in read_places(view)]
        # The pickle comes from our own child process over memory only we two have.
        packet, shapes = pickle.loads(parts[0], buffers=parts[1:])
        pixels = zip(parts[-len(shapes) :], shapes, strict=True)
        levels = tuple(np.frombuffer(part, np.uint8).reshape(shape) for part, shape in pixels)
        return replace(packet, frame=replace(packet.frame, rgb=rgb_of(levels[0]), levels=levels))

    def close(self) -> bool:
        """Unmap the block.

        Returns:
            False if somebody still holds an array of it; nothing was unmapped then.
        """
        try:
            self._block.close()
        except BufferError:
            return False
        return True


def memory_of(block: SharedMemory) -> memoryview:
    """The bytes of a block that is still mapped."""
    if block.buf is None:
        raise ValueError("the ring is closed")
    return block.buf


def places(sizes: Sequence[int]) -> list[int]:
    """Where parts of these sizes lie in a slot, and where the last one ends, in bytes from its begin."""
    offsets = [_aligned(_COUNT.size * (len(sizes) + 1))]
    for size in sizes:
        offsets.append(_aligned(offsets[-1] + size))
    return offsets


def write_places(slot: memoryview, sizes: Sequence[int]) -> list[int]:
    """Write at the begin of a slot what lies in it; returns `places`."""
    for number, value in enumerate((len(sizes), *sizes)):
        _COUNT.pack_into(slot, _COUNT.size * number, value)
    return places(sizes)


def read_places(slot: memoryview) -> list[tuple[int, int]]:
    """Offset and size in bytes of each part in a slot."""
    (count,) = _COUNT.unpack_from(slot)
    sizes = [_COUNT.unpack_from(slot, _COUNT.size * (number + 1))[0] for number in range(count)]
    return list(zip(places(sizes), sizes, strict=False))


def _aligned(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT
