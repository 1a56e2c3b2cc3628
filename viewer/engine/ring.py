"""Packets in shared memory: the pixels of a frame are written once by the engine and read in place by the window.

A packet is pickled with its arrays out of band (PEP 574), so the pickle is a few hundred bytes and every array lies
in the slot as it is. The window's arrays are read-only views of the slot.

No block outlives the two processes: the window removes its name as soon as it is mapped, after which the memory goes
with the last process that has it; before that, multiprocessing's resource tracker watches over it.
"""

import contextlib
import pickle
import shutil
import struct
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

from viewer.core.errors import EngineError
from viewer.core.messages import RingOpened
from viewer.core.packet import FramePacket

SLOTS = 4
"""One held by the window, one newest and not yet taken, one being written, one to spare."""

_ALIGNMENT = 64
_COUNT = struct.Struct("<q")


class RingWriter:
    """The engine's side: makes the block and fills slots. One thread at a time.

    Args:
        slot_bytes: Room for one packet.

    Raises:
        EngineError: If the machine has not that much shared memory left.
    """

    def __init__(self, slot_bytes: int) -> None:
        _require_room(slot_bytes * SLOTS)
        self._block = SharedMemory(create=True, size=slot_bytes * SLOTS)
        self._slot_bytes = slot_bytes

    @property
    def opened(self) -> RingOpened:
        """What the window needs to find the block."""
        return RingOpened(self._block.name, SLOTS, self._slot_bytes)

    def fits(self, parts: list[memoryview]) -> bool:
        """Whether a packet taken apart by `take_apart` goes into a slot."""
        return _layout(parts)[-1] <= self._slot_bytes

    def write(self, slot: int, parts: list[memoryview]) -> None:
        """Copy a packet into a slot."""
        base = slot * self._slot_bytes
        target = _memory(self._block)
        offsets = _layout(parts)
        _COUNT.pack_into(target, base, len(parts))
        for number, part in enumerate(parts):
            _COUNT.pack_into(target, base + _COUNT.size * (number + 1), part.nbytes)
            start = base + offsets[number]
            target[start : start + part.nbytes] = part

    @property
    def name(self) -> str:
        """Name of the block."""
        return self._block.name

    def close(self) -> None:
        """Unmap the block, and remove its name where the window did not do so."""
        self._block.close()
        with contextlib.suppress(FileNotFoundError):
            self._block.unlink()


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
        view = _memory(self._block).toreadonly()
        (count,) = _COUNT.unpack_from(view, base)
        sizes = [_COUNT.unpack_from(view, base + _COUNT.size * (number + 1))[0] for number in range(count)]
        parts: list[memoryview] = []
        offset = _first_offset(count)
        for size in sizes:
            parts.append(view[base + offset : base + offset + size])
            offset = _align(offset + size)
        # The pickle comes from our own child process over memory only we two have.
        return pickle.loads(parts[0], buffers=parts[1:])

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


def _require_room(size: int) -> None:
    """Refuse before the first write: touching memory that is not there kills a process without a word."""
    folder = Path("/dev/shm")
    if folder.is_dir() and (free := shutil.disk_usage(folder).free) < size:
        raise EngineError(
            f"frames this large need {size >> 20} MB of shared memory and {folder} has {free >> 20} MB; enlarge it "
            f"(in a container: --shm-size=1g) or use a smaller source"
        )


def _memory(block: SharedMemory) -> memoryview:
    if block.buf is None:
        raise ValueError("the ring is closed")
    return block.buf


def take_apart(packet: FramePacket) -> list[memoryview]:
    """Pickle a packet with its arrays out of band: the pickle first, then one part an array."""
    arrays: list[pickle.PickleBuffer] = []
    head = pickle.dumps(packet, protocol=5, buffer_callback=arrays.append)
    return [memoryview(head), *(array.raw() for array in arrays)]


def packet_bytes(parts: list[memoryview]) -> int:
    """Bytes a slot needs for these parts."""
    return _layout(parts)[-1]


def _layout(parts: list[memoryview]) -> list[int]:
    """Offset of each part in a slot, and the end."""
    offsets = [_first_offset(len(parts))]
    for part in parts:
        offsets.append(_align(offsets[-1] + part.nbytes))
    return offsets


def _first_offset(count: int) -> int:
    return _align(_COUNT.size * (count + 1))


def _align(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT
