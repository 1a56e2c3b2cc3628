"""Each node of a graph as a torch module: by onnx2torch where it knows the operator, by our own code where it does not.

onnx2torch 1.5 knows operators by the version of their definition. Later versions often only allow more types; those
are looked up under the last version it knows. Where a later version moved an attribute to an input, or an operator is
missing that detectors use, it is written here, after the definitions at onnx.ai/onnx/operators.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import onnx
import torch
from onnx2torch.node_converters import get_converter
from onnx2torch.onnx_graph import OnnxGraph
from onnx2torch.onnx_node import OnnxNode
from torch import Tensor, nn
from torch.nn import functional as fn

from viewer.core.errors import DetectorError

# fmt: off
_WIDENED = frozenset(
    {
        "Acos", "Asin", "Atan", "AveragePool", "Celu", "Constant", "ConstantOfShape", "Conv", "ConvTranspose",
        "Cos", "DepthToSpace", "Dropout", "Einsum", "Elu", "Equal", "EyeLike", "Flatten", "GlobalAveragePool",
        "GreaterOrEqual", "HardSigmoid", "HardSwish", "Identity", "InstanceNormalization", "IsInf", "IsNaN",
        "LessOrEqual", "MaxPool", "Mod", "NonZero", "Range", "RoiAlign", "Round", "ScatterND", "Selu", "Shape",
        "Sin", "Softplus", "Softsign", "Squeeze", "Tan", "TopK", "Transpose", "Unsqueeze",
    }
)
# fmt: on
"""Operators whose later versions compute the same on the types that networks use."""
_QUANTISED = ("Quantize", "Dequantize", "QLinear", "Integer")
_FLOATS = {
    onnx.TensorProto.FLOAT: torch.float32,
    onnx.TensorProto.FLOAT16: torch.float16,
    onnx.TensorProto.BFLOAT16: torch.bfloat16,
}
_OTHERS = {
    onnx.TensorProto.DOUBLE: torch.float64,
    onnx.TensorProto.UINT8: torch.uint8,
    onnx.TensorProto.INT8: torch.int8,
    onnx.TensorProto.INT16: torch.int16,
    onnx.TensorProto.INT32: torch.int32,
    onnx.TensorProto.INT64: torch.int64,
    onnx.TensorProto.BOOL: torch.bool,
}
_FEW = 5


@dataclass(frozen=True, slots=True)
class Converted:
    """A node that became a module.

    Attributes:
        module: Takes the values of `inputs` in order; returns a tensor, or a tuple where the node has several outputs.
        inputs: Names of values in the graph; empty where one is left out.
        warning: What the conversion says may differ, empty if nothing.
    """

    module: nn.Module
    inputs: tuple[str, ...]
    warning: str = ""


class Operation(nn.Module):
    """A node that a function of its input values computes."""

    def __init__(self, kind: str, function: Callable[..., Any]) -> None:
        super().__init__()
        self.kind = kind
        self._function = function

    def forward(self, *values: Any) -> Any:
        """Compute the node."""
        return self._function(*values)

    def extra_repr(self) -> str:
        """The operator's name, for prints of the network."""
        return self.kind


def convert_nodes(model: onnx.ModelProto, title: str, *, dtypes: Sequence[torch.dtype | None]) -> list[Converted]:
    """Turn every node into a module.

    Args:
        model: A tidied model.
        title: Name of the file, for messages.
        dtypes: For each node the type that a floating-point cast leads to, whatever the graph says; None keeps that.

    Raises:
        DetectorError: If operators are not known; it names them and what to do.
    """
    graph = OnnxGraph(model.graph)
    versions = {opset.domain: opset.version for opset in model.opset_import}
    converted: list[Converted] = []
    unknown: dict[str, str] = {}
    for node, dtype in zip(graph.nodes.values(), dtypes, strict=True):
        try:
            converted.append(_convert(node, graph, versions.get(node.domain, 1), dtype))
        except (NotImplementedError, KeyError, ValueError, IndexError, AttributeError, RuntimeError) as error:
            kind = f"{node.domain}.{node.operation_type}" if node.domain else node.operation_type
            unknown.setdefault(kind, _reason(node, error))
    if unknown:
        raise DetectorError(_refusal(title, unknown))
    return converted


