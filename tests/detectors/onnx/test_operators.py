"""Operators that are ours compute what onnxruntime computes."""

import numpy as np
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper

from tests.detectors.onnx.makers import constant, model_of
from viewer.core.errors import DetectorError
from viewer.detectors.onnx.graph import tidied
from viewer.detectors.onnx.network import OnnxNetwork

INT = TensorProto.INT64
AXES = constant("axes", [2, 3])
NEGATIVE = constant("index", [-1, 0, 2])


def node(kind, inputs=("images",), outputs=("out",), **attributes):
    return helper.make_node(kind, list(inputs), list(outputs), name="node", **attributes)


def ints(**values):
    return [constant(name, np.array(value, np.int64)) for name, value in values.items()]


def floats(**values):
    return [constant(name, np.array(value, np.float32)) for name, value in values.items()]


GRID = np.random.default_rng(0).uniform(-1.2, 1.2, (1, 5, 7, 2)).astype(np.float32)
CASES = {
    "split evenly": ([node("Split", outputs=("out", "b"), axis=3, num_outputs=2)], [], ["out", "b"]),
    "split with a rest": ([node("Split", outputs=("out", "b"), axis=1, num_outputs=2)], [], ["out", "b"]),
    "split by sizes": ([node("Split", ("images", "s"), ("out", "b"), axis=1)], ints(s=[1, 2]), ["out", "b"]),
    "mean over axes": ([node("ReduceMean", ("images", "axes"))], [AXES], ["out"]),
    "max, axis dropped": ([node("ReduceMax", ("images", "axes"), keepdims=0)], ints(axes=[1]), ["out"]),
    "l2 over all": ([node("ReduceL2")], [], ["out"]),
    "no axes, nothing done": ([node("ReduceMin", noop_with_empty_axes=1)], [], ["out"]),
    "log of a sum of exponentials": ([node("ReduceLogSumExp", ("images", "axes"))], [AXES], ["out"]),
    "pad by a value": ([node("Pad", ("images", "p", "v"))], [*ints(p=[0, 0, 1, 2, 0, 0, 3, 4]), *floats(v=7)], ["out"]),
    "pad channels": ([node("Pad", ("images", "p"))], ints(p=[0, 1, 0, 0, 0, 2, 0, 0]), ["out"]),
    "pad some axes": ([node("Pad", ("images", "p", "", "axes"))], ints(p=[1, 2], axes=[-2]), ["out"]),
    "reflect": ([node("Pad", ("images", "p"), mode="reflect")], ints(p=[0, 0, 1, 2, 0, 0, 3, 4]), ["out"]),
    "edge": ([node("Pad", ("images", "p"), mode="edge")], ints(p=[0, 0, 1, 2, 0, 0, 3, 4]), ["out"]),
    "slice": (
        [node("Slice", ("images", "s", "e", "x", "t"))],
        ints(s=[1, -6], e=[99, -1], x=[2, 3], t=[2, 3]),
        ["out"],
    ),
    "slice backwards": ([node("Slice", ("images", "s", "e", "x", "t"))], ints(s=[-1], e=[-99], x=[3], t=[-2]), ["out"]),
    "slice all axes": ([node("Slice", ("images", "s", "e"))], ints(s=[0, 1], e=[1, 3]), ["out"]),
    "gather from the end": ([node("Gather", ("images", "index"), axis=1)], [NEGATIVE], ["out"]),
    "gather one": ([node("Gather", ("images", "i"), axis=-1)], ints(i=-2), ["out"]),
    "gather a table": ([node("Gather", ("images", "i"), axis=3)], ints(i=[[0, 1, 2], [3, 4, 5]]), ["out"]),
    "reshape keeps axes": ([node("Reshape", ("images", "s"))], ints(s=[0, -1, 4]), ["out"]),
    "expand": ([node("Expand", ("images", "s"))], ints(s=[2, 1, 1, 1, 1]), ["out"]),
    "clip": ([node("Clip", ("images", "low", "high"))], floats(low=-0.2, high=0.3), ["out"]),
    "clip below": ([node("Clip", ("images", "low"))], floats(low=-0.2), ["out"]),
    "cast and back": ([node("Cast", outputs=("i",), to=INT), node("CastLike", ("i", "images"))], [], ["out"]),
    "gelu": ([node("Gelu", approximate="tanh")], [], ["out"]),
    "mish": ([node("Mish")], [], ["out"]),
    "strongest of all": ([node("GlobalMaxPool")], [], ["out"]),
    "space to depth": ([node("SpaceToDepth", blocksize=4)], [], ["out"]),
    "layer norm": (
        [node("LayerNormalization", ("images", "w", "b"), axis=-1)],
        floats(w=[2] * 12, b=[1] * 12),
        ["out"],
    ),
    "group norm": (
        [node("GroupNormalization", ("images", "w", "b"), num_groups=3)],
        floats(w=[1, 2, 3], b=[0, 1, 2]),
        ["out"],
    ),
    "lower triangle": ([node("Trilu", ("images", "k"), upper=0)], ints(k=1), ["out"]),
    "grid, outside is zero": ([node("GridSample", ("images", "g"), mode="bilinear")], floats(g=GRID), ["out"]),
    "grid, outside is edge": (
        [node("GridSample", ("images", "g"), mode="nearest", padding_mode="border", align_corners=1)],
        floats(g=GRID),
        ["out"],
    ),
    "scatter": (
        [node("ScatterElements", ("images", "i", "u"), axis=3)],
        [*ints(i=[[[[0, -1]]]]), *floats(u=[[[[5, 6]]]])],
        ["out"],
    ),
    "resize": (
        [node("Resize", ("images", "", "s"), mode="linear", coordinate_transformation_mode="half_pixel")],
        floats(s=[1, 1, 2, 2]),
        ["out"],
    ),
    "number of values": ([node("Size", outputs=("n",)), node("CastLike", ("n", "images"))], [], ["out"]),
}
NEWER = {"gelu": 20, "group norm": 21}


