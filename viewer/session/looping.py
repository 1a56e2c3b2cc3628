"""What setting one end of a loop does to the other: the newest wish wins, and no loop is ever the wrong way round."""

from viewer.core.looprange import LoopRange


def begun_at(now: LoopRange | None, index: int, last: int) -> LoopRange:
    """Begin the loop at a frame. An end that lay before it is let go: the loop then runs to the last frame."""
    return LoopRange(index, now.end if now is not None and now.end >= index else last)


def ended_at(now: LoopRange | None, index: int) -> LoopRange:
    """End the loop at a frame. A beginning that lay behind it is let go: the loop then runs from the first frame."""
    return LoopRange(now.begin if now is not None and now.begin <= index else 0, index)
