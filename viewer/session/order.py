"""In which order detections are listed: as the user sorts them, and calm while frames run.

Scores change with every frame, so a list sorted anew each time is a list nobody can read or click. While playing, what
was listed keeps its place among the others, found again by class and overlap; standing still, the order is exact. Under
somebody's hand no row moves at all: what is gone leaves its row to what is new.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from viewer.core.overlap import pairwise_iou
from viewer.render.plan import BoxPlan

_LEAST_OVERLAP = 0.3
_MOST_KEPT = 100
"""Rows from the top that keep their place; nobody reads further in a running list."""


class SortBy(StrEnum):
    """Columns of the list."""

    CLASS = "class"
    SCORE = "score"
    SIZE = "size"
    STRIDE = "stride"


@dataclass(frozen=True, slots=True)
class Sorting:
    """Order of the list.

    Attributes:
        by: Column.
        falling: Whether the greatest comes first.
    """

    by: SortBy = SortBy.SCORE
    falling: bool = True

    def turned_to(self, by: SortBy) -> "Sorting":
        """The order after a wish for this column: the same one again turns it round."""
        if by is self.by:
            return Sorting(by, not self.falling)
        return Sorting(by, falling=by in (SortBy.SCORE, SortBy.SIZE))


def in_order(boxes: Sequence[BoxPlan], sorting: Sorting) -> tuple[BoxPlan, ...]:
    """Boxes by a column, equal ones by falling score; those under the threshold after all others."""
    best_first = sorted(boxes, key=lambda box: -box.score)
    by_column = sorted(best_first, key=lambda box: _key(box, sorting.by), reverse=sorting.falling)
    return tuple(sorted(by_column, key=lambda box: box.under))


def as_seen(boxes: Sequence[BoxPlan], sorting: Sorting, seen: Sequence[BoxPlan]) -> tuple[BoxPlan, ...]:
    """Boxes in the order in which a list shows them, which may be one of a frame before.

    Args:
        boxes: Of this frame, in any order.
        sorting: What the user wants; it holds where nothing is seen.
        seen: Rows of the list from the top; empty where none is seen.
    """
    return _held(in_order(boxes, sorting), tuple(seen[:_MOST_KEPT]))


def _key(box: BoxPlan, by: SortBy) -> tuple[float, str]:
    if by is SortBy.CLASS:
        return 0.0, box.name.casefold()
    width, height = box.size_px
    return {SortBy.SCORE: box.score, SortBy.SIZE: width * height, SortBy.STRIDE: box.stride}[by], ""


class StableOrder:
    """Lists the boxes of frame after frame."""

    def __init__(self) -> None:
        self._sorting: Sorting | None = None
        self._listed: tuple[BoxPlan, ...] = ()

    def listed(
        self, boxes: Sequence[BoxPlan], sorting: Sorting, *, playing: bool, held: bool = False
    ) -> tuple[BoxPlan, ...]:
        """The boxes in the order they are to be listed.

        Args:
            boxes: Of this frame, in any order.
            sorting: What the user wants; another one than before is followed at once.
            playing: Whether frames run, so that what was listed keeps its place among the others.
            held: Whether somebody is about to take a row, so that each stays where it is.
        """
        wanted = in_order(boxes, sorting)
        if sorting == self._sorting and (playing or held):
            before = self._listed[:_MOST_KEPT]
            wanted = _held(wanted, before) if held else _calm(wanted, before)
        self._sorting, self._listed = sorting, wanted
        return wanted


def _calm(wanted: tuple[BoxPlan, ...], before: tuple[BoxPlan, ...]) -> tuple[BoxPlan, ...]:
    """Put what was listed before in its former order, each in a place that one of them has in `wanted`."""
    known = list(_found_again(wanted, before).values())
    places = sorted(known)
    calm = list(wanted)
    for place, row in zip(places, known, strict=True):
        calm[place] = wanted[row]
    return tuple(sorted(calm, key=lambda box: box.under))


def _held(wanted: tuple[BoxPlan, ...], before: tuple[BoxPlan, ...]) -> tuple[BoxPlan, ...]:
    """Leave what was listed before in its row; rows that became free go to new boxes, else to the last ones."""
    known = _found_again(wanted, before)
    taken = set(known.values())
    new = [box for row, box in enumerate(wanted) if row not in taken]
    rows = [wanted[known[place]] if place in known else None for place in range(len(before))]
    for place, box in enumerate(rows):
        if box is None and new:
            rows[place] = new.pop(0)
    held = [*rows, *new]
    while None in held:
        last = held.pop()
        if last is not None:
            held[held.index(None)] = last
    return tuple(box for box in held if box is not None)


def _found_again(wanted: tuple[BoxPlan, ...], before: tuple[BoxPlan, ...]) -> dict[int, int]:
    """Rows of `wanted` that were listed before, by the rows they had, in this order."""
    free = set(range(len(wanted)))
    found: dict[int, int] = {}
    shares_of = pairwise_iou([box.xyxy for box in before], [box.xyxy for box in wanted])
    for place, (box, shares) in enumerate(zip(before, shares_of, strict=True)):
        best_first: list[int] = shares.argsort()[::-1].tolist()
        for row in best_first:
            if shares[row] < _LEAST_OVERLAP:
                break
            if row in free and wanted[row].label == box.label:
                free.remove(row)
                found[place] = row
                break
    return found
