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
        never: Nodes at which nothing of this network can be explained, as in `node`, each with why; what was refused
            once need not be asked again to be known.
    """

    on: bool = False
    node: str = ""
    merged: bool = False
    missed: bool = False
    never: tuple[tuple[str, str], ...] = ()

    @property
    def why_never(self) -> str:
        """Why nothing can be explained at the stage that is chosen; empty where nothing is known against it."""
        return dict(self.never).get(self.node, "")
