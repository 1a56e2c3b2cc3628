"""Taps: forward hooks that reduce an activation where it is made, and keep only the small map.

A hook fires right after a stage's module, before the next in-place operation can overwrite its output. It collapses
the channels on the model's device, straight into a slice of one flat array (`arena`), and keeps no reference to the
activation. When the forward is over, limits, statistics and the 8-bit codes of all maps are computed together, with a
fixed number of operations however many taps there are, into the same packed buffer that carries the candidates down.

`reducers` says how channels collapse, `hooks` owns the handles, `arena` the storage and the arithmetic.
"""

from viewer.taps.arena import Arena, TapFigures
from viewer.taps.catalog import REDUCERS, parse_reducer
from viewer.taps.hooks import TapSet
from viewer.taps.reducers import Reducer

__all__ = ["REDUCERS", "Arena", "Reducer", "TapFigures", "TapSet", "parse_reducer"]
