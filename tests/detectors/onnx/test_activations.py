"""A graph put together by hand gives the activations that everybody can work out, node by node."""

import numpy as np
import pytest
import torch

from tests.detectors.onnx.makers import brightness_pyramid, constant, model_of, saved
from viewer.core import Role, TapSettings
from viewer.core.frame import Frame
from viewer.detectors import open_detector
from viewer.inference import TappedNetwork


@pytest.fixture(params=[(64, 64), ("height", "width")], ids=["fixed", "free"])
def pyramid(request, tmp_path):
    detector = open_detector(
        str(saved(brightness_pyramid(request.param), tmp_path / "pyramid.onnx")), device="cpu", imgsz=64
    )
    yield detector
    detector.close()


def picture():
    return torch.rand((1, 3, 64, 64), generator=torch.Generator().manual_seed(0))


def patch_means(images, size):
    return images.mean(1, keepdim=True).unfold(2, size, size).unfold(3, size, size).mean((-1, -2))


def watch(detector, images):
    """Output of every stage for one picture, and of the network."""
    modules, seen = dict(detector.module.named_modules()), {}
    handles = [
        modules[stage.node].register_forward_hook(lambda _m, _i, out, node=stage.node: seen.update({node: out.clone()}))
        for stage in detector.stages
    ]
    outputs = detector.forward(images)
    for handle in handles:
        handle.remove()
    return seen, outputs


def test_every_node_that_sees_the_picture_is_a_stage_under_its_name(pyramid):
    assert [(s.node, s.kind, s.stride) for s in pyramid.stages] == [
        ("stem.Conv", "Conv", 1),
        ("down.0.Pool", "AveragePool", 4),
        ("down.1.Pool", "AveragePool", 8),
        ("down.2.Pool", "AveragePool", 16),
        ("up.Resize", "Resize", 8),
        ("up.Add", "Add", 8),
        ("head.Sigmoid", "Sigmoid", 8),
    ]


def test_roles_and_defaults_follow_the_graph(pyramid):
    named = {stage.name: (stage.node, stage.role) for stage in pyramid.stages if stage.name}
    assert named == {
        "C3": ("down.1.Pool", Role.BACKBONE),
        "C4": ("down.2.Pool", Role.BACKBONE),
        "P3": ("up.Add", Role.NECK),
    }
    assert {s.name for s in pyramid.stages if s.default} == set(named)
    assert pyramid.stages[-1].role is Role.HEAD


def test_activations_are_those_worked_out_by_hand(pyramid):
    images = picture()
    seen, outputs = watch(pyramid, images)
    for node, size in (("down.0.Pool", 4), ("down.1.Pool", 8), ("down.2.Pool", 16)):
        torch.testing.assert_close(seen[node], patch_means(images, size))
    up = patch_means(images, 16).repeat_interleave(2, 2).repeat_interleave(2, 3)
    torch.testing.assert_close(seen["up.Resize"], up)
    torch.testing.assert_close(seen["up.Add"], up + patch_means(images, 8))
    torch.testing.assert_close(outputs[0][0, 4], seen["up.Add"].sigmoid().flatten())
    assert (outputs[0][0, :4] == 8).all()


def test_a_second_size_is_worked_out_anew_and_the_first_is_kept(tmp_path):
    detector = open_detector(str(saved(brightness_pyramid(("h", "w")), tmp_path / "p.onnx")), device="cpu", imgsz=64)
    shapes = [detector.forward(torch.rand(1, 3, *hw))[0].shape[2] for hw in ((64, 64), (32, 64), (64, 64), (96, 32))]
    assert shapes == [64, 32, 64, 48]


def test_taps_show_a_bright_patch_where_it_is(pyramid):
    network = TappedNetwork(pyramid, TapSettings(nodes=("down.1.Pool", "P3")))
    rgb = np.zeros((64, 64, 3), np.uint8)
    rgb[40:48, 16:24] = 255
    for _ in range(2):
        inference = network.infer(Frame(rgb, 0, 0.0, 0.0))
        for tap in inference.taps:
            assert np.unravel_index(tap.codes.argmax(), tap.codes.shape) == (5, 2)
    modules = list(pyramid.module.modules())
    network.close()
    assert sum(len(module._forward_hooks) for module in modules) == 0


def test_16_bit_floats_reach_every_node(tmp_path):
    path = str(saved(brightness_pyramid(), tmp_path / "p.onnx"))
    detector = open_detector(path, device="cpu", precision="bf16")
    images = picture().bfloat16()
    seen, outputs = watch(detector, images)
    assert {value.dtype for value in (*seen.values(), *outputs)} == {torch.bfloat16}
    assert detector.info.precision == "bf16"
    torch.testing.assert_close(seen["down.1.Pool"].float(), patch_means(images.float(), 8), atol=0.01, rtol=0)


def test_names_that_are_no_paths_become_some(tmp_path):
    from onnx import helper

    nodes = [
        helper.make_node("Relu", ["images"], ["a"], name="/x/"),
        helper.make_node("Relu", ["a"], ["b"], name="x/y"),
        helper.make_node("Relu", ["b"], ["c"]),
        helper.make_node("Relu", ["c"], ["d"], name="Relu"),
        helper.make_node("Relu", ["d"], ["e"], name="odd@name/forward::training"),
        helper.make_node("Reshape", ["e", "shape"], ["output0"], name="end"),
    ]
    model = model_of(nodes, ["output0"], constants=[constant("shape", [1, 12, 1024])])
    path = saved(model, tmp_path / "odd.onnx")
    detector = open_detector(str(path), device="cpu", decode="yolo")
    assert [s.node for s in detector.stages] == ["x_", "x.y", "Relu", "Relu_2", "odd_name.forward_.training_"]
    assert {s.node for s in detector.stages} <= set(dict(detector.module.named_modules()))
