"""The engine's side of the ring: takes packets apart and fills slots. See `viewer.engine.ring`."""

import contextlib
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
"""What is no picture has this much more room than it needs, so that a few more boxes need no new ring."""


@dataclass(frozen=True, slots=True, eq=False)
class Parcel:
    """A packet taken apart.

    Attributes:
        parts: The pickle of all but arrays and picture first, then one part an array.
        rgb: The picture.
    """

    parts: tuple[memoryview, ...]
    rgb: NDArray[np.uint8]

    @property
    def shapes(self) -> tuple[tuple[int, int, int], ...]:
        """Shapes of the levels that the picture becomes."""
        return level_shapes((self.rgb.shape[0], self.rgb.shape[1]))

    @property
    def sizes(self) -> list[int]:
        """Bytes of all parts and levels, in the order in which they lie in a slot."""
        return [part.nbytes for part in self.parts] + [prod(shape) for shape in self.shapes]

    @property
    def slot_bytes(self) -> int:
        """Bytes that a slot for it and for others like it has."""
        sizes = self.sizes
        return places([*(int(size * _ROOM) for size in sizes[: len(self.parts)]), *sizes[len(self.parts) :]])[-1]


def take_apart(packet: FramePacket) -> Parcel:
    """Pickle a packet with its arrays out of band and its picture left out."""
    arrays: list[pickle.PickleBuffer] = []
    rest = replace(packet, frame=replace(packet.frame, rgb=_NO_PIXELS, levels=()))
    head = pickle.dumps((rest, packet.frame.image_hw), protocol=5, buffer_callback=arrays.append)
    return Parcel((memoryview(head), *(array.raw() for array in arrays)), packet.frame.rgb)


class RingWriter:
    """Makes the block and fills slots. One thread at a time.

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


def _require_room(size: int) -> None:
    """Refuse before the first write: touching memory that is not there kills a process without a word."""
    folder = Path("/dev/shm")
    if folder.is_dir() and (free := shutil.disk_usage(folder).free) < size:
        raise EngineError(
            f"frames this large need {size >> 20} MB of shared memory and {folder} has {free >> 20} MB; enlarge it "
            f"(in a container: --shm-size=1g) or use a smaller source"
        )
