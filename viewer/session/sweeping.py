"""An occlusion sweep as the window knows it: which detection it is for, and how far it is."""

from dataclasses import dataclass, replace

from viewer.core.messages import Swept
from viewer.core.sweep import SweepMap, SweepWish


@dataclass(frozen=True, slots=True)
class SweepState:
    """A sweep that runs or is done.

    Attributes:
        wish: What was asked.
        text: The detection in words, `car 0.87`.
        index: Number of the frame.
        map: What is known by now; None before the first news.
    """

    wish: SweepWish
    text: str
    index: int
    map: SweepMap | None = None

    @property
    def is_running(self) -> bool:
        """Whether more is to come."""
        return self.map is None or not self.map.is_done

    @property
    def done(self) -> int:
        """Masked pictures run so far."""
        return 0 if self.map is None else self.map.done


def after_news(sweep: SweepState | None, news: Swept) -> SweepState | None:
    """The sweep once the engine said how far it is; news of an earlier one say nothing."""
    if sweep is None or news.wish != sweep.wish:
        return sweep
    return None if news.map is None else replace(sweep, map=news.map)