def _convert(node: OnnxNode, graph: OnnxGraph, version: int, dtype: torch.dtype | None) -> Converted:
    if node.operation_type == "Cast" and node.domain == "":
        return Converted(Operation("Cast", _cast(node.attributes["to"], dtype)), node.input_values)
    own = _OWN.get(node.operation_type) if node.domain == "" else None
    if own is not None and version >= own[0]:
        return Converted(Operation(node.operation_type, own[1](node)), node.input_values)
    converter = _library_converter(node, version)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = converter(node, graph)
    said = str(caught[0].message) if caught else ""
    return Converted(result.torch_module, tuple(result.onnx_mapping.inputs), said)


def _library_converter(node: OnnxNode, version: int) -> Callable[..., Any]:
    kind, domain = node.operation_type, node.domain
    if kind == "Resize":
        version = min(version, _plain_resize(node, version))
    while True:
        try:
            return get_converter(operation_type=kind, version=version, domain=domain)
        except NotImplementedError:
            if kind not in _WIDENED or domain:
                raise
            since = onnx.defs.get_schema(kind, domain=domain, max_inclusive_version=version).since_version
            if since <= 1:
                raise
            version = since - 1


def _plain_resize(node: OnnxNode, version: int) -> int:
    """Version under which a `Resize` means what it meant in 13.

    Raises:
        NotImplementedError: If it asks for what came later.
    """
    given = node.attributes
    for name, usual in (("antialias", 0), ("keep_aspect_ratio_policy", "stretch"), ("axes", None)):
        if given.get(name, usual) != usual:
            raise NotImplementedError(f"{name}={given[name]}")
    return min(version, 13)


def _reason(node: OnnxNode, error: Exception) -> str:
    """Why a known operator cannot be converted; empty where it is simply not known."""
    text = str(error)
    if "Converter is not implemented" in text:
        return ""
    if isinstance(error, KeyError):
        return f"{node.name or node.operation_type} has computed weights"
    return text.splitlines()[0] if text else type(error).__name__


def _refusal(title: str, unknown: dict[str, str]) -> str:
    named = [f"{kind} ({why})" if why else kind for kind, why in sorted(unknown.items())]
    more = f" and {len(named) - _FEW} more" if len(named) > _FEW else ""
    if any(word in kind for kind in unknown for word in _QUANTISED):
        advice = "it is quantised, export it in floating point"
    elif any("." in kind for kind in unknown):
        advice = "export it without custom operators"
    else:
        advice = "export it without them (another opset, no suppression inside), or open the model it was made from"
    one = "operator" if len(named) == 1 else "operators"
    return f"{title} uses {one} that cannot run in torch: {', '.join(named[:_FEW])}{more}; {advice}"


# Operators of our own -----------------------------------------------------------------------------------------------


def _ints(values: Any) -> list[int]:
    return [int(value) for value in (values.tolist() if isinstance(values, Tensor) else values)]


def _cast(to: Any, dtype: torch.dtype | None) -> Callable[[Tensor], Tensor]:
    if to not in _FLOATS and to not in _OTHERS:
        raise NotImplementedError(f"to type {to} of onnx.TensorProto.DataType")
    target = (dtype or _FLOATS[to]) if to in _FLOATS else _OTHERS[to]
    return lambda values: values.to(target)


def _clip(values: Tensor, low: Tensor | None, high: Tensor | None) -> Tensor:
    return values if low is None and high is None else values.clamp(low, high)


