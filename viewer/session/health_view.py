"""What the user set about the health of stages, and what is asked of the engine for it."""

from dataclasses import dataclass, field, replace

from viewer.core.health import HealthCheck, HealthLimits, Measure
from viewer.session.side import Side

PLOTTED = (
    Measure.DRIFT,
    Measure.ZEROS,
    Measure.DEAD,
    Measure.DIED,
    Measure.MEAN,
    Measure.STD,
    Measure.MAX,
    Measure.SATURATED,
    Measure.NONFINITE,
)
"""Numbers that can be drawn over time, in the order in which they are offered."""


@dataclass(frozen=True, slots=True)
class HealthView:
    """What is looked at, and what is too much.

    Attributes:
        limits: Above what a number is worth a look.
        measure: The number that is drawn over time.
        node: The stage whose numbers are told in full; None before one was chosen.
        keeps: Whether stages are watched while another page is open.
        check: How they are, less the stages: those that are tapped.
    """

    limits: HealthLimits = field(default_factory=HealthLimits)
    measure: Measure = Measure.DRIFT
    node: str | None = None
    keeps: bool = False
    check: HealthCheck = field(default_factory=lambda: HealthCheck(()))


def question(view: HealthView, side: Side, tapped: tuple[str, ...]) -> HealthCheck | None:
    """What is asked while this page is open and these nodes are tapped: nothing unless somebody looks."""
    is_watched = bool(tapped) and (side is Side.HEALTH or view.keeps)
    return replace(view.check, nodes=tapped) if is_watched else None
