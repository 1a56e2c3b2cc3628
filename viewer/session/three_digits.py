"""The numbers at the ends of a scale of colours: always three significant digits, so that running ones stand still."""

import math

_LEAST, _MOST = 1e-3, 1e5
"""Magnitudes that are written out; others have an exponent."""


def three_digits(value: float) -> str:
    """`1.20`, `13.0`, `1310`, `0.0974`, `1.00e-6`; plain `0` for what is exactly that."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    rounded = float(f"{value:.3g}")
    if not _LEAST <= abs(rounded) < _MOST:
        digits, exponent = f"{rounded:.2e}".split("e")
        return f"{digits}e{int(exponent)}"
    decimals = 2 - math.floor(math.log10(abs(rounded)))
    return f"{rounded:.{max(0, decimals)}f}"
