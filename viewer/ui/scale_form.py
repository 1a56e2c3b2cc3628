"""How much of a scale of colours fits into the headers of tiles: the same for all tiles of a width.

Each tile on its own would decide by its title and its numbers, and beside a tile with colours stood one with numbers
alone and one with nothing.
"""

from collections.abc import Iterable
from enum import IntEnum
from functools import lru_cache

from PySide6.QtGui import QFontMetrics

from viewer.render.plan import TilePlan
from viewer.render.scale import BETWEEN
from viewer.ui import tokens

BAR_WIDTH = 48
GAP = 4

_USUAL = "0.0000"
"""The widest usual number: it keeps the colours in place while the limits run."""
_LEAST_TITLES = {"COLOURS": 64, "NUMBERS": 40}
"""What a long title keeps of its width at least, by form."""


class ScaleForm(IntEnum):
    """What is drawn of a scale."""

    NOTHING = 0
    NUMBERS = 1
    COLOURS = 2

    def width(self, low: str, high: str) -> int:
        """What it takes of a header in logical pixels, with the space beside it."""
        match self:
            case ScaleForm.COLOURS:
                return number_width(low) + number_width(high) + BAR_WIDTH + 2 * GAP + tokens.UNIT
            case ScaleForm.NUMBERS:
                return number_width(low) + number_width(high) + _metrics().horizontalAdvance(BETWEEN) + tokens.UNIT
            case _:
                return 0


def number_width(number: str) -> int:
    """Room for a number and for all that it usually becomes."""
    return _number_width(len(number))


@lru_cache(maxsize=32)
def _number_width(letters: int) -> int:
    return _metrics().horizontalAdvance(_USUAL + "0" * (letters - len(_USUAL)))


def scale_form(tiles: Iterable[TilePlan], width: float) -> ScaleForm:
    """The most that fits into the header of each of these tiles.

    Args:
        tiles: All tiles of a width; those without limits do not count.
        width: Of their headers in logical pixels.
    """
    scales = ((tile.title, tile.limits_text) for tile in tiles if tile.limits_text is not None)
    return min(
        (_fitting(title, len(low), len(high), width) for title, (low, high) in scales), default=ScaleForm.COLOURS
    )


@lru_cache(maxsize=256)
def _fitting(title: str, low: int, high: int, width: float) -> ScaleForm:
    """Numbers by their lengths, which seldom change."""
    whole = QFontMetrics(tokens.font(tokens.TEXT_BODY, strong=True)).horizontalAdvance(title)
    for form in (ScaleForm.COLOURS, ScaleForm.NUMBERS):
        room = width - 2 * tokens.UNIT - form.width("0" * low, "0" * high)
        if room >= min(whole, _LEAST_TITLES[form.name]):
            return form
    return ScaleForm.NOTHING


def _metrics() -> QFontMetrics:
    return QFontMetrics(tokens.font(tokens.TEXT_SMALL))
