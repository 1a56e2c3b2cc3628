"""Roles and names of an ultralytics network's outputs: backbone, neck, head; C3 to C5, P2 to P6, A5."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from torch import nn

from viewer.core.stage import Role, Stage
from viewer.detectors.aliases import with_aliases
from viewer.detectors.discovery import FoundMap, find_maps
from viewer.detectors.flow import watch_flow
from viewer.detectors.ultralytics.attention import CHILD, AttentionMap

_BACKBONE_STRIDES = (8, 16, 32)
_HEAD_BRANCHES = ("input_proj", "one2one_cv2", "one2one_cv3", "cv2", "cv3")


def list_stages(
    network: Any, input_hw: tuple[int, int], run: Callable[[], object], wait: Callable[[], None]
) -> tuple[Stage, ...]:
    """List every block whose output is a map, its attention, and the last map of each branch and level of the head.

    In a network that is not fused the batch norms inside the blocks are listed too, and the convolutions before them.
    Tapped by default are the neck outputs that enter the head (`P3`, `P4`, `P5`, by stride) and the last backbone
    block at strides 8, 16 and 32 (`C3`, `C4`, `C5`). The last attention at each stride has a name too (`A5`). A map
    whose cells do not tile the input (after a bare padding, in YOLOv3-tiny) cannot be drawn in its place and is left
    out.

    Args:
        network: A fused ultralytics model.
        input_hw: Height and width in pixels of the input that `run` feeds.
        run: Runs the network once.
        wait: Blocks until the device has finished.
    """
    *blocks, head = network.model
    count = len(network.yaml["backbone"])
    roles = {f"model.{i}": Role.BACKBONE if i < count else Role.NECK for i in range(len(blocks))}
    modules: dict[str, nn.Module] = {f"model.{i}": block for i, block in enumerate(blocks)}
    modules |= _norms(blocks)
    modules |= _head_maps(head, f"model.{len(blocks)}")
    found = [one for one in find_maps(modules, run, wait=wait) if _tiles(one.map_hw, input_hw)]
    attention = _attention_maps(blocks)
    if attention:  # by themselves, since a block takes longer while its attention is looked at
        found = sorted([*find_maps(attention, run, wait=wait), *found], key=lambda one: _block_number(one.node))
    stages = [_stage(one, roles.get(_block(one.node), Role.HEAD), input_hw) for one in found]
    names = _names([stage for stage in stages if stage.node.count(".") == 1], head_inputs(network))
    last_attention = {s.stride: s.node for s in stages if _is_attention(s.node)}
    titles = names | {node: f"A{round(math.log2(stride))}" for stride, node in last_attention.items()}
    named = [replace(s, name=titles.get(s.node, ""), default=s.node in names) for s in stages]
    inner = {path: module for path, module in network.named_modules() if path and not isinstance(module, AttentionMap)}
    return with_aliases(named, watch_flow(inner, run))


def head_inputs(network: Any) -> list[str]:
    """Nodes whose outputs enter the head, in its order."""
    head = network.model[-1]
    rows = head.f if isinstance(head.f, (list, tuple)) else [head.f]
    last = len(network.model) - 1
    return [f"model.{row if row >= 0 else last + row}" for row in rows]


def _block(node: str) -> str:
    """The block a node belongs to: `model.10` for `model.10.m.0.attn.attention`."""
    return ".".join(node.split(".")[:2])


def _block_number(node: str) -> int:
    return int(node.split(".")[1].partition("@")[0])


def _is_attention(node: str) -> bool:
    return node.partition("@")[0].endswith(f".{CHILD}")


def _attention_maps(blocks: list[Any]) -> dict[str, nn.Module]:
    return {
        f"model.{number}.{path}": module
        for number, block in enumerate(blocks)
        for path, module in block.named_modules()
        if isinstance(module, AttentionMap)
    }


def _norms(blocks: list[Any]) -> dict[str, nn.Module]:
    """Batch norms, and the convolutions before them, that were left unfused for somebody to look at."""
    return {
        ".".join(filter(None, ("model", str(number), path, part))): inner
        for number, block in enumerate(blocks)
        for path, module in block.named_modules()
        if isinstance(getattr(module, "bn", None), nn.BatchNorm2d)
        for part in ("conv", "bn")
        if isinstance(inner := getattr(module, part, None), nn.Module)
    }


def _tiles(map_hw: tuple[int, int], input_hw: tuple[int, int]) -> bool:
    return input_hw[0] % map_hw[0] == 0 and input_hw[1] % map_hw[1] == 0


def _stage(found: FoundMap, role: Role, input_hw: tuple[int, int]) -> Stage:
    return Stage(
        node=found.node,
        role=role,
        stride=input_hw[1] // found.map_hw[1],
        channels=found.channels,
        map_hw=found.map_hw,
        kind=found.kind,
        share=found.share,
    )


def _names(stages: list[Stage], inputs: list[str]) -> dict[str, str]:
    """Short name by node; a backbone block that itself enters the head counts as P."""
    names: dict[str, str] = {}
    for stage in stages:
        name = f"P{round(math.log2(stage.stride))}"
        if stage.node in inputs and name not in names.values():
            names[stage.node] = name
    for stride in _BACKBONE_STRIDES:
        level = [s.node for s in stages if s.role is Role.BACKBONE and s.stride == stride and "@" not in s.node]
        if level and level[-1] not in names:
            names[level[-1]] = f"C{round(math.log2(stride))}"
    return names


def _head_maps(head: nn.Module, path: str) -> dict[str, nn.Module]:
    """Last module of each level in the branches for boxes and classes."""
    maps: dict[str, nn.Module] = {}
    for branch in _HEAD_BRANCHES:
        levels = getattr(head, branch, None)
        if not isinstance(levels, nn.ModuleList):
            continue
        for number, level in enumerate(levels):
            node = f"{path}.{branch}.{number}"
            if isinstance(level, nn.Sequential):
                maps[f"{node}.{len(level) - 1}"] = level[-1]
            else:
                maps[node] = level
    return maps
