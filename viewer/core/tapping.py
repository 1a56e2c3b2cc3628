"""What a user asks of the taps: which stages, how channels collapse, which values get which colour."""

import math
from dataclasses import dataclass, field
from enum import StrEnum

from viewer.core.errors import ConfigError


class LimitsMode(StrEnum):
    """Where the values for the first and the last colour come from."""

    FRAME = "frame"
    RUNNING = "running"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class Limits:
    """The values drawn with the first and the last colour.

    Attributes:
        mode: From each frame alone, from a running average over frames (steady colour on video), or fixed.
        low: Value of the first colour; used by fixed limits.
        high: Value of the last colour; used by fixed limits.
    """

    mode: LimitsMode = LimitsMode.RUNNING
    low: float = 0.0
    high: float = 1.0

    @classmethod
    def parse(cls, text: str) -> "Limits":
        """Read `frame`, `running` or `LOW:HIGH`.

        Raises:
            ConfigError: If the text is none of these, LOW is not below HIGH, or one of them is not finite.
        """
        if text in (LimitsMode.FRAME, LimitsMode.RUNNING):
            return cls(LimitsMode(text))
        low, colon, high = text.partition(":")
        try:
            limits = cls(LimitsMode.FIXED, float(low), float(high)) if colon else None
        except ValueError:
            limits = None
        if limits is None or not -math.inf < limits.low < limits.high < math.inf:
            raise ConfigError(f"limits {text!r} not understood; give frame, running or LOW:HIGH such as 0:1.5")
        return limits

    def __str__(self) -> str:
        return f"{self.low:g}:{self.high:g}" if self.mode is LimitsMode.FIXED else str(self.mode)


@dataclass(frozen=True, slots=True)
class TapSettings:
    """Which stages are tapped and how.

    Attributes:
        nodes: Nodes or short names; None takes the detector's default stages, an empty tuple taps nothing.
        reducer: A name that `viewer.core.reducer_names.read_reducer` reads.
        limits: Value range of the colours.
    """

    nodes: tuple[str, ...] | None = None
    reducer: str = "absmean"
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Shed:
    """What of the taps is left out for the moment, so that playing holds its rate. What the user asked for stands.

    Attributes:
        nodes: Stages that were asked for and are not tapped, in the order in which they were left out.
        every_second: Whether the others have maps in every second frame only.
        fps: The rate that is held, in frames a second; 0 where nothing is left out.
    """

    nodes: tuple[str, ...] = ()
    every_second: bool = False
    fps: float = 0.0

    def __bool__(self) -> bool:
        return bool(self.nodes) or self.every_second
