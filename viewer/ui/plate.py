"""Where the words that follow the pointer stand in a tile: beside what is read and pointed at, never over it."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF

PLATE = 20
"""Height of the words with their ground, in logical pixels."""
_MARGIN = 4
_NEAR = 24
"""How far around the pointer is kept clear."""
_LEAST_WORD = 24
"""Words cut shorter than that say nothing."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What of a tile is read or pointed at, in logical pixels of the canvas.

    Attributes:
        labels: What is written at boxes.
        pointed: The box under the pointer; None where there is none.
    """

    labels: tuple[QRectF, ...] = ()
    pointed: QRectF | None = None


def plate_at(area: QRectF, width: float, spot: QPointF, taken: Taken) -> QRectF:
    """Find words their place: at the foot or at the head of a tile, on the left or on the right.

    The first of them that covers nothing; where each does, the one that covers least, labels and the pointer before
    all.

    Args:
        area: What the tile has for its picture, in logical pixels of the canvas.
        width: Of the words with their ground.
        spot: Where the pointer is.
        taken: What is not to be covered.
    """
    left, right = area.left() + _MARGIN, area.right() - _MARGIN - width
    head, foot = area.top() + _MARGIN, area.bottom() - _MARGIN - PLATE
    places = [QRectF(x, y, width, PLATE) for y in (foot, head) for x in (left, max(left, right))]
    near = QRectF(spot.x() - _NEAR, spot.y() - _NEAR, 2 * _NEAR, 2 * _NEAR)
    pointed = () if taken.pointed is None else (taken.pointed,)
    return min(places, key=lambda place: (_covered(place, (*taken.labels, near)), _covered(place, pointed)))


def _covered(place: QRectF, others: Sequence[QRectF]) -> float:
    parts = (place.intersected(other) for other in others)
    return sum(part.width() * part.height() for part in parts)


def fitted(words: Sequence[str], room: float, metrics: QFontMetricsF) -> str:
    """As many whole words as there is room for, the first ones.

    Where there is none for the first two, the margin of the value goes before the second does: a number says little
    without the cell it is of.

    Args:
        words: The most important first.
        room: In logical pixels.
        metrics: Of the font.
    """
    value = words[0].partition(" ±")[0] if words else ""
    counts = range(len(words), 1, -1)
    for some in (*(words[:count] for count in counts), (value, *words[1:2]), words[:1], (value,)):
        text = " · ".join(some)
        if metrics.horizontalAdvance(text) <= room:
            return text
    # A number that is cut short is another number.
    is_number = any(sign.isdigit() for sign in value)
    return "" if is_number or room < _LEAST_WORD else metrics.elidedText(value, Qt.TextElideMode.ElideMiddle, room)
