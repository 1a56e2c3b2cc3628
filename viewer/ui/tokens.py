"""The few colours, sizes and fonts the window is made of, so that no widget invents its own.

Distances are multiples of 4 logical pixels, most of them 8. There are three sizes of text, a tiny one for
keys beside them, and three weights of ink.
Colours come in themes, frozen values of one form, of which one is in use. Whoever paints reads `tokens.INK` at that
moment; a colour kept from before is one of the theme before. What composed pictures show as well has the colours of
`viewer.render.palette`.
"""

from dataclasses import dataclass, fields
from functools import lru_cache

from PySide6.QtGui import QColor, QFont

from viewer.render import palette
from viewer.render.plan import Rgb


def _hex(rgb: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)


@dataclass(frozen=True, slots=True)
class Theme:
    """One set of colours, each `#rrggbb`. Every ink can be read on every ground; tests/ui/test_themes.py measures it.

    Attributes:
        name: What the settings call it.
        canvas: Behind the pictures.
        ground: Behind the panels.
        panel: Panels, bars and tile headers.
        raised: Buttons, tooltips and lists that lie over a panel.
        hover: Under the pointer.
        field: Where something is typed.
        edge: Around what is raised.
        line: Between surfaces.
        ink: Titles and values.
        ink_soft: Names of things.
        ink_faint: Headings, units, and what is switched off.
        accent: What is selected, moving or has the focus.
        accent_deep: Ground of what is selected, with `ink` on it.
        primary: Ground of the one button that does what a page is for; what is selected may be as pale as the rest.
        primary_ink: On that.
        good: All is well.
        warn: Worth a look.
        bad: Broken.
        measure: Bars of values, on whichever page; the one in hand has the accent.
        series: Parts of a plot, ten of them, to be told apart by people who see few colours as well.
    """

    name: str
    canvas: str
    ground: str
    panel: str
    raised: str
    hover: str
    field: str
    edge: str
    line: str
    ink: str
    ink_soft: str
    ink_faint: str
    accent: str
    accent_deep: str
    primary: str
    primary_ink: str
    good: str
    warn: str
    bad: str
    measure: str
    series: tuple[str, ...]


DARK = Theme(
    name="dark",
    canvas=_hex(palette.CANVAS),
    ground="#131519",
    panel=_hex(palette.SURFACE),
    raised=_hex(palette.RAISED),
    hover=_hex(palette.BORDER),
    field=_hex(palette.CANVAS),
    edge=_hex(palette.BORDER),
    line="#2b2e35",
    ink=_hex(palette.TEXT),
    ink_soft=_hex(palette.TEXT_MUTED),
    ink_faint="#868e9b",
    accent=_hex(palette.ACCENT),
    accent_deep="#2c62b4",
    primary="#2c62b4",
    primary_ink="#ffffff",
    good=_hex(palette.GOOD),
    warn=_hex(palette.WARNING),
    bad="#f97a7a",
    measure="#4b82cd",
    series=(
        "#d2d2ff",
        "#5aa5ff",
        "#e1870f",
        "#b4ff87",
        "#c31ea5",
        "#d23c3c",
        "#b47887",
        "#ffe100",
        "#69ffc3",
        "#5a5af0",
    ),
)
"""For dim rooms and for judging colours: nothing around the pictures is brighter than they are."""

LIGHT = Theme(
    name="light",
    canvas="#d6d8dc",
    ground="#e9ebee",
    panel="#f6f7f8",
    raised="#ffffff",
    hover="#d0d4da",
    field="#ffffff",
    edge="#b4bac3",
    line="#c6cad1",
    ink="#14171c",
    ink_soft="#3f4651",
    ink_faint="#525a66",
    accent="#0b4fb3",
    accent_deep="#b5d1fa",
    primary="#0b4fb3",
    primary_ink="#ffffff",
    good="#0c5f31",
    warn="#7a4400",
    bad="#a3161c",
    measure="#4c7cc4",
    series=(
        "#875aff",
        "#3c1ea5",
        "#d2690f",
        "#0f4b00",
        "#690f69",
        "#d20f3c",
        "#780f3c",
        "#b469d2",
        "#3c9669",
        "#b45a96",
    ),
)
"""For bright rooms and documents. The canvas is a neutral light grey: in a black hole amid a bright window a night
street looks brighter than it is, and its maps more saturated."""

CONTRAST = Theme(
    name="contrast",
    canvas="#000000",
    ground="#000000",
    panel="#000000",
    raised="#141414",
    hover="#4d4d4d",
    field="#000000",
    edge="#b0b0b0",
    line="#9a9a9a",
    ink="#ffffff",
    ink_soft="#f0f0f0",
    ink_faint="#d0d0d0",
    accent="#5ce1ff",
    accent_deep="#003f8f",
    primary="#5ce1ff",
    primary_ink="#000000",
    good="#66ff9c",
    warn="#ffd500",
    bad="#ffa0a0",
    measure="#a5c3ff",
    series=(
        "#a54bb4",
        "#a5c3ff",
        "#f0e187",
        "#00ffe1",
        "#c33c78",
        "#e19687",
        "#c3f000",
        "#4b782d",
        "#785aff",
        "#4bb400",
    ),
)
"""For eyes that need it: every text at 7:1 or more, every edge at 3:1."""

THEMES = {theme.name: theme for theme in (DARK, LIGHT, CONTRAST)}

THEME: Theme
"""The one in use; its colours are the names below."""
CANVAS: str
GROUND: str
PANEL: str
RAISED: str
HOVER: str
FIELD: str
EDGE: str
LINE: str
INK: str
INK_SOFT: str
INK_FAINT: str
ACCENT: str
ACCENT_DEEP: str
PRIMARY: str
PRIMARY_INK: str
GOOD: str
WARN: str
BAD: str
MEASURE: str
SERIES: tuple[str, ...]


def use(theme: Theme) -> None:
    """Take the colours of this theme from now on; `viewer.ui.theme.wear` also brings them to what is on the screen."""
    colours = {field.name.upper(): getattr(theme, field.name) for field in fields(theme) if field.name != "name"}
    globals().update(colours, THEME=theme)


use(DARK)

UNIT = 8
RADIUS = 4
ROW = 24
FIELD_HEIGHT = 26
"""Height of a field with its frame, as the style sheet makes it."""
TILE_HEADER = 24

TEXT_TINY = 9
TEXT_SMALL = 11
TEXT_BODY = 12
TEXT_TITLE = 13

TIMES = "\N{MULTIPLICATION SIGN}"
MINUS = "\N{MINUS SIGN}"
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
    """A colour of the palette with an opacity of 0 to 1.

    Args:
        colour: The colour itself, or its name (`INK_SOFT`), which stands for that of the theme in use.
        alpha: Opacity.
    """
    made = QColor(globals().get(colour, colour))
    made.setAlphaF(alpha)
    return made
