"""The window's few icons, drawn as paths on a 16 x 16 grid: crisp at every scale, no files, no font with symbols."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF, QRadialGradient

from viewer.ui import tokens

_GRID = 16
_SCALES = (1, 2, 3)
"""Device pixels for one of the grid; Qt picks the one it needs."""


def icon(name: str) -> QIcon:
    """An icon in the normal, and in the faint ink for disabled controls.

    Args:
        name: Key of the drawings in this module.
    """
    made = QIcon()
    for scale in _SCALES:
        made.addPixmap(_pixmap(name, tokens.ink(tokens.INK), scale), QIcon.Mode.Normal)
        made.addPixmap(_pixmap(name, tokens.ink(tokens.INK_FAINT, 0.6), scale), QIcon.Mode.Disabled)
    return made


def app_icon() -> QIcon:
    """The program's own: a hot spot in a detector's box."""
    made = QIcon()
    for size in (16, 32, 64, 128, 256):
        pixmap = QPixmap(size, size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(size / _GRID, size / _GRID)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.PANEL))
        painter.drawRoundedRect(QRectF(0.5, 0.5, 15, 15), 3.5, 3.5)
        glow = QRadialGradient(QPointF(8, 8), 5)
        for place, colour in ((0.0, "#fcffa4"), (0.3, "#f98e09"), (0.65, "#bc3754"), (1.0, "#1a0c3a")):
            glow.setColorAt(place, QColor(colour))
        painter.setBrush(glow)
        painter.drawEllipse(QPointF(8, 8), 4.6, 4.6)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(tokens.ACCENT), 1.25))
        painter.drawRect(QRectF(2.75, 2.75, 10.5, 10.5))
        painter.end()
        made.addPixmap(pixmap)
    return made


def _pixmap(name: str, colour: QColor, scale: int) -> QPixmap:
    pixmap = QPixmap(_GRID * scale, _GRID * scale)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(scale, scale)
    path, filled = _DRAWINGS[name]()
    if filled:
        painter.fillPath(path, colour)
    else:
        painter.setPen(QPen(colour, 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.drawPath(path)
    painter.end()
    return pixmap


def _polygon(*corners: tuple[float, float]) -> QPainterPath:
    path = QPainterPath()
    path.addPolygon(QPolygonF([QPointF(x, y) for x, y in corners]))
    path.closeSubpath()
    return path


def _bars(*lefts: float) -> QPainterPath:
    path = QPainterPath()
    for left in lefts:
        path.addRoundedRect(QRectF(left, 3, 3, 10), 0.75, 0.75)
    return path


def _play() -> tuple[QPainterPath, bool]:
    return _polygon((4.5, 2.5), (13.5, 8), (4.5, 13.5)), True


def _pause() -> tuple[QPainterPath, bool]:
    return _bars(3.75, 9.25), True


def _next() -> tuple[QPainterPath, bool]:
    path = _polygon((6.5, 3), (13.5, 8), (6.5, 13))
    path.addRoundedRect(QRectF(3, 3, 1.75, 10), 0.75, 0.75)
    return path, True


def _previous() -> tuple[QPainterPath, bool]:
    path = _polygon((9.5, 3), (2.5, 8), (9.5, 13))
    path.addRoundedRect(QRectF(11.25, 3, 1.75, 10), 0.75, 0.75)
    return path, True


def _loop() -> tuple[QPainterPath, bool]:
    path = QPainterPath(QPointF(2.5, 8.5))
    path.lineTo(2.5, 7)
    path.cubicTo(2.5, 5.5, 3.5, 4.5, 5, 4.5)
    path.lineTo(13, 4.5)
    path.moveTo(11, 2.25)
    path.lineTo(13.25, 4.5)
    path.lineTo(11, 6.75)
    path.moveTo(13.5, 7.5)
    path.lineTo(13.5, 9)
    path.cubicTo(13.5, 10.5, 12.5, 11.5, 11, 11.5)
    path.lineTo(3, 11.5)
    path.moveTo(5, 9.25)
    path.lineTo(2.75, 11.5)
    path.lineTo(5, 13.75)
    return path, False


def _eye() -> tuple[QPainterPath, bool]:
    path = QPainterPath(QPointF(1.5, 8))
    path.cubicTo(4, 2.7, 12, 2.7, 14.5, 8)
    path.cubicTo(12, 13.3, 4, 13.3, 1.5, 8)
    path.addEllipse(QPointF(8, 8), 2.25, 2.25)
    return path, False


def _boxes() -> tuple[QPainterPath, bool]:
    path = QPainterPath()
    path.addRect(QRectF(2, 2.5, 7.5, 7))
    path.addRect(QRectF(6.5, 6.5, 7.5, 7))
    return path, False


def _reset() -> tuple[QPainterPath, bool]:
    path = QPainterPath()
    for x, y, dx, dy in ((2.5, 2.5, 1, 1), (13.5, 2.5, -1, 1), (2.5, 13.5, 1, -1), (13.5, 13.5, -1, -1)):
        path.moveTo(x + 3.5 * dx, y)
        path.lineTo(x, y)
        path.lineTo(x, y + 3.5 * dy)
    return path, False


def _help() -> tuple[QPainterPath, bool]:
    path = QPainterPath()
    path.addRoundedRect(QRectF(1.5, 4, 13, 8.5), 1.5, 1.5)
    for x in (4.25, 6.75, 9.25, 11.75):
        path.addEllipse(QPointF(x, 7), 0.2, 0.2)
    path.moveTo(5, 10)
    path.lineTo(11, 10)
    return path, False


def _camera() -> tuple[QPainterPath, bool]:
    path = QPainterPath()
    path.addRoundedRect(QRectF(1.75, 4.5, 12.5, 8.75), 1.5, 1.5)
    path.addEllipse(QPointF(8, 8.75), 2.5, 2.5)
    path.moveTo(5.5, 4.25)
    path.lineTo(6.5, 2.5)
    path.lineTo(9.5, 2.5)
    path.lineTo(10.5, 4.25)
    return path, False


def _export() -> tuple[QPainterPath, bool]:
    path = QPainterPath(QPointF(8, 2))
    path.lineTo(8, 10)
    path.moveTo(4.75, 6.75)
    path.lineTo(8, 10)
    path.lineTo(11.25, 6.75)
    path.moveTo(2.5, 10.5)
    path.lineTo(2.5, 13.5)
    path.lineTo(13.5, 13.5)
    path.lineTo(13.5, 10.5)
    return path, False


def _clear() -> tuple[QPainterPath, bool]:
    path = QPainterPath(QPointF(4.5, 4.5))
    path.lineTo(11.5, 11.5)
    path.moveTo(11.5, 4.5)
    path.lineTo(4.5, 11.5)
    return path, False


def _add() -> tuple[QPainterPath, bool]:
    path = QPainterPath(QPointF(8, 3.5))
    path.lineTo(8, 12.5)
    path.moveTo(3.5, 8)
    path.lineTo(12.5, 8)
    return path, False


def _delete() -> tuple[QPainterPath, bool]:
    path = QPainterPath(QPointF(2.75, 4.5))
    path.lineTo(13.25, 4.5)
    path.moveTo(6, 4.25)
    path.lineTo(6, 2.5)
    path.lineTo(10, 2.5)
    path.lineTo(10, 4.25)
    path.moveTo(4, 4.75)
    path.lineTo(4.75, 13.5)
    path.lineTo(11.25, 13.5)
    path.lineTo(12, 4.75)
    return path, False


_DRAWINGS: dict[str, Callable[[], tuple[QPainterPath, bool]]] = {
    "play": _play,
    "pause": _pause,
    "next": _next,
    "previous": _previous,
    "loop": _loop,
    "overlays": _eye,
    "boxes": _boxes,
    "reset": _reset,
    "keys": _help,
    "still": _camera,
    "export": _export,
    "clear": _clear,
    "add": _add,
    "delete": _delete,
}
