"""ONNX files for tests: exports of small lively networks, and graphs put together by hand."""

import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

FLOAT = TensorProto.FLOAT


def export(checkpoint: Path, path: Path, *, dynamo: bool, size: int = 256, free: bool = False) -> Path:
    """Export a lively ultralytics checkpoint as its own exporter does, which would install packages on the way."""
    network = torch.load(checkpoint, weights_only=False)["model"].float().eval().fuse(verbose=False)
    head = network.model[-1]
    head.export, head.format, head.dynamic = True, "onnx", free
    axes = {"images": {2: "height", 3: "width"}, "output0": {2: "anchors"}} if free else None
    images = torch.zeros(1, 3, size, size)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        network(images)
        torch.onnx.export(
            network,
            (images,),
            str(path),
            dynamo=dynamo,
            verbose=False,
            opset_version=18,
            input_names=["images"],
            output_names=["output0"],
            dynamic_axes=axes,
        )
    proto = onnx.load(str(path))
    names = dict(network.names)
    for key, value in {"names": repr(names), "task": "detect", "stride": "32", "batch": "1"}.items():
        proto.metadata_props.add(key=key, value=value)
    onnx.save(proto, str(path))
    return path


def constant(name: str, values) -> TensorProto:
    return numpy_helper.from_array(np.asarray(values), name)


def model_of(nodes, outputs, *, constants=(), opset: int = 18, hw=(64, 64), **picture) -> onnx.ModelProto:
    """A model whose outputs have no declared shape.

    Args:
        nodes: In order.
        outputs: Names of values, or (name, type) where it is no float.
        constants: Initialisers.
        opset: Version of the default domain.
        hw: Height and width of the picture; words leave them free.
        picture: `shape` and `kind` of the input, where they differ from a float (1, 3, H, W).
    """
    shape = picture.get("shape", (1, 3, *hw))
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info("images", picture.get("kind", FLOAT), shape)],
        [
            helper.make_tensor_value_info(*one, None)
            if isinstance(one, tuple)
            else helper.make_tensor_value_info(one, FLOAT, None)
            for one in outputs
        ],
        initializer=list(constants),
    )
    domains = {"": opset} | {node.domain: 1 for node in nodes if node.domain}
    return helper.make_model(graph, opset_imports=[helper.make_opsetid(*one) for one in domains.items()], ir_version=10)


def brightness_pyramid(hw=(64, 64)) -> onnx.ModelProto:
    """Brightness averaged over 4, 8 and 16 pixels, then made finer again and added; boxes are made of its cells.

    Every activation is known: `/down.0/Pool` holds the mean of each 4x4 patch, and so on. Sizes are taken from the
    picture by `Shape`, as exporters do.
    """
    grey = np.full((1, 3, 1, 1), 1 / 3, np.float32)
    pool = {"kernel_shape": [2, 2], "strides": [2, 2]}
    nodes = [
        helper.make_node("Constant", [], ["grey"], name="/grey", value=numpy_helper.from_array(grey)),
        helper.make_node("Conv", ["images", "grey"], ["brightness"], name="/stem/Conv"),
        helper.make_node(
            "AveragePool", ["brightness"], ["p4"], name="/down.0/Pool", kernel_shape=[4, 4], strides=[4, 4]
        ),
        helper.make_node("AveragePool", ["p4"], ["p8"], name="/down.1/Pool", **pool),
        helper.make_node("AveragePool", ["p8"], ["p16"], name="/down.2/Pool", **pool),
        helper.make_node(
            "Resize",
            ["p16", "", "twice"],
            ["up"],
            name="/up/Resize",
            mode="nearest",
            nearest_mode="floor",
            coordinate_transformation_mode="asymmetric",
        ),
        helper.make_node("Add", ["up", "p8"], ["sum"], name="/up/Add"),
        helper.make_node("Sigmoid", ["sum"], ["score"], name="/head/Sigmoid"),
        helper.make_node("Shape", ["score"], ["shape"], name="/head/Shape"),
        helper.make_node("Gather", ["shape", "two"], ["rows"], name="/head/Gather"),
        helper.make_node("Gather", ["shape", "three"], ["columns"], name="/head/Gather_1"),
        helper.make_node("Mul", ["rows", "columns"], ["cells"], name="/head/Mul"),
        helper.make_node("Concat", ["one", "one", "cells"], ["flat_shape"], name="/head/Concat", axis=0),
        helper.make_node("Reshape", ["score", "flat_shape"], ["scores"], name="/head/Reshape"),
        helper.make_node("Concat", ["one", "four", "cells"], ["box_shape"], name="/head/Concat_1", axis=0),
        helper.make_node("Expand", ["eight", "box_shape"], ["boxes"], name="/head/Expand"),
        helper.make_node("Concat", ["boxes", "scores"], ["output0"], name="/head/Concat_2", axis=1),
    ]
    constants = [
        constant("twice", np.array([1, 1, 2, 2], np.float32)),
        constant("eight", np.full((1, 1, 1), 8, np.float32)),
        *(constant(name, np.array([value])) for name, value in (("one", 1), ("two", 2), ("three", 3), ("four", 4))),
    ]
    return model_of(nodes, ["output0"], constants=constants, hw=hw)


def saved(model: onnx.ModelProto, path: Path) -> Path:
    onnx.save(model, str(path))
    return path
