"""From codes to colours: one table a colour map and opacity, made once.

The maps come from cmap, which carries the tables of matplotlib, Crameri and others without their weight.
"""

import math
from functools import lru_cache

import cmap
import numpy as np
from numpy.typing import NDArray

from viewer.core.errors import ConfigError, did_you_mean
from viewer.core.packet import NOT_FINITE

DIVERGING = ("berlin", "vik")
"""Two hues that part at zero, for reducers with a sign such as mean: berlin is dark there, vik light."""

COLORMAPS = ("inferno", "magma", "viridis", "cividis", "turbo", "gray", *DIVERGING)
"""Names offered to the user. All but turbo rise evenly in lightness, or do on each side of zero, so they are read alike
by people who do not tell hues apart; turbo is there because many know it."""

_FIRST, _LAST = NOT_FINITE + 1, 255
_STEPS = 256


def zero_code(limits: tuple[float, float]) -> int:
    """The code that stands for zero, the nearest end where limits do not reach it.

    Args:
        limits: Values of codes 1 and 255.
    """
    low, high = limits
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        return (_FIRST + _LAST) // 2
    return round(_FIRST + min(max(-low / (high - low), 0.0), 1.0) * (_LAST - _FIRST))


@lru_cache(maxsize=256)
def lut(name: str, alpha: float, *, fade: bool = False, zero: int | None = None) -> NDArray[np.uint8]:
    """Colours for the codes of a map.

    Args:
        name: One of `COLORMAPS`.
        alpha: Opacity, 0..1.
        fade: Whether the opacity rises with the value, from nothing to `alpha`; with a diverging map it rises with the
            distance from zero.
        zero: Code that a diverging map shows in its middle colour, both sides at one scale; None for the middle code.
            Without effect on the other maps.

    Returns:
        (256, 4) uint8 RGBA, not premultiplied, read-only. Codes 1 to 255 run through the colour map; the entry of
        cells that are not finite is fully transparent.

    Raises:
        ConfigError: If there is no such colour map.
    """
    if name not in COLORMAPS:
        raise ConfigError(f"no colour map {name!r}{did_you_mean(name, COLORMAPS) or '; give ' + ', '.join(COLORMAPS)}")
    places = strength = np.linspace(0, 1, _LAST)
    if name in DIVERGING:
        signed = _signed(zero)
        places, strength = 0.5 + signed / 2, np.abs(signed)
    table = np.zeros((256, 4), np.uint8)
    # Calling the colour map would say the same and first import masked arrays, which takes as long as all tables.
    steps = np.minimum((places * _STEPS).astype(int), _STEPS - 1)
    table[_FIRST:, :3] = np.rint(cmap.Colormap(name).lut(_STEPS)[steps, :3] * 255)
    table[_FIRST:, 3] = np.rint((strength if fade else 1.0) * min(max(alpha, 0.0), 1.0) * np.float64(255))
    table[NOT_FINITE] = 0
    table.setflags(write=False)
    return table


def _signed(zero: int | None) -> NDArray[np.float64]:
    """Each code's distance from zero, -1..1, the farther end at full length."""
    middle = (_FIRST + _LAST) // 2 if zero is None else zero
    reach = max(middle - _FIRST, _LAST - middle)
    return (np.arange(_FIRST, _LAST + 1) - middle) / reach
