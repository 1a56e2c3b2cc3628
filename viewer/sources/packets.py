"""What the packets of a video stream say before any of them is decoded.

Counts, rates and durations in containers lie; packets do not. One pass over them (reading, no decoding) numbers them
in the order they are decoded: their *position*. The decoder carries a packet's position through to its picture, so a
picture is recognised by where it came from and not by a time stamp that may be missing or used twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from av import Packet
from numpy.typing import NDArray

MISSING = np.iinfo(np.int64).min
"""Stands for a time stamp or byte offset that the container does not give."""


@dataclass(frozen=True, slots=True, eq=False)
class PacketList:
    """Every packet of a video stream, in the order of decoding.

    Attributes:
        pts: (P,) int64 presentation time in ticks, or MISSING.
        dts: (P,) int64 decoding time in ticks, or MISSING.
        offset: (P,) int64 byte offset in the file, or MISSING.
        is_key: (P,) bool, decoding can start here.
        is_hidden: (P,) bool, decoded but not shown (cut away by an edit list).
    """

    pts: NDArray[np.int64]
    dts: NDArray[np.int64]
    offset: NDArray[np.int64]
    is_key: NDArray[np.bool_]
    is_hidden: NDArray[np.bool_]

    @classmethod
    def scan(cls, packets: Iterable[Packet]) -> "PacketList":
        """Read packets to the end."""
        rows = [
            (_or_missing(p.pts), _or_missing(p.dts), _or_missing(p.pos), p.is_keyframe, p.is_discard) for p in packets
        ]
        pts, dts, offset, key, hidden = np.array(rows, np.int64).reshape(-1, 5).T
        return cls(pts, dts, offset, key.astype(bool), hidden.astype(bool))

    def __len__(self) -> int:
        return len(self.pts)

    @property
    def are_timed(self) -> bool:
        """Whether presentation times alone give the order of the frames."""
        shown = self.pts[~self.is_hidden]
        return bool(self.is_key.any() and (shown != MISSING).all() and len(np.unique(shown)) == len(shown))

    def identity(self) -> NDArray[np.int64] | None:
        """(P,) a field that tells every packet from every other, or None if there is none."""
        for field in (self.pts, self.dts, self.offset):
            if (field != MISSING).all() and len(np.unique(field)) == len(field):
                return field
        return None

    def doubtful(self) -> NDArray[np.intp]:
        """Positions that come before the first key frame on screen, which a decoder may or may not show.

        They are the leading pictures of an open group at the start of the file, or the rest of a group whose key
        frame was cut off.
        """
        first_key = int(np.flatnonzero(self.is_key)[0])
        return np.flatnonzero(~self.is_hidden & (self.pts < self.pts[first_key]))


def _or_missing(value: int | None) -> int:
    return MISSING if value is None else value
