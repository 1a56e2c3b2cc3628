"""Video files, exact: frame n is the n-th picture a decode from the start shows, however one gets there."""

from collections import deque
from fractions import Fraction
from pathlib import Path

import numpy as np
from av import VideoFrame
from numpy.typing import NDArray

from viewer.core.errors import SourceError
from viewer.core.frame import SourceInfo, SourceKind
from viewer.sources.decoder import Decoder
from viewer.sources.indexed import IndexedSource
from viewer.sources.pixels import to_rgb, upright_hw
from viewer.sources.table import FrameTable, tabulate

_KEPT_BYTES = 64 << 20
_KEPT_FRAMES = 32
_NEAR_PACKETS = 8
"""Decoding on over this many packets is cheaper than a seek to a key frame beyond them."""
_STARTS = 3
"""Key frames to try for one frame. A key frame that only begins a gradual refresh shows nothing until that is done."""


class VideoSource(IndexedSource):
    """A video file.

    The pictures decoded last are kept as they left the decoder (up to 32, at most 64 MB), so stepping back costs a
    colour conversion, not a decode from the key frame.
    """

    def __init__(self, path: Path) -> None:
        """Open a file, read through its packets once and decode its first frame.

        Raises:
            SourceError: If it is not a video, or damaged beyond its first frame.
        """
        self._decoder = Decoder(path)
        try:
            self._table = tabulate(self._decoder)
            position, picture = self._first_picture()
            bytes_each = picture.width * picture.height * 3 // 2
            self._recent: deque[tuple[int, VideoFrame]] = deque(
                maxlen=max(2, min(_KEPT_FRAMES, _KEPT_BYTES // bytes_each))
            )
            self._recent.append((max(0, int(self._table.index_of[position])), picture))
            time_base = self._decoder.stream.time_base or Fraction(1, 1)
            times_s = (self._table.ticks - self._table.ticks[0]) * float(time_base)
            super().__init__(_describe(path, self._decoder, self._table, picture), times_s)
        except BaseException:
            self._decoder.close()
            raise

    def quick_index(self, index: int) -> int:
        """The frame itself where it is kept or comes soon, else the key frame that is shown nearest to it.

        Raises:
            SeekError: If there is no such frame.
        """
        self._check_index(index)
        with self._reading:
            # Nothing is kept after a decode that was interrupted before it came to its first picture.
            last = self._recent[-1][0] if self._recent else index
            if self._kept(index) or 0 < index - last <= _NEAR_PACKETS:
                return index
        return self._table.nearest_key(index)

    def _read(self, index: int) -> tuple[int, NDArray[np.uint8]] | None:
        found = self._kept(index) or self._decode_to(index)
        return None if found is None else (found[0], to_rgb(found[1]))

    def _release(self) -> None:
        self._recent.clear()
        self._decoder.close()

    def _first_picture(self) -> tuple[int, VideoFrame]:
        self._decoder.start(0)
        while found := self._decoder.read():
            if self._table.index_of[found[0]] >= 0:
                return found
        raise SourceError(f"no picture in {self._decoder.path} can be decoded; the file is damaged")

    def _kept(self, index: int) -> tuple[int, VideoFrame] | None:
        if not self._recent or index < self._recent[0][0]:
            return None
        return next((entry for entry in self._recent if entry[0] >= index), None)

    def _decode_to(self, index: int) -> tuple[int, VideoFrame] | None:
        """Decode until frame `index` or, if that is damaged, the first one after it."""
        starts = self._table.starts_for(index)
        if self._is_ahead(index, starts[0]):
            return self._decode_on(index)
        found = None
        for start in dict.fromkeys(starts[:_STARTS]):
            self._recent.clear()
            self._decoder.start(start)
            found = self._decode_on(index, trusted_from=int(self._table.index_of[start]))
            if found is not None and found[0] == index:
                break
        return found

    def _is_ahead(self, index: int, start: int) -> bool:
        """Whether decoding on from here leads to frame `index` at least as soon as a seek."""
        if not self._recent or index <= self._recent[-1][0]:
            return False
        return index == self._recent[-1][0] + 1 or start <= self._decoder.position + _NEAR_PACKETS

    def _decode_on(self, index: int, trusted_from: int = 0) -> tuple[int, VideoFrame] | None:
        while True:
            self._check()
            found = self._decoder.read()
            if found is None:
                return None
            shown = int(self._table.index_of[found[0]])
            # Leading pictures right after a start lack the group they refer to: never show or keep them.
            if shown >= trusted_from and (not self._recent or shown > self._recent[-1][0]):
                self._recent.append((shown, found[1]))
                if shown >= index:
                    return shown, found[1]


def _describe(path: Path, decoder: Decoder, table: FrameTable, picture: VideoFrame) -> SourceInfo:
    stream = decoder.stream
    time_base = stream.time_base or Fraction(1, 1)
    span_s = int(table.ticks[-1] - table.ticks[0]) * time_base
    fps = _frame_rate(stream.average_rate or stream.guessed_rate, len(table), span_s)
    return SourceInfo(
        uri=str(path),
        name=path.name,
        kind=SourceKind.VIDEO,
        image_hw=upright_hw(picture),
        fps=fps,
        frame_count=len(table),
        duration_s=float(span_s + (1 / fps if fps else 0)),
        codec=f"{stream.codec_context.codec.canonical_name} in {path.suffix[1:].lower() or decoder.container_name}",
        pixel_format=picture.format.name,
        rotation=round(picture.rotation / 90) % 4 * 90,
    )


def _frame_rate(claimed: Fraction | None, frames: int, span_s: Fraction) -> Fraction | None:
    """The container's claim where the frames bear it out (it has the clean 30000/1001), their own mean where not."""
    if frames < 2 or not span_s:
        return claimed
    mean = (frames - 1) / span_s
    if claimed and abs(claimed / mean - 1) < Fraction(2, 100):
        return claimed
    return mean.limit_denominator(1001)
