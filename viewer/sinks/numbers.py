"""How numbers are written into files."""


def significant(value: float) -> float:
    """Six significant digits: activations range over magnitudes, so decimals would cut the small ones to zero."""
    return float(f"{value:.6g}")
