"""Which frames a video file has, in the order of presentation, and where to start decoding for each."""

from dataclasses import dataclass

import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from viewer.core.errors import SourceError
from viewer.sources.decoder import Decoder
from viewer.sources.packets import PacketList


@dataclass(frozen=True, slots=True, eq=False)
class FrameTable:
    """The frames of a file in the order of presentation.

    Attributes:
        positions: (N,) packet position of each frame.
        ticks: (N,) int64 presentation time of each frame in ticks of the stream, not decreasing.
        keys: (K,) positions where decoding can start, increasing.
        index_of: (P,) index of the frame of each packet, -1 where it is not shown.
    """

    positions: NDArray[np.intp]
    ticks: NDArray[np.int64]
    keys: NDArray[np.intp]
    index_of: NDArray[np.intp]

    @classmethod
    def build(cls, packets: PacketList, positions: NDArray[np.intp], ticks: NDArray[np.int64]) -> "FrameTable":
        """Join the order of presentation with what was learnt of the packets."""
        index_of = np.full(len(packets), -1, np.intp)
        index_of[positions] = np.arange(len(positions))
        return cls(positions, np.maximum.accumulate(ticks), np.flatnonzero(packets.is_key), index_of)

    def __len__(self) -> int:
        return len(self.positions)

    def starts_for(self, index: int) -> list[int]:
        """Positions to start decoding at so that frame `index` comes out whole, nearest first.

        A key frame serves the frames that follow it both in the file and on screen. Leading pictures of an open group
        follow it in the file only: they need the group before.
        """
        before = self.keys[: int(np.searchsorted(self.keys, self.positions[index], side="right"))]
        shown = self.index_of[before]
        usable = before[(shown >= 0) & (shown <= index)]
        return [*(int(key) for key in usable[::-1]), 0]

    def nearest_key(self, index: int) -> int:
        """Number of the shown key frame next to frame `index`, before or after it; 0 where no key frame is shown."""
        shown = self.index_of[self.keys]
        shown = shown[shown >= 0]
        return int(shown[np.argmin(np.abs(shown - index))]) if len(shown) else 0


def tabulate(decoder: Decoder) -> FrameTable:
    """Put the frames of a file in the order in which a decode from its start shows them.

    Where times are complete that is their order, and the decoder is asked only about the few pictures before the
    first key frame. Where they are not (raw streams) or mislead, the file is decoded once.

    Raises:
        SourceError: If not one picture can be decoded.
    """
    packets = decoder.packets
    if not packets.are_timed or _times_mislead(decoder):
        order = np.array(_decode_order(decoder), np.intp)
        ticks = packets.pts[order]
        if len(np.unique(ticks)) < len(ticks) or (np.diff(ticks) < 0).any():
            ticks = np.arange(len(order)) * _ticks_per_frame(decoder.stream)
    else:
        shown = ~packets.is_hidden
        if len(doubtful := packets.doubtful()):
            shown[doubtful] = False
            shown[_shown_before(decoder, int(packets.pts[packets.is_key][0]))] = True
        order = np.flatnonzero(shown)
        order = order[np.argsort(packets.pts[order], kind="stable")]
        ticks = packets.pts[order]
    if not len(order):
        raise SourceError(f"no picture in {decoder.path} can be decoded; the file is damaged")
    return FrameTable.build(packets, order, ticks)


def _times_mislead(decoder: Decoder) -> bool:
    """Whether packets tell another order than their pictures.

    AVI knows one time a packet, that of decoding. VP8 has reference pictures that are packets but never shown.
    """
    codec = decoder.stream.codec_context
    return codec.name == "vp8" or (decoder.container_name == "avi" and codec.reorder_depth > 0)


def _decode_order(decoder: Decoder) -> list[int]:
    decoder.start(0)
    order: dict[int, None] = {}
    while found := decoder.read():
        order[found[0]] = None
    return list(order)


def _shown_before(decoder: Decoder, pts: int) -> list[int]:
    """Positions of the pictures that a decode from the start shows before the time `pts`."""
    decoder.start(0)
    shown: list[int] = []
    while (found := decoder.read()) and decoder.packets.pts[found[0]] < pts:
        shown.append(found[0])
    return shown


def _ticks_per_frame(stream: VideoStream) -> int:
    rate = stream.average_rate or stream.guessed_rate or 25
    return max(1, round(1 / (rate * (stream.time_base or 1))))
