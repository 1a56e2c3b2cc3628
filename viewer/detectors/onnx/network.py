"""A graph as one torch module whose children are its nodes, run one after the other.

A node that depends on the input's size and on constants, not on its pixels, is no child: it is computed on the host
when an input of that size first comes, and its value is kept. Operators take shapes, axes and counts from the host,
so a frame's work waits for the device nowhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import onnx
import onnx.numpy_helper
import torch
from torch import Tensor, nn

from viewer.detectors.onnx.graph import node_paths
from viewer.detectors.onnx.operators import convert_nodes

_SHAPE_ONLY = frozenset({"Shape", "Size"})
_REDUCTIONS = ("Sum", "Mean", "Max", "Min", "L1", "L2", "LogSum", "LogSumExp", "SumSquare")
_HOST_INPUTS: dict[str, frozenset[int]] = {
    **dict.fromkeys(("Reshape", "Expand", "Split", "Tile", "TopK", "Unsqueeze", "Squeeze"), frozenset({1})),
    **dict.fromkeys(("Trilu", "CumSum", *(f"Reduce{kind}" for kind in _REDUCTIONS)), frozenset({1})),
    **dict.fromkeys(("Resize", "Pad"), frozenset({1, 2, 3})),
    "Slice": frozenset({1, 2, 3, 4}),
    "ConstantOfShape": frozenset({0}),
    "Range": frozenset({0, 1, 2}),
    "NonMaxSuppression": frozenset({2, 3, 4}),
}
"""Inputs that say how, not what: Python reads them, so they stay on the host."""
_FLOATS = (torch.float32, torch.float16, torch.bfloat16)
_SIZES_KEPT = 4


@dataclass(frozen=True, slots=True)
class Step:
    """One node in the order of execution.

    Attributes:
        path: Path of its module in the network; the one it would have where the node is no child.
        kind: Operator, `Conv`.
        inputs: Names of the values it takes; empty where one is left out.
        outputs: Names of the values it makes.
        from_host: Which of `inputs` it takes from the host.
    """

    path: str
    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    from_host: tuple[bool, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Node:
    step: Step
    module: nn.Module
    is_still: bool


class OnnxNetwork(nn.Module):
    """Runs a tidied graph. One thread uses it at a time.

    Attributes:
        device: Where it runs.
        dtype: Type of its input and of every floating-point value.
        steps: Nodes that compute something of the picture, each a child module under its path.
        at: The step that runs, or ran last: where it stopped if a forward failed.
        warnings: What may differ from the file, by path.
    """

    def __init__(
        self, model: onnx.ModelProto, *, title: str, picture: str, device: torch.device, dtype: torch.dtype
    ) -> None:
        """Convert a graph and put it on a device.

        Args:
            model: A tidied model.
            title: Name of the file, for messages.
            picture: Name of the input that takes the picture.
            device: Where it will run.
            dtype: Type of every floating-point value.

        Raises:
            DetectorError: If operators are not known.
        """
        super().__init__()
        self.device, self.dtype = device, dtype
        self._picture = picture
        self._results = tuple(value.name for value in model.graph.output)
        self._host = _constants(model)
        nodes = model.graph.node
        still = _still_nodes(nodes, self._host)
        paths = node_paths(nodes, reserved={*dir(self), "constants", "steps", "at", "warnings"})
        # Nodes computed on the host keep the types of the file: shapes and grids are exact there.
        converted = convert_nodes(model, title, dtypes=[None if one else dtype for one in still])
        fixed = {*self._host}.union(*(node.output for node, one in zip(nodes, still, strict=True) if one))
        self._nodes = [
            _Node(_step(path, node, one.inputs, fixed), one.module.eval(), is_still)
            for path, node, one, is_still in zip(paths, nodes, converted, still, strict=True)
        ]
        self.warnings = {path: one.warning for path, one in zip(paths, converted, strict=True) if one.warning}
        self.at: Step | None = None
        live = [node for node in self._nodes if not node.is_still]
        self.steps = tuple(node.step for node in live)
        for node in live:
            _insert(self, node.step.path, node.module)
        self._frame = _with_last_uses(live, keep={*self._results, *fixed})
        self._wanted = {*self._results}.union(*(_from_device(step) for step in self.steps))
        self._weights = [n for n, value in self._host.items() if n in self._wanted and value.dtype in _FLOATS]
        self.constants = nn.ParameterList(nn.Parameter(self._host[n], requires_grad=False) for n in self._weights)
        self._prepared: dict[tuple[int, int], tuple[dict[str, Any], dict[str, Any]]] = {}
        self.requires_grad_(False).eval().to(device=device, dtype=dtype)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Run the graph.

        Args:
            images: (1, 3, H, W) on the network's device, of its type.

        Returns:
            The graph's outputs in its order.
        """
        size = (images.shape[2], images.shape[3])
        if size not in self._prepared:
            return self._prepare(images, size)
        host, fixed = self._prepared[size]
        values = {**fixed, self._picture: images}
        for node, done_with in self._frame:
            self.at = node.step
            _store(values, node.step, node.module(*_arguments(node.step, host, values)))
            for name in done_with:
                del values[name]
        return tuple(values[name] for name in self._results)

    def _prepare(self, images: Tensor, size: tuple[int, int]) -> tuple[Tensor, ...]:
        """Run once, and keep what depends on the input's size alone."""
        host: dict[str, Any] = {**self._host}
        fixed: dict[str, Any] = {name: host[name].to(self.device) for name in self._wanted if name in host}
        fixed |= {name: weight.data for name, weight in zip(self._weights, self.constants, strict=True)}
        values: dict[str, Any] = {**fixed, self._picture: images}
        for node, done_with in _with_last_uses(self._nodes, keep={*self._results}):
            step = self.at = node.step
            if node.is_still:
                made: dict[str, Any] = {}
                sources = {**values, **host} if step.kind in _SHAPE_ONLY else host
                with torch.inference_mode(mode=False), torch.no_grad():  # what is kept may enter autograd later
                    _store(made, step, node.module(*(sources[name] if name else None for name in step.inputs)))
                host |= {name: value.cpu() for name, value in made.items()}
                fixed |= {name: self._on_device(value) for name, value in made.items() if name in self._wanted}
                values |= {name: fixed[name] for name in made if name in self._wanted}
            else:
                _store(values, step, node.module(*_arguments(step, host, values)))
            for name in done_with:
                values.pop(name, None)
        while len(self._prepared) >= _SIZES_KEPT:
            self._prepared.pop(next(iter(self._prepared)))
        self._prepared[size] = host, fixed
        return tuple(values[name] for name in self._results)

    def _on_device(self, value: Tensor) -> Tensor:
        return value.to(self.device, self.dtype if value.dtype in _FLOATS else None)


