"""The few colours, sizes and fonts the window is made of, so that no widget invents its own.

Distances are multiples of 4 logical pixels, most of them 8. There are three sizes of text and three weights of ink.
What composed pictures show as well has the colours of `viewer.render.palette`.
"""

from functools import lru_cache

from PySide6.QtGui import QColor, QFont

from viewer.render import palette
from viewer.render.plan import Rgb


def _hex(rgb: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)


CANVAS = _hex(palette.CANVAS)
GROUND = "#131519"
PANEL = _hex(palette.SURFACE)
RAISED = _hex(palette.RAISED)
HOVER = _hex(palette.BORDER)
LINE = "#2b2e35"
INK = _hex(palette.TEXT)
INK_SOFT = _hex(palette.TEXT_MUTED)
INK_FAINT = "#747c89"
ACCENT = _hex(palette.ACCENT)
ACCENT_DEEP = "#2c62b4"
GOOD = _hex(palette.GOOD)
WARN = _hex(palette.WARNING)
BAD = _hex(palette.ERROR)

UNIT = 8
RADIUS = 4
ROW = 24
TILE_HEADER = 24

TEXT_SMALL = 11
TEXT_BODY = 12
TEXT_TITLE = 13

TIMES = "\N{MULTIPLICATION SIGN}"
NONE = "\N{EN DASH}"
"""Stands where a number is not known."""

FAMILIES = [
    "Inter", "Inter Variable", "SF Pro Text", ".AppleSystemUIFont", "Segoe UI Variable Text", "Segoe UI", "Noto Sans",
    "Cantarell", "Ubuntu", "Roboto", "DejaVu Sans Condensed", "DejaVu Sans", "Liberation Sans", "Arial",
]  # fmt: skip


@lru_cache(maxsize=32)
def font(size_px: int = TEXT_BODY, *, strong: bool = False, spacing: float = 0.0) -> QFont:
    """A font of the type scale, with digits of one width so that running numbers stand still. Not to be changed.

    Args:
        size_px: Height in logical pixels.
        strong: Whether it is set semibold.
        spacing: Extra space between letters in pixels, for headings in capitals.
    """
    made = QFont(FAMILIES)
    made.setPixelSize(size_px)
    made.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
    made.setFeature(QFont.Tag("tnum"), 1)
    if spacing:
        made.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, spacing)
    return made


def ink(colour: str, alpha: float = 1.0) -> QColor:
    """A colour of the palette with an opacity of 0 to 1."""
    made = QColor(colour)
    made.setAlphaF(alpha)
    return made
