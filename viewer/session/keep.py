"""A packet that outlives the shared memory it came in."""

from dataclasses import fields, is_dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from viewer.core.frame import Frame
from viewer.core.packet import FramePacket
from viewer.core.screen import rgb_of


def kept(packet: FramePacket) -> FramePacket:
    """The same packet with arrays of its own, read-only as all arrays in values are."""
    return _own(packet)


def _own(value: Any) -> Any:
    """A value with its own copies of all arrays in it, however deep in dataclasses and tuples; itself without any."""
    if isinstance(value, np.ndarray):
        return _copied(cast("NDArray[Any]", value))
    if isinstance(value, tuple):
        parts = cast("tuple[Any, ...]", value)
        owned = tuple(_own(part) for part in parts)
        return parts if all(one is other for one, other in zip(owned, parts, strict=True)) else owned
    if not is_dataclass(value) or isinstance(value, type):
        return value
    if isinstance(value, Frame) and value.levels:
        # Its picture lies in the first level; copied by itself it would be another one, and slow to copy.
        levels = _own(value.levels)
        return replace(value, rgb=rgb_of(levels[0]), levels=levels)
    before = {field.name: getattr(value, field.name) for field in fields(value)}
    changed = {name: owned for name, part in before.items() if (owned := _own(part)) is not part}
    return replace(value, **changed) if changed else value


def _copied(array: NDArray[Any]) -> NDArray[Any]:
    copy = array.copy()
    copy.setflags(write=False)
    return copy
