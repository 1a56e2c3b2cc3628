"""The colour of a class: the same in every run, far from its neighbours, readable on video."""

import math
from functools import lru_cache

from viewer.render.palette import INK_DARK, INK_LIGHT
from viewer.render.plan import Rgb

_GOLDEN_ANGLE_DEG = 137.50776
_FIRST_HUE_DEG = 145.0
_LIGHTNESS = (0.79, 0.71, 0.84)
_CHROMA = 0.19


@lru_cache(maxsize=1024)
def class_rgb(label: int) -> Rgb:
    """Colour of a class.

    Hues step by the golden angle, which spreads any number of classes evenly and puts neighbours in the list far
    apart; lightness changes from class to class as well, so that they differ for people who do not see hues.

    Args:
        label: Class number.
    """
    hue = math.radians((_FIRST_HUE_DEG + label * _GOLDEN_ANGLE_DEG) % 360)
    lightness = _LIGHTNESS[label % len(_LIGHTNESS)]
    chroma = _CHROMA
    # The screen cannot show every hue this strong; fade until it can rather than clip, which would shift the hue.
    while not _shown(linear := _oklch_to_linear(lightness, chroma, hue)):
        chroma -= 0.005
    red, green, blue = (round(255 * _encode(min(max(value, 0.0), 1.0))) for value in linear)
    return red, green, blue


def ink_on(rgb: Rgb) -> Rgb:
    """Dark or light text, whichever stands out more on this colour.

    Source: WCAG 2.2, relative luminance and contrast ratio.
    """
    luminance = _luminance(rgb)
    dark = (luminance + 0.05) / (_luminance(INK_DARK) + 0.05)
    light = (_luminance(INK_LIGHT) + 0.05) / (luminance + 0.05)
    return INK_DARK if dark >= light else INK_LIGHT


def contrast(first: Rgb, second: Rgb) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


def _luminance(rgb: Rgb) -> float:
    red, green, blue = (_decode(value / 255) for value in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _decode(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _encode(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


def _shown(linear: tuple[float, float, float]) -> bool:
    return all(-1e-4 <= value <= 1 + 1e-4 for value in linear)


def _oklch_to_linear(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    """From OKLCh to linear sRGB, not clipped.

    Source: Björn Ottosson, "A perceptual color space for image processing", 2020, `oklab_to_linear_srgb`.
    """
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
