"""Roles, names and defaults of the maps of a network nobody told us about, guessed from its paths and resolutions.

Words in a module's path decide first (`backbone`, `fpn`, `head`). Where there are none: maps grow coarser through the
backbone, which ends with the part that makes the coarsest; what follows is the neck, up to the head or the part that
runs last. Tapped by default are the last backbone map at strides 8, 16 and 32 (`C3`, `C4`, `C5`) and the last neck map
at each of them (`P3`, `P4`, `P5`), in short the same as for networks that are known.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from viewer.core.errors import DetectorError, did_you_mean
from viewer.core.stage import Role, Stage
from viewer.detectors.discovery import FoundMap, find_maps
from viewer.detectors.tiling import stride_of

_STRIDES = (8, 16, 32)
_TRANSPARENT = (nn.Identity, nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout)
"""Modules that in eval mode hand on what they are given."""
_WORDS = {
    Role.BACKBONE: ("backbone", "body", "encoder", "stem", "features", "trunk"),
    Role.NECK: ("neck", "fpn", "pan", "pafpn", "bifpn", "lateral", "decoder"),
    Role.HEAD: ("head", "heads", "cls", "reg", "bbox", "rpn", "predictor", "detect", "anchors"),
}
_ROLE_OF_WORD = {word: role for role, words in _WORDS.items() for word in words}


def find_stages_of(
    module: nn.Module,
    run: Callable[[], object],
    *,
    input_hw: tuple[int, int],
    wait: Callable[[], None] = lambda: None,
    wanted: Mapping[str, str] | None = None,
    model: str,
) -> tuple[Stage, ...]:
    """List every module of a network that returns a map, and guess what the user does not say.

    A module that only hands on what its last child returned stands for that child, so that each map is listed once.

    Args:
        module: The network, in eval mode.
        run: Runs it once.
        input_hw: Height and width in pixels of the input that `run` feeds.
        wait: Blocks until the device has finished.
        wanted: Short name by path of the stages to tap by default, as the user gives them; an empty name lets the
            guess name it. None guesses.
        model: Name of the model, for messages.

    Raises:
        DetectorError: If `wanted` names what returns no map.
    """
    modules = {path: part for path, part in module.named_modules() if path and not isinstance(part, _TRANSPARENT)}
    inner = _handed_on(modules, run)
    found = find_maps(modules, run, wait=wait)
    stages = [_stage(one, stride) for one in found if (stride := stride_of(one.map_hw, input_hw)) is not None]
    stages = _with_roles([stage for stage in stages if stage.node not in inner])
    if wanted is None:
        names = _guess_names(stages)
        return tuple(replace(s, name=names.get(s.node, ""), default=s.node in names) for s in stages)
    by_node = {stage.node: stage for stage in stages}
    chosen = {_outermost(path, by_node, inner, model): name for path, name in wanted.items()}
    return tuple(_named(stage, chosen) for stage in stages)


def _stage(found: FoundMap, stride: int) -> Stage:
    return Stage(
        node=found.node,
        role=Role.BACKBONE,
        stride=stride,
        channels=found.channels,
        map_hw=found.map_hw,
        kind=found.kind,
        share=found.share,
    )


def _named(stage: Stage, chosen: Mapping[str, str]) -> Stage:
    """A stage as the user wants it; a short name of theirs says which role it has, if it says C or P."""
    if stage.node not in chosen:
        return stage
    name = chosen[stage.node]
    role = {"C": Role.BACKBONE, "P": Role.NECK}.get(name[:1]) if re.fullmatch(r"[CP]\d", name) else None
    return replace(stage, name=name, default=True, role=role or stage.role)


def _outermost(path: str, stages: Mapping[str, Stage], inner: Mapping[str, str], model: str) -> str:
    node = path
    while node not in stages and node in inner:
        node = inner[node]
    if node not in stages:
        hint = did_you_mean(path, stages) or "; `featscope stages` without it lists those that do"
        raise DetectorError(f"stages of {model}: no module {path!r} returns a map that covers the input{hint}")
    return node


def _with_roles(stages: Sequence[Stage]) -> list[Stage]:
    if not stages:
        return []
    parts = _parts([stage.node for stage in stages])
    end = _backbone_end(stages, parts)
    is_branch = parts[-1] not in parts[:end]
    roles: list[Stage] = []
    in_head = False
    for number, (stage, part) in enumerate(zip(stages, parts, strict=True)):
        said = _role_by_words(stage.node)
        in_head |= said is Role.HEAD or (is_branch and part == parts[-1])
        guessed = Role.HEAD if in_head else Role.BACKBONE if number < end else Role.NECK
        roles.append(replace(stage, role=said or guessed))
    return roles


def _backbone_end(stages: Sequence[Stage], parts: Sequence[str]) -> int:
    """How many stages, from the first, are the backbone: up to where maps first grow finer, or a new part begins."""
    turn = next((i for i in range(1, len(stages)) if stages[i].stride < stages[i - 1].stride), len(stages))
    coarsest = max(stage.stride for stage in stages[:turn])
    made = next(i for i in range(turn) if stages[i].stride == coarsest)
    if parts[made].isdecimal():  # one long sequence has no parts
        return turn
    return next((i for i in range(made, turn) if parts[i] != parts[made]), turn)


def _parts(nodes: Sequence[str]) -> list[str]:
    """The first word of each path in which not all paths agree."""
    words = [node.partition("@")[0].split(".") for node in nodes]
    common = 0
    while all(len(path) > common + 1 and path[common] == words[0][common] for path in words):
        common += 1
    return [path[common] for path in words]


def _role_by_words(node: str) -> Role | None:
    """The role that a word of the path says; the outermost wins, `backbone.fpn` being the exception it is meant as."""
    words = re.split(r"[._@]", node.lower())
    if "fpn" in words:
        return Role.NECK
    return next((_ROLE_OF_WORD[word] for word in words if word in _ROLE_OF_WORD), None)


def _guess_names(stages: Sequence[Stage]) -> dict[str, str]:
    names: dict[str, str] = {}
    for letter, role in (("C", Role.BACKBONE), ("P", Role.NECK)):
        last = {stage.stride: stage.node for stage in stages if stage.role is role}
        usual = {stride: node for stride, node in last.items() if stride in _STRIDES}
        last = usual or dict(sorted(last.items())[-len(_STRIDES) :])
        for stride, node in sorted(last.items()):
            names[node] = f"{letter}{stride.bit_length() - 1}" if stride & (stride - 1) == 0 else ""
    return names


@dataclass(slots=True)
class _Last:
    """The call that returned last, and what it returned."""

    node: str = ""
    output: Tensor | None = None


def _handed_on(modules: Mapping[str, nn.Module], run: Callable[[], object]) -> dict[str, str]:
    """Nodes whose output a module around them returns as it is, each with that module's node."""
    last, outer, counts = _Last(), dict[str, str](), Counter[str]()
    handles: list[torch.utils.hooks.RemovableHandle] = []

    def watch(path: str, module: nn.Module) -> None:
        def after(_module: nn.Module, _inputs: Any, output: Any) -> None:
            counts[path] += 1
            node = path if counts[path] == 1 else f"{path}@{counts[path]}"
            if isinstance(output, Tensor):
                if output is last.output and last.node.startswith(path + "."):
                    outer[last.node] = node
                last.node, last.output = node, output

        handles.append(module.register_forward_hook(after))

    try:
        known: set[int] = set()
        for path, module in modules.items():
            if id(module) not in known:
                known.add(id(module))
                watch(path, module)
        run()
    finally:
        for handle in handles:
            handle.remove()
    return outer
