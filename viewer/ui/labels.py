"""Where the labels of boxes stand in a picture: the same for who paints them and for who points at them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter

from viewer.render.labels import ink_on
from viewer.ui import tokens

if TYPE_CHECKING:
    from viewer.render.plan import BoxPlan, Rgb
    from viewer.ui.painter import Place

_MOST_LABELS = 60
_OUTSIDE = 2
"""How far a label keeps off the line of a box that stands out."""
_PAD = 8
_MIDDLE = 2
"""How far around the middle of an object labels of others keep off."""
_Sides = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Label:
    """What is written at a box.

    Attributes:
        box: The box.
        left: Where it begins, in logical pixels of the canvas.
        top: The same from above.
        picture: With its device pixel ratio.
    """

    box: "BoxPlan"
    left: float
    top: float
    picture: QImage

    @property
    def sides(self) -> _Sides:
        """Left, top, right and bottom, in logical pixels of the canvas."""
        area = self.area
        return area.left(), area.top(), area.right(), area.bottom()

    @property
    def area(self) -> QRectF:
        """What it covers, in logical pixels of the canvas."""
        return QRectF(QPointF(self.left, self.top), self.picture.deviceIndependentSize())


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """All labels of a picture.

    Attributes:
        standing: Of its boxes; none over another.
        marked: Of what stands out, over all others, the last one on top.
    """

    standing: tuple[Label, ...] = ()
    marked: tuple[Label, ...] = ()

    @property
    def all(self) -> tuple[Label, ...]:
        """All of them."""
        return (*self.standing, *self.marked)

    def box_at(self, point: QPointF) -> "BoxPlan | None":
        """The box whose label is seen under a point of the canvas."""
        on_top = (*self.marked[::-1], *self.standing)
        return next((label.box for label in on_top if label.area.contains(point)), None)


def standing(
    boxes: Sequence["BoxPlan"],
    place: "Place",
    ratio: float,
    marked: Sequence["BoxPlan"] = (),
    written: Sequence[Label] = (),
) -> tuple[Label, ...]:
    """Find labels their places, the best first: over its box, under it or in it, wherever no better label stands.

    One that finds no place is left out; half a label under another is read as something else, and one over the middle
    of a better object as that one's.

    Args:
        boxes: The best first.
        place: Where the picture lies.
        ratio: Device pixels a logical pixel.
        marked: Boxes that no label may cover, and whose own labels stand elsewhere.
        written: Those labels, which none may cover either.
    """
    shown = place.area.intersected(place.picture)
    to_canvas = place.transform
    across, down, dx, dy = to_canvas.m11(), to_canvas.m22(), to_canvas.dx(), to_canvas.dy()
    least_x, least_y, most_x, most_y = shown.left(), shown.top(), shown.right(), shown.bottom()
    taken: list[_Sides] = [
        (x1 * across + dx, y1 * down + dy, x2 * across + dx, y2 * down + dy)
        for x1, y1, x2, y2 in (box.xyxy for box in marked)
    ]
    taken += [label.sides for label in written]
    found: list[Label] = []
    # Plain numbers: a hundred rectangles of Qt's own, made and asked from Python, took longer than the drawing.
    for box in boxes[:_MOST_LABELS]:
        left, right = box.xyxy[0] * across + dx, box.xyxy[2] * across + dx
        top, bottom = box.xyxy[1] * down + dy, box.xyxy[3] * down + dy
        if left >= most_x or right <= least_x or top >= most_y or bottom <= least_y:
            continue
        if any(box.is_same(other) for other in marked):
            continue
        picture, width, height = _picture(box, ratio, most_x - least_x)
        x = on_grid(max(least_x, min(left - 1, most_x - width)), ratio)
        for wished in (top - height, bottom + 1, max(top, least_y)):
            y = on_grid(wished, ratio)
            sides = (x, y, x + width, y + height)
            if y >= least_y and sides[3] <= most_y and not _overlaps(sides, taken):
                taken.append(sides)
                found.append(Label(box, x, y, picture))
                break
        middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
        taken.append((middle_x - _MIDDLE, middle_y - _MIDDLE, middle_x + _MIDDLE, middle_y + _MIDDLE))
    return tuple(found)


def outstanding(box: "BoxPlan", place: "Place", ratio: float, written: Sequence[Label] = ()) -> Label | None:
    """The label of a box that stands out: over it, else under it, else inside it, wherever labels of boxes stand.

    Args:
        box: The box.
        place: Where the picture lies.
        ratio: Device pixels a logical pixel.
        written: Labels of other boxes that stand out, which it covers only where nothing else is left.

    Returns:
        None where nothing of the box is seen.
    """
    shown = place.area.intersected(place.picture)
    left, top, right, bottom = box.xyxy
    rect = place.transform.mapRect(QRectF(left, top, right - left, bottom - top))
    if not rect.intersects(shown):
        return None
    picture, width, height = _whole_picture(box, ratio, shown.width())
    x = on_grid(max(shown.left(), min(rect.left() - 1, shown.right() - width)), ratio)
    places = (rect.top() - height - _OUTSIDE, rect.bottom() + _OUTSIDE, max(rect.top(), shown.top()))
    inside = [y for y in places if y >= shown.top() and y + height <= shown.bottom()]
    fallback = max(shown.top(), min(places[-1], shown.bottom() - height))
    labels = [Label(box, x, on_grid(y, ratio), picture) for y in (*inside, fallback)]
    free = (one for one in labels if not any(one.area.intersects(other.area) for other in written))
    return next(free, labels[0])


def paint_labels(painter: QPainter, labels: Sequence[Label], place: "Place") -> None:
    """Draw labels where they stand, cut off at the edge of the picture."""
    if not labels:
        return
    painter.save()
    painter.setClipRect(place.area.intersected(place.picture))
    for label in labels:
        painter.drawImage(QPointF(label.left, label.top), label.picture)
    painter.restore()


def _picture(box: "BoxPlan", ratio: float, room: float) -> tuple[QImage, float, float]:
    """A label that fits into a tile: a long name loses its middle, for its score is at its end."""
    found = label_picture(box.caption, box.rgb, ratio)
    if found[1] <= room:
        return found
    metrics = QFontMetricsF(tokens.font(tokens.TEXT_SMALL, strong=True))
    words = metrics.elidedText(box.caption, Qt.TextElideMode.ElideMiddle, max(0.0, room - _PAD - 1))
    return label_picture(words, box.rgb, ratio)


def _whole_picture(box: "BoxPlan", ratio: float, room: float) -> tuple[QImage, float, float]:
    """A label of which nothing is lost while its name fits into a tile: its score stands on a line below then."""
    found = label_picture(box.caption, box.rgb, ratio)
    if found[1] <= room:
        return found
    in_lines = label_picture(box.caption.replace(box.name + " ", box.name + "\n", 1), box.rgb, ratio)
    return in_lines if in_lines[1] <= room else _picture(box, ratio, room)


@lru_cache(maxsize=1024)
def label_picture(text: str, rgb: "Rgb", ratio: float) -> tuple[QImage, float, float]:
    """A label on its ground, its width and its height in logical pixels.

    A street has few kinds of objects and a hundred scores, so most labels are drawn once.
    """
    font = tokens.font(tokens.TEXT_SMALL, strong=True)
    metrics = QFontMetricsF(font)
    lines = text.split("\n")
    width = round(max(map(metrics.horizontalAdvance, lines))) + _PAD
    height = round(len(lines) * metrics.height()) + 2
    picture = QImage(math.ceil(width * ratio), math.ceil(height * ratio), QImage.Format.Format_RGB32)
    picture.setDevicePixelRatio(ratio)
    picture.fill(QColor(*rgb))
    painter = QPainter(picture)
    painter.setFont(font)
    painter.setPen(QColor(*ink_on(rgb)))
    painter.drawText(QRectF(0, 0, width, height), Qt.AlignmentFlag.AlignCenter, text)
    painter.end()
    size = picture.deviceIndependentSize()
    return picture, size.width(), size.height()


def on_grid(position: float, ratio: float) -> float:
    """The nearest position that begins a pixel of the screen, so that a picture is copied and not resampled."""
    return round(position * ratio) / ratio


def _overlaps(label: _Sides, taken: Sequence[_Sides]) -> bool:
    left, top, right, bottom = label
    return any(left < other[2] and right > other[0] and top < other[3] and bottom > other[1] for other in taken)
