"""Frames in, packets out: one function that does it, and a player that does it over time.

`Pipeline.process(frame)` is all a headless run needs, called in a plain loop over a source or over `ReadAhead`, which
decodes the next frames meanwhile. `Player` owns the two threads a window
needs: one reads ahead, one runs the network and obeys play, pause, step and seek. Neither knows a framework, a file
kind or Qt; both see the ports of `viewer.core.protocols`.
"""

from viewer.pipeline.pipeline import Pipeline
from viewer.pipeline.player import Player
from viewer.pipeline.rate import RateMeter
from viewer.pipeline.read_ahead import ReadAhead

__all__ = ["Pipeline", "Player", "RateMeter", "ReadAhead"]
