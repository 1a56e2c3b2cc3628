"""Where an object was before the frame in which it was chosen: its way back, found once, before a film begins.

Whoever watches chooses an object when he sees it; a film of the same object mostly begins earlier. So the frames
between are run once, without maps, and the object is followed through their candidates from the frame in which it is
known, by the rules that hold forwards too.
"""

from collections.abc import Iterator

from viewer.core.boxes import Boxes
from viewer.core.cam import CamTarget, Lost, Waypoint
from viewer.core.chase import Chase
from viewer.core.errors import SourceError
from viewer.core.protocols import Source
from viewer.pipeline.pipeline import Pipeline

_AT_ONCE = 64
"""Frames whose candidates are kept while a file, which is read forwards, is followed backwards."""


def trace(pipeline: Pipeline, source: Source, target: CamTarget, *, index: int, start: int) -> tuple[Waypoint, ...]:
    """Follow an object from the frame in which it is known to the frame where reading begins.

    The source stands anywhere afterwards. The way ends early where the object has not been seen for so long that
    another would be taken for it.

    Args:
        pipeline: Finds the candidates.
        source: A file.
        target: What is followed; `CamTarget.xyxy` is where it is in frame `index`.
        index: Number of that frame.
        start: Number of the frame to follow it to.

    Returns:
        Where it was, in the order of frames; in frame `index` in any case.

    Raises:
        SourceError: If the source has no such frame, or cannot seek.
        DeviceError: If the device ran out of memory.
    """
    source.seek(index)  # refuses what is not there before anything is run
    found: list[Waypoint] = []
    chase = Chase(target)
    for number, pts_s, boxes in _walk(pipeline, source, index, start):
        if not found and number != index:
            break  # a file that ends before it says
        row = chase.row(boxes, pts_s)
        if row is Lost.FAR:
            break
        if number == index and target.xyxy is not None:
            found.append(Waypoint(number, pts_s, target.xyxy))
        elif not isinstance(row, Lost):
            left, top, right, bottom = boxes.xyxy[row].tolist()
            found.append(Waypoint(number, pts_s, (left, top, right, bottom)))
    if not found:
        raise SourceError(f"{source.info.name} has no frame {index}, where the object is to be; give an earlier one")
    return tuple(sorted(found, key=lambda waypoint: waypoint.index))


def _walk(pipeline: Pipeline, source: Source, index: int, start: int) -> Iterator[tuple[int, float, Boxes]]:
    """Candidates of the frames from one to the other, both included, in that direction."""
    if start > index:
        yield from _read(pipeline, source, index, start)
        return
    last = index
    while last >= start:
        first = max(start, last - _AT_ONCE + 1)
        yield from reversed(list(_read(pipeline, source, first, last)))
        last = first - 1


def _read(pipeline: Pipeline, source: Source, first: int, last: int) -> Iterator[tuple[int, float, Boxes]]:
    source.seek(first)
    for frame in source:
        candidates = pipeline.process(frame, with_taps=False).candidates
        yield frame.index, frame.pts_s, candidates.clipped(frame.image_hw)
        if frame.index >= last:
            return
