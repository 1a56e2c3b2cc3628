"""What stands out in every tile: the object the user chose, the box he points at, and dotted what is no detection.

White over a dark rim is no colour of a class and stands out on any picture, so the same object is found at a glance in
all tiles.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from viewer.core.overlap import Xyxy
from viewer.core.packet import FramePacket
from viewer.render.palette import ACCENT, INK_DARK, INK_LIGHT
from viewer.render.plan import BoxPlan, RenderPlan, Rgb, TilePlan
from viewer.session import ViewState
from viewer.session.cells import CellMark, mark_of
from viewer.session.follow import Fate
from viewer.ui import tokens
from viewer.ui.labels import Label, Labels, outstanding, paint_labels, standing
from viewer.ui.painter import Place

_RIM = 2.0
_CORNER = 14.0
_ASIDE = 3.0
"""How far corners keep off a box whose map is looked at."""
_CROSS = 7.0
_MOST_PLACES = 64
_GRIP = 6.0
_NO_LABELS = Labels()


@dataclass(frozen=True, slots=True)
class Marks:
    """What is to stand out.

    Attributes:
        chosen: The box that stands for the chosen object.
        pointed: The box under the pointer.
        ghost: Where the chosen object was last seen, as long as nothing stands for it; source pixels.
        region: The place that is asked about; source pixels.
        missed: The candidate there that is told of.
        cell: The cell that is pinned.
        occluder: What covers a part of the picture while it is drawn and moved; source pixels.
    """

    chosen: BoxPlan | None = None
    pointed: BoxPlan | None = None
    ghost: Xyxy | None = None
    region: Xyxy | None = None
    missed: BoxPlan | None = None
    cell: CellMark | None = None
    occluder: Xyxy | None = None

    @property
    def is_bare(self) -> bool:
        """Whether nothing is drawn over the boxes; a cell and an occluder are drawn by others."""
        asked = (self.chosen, self.pointed, self.ghost, self.region, self.missed)
        return all(one is None for one in asked)

    @property
    def kept_clear(self) -> tuple[BoxPlan, ...]:
        """What is asked about, which no label may cover; one that made way for the pointer could not be pointed at."""
        return tuple(box for box in (self.chosen, self.missed) if box is not None)

    @classmethod
    def of(cls, state: ViewState, packet: FramePacket | None = None) -> "Marks":
        """What stands out by this state, in the frame shown; without a frame, no cell does."""
        focus = state.focus
        ghost = focus.place.xyxy if focus is not None and focus.fate is Fate.GONE else None
        region = None if state.inquiry.region is None else state.inquiry.region.xyxy
        missed = None if state.miss is None else state.miss.box
        chosen = None if focus is None else focus.box
        occluder = state.inquiry.alteration.occluder if state.occluding else None
        return cls(chosen, state.pointed, ghost, region, missed, mark_of(state, packet), occluder)


def paint_under(painter: QPainter, boxes: Sequence[BoxPlan], place: Place) -> None:
    """Dot the outlines of candidates, one colour at once."""
    by_colour: dict[Rgb, list[QRectF]] = {}
    turned: list[BoxPlan] = []
    for box in boxes:
        if box.corners is not None:
            turned.append(box)
            continue
        left, top, right, bottom = box.xyxy
        by_colour.setdefault(box.rgb, []).append(QRectF(left, top, right - left, bottom - top))
    painter.save()
    painter.setClipRect(place.area.intersected(place.picture))
    painter.setTransform(place.transform, True)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for rgb, rects in by_colour.items():
        painter.setPen(_pen(rgb, 1.0, dotted=True))
        painter.drawRects(rects)
    for box in turned:
        painter.setPen(_pen(box.rgb, 1.0, dotted=True))
        painter.drawPolygon(_polygon(box))
    painter.restore()


def labels_of(plan: RenderPlan, marks: Marks, place: Place, ratio: float, *, labelled: bool) -> Labels:
    """What is written in a picture, and where.

    Args:
        plan: What is drawn.
        marks: What stands out in it.
        place: Where the picture lies.
        ratio: Device pixels a logical pixel.
        labelled: Whether boxes carry their text; what was chosen or is pointed at does anyway, less of it where the
            picture is small.
    """
    missed = marks.missed if labelled and not _same(marks.missed, marks.chosen) else None
    pointed = None if _same(marks.pointed, marks.chosen) else marks.pointed
    written: list[Label] = []  # the most important first
    for box in (marks.chosen, missed):
        written += _written(box, place, ratio, written, labelled=labelled)
    found = standing(plan.ranked, place, ratio, marks.kept_clear, written) if labelled else ()
    # Who points at a label would lose it, if it went elsewhere for that.
    own = [label for label in found if label.box.is_same(pointed)]
    written += own or _written(pointed, place, ratio, written, labelled=labelled)
    return Labels(found, tuple(written[::-1]))


class LabelsShown:
    """The labels of what is shown, found once for who paints them and for who points at them."""

    def __init__(self) -> None:
        self._of: tuple[RenderPlan, Marks] | None = None
        self._found: dict[tuple[object, ...], Labels] = {}

    def of(self, plan: RenderPlan, marks: Marks, place: Place, ratio: float, tile: TilePlan) -> Labels:
        """See `labels_of`; other objects as plan or marks mean other labels.

        A tile that answers has none on what is asked about unless boxes carry their labels there: its title names it.
        """
        labelled = tile.show_labels
        if not labelled and marks.is_bare:
            return _NO_LABELS
        if self._of is None or self._of[0] is not plan or self._of[1] is not marks:
            self._of = plan, marks
            self._found.clear()
        key = (place.area.getRect(), place.picture.getRect(), ratio, labelled, tile.answers)
        if key not in self._found:
            if len(self._found) >= _MOST_PLACES:
                self._found.clear()  # the picture is moved, and the places of before are no more
            found = labels_of(plan, marks, place, ratio, labelled=labelled)
            self._found[key] = _clear(found, marks, place) if tile.answers and not labelled else found
        return self._found[key]


def _clear(labels: Labels, marks: Marks, place: Place) -> Labels:
    """Those that are of other boxes than what is asked about, and stand beside it."""
    asked = [place.transform.mapRect(_rect(box.xyxy)) for box in marks.kept_clear]
    left = [
        label
        for label in labels.marked
        if not any(label.box.is_same(box) for box in marks.kept_clear)
        and not any(label.area.intersects(rect) for rect in asked)
    ]
    return Labels(labels.standing, tuple(left))


def _written(
    box: BoxPlan | None, place: Place, ratio: float, others: Sequence[Label], *, labelled: bool
) -> list[Label]:
    label = None if box is None else outstanding(box, place, ratio, others, labelled=labelled)
    return [] if label is None else [label]


def _same(one: BoxPlan | None, other: BoxPlan | None) -> bool:
    return one is not None and one.is_same(other)


def paint_marks(painter: QPainter, marks: Marks, labels: Labels, place: Place, *, aside: bool = False) -> None:
    """Draw what stands out over everything else in a tile, with what it is.

    Args:
        painter: Stands on the canvas.
        marks: What stands out.
        labels: What is written in this tile.
        place: Where the tile's picture lies.
        aside: Whether what is asked about has thin corners beside it, for what is in it is the answer.
    """
    if marks.is_bare:
        return
    shown = place.area.intersected(place.picture)
    painter.save()
    painter.setClipRect(shown)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if marks.ghost is not None:
        corners = QPolygonF(_rect(marks.ghost))
        _outline(painter, place.transform.map(corners), 1.5, dotted=True)
    for box, width in ((marks.missed, 2.0), (marks.pointed, 1.5)):
        if box is not None and not box.is_same(marks.chosen) and not (aside and box is marks.missed):
            _outline(painter, place.transform.map(_polygon(box)), width, dotted=box.under)
    if aside:
        for box in marks.kept_clear:
            edge = place.transform.map(_polygon(box)).boundingRect()
            _paint_corners(painter, edge.adjusted(-_ASIDE, -_ASIDE, _ASIDE, _ASIDE), INK_LIGHT, 1.0)
    elif marks.chosen is not None:
        _outline(painter, place.transform.map(_polygon(marks.chosen)), 2.5, dotted=marks.chosen.under)
    paint_labels(painter, labels.marked, place)
    if marks.region is not None:
        _paint_region(painter, place.transform.mapRect(_rect(marks.region)))
    painter.restore()


def _rect(xyxy: Xyxy) -> QRectF:
    left, top, right, bottom = xyxy
    return QRectF(left, top, right - left, bottom - top)


def _paint_region(painter: QPainter, rect: QRectF) -> None:
    """The corners of a place that is asked about, as in a viewfinder: no box of the head's; of a point a cross."""
    if not rect.isEmpty():
        _paint_corners(painter, rect, ACCENT, 2.0)
        return
    x, y = rect.center().x(), rect.center().y()
    cross = [QLineF(x - _CROSS, y, x + _CROSS, y), QLineF(x, y - _CROSS, x, y + _CROSS)]
    _paint_rimmed(painter, cross, ACCENT, 2.0)


