"""Marks on the timeline where a number of a stage crossed its limit: red for what is broken, amber for what is odd."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from viewer.core.health import Measure
from viewer.session.health_log import HealthEvent
from viewer.ui import tokens

GRAVE = (Measure.NONFINITE, Measure.SATURATED)
"""Numbers that tell of something broken; the others are worth a look."""

_HALF = 3.5
_REACH_X, _REACH_Y = 6.0, 5.0


def event_colour(measure: Measure) -> str:
    """The colour of what crossed its limit, in the theme in use."""
    return tokens.BAD if measure in GRAVE else tokens.WARN


def paint_marks(painter: QPainter, events: Sequence[HealthEvent], x_of: Callable[[int], float], y: float) -> None:
    """Draw a small diamond for each event, the gravest on top, with a rim so that it stands out from the lanes.

    Args:
        painter: Of the timeline.
        events: Where numbers crossed their limits.
        x_of: Where a frame lies.
        y: Middle of the marks.
    """
    painter.setPen(QPen(QColor(tokens.PANEL), 1))
    drawn: set[tuple[int, str]] = set()
    for event in sorted(events, key=lambda event: event.measure in GRAVE):
        x, colour = round(x_of(event.index)), event_colour(event.measure)
        if (x, colour) not in drawn:
            drawn.add((x, colour))
            painter.setBrush(QColor(colour))
            painter.drawPolygon(_diamond(QPointF(x + 0.5, y)))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def events_at(
    events: Sequence[HealthEvent], place: QPointF, x_of: Callable[[int], float], y: float
) -> tuple[HealthEvent, ...]:
    """The events whose mark is under a point: those of the frame that is nearest to it; none if no mark is."""
    if abs(place.y() - y) > _REACH_Y:
        return ()
    apart = [(abs(x_of(event.index) - place.x()), event) for event in events]
    near = min((distance for distance, _ in apart), default=_REACH_X + 1)
    if near > _REACH_X:
        return ()
    index = next(event.index for distance, event in apart if distance == near)
    return tuple(event for event in events if event.index == index)


def _diamond(centre: QPointF) -> QPolygonF:
    x, y = centre.x(), centre.y()
    return QPolygonF([QPointF(x, y - _HALF), QPointF(x + _HALF, y), QPointF(x, y + _HALF), QPointF(x - _HALF, y)])
