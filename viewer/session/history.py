"""What was found in the frames seen so far, so that a timeline can show more than the frame that stands on it.

A few numbers a frame in arrays by frame number: nothing grows while a file plays, and a live source has a window that
rolls along with it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.core.boxes import Boxes
from viewer.session.health_log import HealthLog

LIVE_FRAMES = 1800
"""How far back a live source is remembered: a minute at 30 frames a second."""

UNSEEN = -1
_WORD = 64
_MOST_MISSED = 255
_MOST_COUNTED = 2**15 - 1


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of one frame.

    Attributes:
        count: Number of detections; None where they were chosen by thresholds that hold no more.
        mean_score: Mean of their scores; 0 where there are none.
        inference_ms: What the network took, all but decoding.
        missed: Frames of a live source passed over before it, or of a file that came late about it.
    """

    count: int | None
    mean_score: float
    inference_ms: float
    missed: int


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The numbers of all frames that the timeline spans, oldest first; arrays of one length.

    Attributes:
        count: int16 number of detections; -1 where unseen.
        mean_score: float16 in 0..1.
        inference_ms: float16; not a number where unseen.
        missed: uint8.
        stale: Whether the first two come of thresholds that hold no more.
    """

    count: NDArray[np.int16]
    mean_score: NDArray[np.float16]
    inference_ms: NDArray[np.float16]
    missed: NDArray[np.uint8]
    stale: NDArray[np.bool_]


class History:
    """Numbers a frame, of a file all of them, of a live source the newest.

    A class that was seen has a bit in a word a frame; the first 64 classes share one word, so a frame takes 16 bytes
    and with every further 64 classes 8 more.

    Args:
        frame_count: Number of frames; None for live sources.

    Attributes:
        health: How stages were in frames in which somebody looked.
    """

    def __init__(self, frame_count: int | None) -> None:
        self.is_live = frame_count is None
        self.revision = 0
        self._size = LIVE_FRAMES if frame_count is None else frame_count
        self.health = HealthLog(self._size)
        self._newest = -1
        self._count = np.full(self._size, UNSEEN, np.int16)
        self._score = np.zeros(self._size, np.float16)
        self._ms = np.full(self._size, np.nan, np.float16)
        self._missed = np.zeros(self._size, np.uint8)
        self._stale = np.zeros(self._size, np.bool_)
        self._classes = np.zeros((1, self._size), np.uint64)
        self._bits: dict[int, int] = {}
        self._changed: tuple[int, int] | None = None

    def __len__(self) -> int:
        return self._size

    # --- what comes in ----------------------------------------------------------------------------------------------

    def add(self, index: int, detections: Boxes, inference_ms: float, *, follows: bool = True) -> None:
        """Note what was found in a frame; one seen again replaces what was noted of it.

        Args:
            index: Number of the frame.
            detections: What was found.
            inference_ms: What the network took, all but decoding.
            follows: Whether frames of a live source that lie between it and the one before were dropped; while it
                is paused they are left out on purpose.
        """
        if self._is_behind(index):
            return
        passed_over = self._roll_to(index)
        place = index % self._size
        scores = detections.scores
        self._count[place] = min(len(scores), _MOST_COUNTED)
        self._score[place] = scores.mean() if len(scores) else 0.0
        self._ms[place] = inference_ms
        self._stale[place] = False
        self._classes[:, place] = 0
        for label in set(detections.labels.tolist()):
            word, bit = divmod(self._bit_of(label), _WORD)
            self._classes[word, place] |= np.uint64(1 << bit)
        self._touch(index)
        if passed_over and follows:
            self.miss(index, passed_over)

    def miss(self, index: int, frames: int) -> None:
        """Note that frames were passed over, or came late, about this one."""
        if index >= 0 and not self._is_behind(index):
            place = index % self._size
            self._missed[place] = min(int(self._missed[place]) + frames, _MOST_MISSED)
            self._touch(index)

    def doubt_detections(self) -> None:
        """Count all detections as chosen by thresholds that hold no more: shown as such, and no longer searched."""
        self._stale |= self._count != UNSEEN
        self._changed = (0, self._size - 1)
        self.revision += 1

    # --- what is asked ----------------------------------------------------------------------------------------------

    @property
    def first(self) -> int:
        """Number of the first frame that the timeline spans; negative while a live source is young."""
        return self._newest - self._size + 1 if self.is_live else 0

    @property
    def labels(self) -> tuple[int, ...]:
        """Classes seen so far, in the order in which they turned up."""
        return tuple(self._bits)

    def at(self, index: int) -> Seen | None:
        """What is known of a frame; None where it was not seen or is long past."""
        place = index % self._size
        if not self.first <= index < self.first + self._size or index < 0 or np.isnan(self._ms[place]):
            return None
        count = int(self._count[place])
        score, inference_ms = float(self._score[place]), float(self._ms[place])
        return Seen(None if self._stale[place] else count, score, inference_ms, int(self._missed[place]))

    def columns(self, begin: int = 0, end: int | None = None) -> Columns:
        """Numbers of the frames that the timeline spans, from the `begin`-th of them up to, not with, the `end`-th."""
        of = slice(begin, end)
        places = np.arange(self.first, self.first + self._size)[of] % self._size if self.is_live else of
        return Columns(
            self._count[places], self._score[places], self._ms[places], self._missed[places], self._stale[places]
        )

    def presence(self, label: int | None) -> NDArray[np.int8]:
        """For each frame of a file whether a class was detected in it: 1 yes, 0 no, -1 not seen.

        Args:
            label: The class; None means any.
        """
        if label is None:
            return np.where(self._stale, UNSEEN, np.sign(self._count)).astype(np.int8)
        there = np.zeros(self._size, np.int8)
        if label in self._bits:
            word, bit = divmod(self._bits[label], _WORD)
            there = ((self._classes[word] >> np.uint64(bit)) & np.uint64(1)).astype(np.int8)
        there[self._stale | (self._count == UNSEEN)] = UNSEEN
        return there

    def take_changed(self) -> tuple[int, int] | None:
        """First and last place of `columns` that changed since the last call; all of a live source's, for it moves."""
        changed, self._changed = self._changed, None
        return (0, self._size - 1) if changed is not None and self.is_live else changed

    # --- inside -----------------------------------------------------------------------------------------------------

    def _is_behind(self, index: int) -> bool:
        return index < self.first if self.is_live else index >= self._size

    def _roll_to(self, index: int) -> int:
        """Forget what a newer frame of a live source pushes out; how many frames were passed over before it."""
        if not self.is_live or index <= self._newest:
            return 0
        gap = index - self._newest
        stale = np.arange(index - min(gap, self._size) + 1, index + 1) % self._size
        self._count[stale], self._ms[stale], self._missed[stale], self._stale[stale] = UNSEEN, np.nan, 0, False
        first_ever = self._newest < 0
        self._newest = index
        return 0 if first_ever else gap - 1

    def _bit_of(self, label: int) -> int:
        bit = self._bits.setdefault(label, len(self._bits))
        if bit >= _WORD * len(self._classes):
            self._classes = np.vstack([self._classes, np.zeros((1, self._size), np.uint64)])
        return bit

    def _touch(self, index: int) -> None:
        low, high = self._changed or (index, index)
        self._changed = min(low, index), max(high, index)
        self.revision += 1
