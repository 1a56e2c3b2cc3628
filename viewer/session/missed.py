"""What is told of a place where something was missed; `viewer.session.miss` finds it out."""

from dataclasses import dataclass

from viewer.core.region import Region
from viewer.render.plan import BoxPlan, Rgb


@dataclass(frozen=True, slots=True)
class MissRow:
    """What the head says of one class there.

    Attributes:
        label: Class number.
        name: Class name.
        rgb: Its colour.
        scores: Best score at each level, 0..1; None where no box of it lies there.
    """

    label: int
    name: str
    rgb: Rgb
    scores: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Miss:
    """What is known of a region in the frame that is shown.

    Attributes:
        region: What was asked.
        strides: Stride of each level that says something there, finest first; 0 where the head does not tell.
        levels: Their names: `P4`, or the stride where a level has no name.
        rows: A row a class, the best score first; the best few.
        verdict: What became of the picked candidate, or that there is none.
        picked: Class and stride of the candidate that `verdict` is about; None where there is none.
        box: That candidate, dotted unless it is a detection.
        note: Which head the scores are of, or why there are none of its cells.
        has_cells: Whether the head's cells are known, so that there are maps of its scores.
        unexplained: Why the picked candidate cannot be explained, a sentence; empty where it can.
    """

    region: Region
    strides: tuple[int, ...]
    levels: tuple[str, ...]
    rows: tuple[MissRow, ...]
    verdict: str
    picked: tuple[int, int] | None
    box: BoxPlan | None
    note: str
    has_cells: bool
    unexplained: str