def _paint_corners(painter: QPainter, rect: QRectF, rgb: Rgb, width: float) -> None:
    along, down = min(_CORNER, rect.width() / 3), min(_CORNER, rect.height() / 3)
    lines = [
        line
        for corner, x, y in (
            (rect.topLeft(), along, down),
            (rect.topRight(), -along, down),
            (rect.bottomLeft(), along, -down),
            (rect.bottomRight(), -along, -down),
        )
        for line in (QLineF(corner, corner + QPointF(x, 0)), QLineF(corner, corner + QPointF(0, y)))
    ]
    _paint_rimmed(painter, lines, rgb, width)


def _paint_rimmed(painter: QPainter, lines: Sequence[QLineF], rgb: Rgb, width: float) -> None:
    for colour, thick in ((INK_DARK, width + _RIM), (rgb, width)):
        pen = _pen(colour, thick)
        pen.setCapStyle(Qt.PenCapStyle.SquareCap)
        painter.setPen(pen)
        painter.drawLines(lines)


def paint_occluder(painter: QPainter, xyxy: Xyxy, place: Place) -> None:
    """Draw the edge of what is covered, with grips where it is large enough; the picture has it a moment later."""
    left, top, right, bottom = xyxy
    edge = place.transform.mapRect(QRectF(left, top, right - left, bottom - top))
    painter.save()
    painter.setClipRect(place.area.intersected(place.picture))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(QColor(*INK_DARK), 3), QPen(QColor(tokens.ACCENT), 1.5)):
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.drawRect(edge)
    if min(edge.width(), edge.height()) > 4 * _GRIP:
        painter.setPen(QPen(QColor(*INK_DARK), 1))
        painter.setBrush(QColor(tokens.ACCENT))
        for x in (edge.left(), edge.center().x(), edge.right()):
            for y in (edge.top(), edge.center().y(), edge.bottom()):
                if QPointF(x, y) != edge.center():
                    painter.drawRect(QRectF(x - _GRIP / 2, y - _GRIP / 2, _GRIP, _GRIP))
    painter.restore()


def _polygon(box: BoxPlan) -> QPolygonF:
    left, top, right, bottom = box.xyxy
    return QPolygonF(
        [QPointF(x, y) for x, y in box.corners or ((left, top), (right, top), (right, bottom), (left, bottom))]
    )


def _outline(painter: QPainter, polygon: QPolygonF, width: float, *, dotted: bool) -> None:
    painter.setPen(_pen(INK_DARK, width + _RIM))
    painter.drawPolygon(polygon)
    painter.setPen(_pen(INK_LIGHT, width, dotted=dotted))
    painter.drawPolygon(polygon)


def _pen(rgb: Rgb, width: float, *, dotted: bool = False) -> QPen:
    pen = QPen(QColor(*rgb), width)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    pen.setCosmetic(True)
    if dotted:
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setDashPattern([2.0, 2.5])
    return pen
