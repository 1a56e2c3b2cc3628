"""Roles and names of a torchvision detector's outputs: C3 to C5 of the body, P2 to P7 of the pyramid, the heads."""

import math
import re
from collections.abc import Callable
from dataclasses import replace

from torch import nn
from torchvision.ops.misc import Conv2dNormActivation

from viewer.core.stage import Role, Stage
from viewer.detectors.aliases import with_aliases
from viewer.detectors.discovery import FoundMap, find_maps
from viewer.detectors.flow import watch_flow

_DEFAULT_LEVELS = (3, 4, 5)
"""Powers of two of the strides that are tapped by default."""
_PLACES = (
    (re.compile(r"backbone\.(body|features)\.\w+(\.\d+)?"), Role.BACKBONE),
    (re.compile(r"backbone\.fpn\.(inner|layer)_blocks\.\d+"), Role.NECK),
    (re.compile(r"backbone\.fpn\.extra_blocks\.p\d"), Role.NECK),
    (re.compile(r"backbone\.extra\.\d+"), Role.NECK),
    (re.compile(r"rpn\.head\.(conv|cls_logits|bbox_pred)"), Role.HEAD),
    (re.compile(r"head\.\w+_head\.(conv|cls_logits|bbox_reg|bbox_ctrness)"), Role.HEAD),
    (re.compile(r"head\.\w+_head\.module_list\.\d+"), Role.HEAD),
)
"""Which modules are stages, and of what part. Most modules of a head run once a level, the finest first."""
_REPEATS = 1  # these networks are slow on a CPU, and a share need not be exact


def list_stages(
    model: nn.Module, input_hw: tuple[int, int], run: Callable[[], object], wait: Callable[[], None]
) -> tuple[Stage, ...]:
    """List the blocks of the body, the levels of the pyramid and the maps of the heads, a call each.

    Tapped by default are the last block of the body at strides 8, 16 and 32 (`C3`, `C4`, `C5`) and the levels of the
    pyramid there (`P3`, `P4`, `P5`). What a box head makes of single proposals are no maps of the picture.

    Args:
        model: Model of torchvision.
        input_hw: Height and width in pixels of the input that `run` feeds.
        run: Runs the network once.
        wait: Blocks until the device has finished.
    """
    found = find_maps(_stages_of(model), run, wait=wait, repeats=_REPEATS)
    stages = [_stage(one, input_hw) for one in found]
    names = _names(stages)
    defaults = {node for node, name in names.items() if _level(name) in _DEFAULT_LEVELS}
    named = [replace(s, name=names.get(s.node, ""), default=s.node in defaults) for s in stages]
    return with_aliases(named, watch_flow({path: part for path, part in model.named_modules() if path}, run))


def nominal_stride(input_px: int, cells: int) -> int:
    """Input pixels for a cell: the power of two that makes so many cells of the input, else the ratio, rounded.

    Maps do not always tile the input: SSD's finest has 38 cells of 8 pixels over 300.
    """
    power = 1 << math.ceil(math.log2(input_px / cells))
    return power if -(-input_px // power) == cells else round(input_px / cells)


def _role(path: str) -> Role | None:
    return next((role for place, role in _PLACES if place.fullmatch(path)), None)


def _stages_of(model: nn.Module) -> dict[str, nn.Module]:
    modules = dict(model.named_modules())
    whole = {path for path, module in modules.items() if isinstance(module, Conv2dNormActivation)}
    return {path: m for path, m in modules.items() if _role(path) and path.rpartition(".")[0] not in whole}


def _stage(found: FoundMap, input_hw: tuple[int, int]) -> Stage:
    return Stage(
        node=found.node,
        role=_role(found.node.partition("@")[0]) or Role.HEAD,
        stride=nominal_stride(input_hw[1], found.map_hw[1]),
        channels=found.channels,
        map_hw=found.map_hw,
        kind=found.kind,
        share=found.share,
    )


def _names(stages: list[Stage]) -> dict[str, str]:
    """Short name by node, by the power of two of the stride; of two levels alike the second gets a letter."""
    names: dict[str, str] = {}
    last_of_body = {stage.stride: stage.node for stage in stages if stage.role is Role.BACKBONE}
    for stride, node in last_of_body.items():
        if stride >= 1 << min(_DEFAULT_LEVELS) and _is_power(stride):
            names[node] = f"C{round(math.log2(stride))}"
    levels = [s for s in stages if s.role is Role.NECK and "inner_blocks" not in s.node and _is_power(s.stride)]
    # A pyramid is built from the top down; its levels are numbered from the finest on, and so named.
    for stage in sorted(levels, key=lambda level: level.node):
        name = f"P{round(math.log2(stage.stride))}"
        taken = sum(known.startswith(name) for known in names.values())
        names[stage.node] = name + "abcdef"[taken] if taken else name
    return names


def _is_power(stride: int) -> bool:
    return stride.bit_count() == 1


def _level(name: str) -> int:
    return int("".join(letter for letter in name if letter.isdigit()))
