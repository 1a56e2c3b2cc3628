"""The window's icons: glyphs of one set, Phosphor, which qtawesome carries, painted in the ink of the theme in use.

A glyph is an outline of a font, so it is crisp at every scale. The colour is looked up when an icon is painted, not
when it is made: a change of theme needs no new icons.
"""

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPen, QPixmap, QRadialGradient
from typing_extensions import override

from viewer.ui import tokens

_GRID = 16
_FONT, _NAMES = "phosphor-1.3.0.ttf", "phosphor-charmap-1.3.0.json"
_SCALE = 1.0
"""Height of the font for each pixel of an icon; its glyphs leave a little of their square free."""
GLYPHS = {
    "play": "play-fill",
    "pause": "pause-fill",
    "next": "caret-right-fill",
    "previous": "caret-left-fill",
    "loop": "repeat",
    "overlays": "eye",
    "boxes": "bounding-box",
    "reset": "corners-out",
    "keys": "keyboard",
    "open": "folder-open",
    "settings": "gear-six",
    "still": "camera",
    "export": "export",
    "copy": "copy",
    "clear": "x",
    "delete": "trash",
    "under": "selection",
    "search": "magnifying-glass",
    "present": "presentation",
    "close": "x",
    "undo": "arrow-counter-clockwise",
    "add": "plus",
    "loop_begin": "align-left",
    "loop_end": "align-right",
    "find_next": "caret-right",
    "find_previous": "caret-left",
    "lost": "selection-slash",
    "view": "square-half",
    "grid": "squares-four",
    "fade": "cell-signal-full",
    "page_back": "caret-left",
    "page_on": "caret-right",
    "mute": "speaker-slash",
    "solo": "headphones",
    "look": "crosshair",
    "scores": "stack",
    "watch": "activity",
}
"""What the window's icons are called, and their glyphs. A glyph's own name does as well."""


def icon(name: str) -> QIcon:
    """An icon in the normal, and in the faint ink for disabled controls.

    Args:
        name: Key of `GLYPHS`, or the name of a Phosphor glyph.

    Raises:
        KeyError: If there is no such glyph.
    """
    glyph = GLYPHS.get(name, name)
    return QIcon(_Glyph(_characters()[glyph]))


@cache
def _folder() -> Path:
    found = find_spec("qtawesome")
    if found is None or found.origin is None:
        raise ImportError("qtawesome is not installed; pip install qtawesome")
    return Path(found.origin).parent / "fonts"


@cache
def _characters() -> dict[str, str]:
    """Character of each glyph by its name."""
    return {name: chr(int(code, 16)) for name, code in json.loads((_folder() / _NAMES).read_bytes()).items()}


@cache
def _family() -> str:
    path = _folder() / _FONT
    families = QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(path)))
    if not families:
        raise ImportError(f"no font in {path}; pip install --force-reinstall qtawesome")
    return families[0]


class _Glyph(QIconEngine):
    def __init__(self, character: str) -> None:
        super().__init__()
        self._character = character

    @override
    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        del state
        font = QFont(_family())
        font.setPixelSize(max(1, round(rect.height() * _SCALE)))
        painter.save()
        painter.setFont(font)
        faint = mode is QIcon.Mode.Disabled
        painter.setPen(tokens.ink(tokens.INK_FAINT, 0.6) if faint else tokens.ink(tokens.INK))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._character)
        painter.restore()

    @override
    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return pixmap

    @override
    def clone(self) -> QIconEngine:
        return _Glyph(self._character)


def app_icon() -> QIcon:
    """The program's own: a hot spot in a detector's box. It is the same in every theme."""
    made = QIcon()
    for size in (16, 32, 64, 128, 256):
        pixmap = QPixmap(size, size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(size / _GRID, size / _GRID)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.DARK.panel))
        painter.drawRoundedRect(QRectF(0.5, 0.5, 15, 15), 3.5, 3.5)
        glow = QRadialGradient(QPointF(8, 8), 5)
        for place, colour in ((0.0, "#fcffa4"), (0.3, "#f98e09"), (0.65, "#bc3754"), (1.0, "#1a0c3a")):
            glow.setColorAt(place, QColor(colour))
        painter.setBrush(glow)
        painter.drawEllipse(QPointF(8, 8), 4.6, 4.6)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(tokens.DARK.accent), 1.25))
        painter.drawRect(QRectF(2.75, 2.75, 10.5, 10.5))
        painter.end()
        made.addPixmap(pixmap)
    return made
