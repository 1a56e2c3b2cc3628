"""Which map is made from which, and which is the very same, in a network that is code and tells neither.

The network runs once while every operation is watched. An operation passes on which maps its operands were made from;
a module that returns a map starts anew from there. So the edges are those of the computation, also through functional
sums, upsamplings and buffers that are filled part by part, and they are the same whether the network is a team's own
code or was exported: that is what lets both be read alike.

A module that returns a map which a call inside it returned stands for that call, wherever the module called lies; an
activation that all blocks share lies in one of them. An exported program calls one after the other what was nested, so
there a path inside the module's own counts as well.
"""

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves
from torch.utils.weak import WeakTensorKeyDictionary
from typing_extensions import override

from viewer.detectors.discovery import is_map
from viewer.detectors.watching import EagerWatch

_PADS = ("constant_pad_nd", "pad", "reflection_pad", "replication_pad")
"""How the names of operators begin that put a border around a map."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What one run showed of the calls that returned a map, see `viewer.detectors.discovery.is_map`.

    Attributes:
        reads: By node, each after those it reads, the nodes whose maps it was made from. Only nodes that stand for a
            map are named.
        same_as: Nodes that hand on a map as it is, each with the node that stands for it: the module around it that
            returns it too, or the one that made it.
        padded: Nodes whose map came out of a padding: its cells lie beside the picture's.
    """

    reads: Mapping[str, tuple[str, ...]]
    same_as: Mapping[str, str]
    padded: frozenset[str]

    def standing_for(self, node: str) -> str:
        """The node that stands for the map of this one."""
        while node in self.same_as:
            node = self.same_as[node]
        return node


def watch_flow(modules: Mapping[str, nn.Module], run: Callable[[], object]) -> Flow:
    """Run a network once and see how its maps hang together. No hook is left behind, also when `run` raises.

    Args:
        modules: Modules to look at by path; calls are numbered as `viewer.detectors.discovery.find_maps` does.
        run: Runs the network once.
    """
    watch = _Watch()
    handles: list[torch.utils.hooks.RemovableHandle] = []
    try:
        known: set[int] = set()
        for path, module in modules.items():
            if id(module) not in known:
                known.add(id(module))
                handles.append(module.register_forward_pre_hook(watch.before(path)))
                handles.append(module.register_forward_hook(watch.after(path)))
        with watch:
            run()
    finally:
        for handle in handles:
            handle.remove()
    return watch.flow()


@dataclass(frozen=True, slots=True)
class _Content:
    """What was in a tensor when its memory had been written to so many times."""

    sources: frozenset[str]
    writes: int
    is_bordered: bool = False


@dataclass(frozen=True, slots=True)
class _Made:
    """Which call returned a tensor and when, and how often the tensor's memory had been written to by then."""

    node: str
    when: int
    writes: int


@dataclass(eq=False)
class _Watch(EagerWatch):
    """Follows tensors by identity; it holds none of them, so that a network needs no more memory than usual."""

    reads: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    same_as: dict[str, str] = field(default_factory=dict[str, str])
    padded: set[str] = field(default_factory=set[str])
    counts: Counter[str] = field(default_factory=Counter[str])
    clock: Iterator[int] = field(default_factory=itertools.count)
    began: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    contents: Any = field(default_factory=WeakTensorKeyDictionary)
    makers: Any = field(default_factory=WeakTensorKeyDictionary)
    writes: defaultdict[int, list[frozenset[str]]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        super().__init__()

    def flow(self) -> Flow:
        seen = Flow({}, self.same_as, frozenset(self.padded))
        stands = seen.standing_for
        reads = {stands(node): tuple(sorted({*map(stands, sources)})) for node, sources in self.reads.items()}
        return replace(seen, reads=reads)

    @override
    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        given = list(_given(func, args, kwargs))
        read = self.sources_of(t for argument, value in given if not argument.is_out for t in _tensors(value))
        made = func(*args, **kwargs)
        for argument, value in given:
            if argument.alias_info is not None and argument.alias_info.is_write:
                for tensor in _tensors(value):
                    self.writes[_memory(tensor)].append(read)
        for tensor in _tensors(made):
            self.note(tensor, read, is_bordered=_adds_border(func, args, tensor))
        return made

    def note(self, tensor: Tensor, sources: frozenset[str], *, is_bordered: bool = False) -> _Content:
        content = _Content(sources, len(self.writes[_memory(tensor)]), is_bordered)
        self.contents[tensor] = content
        return content

    def content_of(self, tensor: Tensor) -> _Content:
        """What is in a tensor now, with what was written to its memory since, through whatever view.

        One that nobody made under the watch, such as a buffer of the network, is followed from here on.
        """
        content = self.contents.get(tensor) or self.note(tensor, frozenset())
        since = self.writes[_memory(tensor)][content.writes :]
        return replace(content, sources=content.sources.union(*since))

    def sources_of(self, tensors: Iterable[Tensor]) -> frozenset[str]:
        return frozenset[str]().union(*(self.content_of(tensor).sources for tensor in tensors))

    def before(self, path: str) -> Callable[[nn.Module, Any], None]:
        def begin(_module: nn.Module, _inputs: Any) -> None:
            self.began[path].append(next(self.clock))

        return begin

    def after(self, path: str) -> Callable[[nn.Module, Any, Any], None]:
        def end(_module: nn.Module, _inputs: Any, output: Any) -> None:
            self.counts[path] += 1
            began = self.began[path].pop()
            if is_map(output):
                node = path if self.counts[path] == 1 else f"{path}@{self.counts[path]}"
                self.returned(node, path, began, output)

        return end

    def returned(self, node: str, path: str, began: int, output: Tensor) -> None:
        content, writes = self.content_of(output), len(self.writes[_memory(output)])
        maker = self.makers.get(output)
        if maker is None or maker.writes != writes:
            self.reads[node] = content.sources
        elif maker.when > began or maker.node.startswith(f"{path}."):
            self.same_as[maker.node] = node
        else:
            self.same_as[node] = maker.node
            return
        if content.is_bordered:
            self.padded.add(node)
        self.makers[output] = _Made(node, next(self.clock), writes)
        self.note(output, frozenset({node}), is_bordered=content.is_bordered)


def _tensors(nest: Any) -> Iterator[Tensor]:
    return (leaf for leaf in tree_leaves(nest) if isinstance(leaf, Tensor))


def _given(func: Any, args: Any, kwargs: Mapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    """What an operator says about each of its arguments, with the value given."""
    for number, argument in enumerate(func._schema.arguments):  # noqa: SLF001 - the one place that says what is written
        yield argument, args[number] if number < len(args) else kwargs.get(argument.name)


def _adds_border(func: Any, args: Any, made: Tensor) -> bool:
    """Whether an operator put something around a map; a padding of nothing, or of channels, does not."""
    return func.__name__.startswith(_PADS) and next(_tensors(args), made).shape[-2:] != made.shape[-2:]


def _memory(tensor: Tensor) -> int:
    """Where a tensor's memory begins, which its views share with it; one in a layout of its own shares nothing."""
    try:
        return tensor.untyped_storage().data_ptr()
    except NotImplementedError:
        return id(tensor)
