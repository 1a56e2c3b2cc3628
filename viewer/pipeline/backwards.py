"""Playing a file from its end to its beginning: which frame is read next, and how many are read ahead.

Pictures that refer to others are decoded forwards only, so a stretch between two key frames is decoded as a whole and
handed out from behind; the source keeps the last pictures of it. That takes its time at once, for many frames, which
is why more are read ahead than forwards. Where it takes longer than the frames last, some are left out: the pace
counts, and every frame that is ready in time is shown.
"""

from viewer.core.frame import SourceInfo
from viewer.core.looprange import LoopRange

_READ_AHEAD = 24
_READ_AHEAD_BYTES = 128 << 20
_LATEST_S = 1.0
"""Nobody waits for what is later than this; the clock begins anew."""


def frames_ahead(info: SourceInfo) -> int:
    """How many frames to read ahead: a second's, if they are not large."""
    height, width = info.image_hw
    return max(2, min(_READ_AHEAD, _READ_AHEAD_BYTES // max(1, height * width * 3)))


def frame_before(
    at: int, *, count: int, left_out: int = 0, loop: bool = False, span: LoopRange | None = None
) -> int | None:
    """The frame to read after frame `at`.

    Args:
        at: Frame that was read last.
        count: Frames of the file.
        left_out: How many to leave out; never the first of the file or of the loop.
        loop: Whether to begin again behind the first.
        span: What is looped; None for the whole file. Begun before it, or behind it, playing comes into it or goes by.

    Returns:
        None where there is none.
    """
    first = span.begin if loop and span is not None and at >= span.begin else 0
    if at > first:
        return max(at - 1 - left_out, first)
    if not loop:
        return None
    return count - 1 if span is None else span.end


def frames_late(since_due_s: float | None, fps: float, speed: float, *, ready: int = 0) -> int:
    """How many frames to leave out so that the next is in time again.

    Args:
        since_due_s: Seconds since the last shown frame was due; None where no clock runs.
        fps: Rate of the file.
        speed: Multiple of it.
        ready: How many frames wait to be shown before it.
    """
    if since_due_s is None:
        return 0
    return max(0, int(min(since_due_s, _LATEST_S) * fps * speed) - 1 - ready)


def is_given_up(late_s: float) -> bool:
    """Whether a frame is so late that the clock begins anew with it."""
    return late_s > _LATEST_S
