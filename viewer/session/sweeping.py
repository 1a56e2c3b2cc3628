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
        since: When the first news came, in monotonic seconds, and how many covered pictures were run by then.
        left_s: Seconds until it is done at the speed since then; None before that can be told.
    """

    wish: SweepWish
    text: str
    index: int
    map: SweepMap | None = None
    since: tuple[float, int] | None = None
    left_s: float | None = None

    @property
    def is_running(self) -> bool:
        """Whether more is to come."""
        return self.map is None or not self.map.is_done

    @property
    def done(self) -> int:
        """Masked pictures run so far."""
        return 0 if self.map is None else self.map.done


def after_news(sweep: SweepState | None, news: Swept, now_s: float) -> SweepState | None:
    """The sweep once the engine said how far it is; news of an earlier one say nothing.

    Args:
        sweep: What was known before.
        news: What the engine said.
        now_s: Monotonic seconds.
    """
    if sweep is None or news.wish != sweep.wish:
        return sweep
    if news.map is None:
        return None
    done = news.map.done
    since_s, done_then = sweep.since or (now_s, done)
    run = done - done_then
    left_s = (now_s - since_s) / run * (sweep.wish.masks - done) if run > 0 else None
    return replace(sweep, map=news.map, since=(since_s, done_then), left_s=left_s)


def sweep_words(sweep: SweepState) -> str:
    """What is swept and how far it is, `car 0.87, frame 250: 40 of 400 covered pictures, 12 s left`."""
    what = f"{sweep.text}, frame {sweep.index}"
    if not sweep.is_running:
        return f"{what}: all {sweep.wish.masks} covered pictures"
    left = "" if sweep.left_s is None else f", {_duration(sweep.left_s)} left"
    return f"{what}: {sweep.done} of {sweep.wish.masks} covered pictures{left}"


def _duration(seconds: float) -> str:
    whole = max(1, round(seconds))
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02} s"