def _split(node: OnnxNode) -> Callable[..., Any]:
    axis, count = node.attributes.get("axis", 0), len(node.output_values)

    def split(values: Tensor, sizes: Tensor | None = None) -> tuple[Tensor, ...]:
        if sizes is not None:
            return values.split(_ints(sizes), axis)
        return values.split(-(-values.shape[axis] // count), axis)

    return split


_REDUCTIONS: dict[str, Callable[[Tensor, list[int], bool], Tensor]] = {
    "ReduceL1": lambda x, axes, keep: x.abs().sum(axes, keep),
    "ReduceL2": lambda x, axes, keep: x.square().sum(axes, keep).sqrt(),
    "ReduceLogSum": lambda x, axes, keep: x.sum(axes, keep).log(),
    "ReduceLogSumExp": lambda x, axes, keep: x.logsumexp(axes, keep),
    "ReduceMax": lambda x, axes, keep: x.amax(axes, keep),
    "ReduceMean": lambda x, axes, keep: x.mean(axes, keep),
    "ReduceMin": lambda x, axes, keep: x.amin(axes, keep),
    "ReduceSumSquare": lambda x, axes, keep: x.square().sum(axes, keep),
}


def _reduce(node: OnnxNode) -> Callable[..., Any]:
    function = _REDUCTIONS[node.operation_type]
    keep = bool(node.attributes.get("keepdims", 1))
    nothing = bool(node.attributes.get("noop_with_empty_axes", 0))

    def reduce(values: Tensor, axes: Tensor | None = None) -> Tensor:
        chosen = [] if axes is None else _ints(axes)
        if not chosen and nothing:
            return values
        return function(values, chosen or list(range(values.ndim)), keep)

    return reduce


def _reshape(node: OnnxNode) -> Callable[..., Any]:
    keeps_zero = bool(node.attributes.get("allowzero", 0))

    def reshape(values: Tensor, shape: Tensor) -> Tensor:
        sizes = _ints(shape)
        if not keeps_zero:
            sizes = [size or values.shape[axis] for axis, size in enumerate(sizes)]
        return values.reshape(sizes)

    return reshape


def _slice(_: OnnxNode) -> Callable[..., Any]:
    def cut(
        values: Tensor, starts: Tensor, ends: Tensor, axes: Tensor | None = None, steps: Tensor | None = None
    ) -> Tensor:
        first, last = _ints(starts), _ints(ends)
        chosen = list(range(len(first))) if axes is None else _ints(axes)
        strides = [1] * len(first) if steps is None else _ints(steps)
        for axis, start, end, step in zip(chosen, first, last, strides, strict=True):
            size = values.shape[axis]
            if step > 0:
                where: list[slice] = [slice(None)] * values.ndim
                where[axis] = slice(start, end, step)
                values = values[tuple(where)]
            else:
                picked = torch.arange(*slice(start, max(end, -size - 1), step).indices(size), device=values.device)
                values = values.index_select(axis, picked)
        return values

    return cut


def _gather(node: OnnxNode) -> Callable[..., Any]:
    axis = node.attributes.get("axis", 0)

    def gather(values: Tensor, index: Tensor) -> Tensor:
        along = axis % values.ndim
        flat = index.long().flatten()
        picked = values.index_select(along, torch.where(flat < 0, flat + values.shape[along], flat))
        return picked.reshape([*values.shape[:along], *index.shape, *values.shape[along + 1 :]])

    return gather


_PADDINGS = {"constant": "constant", "edge": "replicate", "reflect": "reflect", "wrap": "circular"}


def _pad(node: OnnxNode) -> Callable[..., Any]:
    mode = _PADDINGS[node.attributes.get("mode", "constant")]

    def pad(values: Tensor, pads: Tensor, fill: Tensor | None = None, axes: Tensor | None = None) -> Tensor:
        chosen = range(values.ndim) if axes is None else [axis % values.ndim for axis in _ints(axes)]
        sizes = _ints(pads)
        around = dict(zip(chosen, zip(sizes[: len(sizes) // 2], sizes[len(sizes) // 2 :], strict=True), strict=True))
        padded = [axis for axis, amount in around.items() if any(amount)]
        first = min(padded, default=values.ndim) if mode == "constant" else 2
        amounts = [n for axis in reversed(range(first, values.ndim)) for n in around.get(axis, (0, 0))]
        if mode == "constant":
            return fn.pad(values, amounts, value=0.0 if fill is None else float(fill))
        return fn.pad(values, amounts, mode=mode)

    return pad


def _grid_sample(node: OnnxNode) -> Callable[..., Any]:
    given = str(node.attributes.get("mode", "linear"))
    mode = {"linear": "bilinear", "cubic": "bicubic"}.get(given, given)
    padding, align = node.attributes.get("padding_mode", "zeros"), bool(node.attributes.get("align_corners", 0))
    return lambda values, grid: fn.grid_sample(values, grid, mode=mode, padding_mode=padding, align_corners=align)


def _gelu(node: OnnxNode) -> Callable[..., Any]:
    approximate = node.attributes.get("approximate", "none")
    return lambda values: fn.gelu(values, approximate=approximate)


def _trilu(node: OnnxNode) -> Callable[..., Any]:
    keep = torch.triu if node.attributes.get("upper", 1) else torch.tril
    return lambda values, k=None: keep(values, 0 if k is None else int(k))


def _scatter_elements(node: OnnxNode) -> Callable[..., Any]:
    axis, how = node.attributes.get("axis", 0), node.attributes.get("reduction", "none")
    if how != "none":
        raise NotImplementedError(f"reduction={how}")

    def scatter(values: Tensor, index: Tensor, updates: Tensor) -> Tensor:
        return values.scatter(axis, torch.where(index < 0, index + values.shape[axis], index), updates)

    return scatter


def _space_to_depth(node: OnnxNode) -> Callable[..., Any]:
    block = int(node.attributes["blocksize"])

    def rearrange(values: Tensor) -> Tensor:
        n, c, h, w = values.shape
        parts = values.reshape(n, c, h // block, block, w // block, block)
        return parts.permute(0, 3, 5, 1, 2, 4).reshape(n, c * block * block, h // block, w // block)

    return rearrange


def _layer_norm(node: OnnxNode) -> Callable[..., Any]:
    axis, epsilon = node.attributes.get("axis", -1), node.attributes.get("epsilon", 1e-5)

    def norm(values: Tensor, scale: Tensor, bias: Tensor | None = None) -> Tensor:
        shape = list(values.shape[axis:])
        return fn.layer_norm(
            values, shape, scale.reshape(shape), bias if bias is None else bias.reshape(shape), epsilon
        )

    return norm


def _group_norm(node: OnnxNode) -> Callable[..., Any]:
    groups, epsilon = int(node.attributes["num_groups"]), node.attributes.get("epsilon", 1e-5)
    return lambda values, scale, bias: fn.group_norm(values, groups, scale, bias, epsilon)


_OWN: dict[str, tuple[int, Callable[[OnnxNode], Callable[..., Any]]]] = {
    "Expand": (8, lambda _: lambda values, shape: values.expand(torch.broadcast_shapes(values.shape, _ints(shape)))),
    "Gather": (1, _gather),
    "Reshape": (5, _reshape),
    "Slice": (10, _slice),
    "Split": (18, _split),
    "Pad": (18, _pad),
    **dict.fromkeys(_REDUCTIONS, (18, _reduce)),
    "Clip": (11, lambda _: lambda values, low=None, high=None: _clip(values, low, high)),
    "CastLike": (15, lambda _: lambda values, like: values.to(like.dtype)),
    "Gelu": (20, _gelu),
    "GlobalMaxPool": (1, lambda _: lambda values: values.amax((-2, -1), keepdim=True)),
    "GridSample": (16, _grid_sample),
    "GroupNormalization": (21, _group_norm),
    "LayerNormalization": (17, _layer_norm),
    "Mish": (18, lambda _: fn.mish),
    "ScatterElements": (11, _scatter_elements),
    "Size": (1, lambda _: lambda values: torch.tensor(values.numel())),
    "SpaceToDepth": (1, _space_to_depth),
    "Swish": (24, lambda node: lambda values: values * (node.attributes.get("alpha", 1.0) * values).sigmoid()),
    "Trilu": (14, _trilu),
}
"""From which version on an operator is ours, and what makes its function from a node."""
