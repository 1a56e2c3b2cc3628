"""Where the labels of boxes stand in a picture: the same for who paints them and for who points at them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter

from viewer.render.labels import ink_on
from viewer.render.palette import INK_DARK
from viewer.render.placing import MOST_LABELS, Sides, outstanding_place, standing_places, words_aside
from viewer.ui import tokens

if TYPE_CHECKING:
    from viewer.render.plan import BoxPlan, Rgb
    from viewer.ui.painter import Place

_PAD = 8


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
    def sides(self) -> Sides:
        """Left, top, right and bottom, in logical pixels of the canvas."""
        return _sides(self.area)

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
    """Find labels their places, the best first, by the rule of `viewer.render.placing`.

    Args:
        boxes: The best first.
        place: Where the picture lies.
        ratio: Device pixels a logical pixel.
        marked: Boxes that no label may cover, and whose own labels stand elsewhere.
        written: Those labels, which none may cover either.
    """
    to_canvas = place.transform
    across, down, dx, dy = to_canvas.m11(), to_canvas.m22(), to_canvas.dx(), to_canvas.dy()

    def sides_of(box: "BoxPlan") -> Sides:
        left, top, right, bottom = box.xyxy
        return left * across + dx, top * down + dy, right * across + dx, bottom * down + dy

    shown = _sides(place.area.intersected(place.picture))
    labelled = [box for box in boxes[: MOST_LABELS + len(marked)] if not any(box.is_same(other) for other in marked)]
    pictures: dict[int, QImage] = {}

    def size(number: int) -> tuple[float, float]:
        pictures[number], width, height = _picture(labelled[number], ratio, shown[2] - shown[0])
        return width, height

    taken = [*map(sides_of, marked), *(label.sides for label in written)]
    found = standing_places([sides_of(box) for box in labelled], size, shown, taken, ratio)
    return tuple(Label(labelled[number], x, y, pictures[number]) for number, x, y in found)


def outstanding(
    box: "BoxPlan", place: "Place", ratio: float, written: Sequence[Label] = (), *, labelled: bool = True
) -> Label | None:
    """The label of a box that stands out, wherever labels of boxes stand, by the rule of `viewer.render.placing`.

    Args:
        box: The box.
        place: Where the picture lies.
        ratio: Device pixels a logical pixel.
        written: Labels of other boxes that stand out, which it covers only where nothing else is left.
        labelled: Whether boxes carry their labels there; else it is brief where the picture is small.

    Returns:
        None where nothing of the box is seen, or no word has room.
    """
    shown = place.area.intersected(place.picture)
    left, top, right, bottom = box.xyxy
    rect = place.transform.mapRect(QRectF(left, top, right - left, bottom - top))
    if not rect.intersects(shown):
        return None
    if labelled:
        picture, width, height = _whole_picture(box, ratio, shown.size())
    else:
        words = words_aside(box.caption, box.brief, shown.width(), lambda words: _drawn(box, words, ratio)[1])
        if not words:
            return None
        picture, width, height = _drawn(box, words, ratio)
    others = [label.sides for label in written]
    x, y = outstanding_place(_sides(rect), (width, height), _sides(shown), others, ratio)
    return Label(box, x, y, picture)


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
    found = _drawn(box, box.caption, ratio)
    if found[1] <= room:
        return found
    metrics = QFontMetricsF(tokens.font(tokens.TEXT_SMALL, strong=True))
    words = metrics.elidedText(box.caption, Qt.TextElideMode.ElideMiddle, max(0.0, room - _PAD - 1))
    return _drawn(box, words, ratio)


def _whole_picture(box: "BoxPlan", ratio: float, room: QSizeF) -> tuple[QImage, float, float]:
    """A label of which nothing is lost while its name fits into a tile: its score stands on a line below then."""
    found = _drawn(box, box.caption, ratio)
    if found[1] <= room.width():
        return found
    in_lines = _drawn(box, box.caption.replace(box.name + " ", box.name + "\n", 1), ratio)
    fits = in_lines[1] <= room.width() and in_lines[2] <= room.height()
    return in_lines if fits else _picture(box, ratio, room.width())


def _drawn(box: "BoxPlan", words: str, ratio: float) -> tuple[QImage, float, float]:
    return label_picture(words, box.rgb, ratio, hollow=box.under)


@lru_cache(maxsize=1024)
def label_picture(text: str, rgb: "Rgb", ratio: float, *, hollow: bool = False) -> tuple[QImage, float, float]:
    """A label on its ground, its width and its height in logical pixels.

    A street has few kinds of objects and a hundred scores, so most labels are drawn once. A hollow one, that of a
    candidate which is no detection, has the colour of its class around it instead of under it.
    """
    font = tokens.font(tokens.TEXT_SMALL, strong=True)
    metrics = QFontMetricsF(font)
    lines = text.split("\n")
    width = round(max(map(metrics.horizontalAdvance, lines))) + _PAD
    height = round(len(lines) * metrics.height()) + 2
    picture = QImage(math.ceil(width * ratio), math.ceil(height * ratio), QImage.Format.Format_RGB32)
    picture.setDevicePixelRatio(ratio)
    ground, ink = (INK_DARK, rgb) if hollow else (rgb, ink_on(rgb))
    picture.fill(QColor(*ground))
    painter = QPainter(picture)
    painter.setFont(font)
    painter.setPen(QColor(*ink))
    if hollow:
        painter.drawRect(QRectF(0.5, 0.5, width - 1, height - 1))
    painter.drawText(QRectF(0, 0, width, height), Qt.AlignmentFlag.AlignCenter, text)
    painter.end()
    size = picture.deviceIndependentSize()
    return picture, size.width(), size.height()


def _sides(rect: QRectF) -> Sides:
    return rect.left(), rect.top(), rect.right(), rect.bottom()
