"""Frames in, packets out: one function that does it, and a player that does it over time.

`Pipeline.process(frame)` is all a headless run needs, called in a plain loop over a source or over `ReadAhead`, which
decodes the next frames meanwhile. `Player` owns the two threads a window
needs: one reads ahead, one runs the network and obeys play, pause, step and seek. `GivingWay` stands between the two
where taps shall give way to the rate of playing; `Shedding` is its policy. None of them knows a framework, a file kind
or Qt; all see the ports of `viewer.core.protocols`.
"""

from viewer.pipeline.giving_way import GivingWay
from viewer.pipeline.pipeline import Pipeline
from viewer.pipeline.player import Player
from viewer.pipeline.rate import RateMeter
from viewer.pipeline.read_ahead import ReadAhead
from viewer.pipeline.shedding import FrameCost, Shedding, period_ms
from viewer.pipeline.tracing import trace

__all__ = ["FrameCost", "GivingWay", "Pipeline", "Player", "RateMeter", "ReadAhead", "Shedding", "period_ms", "trace"]
