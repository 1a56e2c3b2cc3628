"""Roles, names and defaults of the maps of a network nobody told us about, guessed from its paths and resolutions.

Words in a module's path decide first (`backbone`, `fpn`, `head`). Where there are none: maps grow coarser through the
backbone, which ends with the part that makes the coarsest; what follows is the neck, up to the head or the part that
runs last. Tapped by default is at strides 8, 16 and 32 the last backbone map that the neck reads (`C3`, `C4`, `C5`),
and at each of these strides the last neck map that the head reads (`P3`, `P4`, `P5`); a finer or coarser level that the
head reads beside those is tapped with them (`P2`, `P6`). Who reads whom is seen by running it. Where nobody reads one,
it is the last.

All of this is decided by the outputs of modules. An exported program also has operations that were written between
modules, such as a sum of two levels; they are listed, their part of the network follows from what they are made from,
and they change nothing for the others. So a network is tapped in the same places whether it comes as code or exported.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from torch import nn

from viewer.core.errors import DetectorError, did_you_mean
from viewer.core.stage import Role, Stage
from viewer.detectors.aliases import with_aliases
from viewer.detectors.discovery import FoundMap, find_maps
from viewer.detectors.flow import Flow, watch_flow
from viewer.detectors.levels import map_reads
from viewer.detectors.tiling import stride_of

_STRIDES = (8, 16, 32)
_WORDS = {
    Role.BACKBONE: ("backbone", "body", "encoder", "stem", "features", "trunk"),
    Role.NECK: ("neck", "fpn", "pan", "pafpn", "bifpn", "lateral", "decoder"),
    Role.HEAD: ("head", "heads", "cls", "reg", "bbox", "rpn", "predictor", "detect", "anchors"),
}
_ROLE_OF_WORD = {word: role for role, words in _WORDS.items() for word in words}
_ORDER = (Role.BACKBONE, Role.NECK, Role.HEAD)
_Reads = Mapping[str, tuple[str, ...]]


class Operation(nn.Module):
    """Base of modules that stand for an operation written between modules; see `viewer.detectors.exported`."""


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

    A map that several modules return as it is, such as a sequence and its last part, is listed once, under the path of
    the outermost, with the others as its aliases. What comes out of a padding is no stage: its cells lie beside the
    picture's.

    Args:
        module: The network, in eval mode.
        run: Runs it once.
        input_hw: Height and width in pixels of the input that `run` feeds.
        wait: Blocks until the device has finished.
        wanted: Short name by path of the stages to tap by default, as the user gives them; an empty name lets the
            guess name it. None guesses.
        model: Name of the model, for messages.

    Raises:
        DetectorError: If `wanted` names what returns no map, or one map twice.
    """
    modules = {path: part for path, part in module.named_modules() if path}
    flow = watch_flow(modules, run)
    found = find_maps(modules, run, wait=wait)
    stages = [_stage(one, stride) for one in found if (stride := stride_of(one.map_hw, input_hw)) is not None]
    stages = [stage for stage in stages if stage.node not in flow.same_as and stage.node not in flow.padded]
    stages = with_aliases(_placed(stages, modules, flow), flow)
    if wanted is None:
        return tuple(stages)
    chosen = _chosen(wanted, stages, model)
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
        return replace(stage, name="", default=False)
    name = chosen[stage.node]
    role = {"C": Role.BACKBONE, "P": Role.NECK}.get(name[:1]) if re.fullmatch(r"[CP]\d", name) else None
    return replace(stage, name=name, default=True, role=role or stage.role)


def _chosen(wanted: Mapping[str, str], stages: Sequence[Stage], model: str) -> dict[str, str]:
    """Short name by node of the stages that the user wants."""
    chosen: dict[str, str] = {}
    paths: dict[str, str] = {}
    for path, name in wanted.items():
        node = _standing_for(path, stages, model)
        if node in paths:
            raise DetectorError(f"stages of {model}: {paths[node]!r} and {path!r} return one map; keep one of them")
        paths[node], chosen[node] = path, name
    return chosen


