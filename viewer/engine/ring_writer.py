"""The engine's side of the ring: takes packets apart and fills slots. See `viewer.engine.ring`."""

import contextlib
import math
import pickle
import shutil
from dataclasses import dataclass, replace
from math import prod
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from viewer.core.errors import EngineError
from viewer.core.messages import RingOpened
from viewer.core.packet import FramePacket
from viewer.core.screen import level_shapes
from viewer.engine.ring import SLOTS, memory_of, places, write_places
from viewer.render.screen import fill_levels

_NO_PIXELS: NDArray[np.uint8] = np.empty((0, 0, 3), np.uint8)
_ROOM = 1.25
_LEAST_ROOM = 1 << 19
"""What is no picture has that much more room than it needs, and these bytes at least: boxes and maps become more while
frames run, and a new ring in the middle of that would find the room of the old one taken."""
_FEWER_SLOTS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Parcel:
    """A packet taken apart.

    Attributes:
        parts: The pickle of all but arrays and picture first, then one part an array.
        rgb: The picture.
        shapes: Shapes of the levels that the picture becomes.
    """

    parts: tuple[memoryview, ...]
    rgb: NDArray[np.uint8]
    shapes: tuple[tuple[int, int, int], ...]

    @property
    def sizes(self) -> list[int]:
        """Bytes of all parts and levels, in the order in which they lie in a slot."""
        return [part.nbytes for part in self.parts] + [prod(shape) for shape in self.shapes]

    @property
    def slot_bytes(self) -> int:
        """Bytes that a slot for it and for others like it has."""
        rest = places([part.nbytes for part in self.parts])[-1]
        return max(int(rest * _ROOM), _LEAST_ROOM) + places([prod(shape) for shape in self.shapes])[-1]


def take_apart(packet: FramePacket, *, halves: bool = True) -> Parcel:
    """Pickle a packet with its arrays out of band and its picture left out.

    Args:
        packet: The packet.
        halves: Whether the picture is to lie there in halves of its size as well.
    """
    arrays: list[pickle.PickleBuffer] = []
    rest = replace(packet, frame=replace(packet.frame, rgb=_NO_PIXELS, levels=()))
    shapes = level_shapes(packet.frame.image_hw)[: None if halves else 1]
    head = pickle.dumps((rest, shapes), protocol=5, buffer_callback=arrays.append)
    return Parcel((memoryview(head), *(array.raw() for array in arrays)), packet.frame.rgb, shapes)


class RingWriter:
    """Makes the block and fills slots. One thread at a time.

    Args:
        slot_bytes: Room for one packet.
        slots: How many packets it has room for.
        halves: Whether pictures lie there in halves of their size as well.

    Raises:
        EngineError: If the machine has not that much shared memory left.
    """

    def __init__(self, slot_bytes: int, *, slots: int = SLOTS, halves: bool = True) -> None:
        _require_room(slot_bytes * slots)
        self._block = SharedMemory(create=True, size=slot_bytes * slots)
        self._slot_bytes = slot_bytes
        self.slots, self.halves = slots, halves

    @classmethod
    def for_packet(cls, packet: FramePacket) -> "RingWriter":
        """A ring for packets like this one, as comfortable as leaves room for another beside it; else the least.

        Raises:
            EngineError: If there is not even room for the least.
        """
        ways = [(take_apart(packet, halves=halves).slot_bytes, slots, halves) for slots, halves in _WAYS]
        fitting = (way for way in ways if 2 * way[0] * way[1] <= _free_bytes())
        slot_bytes, slots, halves = next(fitting, ways[-1])
        return cls(slot_bytes, slots=slots, halves=halves)

    @property
    def opened(self) -> RingOpened:
        """What the window needs to find the block."""
        return RingOpened(self._block.name, self.slots, self._slot_bytes)

    @property
    def name(self) -> str:
        """Name of the block."""
        return self._block.name

    def fits(self, parcel: Parcel) -> bool:
        """Whether a packet goes into a slot."""
        return places(parcel.sizes)[-1] <= self._slot_bytes

    def write(self, slot: int, parcel: Parcel) -> None:
        """Copy a packet into a slot."""
        base = slot * self._slot_bytes
        target = memory_of(self._block)[base : base + self._slot_bytes]
        offsets = write_places(target, parcel.sizes)
        for part, offset in zip(parcel.parts, offsets, strict=False):
            target[offset : offset + part.nbytes] = part
        pixels = zip(offsets[len(parcel.parts) :], parcel.shapes, strict=False)
        fill_levels(parcel.rgb, [np.ndarray(shape, np.uint8, target, offset) for offset, shape in pixels])

    def close(self) -> None:
        """Unmap the block, and remove its name where the window did not do so."""
        self._block.close()
        with contextlib.suppress(FileNotFoundError):
            self._block.unlink()


_WAYS = ((SLOTS, True), (SLOTS, False), (_FEWER_SLOTS, False))
"""Slots and halves, the most comfortable first. With three slots one is held by the window, one is newest and not yet
taken, and one is written."""
_SHARED = Path("/dev/shm")


def _free_bytes() -> float:
    return shutil.disk_usage(_SHARED).free if _SHARED.is_dir() else math.inf


def _require_room(size: int) -> None:
    """Refuse before the first write: touching memory that is not there kills a process without a word."""
    free = _free_bytes()
    if free < size:
        raise EngineError(
            f"frames this large need {size >> 20} MB of shared memory and {_SHARED} has {int(free) >> 20} MB; enlarge "
            f"it (in a container: --shm-size=1g) or use a smaller source"
        )
