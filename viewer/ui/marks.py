"""What stands out in every tile: the object the user chose, the box he points at, and dotted what is no detection.

White over a dark rim is no colour of a class and stands out on any picture, so the same object is found at a glance in
all tiles.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from viewer.render.palette import INK_DARK, INK_LIGHT
from viewer.render.plan import BoxPlan, Rgb
from viewer.session import ViewState
from viewer.session.follow import Fate
from viewer.session.overlap import Xyxy
from viewer.ui.painter import Place, label_picture, on_grid

_RIM = 2.0


@dataclass(frozen=True, slots=True)
class Marks:
    """What is to stand out.

    Attributes:
        chosen: The box that stands for the chosen object.
        pointed: The box under the pointer.
        ghost: Where the chosen object was last seen, as long as nothing stands for it; source pixels.
    """

    chosen: BoxPlan | None = None
    pointed: BoxPlan | None = None
    ghost: Xyxy | None = None

    @property
    def boxes(self) -> tuple[BoxPlan, ...]:
        """The boxes that stand out."""
        return tuple(box for box in (self.chosen, self.pointed) if box is not None)

    @classmethod
    def of(cls, state: ViewState) -> "Marks":
        """What stands out by this state."""
        focus = state.focus
        ghost = focus.place.xyxy if focus is not None and focus.fate is Fate.GONE else None
        return cls(None if focus is None else focus.box, state.pointed, ghost)


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


def paint_marks(painter: QPainter, marks: Marks, place: Place) -> None:
    """Draw what stands out over everything else in a tile, with what it is."""
    if marks == Marks():
        return
    shown = place.area.intersected(place.picture)
    painter.save()
    painter.setClipRect(shown)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if marks.ghost is not None:
        left, top, right, bottom = marks.ghost
        corners = QPolygonF(QRectF(left, top, right - left, bottom - top))
        _outline(painter, place.transform.map(corners), 1.5, dotted=True)
    if marks.pointed is not None and not marks.pointed.is_same(marks.chosen):
        _outline(painter, place.transform.map(_polygon(marks.pointed)), 1.5, dotted=marks.pointed.under)
        _paint_label(painter, marks.pointed, place, shown)
    if marks.chosen is not None:
        _outline(painter, place.transform.map(_polygon(marks.chosen)), 2.5, dotted=marks.chosen.under)
        _paint_label(painter, marks.chosen, place, shown)
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


def _paint_label(painter: QPainter, box: BoxPlan, place: Place, shown: QRectF) -> None:
    """Its label over it, else under it, else inside it, wherever others stand."""
    ratio = painter.device().devicePixelRatioF()
    picture, width, height = label_picture(box.text, box.rgb, ratio)
    left, top, right, bottom = box.xyxy
    rect = place.transform.mapRect(QRectF(left, top, right - left, bottom - top))
    if not rect.intersects(shown):
        return
    x = on_grid(max(shown.left(), min(rect.left() - 1, shown.right() - width)), ratio)
    places = (rect.top() - height - 2, rect.bottom() + 2, max(rect.top(), shown.top()))
    y = next((y for y in places if y >= shown.top() and y + height <= shown.bottom()), places[-1])
    painter.drawImage(QPointF(x, on_grid(y, ratio)), picture)
