"""The colours of maps: what the user chose, the same for every kind of map."""

import numpy as np
from numpy.typing import NDArray

from viewer.render.colormap import DIVERGING, lut, zero_code
from viewer.session.state import ViewState


def overlay_colours(state: ViewState, limits: tuple[float, float], *, is_over: bool) -> NDArray[np.uint8]:
    """The table for a map.

    Args:
        state: What the user chose.
        limits: Values of the first and last colour.
        is_over: Whether the map lies over the frame; one that no frame lies under is opaque.
    """
    zero = zero_code(limits) if state.colormap in DIVERGING else None
    return lut(state.colormap, state.alpha if is_over else 1.0, fade=is_over and state.fade, zero=zero)