def _constants(model: onnx.ModelProto) -> dict[str, Tensor]:
    """Initialisers by name, on the host."""
    arrays = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    return {name: torch.tensor(array) for name, array in arrays.items() if array.dtype.kind in "fiub"}


def _still_nodes(nodes: Sequence[onnx.NodeProto], constants: Iterable[str]) -> list[bool]:
    """Which nodes see nothing of the picture but its size."""
    fixed = {*constants}
    still: list[bool] = []
    for node in nodes:
        is_still = node.op_type in _SHAPE_ONLY or all(name in fixed for name in node.input if name)
        still.append(is_still)
        if is_still:
            fixed.update(node.output)
    return still


def _step(path: str, node: onnx.NodeProto, inputs: tuple[str, ...], fixed: set[str]) -> Step:
    while inputs and not inputs[-1]:
        inputs = inputs[:-1]
    by_host = _HOST_INPUTS.get(node.op_type, frozenset[int]())
    from_host = tuple(number in by_host and name in fixed for number, name in enumerate(inputs))
    return Step(path, node.op_type, inputs, tuple(node.output), from_host)


def _insert(network: nn.Module, path: str, module: nn.Module) -> None:
    """Put a module under a dotted path, with empty modules between."""
    *folders, leaf = path.split(".")
    parent = network
    for word in folders:
        if word not in dict(parent.named_children()):
            parent.add_module(word, nn.Module())
        parent = parent.get_submodule(word)
    parent.add_module(leaf, module)


def _from_device(step: Step) -> set[str]:
    return {name for name, from_host in zip(step.inputs, step.from_host, strict=True) if not from_host}


def _with_last_uses(nodes: Sequence[_Node], *, keep: set[str]) -> list[tuple[_Node, list[str]]]:
    """Nodes with the names of the values that no later one takes."""
    seen = {*keep, ""}
    planned: list[tuple[_Node, list[str]]] = []
    for node in reversed(nodes):
        names = dict.fromkeys((*node.step.inputs, *node.step.outputs))
        planned.append((node, [name for name in names if name not in seen]))
        seen.update(names)
    return planned[::-1]


def _arguments(step: Step, host: Mapping[str, Any], values: Mapping[str, Any]) -> list[Any]:
    return [
        (host if from_host else values)[name] if name else None
        for name, from_host in zip(step.inputs, step.from_host, strict=True)
    ]


def _store(values: dict[str, Any], step: Step, result: Any) -> None:
    results = result if isinstance(result, (tuple, list)) else (result,)
    # A node may make more than the graph names.
    values.update((name, value) for name, value in zip(step.outputs, results, strict=False) if name)
