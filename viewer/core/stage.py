"""What can be tapped: backbone, neck and head outputs at one resolution."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from viewer.core.errors import TapError, did_you_mean


class Role(StrEnum):
    """Which part of a detector a stage belongs to."""

    BACKBONE = "backbone"
    NECK = "neck"
    HEAD = "head"


@dataclass(frozen=True, slots=True)
class Stage:
    """One tappable output.

    Attributes:
        node: Dotted `named_modules()` path, `model.16`; the second call of a shared module is `path@2`.
        role: Part of the detector.
        stride: Input pixels per map cell.
        channels: Channels of the activation.
        map_hw: Rows and columns of its map for the input it was listed with.
        kind: Class name of the module, `C3k2`.
        name: Short name of stages that have one: `P3` for a neck output that enters the head, `C4` for the last
            backbone stage at stride 16; empty for the others.
        share: Share of the forward time spent in the module, 0..1.
        default: Whether it is tapped unless the user says otherwise.
        aliases: Other nodes whose output is this very map, such as the last part of a sequence; each can be given in
            the place of `node`.
    """

    node: str
    role: Role
    stride: int
    channels: int
    map_hw: tuple[int, int]
    kind: str = ""
    name: str = ""
    share: float = 0.0
    default: bool = False
    aliases: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What a tile is headed with: the short name, or the node where there is none."""
        return self.name or self.node


def entering_head(stages: Iterable[Stage], strides: Iterable[int]) -> tuple[Stage, ...]:
    """The stages that a detector's head reads, as far as they can be told, in the order of execution.

    Args:
        stages: All stages of the detector.
        strides: Strides of the levels that enter its head.

    Returns:
        The stages called `P3` and so on; for levels without one the last stage of that stride, of those that are
        tapped by default before others, and of the head itself only where there is nothing before it.
    """
    given = tuple(stages)
    found = {stage.node for stage in given if stage.default and stage.name.startswith("P")}
    covered = {stage.stride for stage in given if stage.node in found}
    for stride in {*strides} - covered:
        alike = [stage for stage in given if stage.stride == stride]
        before = [stage for stage in alike if stage.role is not Role.HEAD]
        last = ([stage for stage in alike if stage.default] or before or alike)[-1:]
        found.update(stage.node for stage in last)
    return tuple(stage for stage in given if stage.node in found)


def find_stages(wanted: Iterable[str], stages: Sequence[Stage], *, model: str) -> tuple[Stage, ...]:
    """Look stages up by node, alias or short name, in the order asked.

    Args:
        wanted: Nodes (`model.16`, or as an ONNX graph writes them, `/model.16/act/Mul`), their aliases or short names
            (`P3`); repeats are taken once.
        stages: All stages of the detector.
        model: Name of the model, for the message.

    Raises:
        TapError: If a name is not a stage; the message suggests the nearest.
    """
    by_name = {alias: stage for stage in stages for alias in stage.aliases}
    by_name |= {stage.name: stage for stage in stages if stage.name} | {stage.node: stage for stage in stages}
    found: dict[str, Stage] = {}
    for given in wanted:
        word = given.strip("/").replace("/", ".") if given.startswith("/") else given
        if word not in by_name:
            hint = did_you_mean(word, by_name) or "; `featscope stages` lists them"
            raise TapError(f"no stage {given!r} in {model}{hint}")
        found[by_name[word].node] = by_name[word]
    return tuple(found.values())
