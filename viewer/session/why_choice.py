"""How the user wants things explained; it stays when another object is chosen."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WhyChoice:
    """What is explained, and where.

    Attributes:
        on: Whether anything is.
        node: Stage at which maps are taken; empty for the stages that enter the head.
        merged: All detections in one map instead of the chosen object.
        missed: The candidate of the place that is asked about instead.
    """

    on: bool = False
    node: str = ""
    merged: bool = False
    missed: bool = False