def _standing_for(path: str, stages: Sequence[Stage], model: str) -> str:
    nodes = {name: stage.node for stage in stages for name in (stage.node, *stage.aliases)}
    if path not in nodes:
        hint = did_you_mean(path, nodes) or "; `featscope stages` without it lists those that do"
        raise DetectorError(f"stages of {model}: no module {path!r} returns a map that covers the input{hint}")
    return nodes[path]


def _placed(stages: Sequence[Stage], modules: Mapping[str, nn.Module], flow: Flow) -> list[Stage]:
    """The stages with roles, names and defaults."""
    own = [s for s in stages if not isinstance(modules[s.node.partition("@")[0]], Operation)] or list(stages)
    own = _with_roles(own)
    order = list(flow.reads)
    names = _guess_names(own, map_reads([stage.node for stage in own], order, flow.reads))
    roles = {stage.node: stage.role for stage in own}
    placed = {stage.node: stage for stage in stages}
    for node, sources in map_reads(list(placed), order, flow.reads).items():
        if node not in roles:
            read = [(roles[source], placed[source].stride) for source in sources]
            roles[node] = _role_by_words(node) or _role_around(node, own) or _role_after(read, placed[node].stride)
    return [replace(s, role=roles[s.node], name=names.get(s.node, ""), default=s.node in names) for s in stages]


def _role_around(node: str, own: Sequence[Stage]) -> Role | None:
    """The role of an operation in a module whose stages all have the same."""
    around = node.rpartition(".")[0]
    roles = {stage.role for stage in own if around and stage.node.startswith(f"{around}.")}
    return roles.pop() if len(roles) == 1 else None


def _role_after(read: Sequence[tuple[Role, int]], stride: int) -> Role:
    """The role of an operation from those of the maps it is made from, and their strides: what is finer is neck."""
    role = max((role for role, _ in read), key=_ORDER.index, default=Role.BACKBONE)
    return Role.NECK if role is Role.BACKBONE and any(coarser > stride for _, coarser in read) else role


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


def _guess_names(stages: Sequence[Stage], reads: _Reads) -> dict[str, str]:
    """Short names of what is tapped by default; a backbone map that the head reads beside a neck's is a level too."""
    by_role = {role: [stage for stage in stages if stage.role is role] for role in _ORDER}
    entering = _read_by(by_role[Role.HEAD], reads)
    leaving = entering | _read_by(by_role[Role.NECK], reads)
    neck = _last(by_role[Role.NECK]) | _last(s for s in by_role[Role.NECK] if s.node in entering)
    beside = _last(s for s in by_role[Role.BACKBONE] if s.node in entering and s.stride not in neck)
    levels = neck | beside if neck else {}
    backbone = [stage for stage in by_role[Role.BACKBONE] if stage.node not in levels.values()]
    body = _last(backbone) | _last(s for s in backbone if s.node in leaving)
    read = {stride for stride, node in levels.items() if node in entering}
    always = read if read & {*_STRIDES} else set[int]()
    return _lettered("C", body, always=set()) | _lettered("P", levels, always=always)


def _read_by(stages: Iterable[Stage], reads: _Reads) -> set[str]:
    """What these stages are made from, other than by each other."""
    readers = {stage.node for stage in stages}
    return {source for reader in readers for source in reads[reader]} - readers


def _last(stages: Iterable[Stage]) -> dict[int, str]:
    """The last of these stages at each stride."""
    return {stage.stride: stage.node for stage in stages}


def _lettered(letter: str, nodes: Mapping[int, str], *, always: set[int]) -> dict[str, str]:
    """Names of nodes, given by stride: at the usual strides and those to take always, else of the coarsest few."""
    usual = {stride: node for stride, node in nodes.items() if stride in _STRIDES or stride in always}
    chosen = usual or dict(sorted(nodes.items())[-len(_STRIDES) :])
    is_power = {stride: stride & (stride - 1) == 0 for stride in chosen}
    return {n: f"{letter}{stride.bit_length() - 1}" if is_power[stride] else "" for stride, n in sorted(chosen.items())}
