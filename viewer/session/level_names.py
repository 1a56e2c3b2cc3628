"""What a level of the head is called."""

from collections.abc import Sequence

from viewer.core.stage import Stage


def level_name(stride: int, stages: Sequence[Stage]) -> str:
    """As the stage of that stride which enters it, `P4`; else by its stride, `1/16`; empty where there is none.

    Args:
        stride: Input pixels for each cell; 0 where the head does not tell.
        stages: Those of the network.
    """
    names = [stage.name for stage in stages if stage.stride == stride and stage.name.startswith("P")]
    return names[-1] if names else f"1/{stride}" if stride else ""


def at_level(stride: int, stages: Sequence[Stage]) -> str:
    """The same as the end of a phrase: ` at P4`, ` at stride 16`."""
    name = level_name(stride, stages)
    return f" at {name}" if name.startswith("P") else f" at stride {stride}" if stride else ""
