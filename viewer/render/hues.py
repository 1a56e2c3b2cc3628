"""Any number of colours that differ: hues a golden angle apart, each as strong as a screen can show it."""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from viewer.render.plan import Rgb

_GOLDEN_ANGLE_DEG = 137.50776
_FIRST_HUE_DEG = 145.0
_LIGHTNESS = (0.79, 0.71, 0.84)
_CHROMA = 0.19


@lru_cache(maxsize=1024)
def hue_rgb(place: int) -> Rgb:
    """The colour at a place of the row.

    Hues step by the golden angle, which spreads any number of them evenly and puts neighbours far apart; lightness
    changes from one to the next as well, so that they differ for people who do not see hues.
    """
    red, green, blue = (round(255 * _encode(min(max(value, 0.0), 1.0))) for value in _to_linear(*_lab(place)))
    return red, green, blue


@lru_cache(maxsize=1)
def hues_lab(count: int) -> NDArray[np.float64]:
    """The first colours of the row in OKLab, (count, 3), where distance is about how different they look."""
    colours = np.array([_lab(place) for place in range(count)])
    colours.setflags(write=False)
    return colours


def _lab(place: int) -> tuple[float, float, float]:
    hue = math.radians((_FIRST_HUE_DEG + place * _GOLDEN_ANGLE_DEG) % 360)
    lightness = _LIGHTNESS[place % len(_LIGHTNESS)]
    chroma = _CHROMA
    # The screen cannot show every hue this strong; fade until it can rather than clip, which would shift the hue.
    while not _is_shown(_to_linear(lightness, chroma * math.cos(hue), chroma * math.sin(hue))):
        chroma -= 0.005
    return lightness, chroma * math.cos(hue), chroma * math.sin(hue)


def _encode(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


def _is_shown(linear: tuple[float, float, float]) -> bool:
    return all(-1e-4 <= value <= 1 + 1e-4 for value in linear)


def _to_linear(lightness: float, a: float, b: float) -> tuple[float, float, float]:
    """From OKLab to linear sRGB, not clipped.

    Source: Björn Ottosson, "A perceptual color space for image processing", 2020, `oklab_to_linear_srgb`.
    """
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
