"""Places for hooks in a program that has operations but no modules.

An exported program is a flat list of operations; of the modules it came from only their weights and, with each
operation, the path it was called in are left. Here every operation that makes a map is followed by calls to modules
that hand the map on: one under the path of each module whose one output it is (`backbone.layer2.1`, `backbone.layer2`),
or else one under the path it was called in with the operation's own name (`backbone.layer2.0.add_4`). So a hook finds
what it would have found in the original network.

An operation that only shows a part of a map, or shows it in another order (a slice, a split, a view), gets none for
itself: nothing was computed in it.
"""

import operator
import re
from collections import defaultdict
from dataclasses import dataclass

from torch import Tensor, fx, nn

from viewer.detectors.roles import Operation

_PATH = re.compile(r"\w+(\.\w+)*")
_SLICE = re.compile(r"slice\((None|0), (None|-?\d+), (None|1)\)\.")
"""What is between a container and its part where code runs through `container[:-1]`; parts keep their numbers then."""


class Passage(nn.Module):
    """Hands on what it is given; its class is renamed after what it stands for."""

    def forward(self, activation: Tensor) -> Tensor:
        """The same tensor."""
        return activation


@dataclass(frozen=True, slots=True)
class _Call:
    """One call of a module of the original network: `key` differs from call to call, `path` does not."""

    key: str
    path: str
    kind: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Path and kind of a passage, and whether it stands for an operation rather than for a module."""

    path: str
    kind: str
    is_operation: bool = False


def open_passages(program: fx.GraphModule) -> nn.Module:
    """Insert passages behind every operation whose result is a map.

    Args:
        program: What `ExportedProgram.module` returns; changed in place.

    Returns:
        The same, its forward compiled anew.
    """
    maps = [node for node in program.graph.nodes if _is_map(node)]
    calls = {node: _calls(node) for node in program.graph.nodes}
    outputs = _outputs(program.graph, calls)
    for node in maps:
        last = node
        for place in _places(node, calls[node], outputs):
            last = _insert(program, last, place)
    _shorten_ways(program)
    program.graph.lint()
    program.recompile()
    return program


def _insert(program: fx.GraphModule, node: fx.Node, place: _Place) -> fx.Node:
    """Let everything that reads a node read a passage behind it, which is returned."""
    path = _make_room(program, place.path, place)
    with program.graph.inserting_after(node):
        passage = program.graph.call_module(path, (node,))
    passage.meta = {"val": node.meta["val"]}
    node.replace_all_uses_with(passage, delete_user_cb=lambda user: user is not passage)
    return passage


def _shorten_ways(program: fx.GraphModule) -> None:
    """Let the program reach its passages in one step instead of one for each word of their path.

    There are hundreds of calls, and the steps took longer than the calls. The network's own tree stays as it is.
    """
    names: dict[str, str] = {}
    for node in program.graph.nodes:
        if node.op == "call_module" and isinstance(passage := program.get_submodule(node.target), Passage):
            name = names.setdefault(node.target, f"_passage_{len(names)}")
            object.__setattr__(program, name, passage)  # not as a part of the network, which has it already
            node.target = name


def root_kind(graph: fx.Graph) -> str:
    """Class name of the network the program was made from; empty where the program does not say."""
    for node in graph.nodes:
        for path, kind in (node.meta.get("nn_module_stack") or {}).values():
            if path == "":
                return str(kind).rpartition(".")[2]
    return ""


def _is_map(node: fx.Node) -> bool:
    value = node.meta.get("val")
    return (
        node.op == "call_function"
        and isinstance(value, Tensor)
        and value.ndim == 4
        and value.shape[0] == 1
        and value.dtype.is_floating_point
    )


def _calls(node: fx.Node) -> tuple[_Call, ...]:
    """The calls a node stands in, outermost first, the network itself left out."""
    calls: list[_Call] = []
    for key, (given, kind) in (node.meta.get("nn_module_stack") or {}).items():
        path = _SLICE.sub("", given)
        if not _PATH.fullmatch(path):
            continue
        outer = calls[-1].path if calls else ""
        # A module that was called through a method of its owner's other than forward is named from there.
        whole = path if path.startswith(outer) else f"{outer}.{path}"
        calls.append(_Call(key, whole, str(kind).rpartition(".")[2]))
    return tuple(calls)


def _outputs(graph: fx.Graph, calls: dict[fx.Node, tuple[_Call, ...]]) -> dict[str, list[fx.Node]]:
    """The nodes of each call, by its key, that are used outside it."""
    leaving: defaultdict[str, list[fx.Node]] = defaultdict(list)
    for node in graph.nodes:
        for call in calls[node]:
            if any(call not in calls[user] for user in node.users):
                leaving[call.key].append(node)
    return leaving


def _places(node: fx.Node, calls: tuple[_Call, ...], outputs: dict[str, list[fx.Node]]) -> list[_Place]:
    """Where passages stand behind a node, the innermost first."""
    places: list[_Place] = []
    for call in reversed(calls):
        if outputs[call.key] != [node]:
            break
        places.append(_Place(call.path, call.kind))
    if places or _only_shows(node):
        return places
    name = node.name.strip("_")
    path = f"{calls[-1].path}.{name}" if calls else name
    return [_Place(path, re.sub(r"_\d+$", "", name), is_operation=True)]


def _only_shows(node: fx.Node) -> bool:
    """Whether an operation computes nothing: its result is memory of its operand's."""
    if node.target is operator.getitem:  # one of several results, which may be computed ones
        source = node.args[0]
        return isinstance(source, fx.Node) and _only_shows(source)
    return bool(getattr(node.target, "is_view", False))


def _make_room(program: fx.GraphModule, path: str, place: _Place) -> str:
    """Put a passage at a path, taking over the weights and the modules that lie there.

    Returns:
        The path; with a word added where something else than a module has it already.
    """
    parent: nn.Module = program
    *folders, leaf = path.split(".")
    for folder in folders:
        if not isinstance(getattr(parent, folder, None), nn.Module):
            parent.add_module(folder, nn.Module())
        parent = parent.get_submodule(folder)
    there = getattr(parent, leaf, None)
    if isinstance(there, Passage):
        return path
    if there is not None and not isinstance(there, nn.Module):
        return _make_room(program, f"{path}_out", place)
    bases = (Passage, Operation) if place.is_operation else (Passage,)
    passage = type(place.kind or "Passage", bases, {})()
    if there is None:
        parent.add_module(leaf, passage)
    else:
        _take_over(passage, there)
        setattr(parent, leaf, passage)
    return path


def _take_over(passage: nn.Module, there: nn.Module) -> None:
    """Give a passage the weights, constants and modules of the empty module it replaces."""
    for name, parameter in there.named_parameters(recurse=False, remove_duplicate=False):
        passage.register_parameter(name, parameter)
    for name, buffer in there.named_buffers(recurse=False, remove_duplicate=False):
        passage.register_buffer(name, buffer)
    for name, child in there.named_children():
        passage.add_module(name, child)
    for name, value in vars(there).items():  # constants that are no buffers
        if isinstance(value, Tensor):
            setattr(passage, name, value)
