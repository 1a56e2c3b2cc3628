"""Follows every operation of one forward, and notes what is known where a stage returns its activation."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_hook
from torch.utils._pytree import tree_leaves
from torch.utils.weak import WeakTensorKeyDictionary
from typing_extensions import override

from viewer.core.field import ReceptiveField, Span
from viewer.core.protocols import Detector
from viewer.detectors.watching import EagerWatch
from viewer.inference.fields.rules import RULES, Step, followed, is_pointwise
from viewer.inference.fields.trace import Everything, Known, Lost, Trace, joined


class FieldWatch(EagerWatch):
    """Watches one forward of a detector.

    Args:
        detector: Without taps on it.

    Attributes:
        found: The field of each stage that returned an activation while it was watched.
    """

    def __init__(self, detector: Detector) -> None:
        super().__init__()
        self._detector = detector
        self._known: Any = WeakTensorKeyDictionary()
        self._torn: dict[int, Lost] = {}  # by memory: of it a part was written that nobody can follow
        self._calls: dict[str, int] = {}
        self.found: tuple[ReceptiveField, ...] = ()

    @contextmanager
    def watching(self, images: Tensor) -> Iterator[None]:
        """A context for the forward of a picture (1, 3, h, w); what was found stands afterwards."""
        found: dict[str, ReceptiveField] = {}
        nodes = {stage.node for stage in self._detector.stages}
        paths = {id(module): path for path, module in self._detector.module.named_modules()}
        # Not on the modules themselves: some compute more while they have hooks, and that would be watched too.
        handle = register_module_forward_hook(self._hook(paths, nodes, found))
        height, width = images.shape[2:]
        self._known[images] = Trace(Span(), Span(), (height, width))
        try:
            with self:
                yield
        finally:
            handle.remove()
            self._known, self._torn, self._calls = WeakTensorKeyDictionary(), {}, {}
            self.found = tuple(found.values())

    @override
    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        given = _by_name(func, args, kwargs)
        operands = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor)]
        known = [(tensor, self._of(tensor)) for tensor in operands]
        read = [(tensor, one) for tensor, one in known if one is not None]
        name, pointwise = func.overloadpacket.__name__, is_pointwise(func)
        if read and not pointwise and name not in RULES:
            with self:
                parts = func.decompose(*args, **kwargs)
            if parts is not NotImplemented:
                return parts
        made = func(*args, **kwargs)
        if read:
            for tensor in tree_leaves(made):
                if isinstance(tensor, Tensor):
                    self._note(tensor, followed(Step(name, given, read, tensor, pointwise)), func)
        elif not _is_view(func):
            for tensor in tree_leaves(made):
                if isinstance(tensor, Tensor):
                    self._torn.pop(_memory(tensor), None)
        return made

    def _of(self, tensor: Tensor) -> Known | None:
        return self._known.get(tensor) or self._torn.get(_memory(tensor))

    def _note(self, tensor: Tensor, known: Known, func: Any) -> None:
        before, self._known[tensor] = self._known.get(tensor), known
        if not _is_view(func):
            self._torn.pop(_memory(tensor), None)
        is_written = func._schema.is_mutable  # noqa: SLF001 - the one place that says so
        if not is_written or known == before:  # what is written there comes from nowhere else
            return
        name = func.overloadpacket.__name__
        if _is_part(tensor):
            # The rest of that memory is read under another name.
            self._torn[_memory(tensor)] = known if isinstance(known, Lost) else Lost(f"{name} into a part")
        for other, one in list(self._known.items()):
            if other is not tensor and one != known and _overlap(other, tensor):
                self._known[other] = joined((one, known))  # it may show what was written, and what was there before

    def _hook(self, paths: Mapping[int, str], nodes: set[str], found: dict[str, ReceptiveField]) -> Any:
        def note(module: nn.Module, _inputs: Any, output: Any) -> None:
            path = paths.get(id(module))
            if path is None:
                return
            self._calls[path] = self._calls.get(path, 0) + 1
            node = path if self._calls[path] == 1 else f"{path}@{self._calls[path]}"
            if node in nodes and isinstance(output, Tensor):
                found[node] = _field(node, self._of(output))

        return note


def _field(node: str, known: Known | None) -> ReceptiveField:
    match known:
        case Trace(rows, columns, _, (-2, -1)):
            return ReceptiveField(node, rows, columns)
        case Everything():
            return ReceptiveField(node, None, None)
        case Lost(operation):
            return ReceptiveField(node, None, None, operation)
        case _:
            return ReceptiveField(node, None, None, "a way around the picture")


def _by_name(func: Any, args: Any, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    named: dict[str, Any] = {}
    for number, argument in enumerate(func._schema.arguments):  # noqa: SLF001 - as above
        if number < len(args):
            named[argument.name] = args[number]
        else:
            named[argument.name] = kwargs.get(argument.name, argument.default_value)
    return named


def _is_view(func: Any) -> bool:
    return any(value.alias_info is not None for value in func._schema.returns)  # noqa: SLF001 - as above


def _is_part(tensor: Tensor) -> bool:
    """Whether a tensor shows a part of its memory only."""
    try:
        return tensor.numel() * tensor.element_size() < tensor.untyped_storage().nbytes()
    except NotImplementedError:
        return False


def _overlap(one: Tensor, other: Tensor) -> bool:
    """Whether two tensors may show the same numbers: not in different memory, nor as parts of one beside each other."""
    if _memory(one) != _memory(other):
        return False
    try:
        first, second = sorted((one, other), key=lambda tensor: int(tensor.storage_offset()))
        strides = first.stride()
    except (NotImplementedError, RuntimeError):
        return True
    if strides != second.stride():
        return True
    apart = int(second.storage_offset()) - int(first.storage_offset())
    for size, second_size, stride in zip(first.shape, second.shape, strides, strict=True):
        row = min((wider for wider in strides if wider > stride), default=math.inf)
        if apart % stride == 0 and size * stride <= apart <= row - second_size * stride:
            return False
    return True


def _memory(tensor: Tensor) -> int:
    """Where a tensor's memory begins; one in a layout of its own shares it with none."""
    try:
        return tensor.untyped_storage().data_ptr()
    except NotImplementedError:
        return id(tensor)
