"""One viewing session without a window: what the user chose, what the engine said, what is therefore drawn.

Views hand their wishes to the `Controller` as method calls. `wishes` answers them, a room for each group, by replacing
the frozen `ViewState` of the `Session` they share and by sending intents to the engine; the controller takes its events
and packets in turn. `resolve` makes of state and packet the plan that views paint; it is pure, as is `viewport`, the
arithmetic of zoom and pan. `review` keeps a few numbers of every frame seen, which lanes are drawn from and searches
jump by. No toolkit is known here, and neither torch, OpenCV nor PyAV is imported, not even by way of others.
"""

from viewer.render.timecode import parse_timecode, timecode
from viewer.session.controller import Controller
from viewer.session.resolve import DETECTIONS_TILE, resolve, tile_keys
from viewer.session.state import EnginePhase, Level, Notice, Remedy, Viewport, ViewState
from viewer.session.wanted import Wanted

__all__ = [
    "DETECTIONS_TILE",
    "Controller",
    "EnginePhase",
    "Level",
    "Notice",
    "Remedy",
    "ViewState",
    "Viewport",
    "Wanted",
    "parse_timecode",
    "resolve",
    "tile_keys",
    "timecode",
]
