"""What an ONNX graph says of itself, and the graph made ready for conversion: no functions, no computed weights.

Exporters write constants as nodes, share weights through `Identity`, or compute them from other constants. A converter
wants weights as initialisers, and a user wants a list of nodes that compute something of the picture. So every node
that depends on constants alone is worked out here, by the reference implementation that comes with onnx.
"""

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

import numpy as np
import onnx
import onnx.inliner
import onnx.numpy_helper
import onnx.reference

from viewer.core.errors import DetectorError

_CHANNELS = 3
_FLOATS = (onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16, onnx.TensorProto.BFLOAT16)
_CONTEXT = frozenset({"If", "Loop", "Scan", "SequenceMap"})
"""Nodes that hold graphs of their own, which may read values from outside unseen."""


@dataclass(frozen=True, slots=True)
class PictureInput:
    """The input that takes the picture.

    Attributes:
        name: Its name in the graph.
        input_hw: Height and width in pixels; None where the graph leaves one of them open.
    """

    name: str
    input_hw: tuple[int, int] | None


def picture_input(proto: onnx.ModelProto, title: str) -> PictureInput:
    """Find the input that takes the picture.

    Args:
        proto: The model.
        title: Name of the file, for messages.

    Raises:
        DetectorError: If there is not exactly one input, or it is no float (1, 3, H, W).
    """
    constants = {tensor.name for tensor in proto.graph.initializer}
    inputs = [value for value in proto.graph.input if value.name not in constants]
    if len(inputs) != 1:
        named = ", ".join(value.name for value in inputs) or "none"
        raise DetectorError(f"{title} takes {len(inputs)} inputs ({named}); export it with the picture as its only one")
    kind, name = inputs[0].type.tensor_type, inputs[0].name
    dims = [dim.dim_value if dim.HasField("dim_value") and dim.dim_value > 0 else 0 for dim in kind.shape.dim]
    shape = f"({', '.join(str(size or '?') for size in dims)})"
    if len(dims) != 4 or kind.elem_type not in _FLOATS:
        word = onnx.TensorProto.DataType.Name(kind.elem_type).lower()
        raise DetectorError(f"{title} takes {name} {shape} of {word}; export it with a float (1, 3, H, W) input")
    batch, channels, height, width = dims
    if channels not in (0, _CHANNELS):
        how = "channels last, export it channels first" if width == _CHANNELS else "export it for colour pictures"
        raise DetectorError(f"{title} takes {name} {shape} where (1, 3, H, W) is fed; {how}")
    if batch > 1:
        raise DetectorError(f"{title} takes batches of {batch} pictures; export it with a batch of 1")
    return PictureInput(name, (height, width) if height and width else None)


def tidied(proto: onnx.ModelProto, title: str) -> onnx.ModelProto:
    """The same model with functions inlined, constants worked out, one picture a batch, and shapes inferred.

    Raises:
        DetectorError: If the parts of the graph do not fit together.
    """
    try:
        model = onnx.inliner.inline_local_functions(proto) if proto.functions else proto
        for opset in model.opset_import:
            opset.domain = "" if opset.domain == "ai.onnx" else opset.domain
        _fold(model)
        name = picture_input(model, title).name
        dims = next(value for value in model.graph.input if value.name == name).type.tensor_type.shape.dim
        dims[0].dim_value, dims[1].dim_value = 1, _CHANNELS
        return onnx.shape_inference.infer_shapes(model)
    except (onnx.shape_inference.InferenceError, onnx.checker.ValidationError, ValueError) as error:
        raise DetectorError(f"{title} does not fit together ({_last_line(error)}); export it again") from error


def node_paths(nodes: Sequence[onnx.NodeProto], *, reserved: Container[str] = ()) -> list[str]:
    """A `named_modules()` path for each node, as near to its name as can be.

    `/model.16/cv2/act/Mul` becomes `model.16.cv2.act.Mul`; a node without a name is called after its operator,
    `Conv`. Where two would be the same, the later ones get a number.

    Args:
        nodes: In the order of execution.
        reserved: Words that cannot stand in a path; they get an underscore.
    """
    taken: set[str] = set()
    paths: list[str] = []
    for node in nodes:
        words = [word for word in re.split(r"[/.]|::", (node.name or node.op_type).replace("@", "_")) if word]
        base = ".".join(f"{word}_" if word in reserved else word for word in words) or node.op_type
        path = next(one for one in chain([base], (f"{base}_{n}" for n in count(2))) if one not in taken)
        taken.add(path)
        paths.append(path)
    folders = {".".join(words[:depth]) for words in (p.split(".") for p in paths) for depth in range(1, len(words))}
    return [f"{path}_" if path in folders else path for path in paths]


def _fold(model: onnx.ModelProto) -> None:
    """Replace every node that reads constants alone by what it computes."""
    graph = model.graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    values: dict[str, Any] = {}
    results = {value.name for value in graph.output}
    kept: list[onnx.NodeProto] = []
    for node in graph.node:
        inputs = [name for name in node.input if name]
        known = all(name in constants for name in inputs) and (bool(inputs) or node.op_type == "Constant")
        if not known or node.op_type in _CONTEXT or results & set(node.output):
            kept.append(node)
            continue
        if node.op_type == "Identity":
            constants[node.output[0]] = _renamed(constants[node.input[0]], node.output[0])
            continue
        arrays = {name: values.setdefault(name, onnx.numpy_helper.to_array(constants[name])) for name in inputs}
        try:
            outputs = _evaluated(node, arrays, model)
        except (RuntimeError, NotImplementedError, ValueError, TypeError, KeyError, IndexError):
            kept.append(node)  # the reference does not know it; the network may
            continue
        for name, array in zip(node.output, outputs, strict=True):
            if name:
                values[name] = array
                constants[name] = onnx.numpy_helper.from_array(np.asarray(array), name)
    used = {name for node in kept for name in node.input} | results
    used |= {name for node in kept if node.op_type in _CONTEXT for name in constants}
    del graph.node[:], graph.initializer[:]
    graph.node.extend(kept)
    graph.initializer.extend(tensor for name, tensor in constants.items() if name in used)
    inputs = [value for value in graph.input if value.name not in constants]
    del graph.input[:]
    graph.input.extend(inputs)


def _renamed(tensor: onnx.TensorProto, name: str) -> onnx.TensorProto:
    copy = onnx.TensorProto()
    copy.CopyFrom(tensor)
    copy.name = name
    return copy


def _evaluated(node: onnx.NodeProto, arrays: dict[str, Any], model: onnx.ModelProto) -> Any:
    graph = onnx.helper.make_graph(
        [node],
        "constant",
        [
            onnx.helper.make_tensor_value_info(name, onnx.helper.np_dtype_to_tensor_dtype(a.dtype), a.shape)
            for name, a in arrays.items()
        ],
        [onnx.ValueInfoProto(name=name) for name in node.output],
    )
    single = onnx.helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)
    return onnx.reference.ReferenceEvaluator(single).run(None, arrays)


def _last_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
