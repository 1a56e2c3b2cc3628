"""Which classes are kept: what the list of classes shows, and what a wish in it changes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from viewer.core.packet import FramePacket
from viewer.render.plan import RenderPlan, Rgb
from viewer.session.class_colour import colour_of
from viewer.session.resolve import detected
from viewer.session.state import ViewState

_UNNAMED = 1000
"""Classes a detector without names may have: all that are not taken out are to stay in, unseen ones too."""
_FEW = 12
"""A filter of this many classes was put together by hand, so they are listed before they are seen."""

_ALL_HIDDEN = "All classes are hidden; tick one, or keep all"
_NOTHING = "Nothing found"
_NOTHING_OVER = "Nothing found over the threshold; C shows what is under it"

Kept = frozenset[int] | None
"""Class numbers to keep; None keeps all."""


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A class in the list.

    Attributes:
        label: Class number.
        name: Class name.
        rgb: Its colour.
        count: Objects of it in the frame that is shown, those of classes that are switched off as well.
        kept: Whether it is kept.
        seen: Whether anything of it was seen so far.
    """

    label: int
    name: str
    rgb: Rgb
    count: int
    kept: bool
    seen: bool = True


def class_rows(state: ViewState, packet: FramePacket | None) -> tuple[ClassRow, ...]:
    """The classes seen so far, and those the filter names, by name; see `class_order`."""
    if state.detector is None:
        return ()
    kept, counts = state.thresholds.classes, _counts(state, packet)
    named: Iterable[int] = kept if kept is not None and len(kept) <= _FEW else ()
    labels = state.seen.union(counts, named)
    name_of = state.detector.name_of
    there = state.seen.union(counts)
    rows = [
        ClassRow(
            label,
            name_of(label),
            colour_of(state, label),
            counts.get(label, 0),
            kept is None or label in kept,
            label in there,
        )
        for label in labels
    ]
    return tuple(sorted(rows, key=lambda row: (row.name.casefold(), row.label)))


def unseen_rows(state: ViewState, listed: tuple[ClassRow, ...]) -> tuple[ClassRow, ...]:
    """All other classes of the detector that have names, by name: they can be searched before they are seen."""
    if state.detector is None:
        return ()
    there, kept = {row.label for row in listed}, state.thresholds.classes
    rows = [
        ClassRow(label, name, colour_of(state, label), 0, kept is None or label in kept, seen=False)
        for label, name in enumerate(state.detector.names)
        if label not in there
    ]
    return tuple(sorted(rows, key=lambda row: (row.name.casefold(), row.label)))


def class_order(rows: tuple[ClassRow, ...], before: tuple[int, ...] | None = None) -> tuple[ClassRow, ...]:
    """Rows in the order in which they are looked for: those with most in the frame first, never seen ones last.

    Args:
        rows: By name.
        before: The order so far, by class number, which stays; what came since follows. None puts all in order anew.
    """
    if before is None:
        return tuple(sorted(rows, key=lambda row: (not row.seen, -row.count)))
    place = {label: number for number, label in enumerate(before)}
    return tuple(sorted(rows, key=lambda row: place.get(row.label, len(place))))


def _counts(state: ViewState, packet: FramePacket | None) -> dict[int, int]:
    if packet is None or state.detector is None:
        return {}
    boxes, _ = detected(replace(state, thresholds=replace(state.thresholds, classes=None)), packet)
    labels, counts = np.unique(boxes.labels, return_counts=True)
    return dict(zip(labels.tolist(), counts.tolist(), strict=True))


def words_instead(state: ViewState, rows: tuple[ClassRow, ...]) -> str:
    """What the list of objects says where it is empty.

    Args:
        state: What the user chose.
        rows: What the list of classes shows.
    """
    if state.thresholds.classes is not None and not any(row.kept for row in rows):
        return _ALL_HIDDEN
    return _NOTHING if state.under else _NOTHING_OVER


def labels_seen(state: ViewState, packet: FramePacket, plan: RenderPlan) -> frozenset[int]:
    """The classes seen so far with those of this frame, switched off or not, and those drawn as candidates."""
    # Before suppression: a class whose best box is over the threshold keeps at least that one.
    labels = packet.candidates.labels[packet.candidates.scores > state.thresholds.conf]
    now = frozenset(labels.tolist()).union(box.label for box in plan.under)
    return state.seen if now <= state.seen else state.seen | now


def switched(state: ViewState, label: int, on: bool) -> Kept:
    """The classes to keep once this one is switched on or off."""
    everything = _all(state)
    kept = everything if state.thresholds.classes is None else state.thresholds.classes
    return _simplified(kept | {label} if on else kept - {label}, everything)


def only(state: ViewState, label: int) -> Kept:
    """Keep this one alone; all again if it is alone already."""
    return None if state.thresholds.classes == frozenset({label}) else frozenset({label})


def _all(state: ViewState) -> frozenset[int]:
    names = state.detector.names if state.detector else ()
    return frozenset(range(len(names) or _UNNAMED)) | state.seen


def _simplified(kept: Iterable[int], everything: frozenset[int]) -> Kept:
    wanted = frozenset(kept)
    return None if wanted >= everything else wanted
