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


class OnnxNetwork(nn.Module):
    """Runs a tidied graph. One thread uses it at a time.

    Attributes:
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
        self._picture = picture
        self._results = tuple(value.name for value in model.graph.output)
        self._device, self._dtype = device, dtype
        self._host = _constants(model)
        still = _still_nodes(model.graph.node, self._host)
        # Nodes computed on the host keep the types of the file: shapes and grids are exact there.
        converted = convert_nodes(model, title, dtypes=[None if one else dtype for one in still])
        fixed = {*self._host} | {name for node, one in zip(model.graph.node, still, strict=True) if one for name in node.output}
        paths = node_paths(model.graph.node, reserved={*dir(self), "constants", "steps", "at", "warnings"})
        self._all = [
            (_step(path, node, one.inputs, fixed), one.module, is_still)
            for path, node, one, is_still in zip(paths, model.graph.node, converted, still, strict=True)
        ]
        self.warnings = {path: one.warning for path, one in zip(paths, converted, strict=True) if one.warning}
        self.steps = tuple(step for step, _, is_still in self._all if not is_still)
        self.at: Step | None = None
        for step, module, is_still in self._all:
            module.eval()
            if not is_still:
                _insert(self, step.path, module)
        wanted = {n for s in self.steps for n, host in zip(s.inputs, s.from_host, strict=True) if not host}
        wanted |= {*self._results}
        weights = [name for name, value in self._host.items() if name in wanted and value.dtype in _FLOATS]
        self.constants = nn.ParameterList(nn.Parameter(self._host[name], requires_grad=False) for name in weights)
        self.requires_grad_(False).eval().to(device=device, dtype=dtype)
        self._shared: dict[str, Tensor] = {name: self._host[name].to(device) for name in wanted & {*self._host}}
        self._shared |= {name: weight.data for name, weight in zip(weights, self.constants, strict=True)}
        self._wanted = wanted
        self._frame = [(s, m, done) for (s, m), done in _with_last_uses(
            [(s, m) for s, m, is_still in self._all if not is_still], keep={*self._results, *fixed})]
        self._prepared: dict[tuple[int, int], tuple[dict[str, Any], dict[str, Any]]] = {}

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
        for step, module, done_with in self._frame:
            self.at = step
            _store(values, step, module(*_arguments(step, host, values)))
            for name in done_with:
                del values[name]
        return tuple(values[name] for name in self._results)

    def _prepare(self, images: Tensor, size: tuple[int, int]) -> tuple[Tensor, ...]:
        """Run once, and keep what depends on the input's size alone."""
        host, fixed = dict[str, Any](self._host), dict[str, Any](self._shared)
        values: dict[str, Any] = {**fixed, self._picture: images}
        steps = [(step, (module, is_still)) for step, module, is_still in self._all]
        for (step, (module, is_still)), done_with in _with_last_uses(steps, keep={*self._results}):
            self.at = step
            if is_still:
                arguments = [host.get(name, values.get(name)) if name else None for name in step.inputs]
                made: dict[str, Any] = {}
                _store(made, step, module(*arguments))
                for name, value in made.items():
                    host[name] = value.cpu()
                    if name in self._wanted:
                        fixed[name] = values[name] = self._on_device(value)
            else:
                _store(values, step, module(*_arguments(step, host, values)))
            for name in done_with:
                values.pop(name, None)
        while len(self._prepared) >= _SIZES_KEPT:
            self._prepared.pop(next(iter(self._prepared)))
        self._prepared[size] = host, fixed
        return tuple(values[name] for name in self._results)

    def _on_device(self, value: Tensor) -> Tensor:
        return value.to(self._device, self._dtype if value.dtype in _FLOATS else None)


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


def _with_last_uses(steps: Sequence[tuple[Step, Any]], *, keep: set[str]) -> list[tuple[tuple[Step, Any], list[str]]]:
    """Steps with the names of the values that no later one takes."""
    seen = {*keep, ""}
    planned: list[tuple[tuple[Step, Any], list[str]]] = []
    for step, what in reversed(steps):
        names = dict.fromkeys((*step.inputs, *step.outputs))
        planned.append(((step, what), [name for name in names if name not in seen]))
        seen.update(names)
    return planned[::-1]


def _arguments(step: Step, host: Mapping[str, Any], values: Mapping[str, Any]) -> list[Any]:
    return [
        (host if from_host else values)[name] if name else None
        for name, from_host in zip(step.inputs, step.from_host, strict=True)
    ]


def _store(values: dict[str, Any], step: Step, result: Any) -> None:
    results = result if isinstance(result, (tuple, list)) else (result,)
    for name, value in zip(step.outputs, results, strict=False):
        if name:
            values[name] = value
