"""What became of the boxes since something was altered: gone ones are dashed, new ones have a bold line."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from viewer.render.palette import INK_DARK
from viewer.render.plan import DASHES_PX, BoxPlan, RenderPlan, Rgb
from viewer.ui.painter import Place

_BOLD = 4.0
_LINE = 2.5


def paint_changes(painter: QPainter, plan: RenderPlan, place: Place, *, labelled: bool) -> None:
    """Draw what is gone, and make what is new stand out; under the boxes, which label both."""
    new = [box for box in plan.boxes if box.fate]
    if not plan.gone and not new:
        return
    painter.save()
    painter.setClipRect(place.area.intersected(place.picture))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for box in new:
        painter.setPen(bold_pen(box.rgb, _BOLD if labelled else _BOLD / 2))
        painter.drawPolygon(place.transform.map(_polygon(box)))
    for box in plan.gone:
        polygon = place.transform.map(_polygon(box))
        for pen in dashed_pens(box.rgb, _LINE if labelled else 1.0):
            painter.setPen(pen)
            painter.drawPolygon(polygon)
    painter.restore()


def dashed_pens(rgb: Rgb, width: float) -> tuple[QPen, QPen]:
    """The rim and the line of what is gone; dashes of a length whatever their width."""
    pens = QPen(QColor(*INK_DARK), width + 1), QPen(QColor(*rgb), width)
    for pen in pens:
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setDashPattern([px / pen.widthF() for px in DASHES_PX])
    return pens


def bold_pen(rgb: Rgb, width: float = _BOLD) -> QPen:
    """The line of what is new."""
    pen = QPen(QColor(*rgb), width)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    return pen


def _polygon(box: BoxPlan) -> QPolygonF:
    left, top, right, bottom = box.xyxy
    corners = box.corners or ((left, top), (right, top), (right, bottom), (left, bottom))
    return QPolygonF([QPointF(x, y) for x, y in corners])
