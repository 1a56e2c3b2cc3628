"""Traffic signs as layers of flat shapes, so that a new sign is a table and no code."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.demo.canvas import Colour
from viewer.demo.solid import Brush
from viewer.demo.world import Actor

_PLATE_M = 0.36
_FINE_PX = 4.0
_RED: Colour = (203, 33, 40)
_WHITE: Colour = (246, 246, 242)
_BLACK: Colour = (26, 26, 28)
_BLUE: Colour = (28, 84, 176)


@dataclass(frozen=True, slots=True)
class _Layer:
    """One shape of a sign: (N, 2) offsets from the plate's centre in units of its half width; v points down."""

    shape: NDArray[np.float64]
    colour: Colour
    fine: bool = False


def _round(
    count: int, radius: float = 1.0, *, start: float = 0.0, at: tuple[float, float] = (0.0, 0.0), narrow: float = 1.0
) -> NDArray[np.float64]:
    angles = start + 2 * math.pi * np.arange(count) / count
    return np.stack((at[0] + radius * narrow * np.cos(angles), at[1] + radius * np.sin(angles)), axis=-1)


def _bar(left: float, top: float, right: float, bottom: float) -> NDArray[np.float64]:
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)])


_UP = -math.pi / 2
_SIGNS: dict[str, tuple[_Layer, ...]] = {
    "limit": (
        _Layer(_round(28), _RED),
        _Layer(_round(28, 0.74), _WHITE),
        *(
            _Layer(_bar(*edges), _BLACK, fine=True)
            for edges in (
                (-0.42, -0.34, -0.06, -0.22),
                (-0.42, -0.34, -0.31, 0.0),
                (-0.42, -0.08, -0.06, 0.04),
                (-0.17, -0.08, -0.06, 0.36),
                (-0.42, 0.26, -0.06, 0.38),
            )
        ),
        _Layer(_round(16, 0.36, at=(0.27, 0.02), narrow=0.52), _BLACK, fine=True),
        _Layer(_round(16, 0.24, at=(0.27, 0.02), narrow=0.36), _WHITE, fine=True),
    ),
    "warning": (
        _Layer(_round(3, 1.12, start=_UP), _RED),
        _Layer(_round(3, 0.76, start=_UP), _WHITE),
        _Layer(_bar(-0.07, -0.34, 0.07, 0.12), _BLACK, fine=True),
        _Layer(_round(10, 0.08, at=(0.0, 0.24)), _BLACK, fine=True),
    ),
    "stop": (
        _Layer(_round(8, 1.02, start=math.pi / 8), _WHITE),
        _Layer(_round(8, 0.92, start=math.pi / 8), _RED),
        *(_Layer(_bar(left, -0.2, left + 0.22, 0.2), _WHITE, fine=True) for left in (-0.62, -0.28, 0.06, 0.4)),
        _Layer(_bar(0.13, -0.1, 0.2, 0.1), _RED, fine=True),
    ),
    "parking": (
        _Layer(_bar(-0.86, -0.86, 0.86, 0.86), _WHITE),
        _Layer(_bar(-0.79, -0.79, 0.79, 0.79), _BLUE),
        _Layer(_bar(-0.3, -0.52, -0.08, 0.52), _WHITE, fine=True),
        _Layer(_round(16, 0.34, at=(0.08, -0.18)), _WHITE, fine=True),
        _Layer(_round(14, 0.14, at=(0.08, -0.18)), _BLUE, fine=True),
    ),
    "priority": (
        _Layer(_round(4, 1.06), _WHITE),
        _Layer(_round(4, 0.92), (36, 36, 38)),
        _Layer(_round(4, 0.86), _WHITE),
        _Layer(_round(4, 0.62), (244, 190, 40)),
    ),
    "no entry": (
        _Layer(_round(28), _WHITE),
        _Layer(_round(28, 0.93), _RED),
        _Layer(_bar(-0.64, -0.15, 0.64, 0.15), _WHITE),
    ),
}


def paint_sign(brush: Brush, actor: Actor) -> None:
    """Draw a sign's plate, which its style names; the pole is scenery."""
    centre = brush.spot((0.0, actor.height_m, -0.01))
    if centre is None:
        return
    reach = _PLATE_M * actor.size * brush.metre_px
    for layer in _SIGNS[actor.style]:
        if not layer.fine or reach > _FINE_PX:
            brush.canvas.fill(np.array(centre) + layer.shape * reach, brush.flat(layer.colour, 1.02))