@pytest.mark.parametrize("case", CASES)
def test_agrees_with_onnxruntime(case):
    nodes, constants, outputs = CASES[case]
    for number, one in enumerate(nodes):
        one.name = f"node{number}"
    model = model_of(nodes, outputs, constants=constants, hw=(8, 12), opset=NEWER.get(case, 18))
    images = np.random.default_rng(1).normal(size=(1, 3, 8, 12)).astype(np.float32) * 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    expected = session.run(None, {"images": images})
    network = OnnxNetwork(
        tidied(model, "m"), title="m", picture="images", device=torch.device("cpu"), dtype=torch.float32
    )
    for _ in range(2):  # the first run prepares the second
        for found, right in zip(network(torch.from_numpy(images)), expected, strict=True):
            assert found.shape == right.shape
            np.testing.assert_allclose(found.numpy(), right, atol=1e-5)


def refusal(nodes, constants=(), opset=18):
    model = model_of(nodes, ["out"], constants=constants, hw=(8, 12), opset=opset)
    with pytest.raises(DetectorError) as caught:
        OnnxNetwork(
            tidied(model, "m.onnx"), title="m.onnx", picture="images", device=torch.device("cpu"), dtype=torch.float32
        )
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_unknown_operators_are_named_with_what_to_do():
    custom = helper.make_node("EfficientNMS_TRT", ["images"], ["out"], domain="TRT")
    assert "operator that cannot run in torch: TRT.EfficientNMS_TRT; export it without custom" in refusal([custom])
    two = [node("Det", outputs=("a",)), node("Hardmax", ("a",))]
    assert "operators that cannot run in torch: Det, Hardmax; export it without them" in refusal(two)


def test_a_quantised_model_is_called_one():
    nodes = [node("QuantizeLinear", ("images", "s", "z"), ("q",)), node("DequantizeLinear", ("q", "s", "z"))]
    constants = [constant("s", np.float32(0.1)), constant("z", np.uint8(0))]
    assert "DequantizeLinear, QuantizeLinear; it is quantised" in refusal(nodes, constants)


def test_what_an_operator_cannot_do_is_said():
    sharp = node("Resize", ("images", "", "s"), mode="linear", antialias=1)
    assert "Resize (antialias=1)" in refusal([sharp], floats(s=[1, 1, 2, 2]))
    nodes = [node("ReduceMean", ("images", "axes"), ("w",)), node("Conv", ("images", "w"))]
    assert "Conv (node has computed weights)" in refusal(nodes, [AXES])


def test_what_may_differ_is_kept_as_a_warning():
    resize = node("Resize", ("images", "", "s"), mode="nearest", nearest_mode="ceil")
    model = tidied(model_of([resize], ["out"], constants=floats(s=[1, 1, 2, 2])), "m")
    network = OnnxNetwork(model, title="m", picture="images", device=torch.device("cpu"), dtype=torch.float32)
    assert "might differ" in network.warnings["node"]


def test_weights_computed_from_constants_are_worked_out():
    nodes = [
        node("Cast", ("half",), ("weights",), to=TensorProto.FLOAT),
        node("Identity", ("weights",), ("shared",)),
        node("Conv", ("images", "shared")),
    ]
    half = constant("half", np.ones((2, 3, 1, 1), np.float16))
    model = tidied(model_of(nodes, ["out"], constants=[half], hw=(8, 12)), "m")
    assert [one.op_type for one in model.graph.node] == ["Conv"]
    network = OnnxNetwork(model, title="m", picture="images", device=torch.device("cpu"), dtype=torch.float32)
    assert network(torch.ones(1, 3, 8, 12))[0].unique().tolist() == [3.0]
    assert sum(p.numel() for p in network.parameters()) == 6
