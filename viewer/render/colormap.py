"""From codes to colours: one table a colour map and opacity, made once.

The maps come from cmap, which carries the tables of matplotlib and others without their weight.
"""

from functools import lru_cache

import cmap
import numpy as np
from numpy.typing import NDArray

from viewer.core.errors import ConfigError, did_you_mean
from viewer.core.packet import NOT_FINITE

COLORMAPS = ("inferno", "magma", "viridis", "cividis", "turbo", "gray")
"""Names offered to the user, dark to bright but for turbo."""


@lru_cache(maxsize=64)
def lut(name: str, alpha: float) -> NDArray[np.uint8]:
    """Colours for the codes of a map.

    Args:
        name: One of `COLORMAPS`.
        alpha: Opacity, 0..1.

    Returns:
        (256, 4) uint8 RGBA, not premultiplied, read-only. Codes 1 to 255 run through the colour map; the entry of
        cells that are not finite is fully transparent.

    Raises:
        ConfigError: If there is no such colour map.
    """
    if name not in COLORMAPS:
        raise ConfigError(f"no colour map {name!r}{did_you_mean(name, COLORMAPS) or '; give ' + ', '.join(COLORMAPS)}")
    table = np.zeros((256, 4), np.uint8)
    table[1:, :3] = np.rint(np.asarray(cmap.Colormap(name)(np.linspace(0, 1, 255)))[:, :3] * 255)
    table[1:, 3] = round(min(max(alpha, 0.0), 1.0) * 255)
    table[NOT_FINITE] = 0
    table.setflags(write=False)
    return table
