"""Keras' three ways of reaching what a layer returns bring the same known activations, channels first."""

import numpy as np
import pytest
import torch

from tests.detectors.keras.makers import MODELS, flat, keras, nested, subclassed
from viewer.core import Role
from viewer.core.errors import DetectorError
from viewer.detectors.keras.adapter import wrap_keras
from viewer.detectors.keras.layers import layers_by_path
from viewer.detectors.keras.network import KerasNetwork
from viewer.detectors.keras.tapping import LayerHooks, Way

pytestmark = pytest.mark.slow  # Keras takes seconds to import, in each process of the tests

CPU = torch.device("cpu")
INSIDE = {"flat": "", "nested": "backbone.", "subclassed": "backbone."}
REACHED = [
    *((name, Way.HOOKS) for name in MODELS),
    ("flat", Way.OUTPUTS),
    ("nested", Way.OUTPUTS),
    ("flat", Way.LAYERS),
    ("nested", Way.LAYERS),
]


def picture():
    return torch.rand((1, 3, 64, 64), generator=torch.Generator().manual_seed(0))


def means(images, size):
    """(1, 2, H, W): the mean over each patch, and that plus one."""
    mean = images.mean(1, keepdim=True).unfold(2, size, size).unfold(3, size, size).mean((-1, -2))
    return torch.cat((mean, mean + 1), 1)


def expected(inside, images):
    p8, p16 = means(images, 8), means(images, 16)
    up = p16.repeat_interleave(2, 2).repeat_interleave(2, 3)
    known = {f"{inside}p4": [means(images, 4)], f"{inside}half_": [p8, p16], "up": [up], "sum": [up + p8]}
    return known | {
        f"{inside}grey": [torch.cat((images.mean(1, keepdim=True),) * 2, 1) + torch.tensor([0, 1])[:, None, None]]
    }


def watch(network, images, wanted):
    """Every output of each wanted layer, in the order of calls, and the network's own."""
    seen = {path: [] for path in wanted}
    modules = dict(network.named_modules())
    handles = [
        modules[path].register_forward_hook(lambda _m, _i, out, path=path: seen[path].append(out.clone()))
        for path in wanted
    ]
    with torch.inference_mode():
        outputs = network(images)
    for handle in handles:
        handle.remove()
    return seen, outputs


def layer_hooks(model):
    layers = [model, *layers_by_path(model).values()]
    return sum(len(layer._forward_hooks) + len(layer._forward_pre_hooks) for layer in layers)


@pytest.mark.parametrize(("name", "way"), REACHED)
def test_activations_are_those_worked_out_by_hand(name, way):
    model, images = MODELS[name](), picture()
    plain = model(images.permute(0, 2, 3, 1).numpy(), training=False)
    network = KerasNetwork(model, device=CPU, way=way)
    known = expected(INSIDE[name], images)
    if way is Way.OUTPUTS:  # a second model over a graph does not see into models in it
        known = {path: values for path, values in known.items() if "." not in path}
    for wanted in (known, list(known)[:1], known):  # others are watched from one frame to the next
        seen, outputs = watch(network, images, wanted)
        torch.testing.assert_close(outputs, plain)
        for path in wanted:
            assert len(seen[path]) == len(known[path])
            for found, right in zip(seen[path], known[path], strict=True):
                torch.testing.assert_close(found, right)
    network.close()
    network.close()
    assert layer_hooks(model) == 0


@pytest.mark.parametrize("name", MODELS)
def test_stages_are_layers_with_their_strides(name):
    model = MODELS[name]()
    network = wrap_keras(model, device=CPU, size_hw=(64, 64))
    stages = {s.node: s for s in network.find_stages(lambda: network(picture()), (64, 64))}
    inside = INSIDE[name]
    strides = {"grey": 1, "p4": 4, "half_": 8, "half_@2": 16}
    assert {node: s.stride for node, s in stages.items()} == {
        **{inside + node: stride for node, stride in strides.items()},
        "up": 8,
        "sum": 8,
        "score": 8,
    }
    assert {s.kind for s in stages.values()} == {"Conv2D", "AveragePooling2D", "UpSampling2D", "Add"}
    assert all(s.channels == (1 if node == "score" else 2) for node, s in stages.items())
    assert stages[f"{inside}half_@2"].map_hw == (4, 4)
    assert stages[f"{inside}p4"].role is Role.BACKBONE
    assert any(s.default for s in stages.values())
    assert {node.partition("@")[0] for node in stages} <= set(dict(network.named_modules()))
    assert "layers tapped by hooks" in network.notes
    network.close()


@pytest.mark.parametrize("name", ["flat", "nested"])
def test_roles_follow_the_graph_also_through_nested_models(name):
    network = wrap_keras(MODELS[name](), device=CPU)
    stages = network.find_stages(lambda: network(picture()), (64, 64))
    named = {stage.name: (stage.node, stage.role) for stage in stages if stage.name}
    assert named == {
        "C3": (f"{INSIDE[name]}half_", Role.BACKBONE),
        "C4": (f"{INSIDE[name]}half_@2", Role.BACKBONE),
        "P3": ("sum", Role.NECK),
    }
    assert next(stage for stage in stages if stage.node == "score").role is Role.HEAD
    network.close()


def test_a_subclassed_model_has_no_graph_to_add_to():
    for way in (Way.OUTPUTS, Way.LAYERS):
        with pytest.raises(DetectorError, match="Subclassed is a subclassed model, which cannot be layers tapped"):
            KerasNetwork(subclassed(), device=CPU, way=way)


def test_where_hooks_stay_silent_the_graph_gets_outputs(monkeypatch):
    monkeypatch.setattr(LayerHooks, "__init__", lambda self, model, *_: self.__dict__.update(_model=model, _handles=[]))
    network = wrap_keras(flat(), device=CPU)
    assert network.way is Way.OUTPUTS
    assert "layers tapped as further outputs of the graph" in network.notes
    images = picture()
    seen, _ = watch(network, images, ["p4"])
    torch.testing.assert_close(seen["p4"], [means(images, 4)])
    with pytest.raises(DetectorError, match="no layer of subclassed can be seen while it runs"):
        wrap_keras(subclassed(), device=CPU, size_hw=(64, 64))


def test_channels_first_models_need_no_turning():
    inputs = keras.Input((3, 64, 64))
    pooled = keras.layers.AveragePooling2D(8, data_format="channels_first", name="p8")(inputs)
    network = wrap_keras(keras.Model(inputs, pooled), device=CPU)
    images = picture()
    seen, _ = watch(network, images, ["p8"])
    torch.testing.assert_close(seen["p8"], [torch.nn.functional.avg_pool2d(images, 8)])
    assert "channels first" in network.notes
    network.close()


def test_a_view_is_handed_on_not_a_copy():
    network = KerasNetwork(flat(), device=CPU)
    views = []
    network.get_submodule("p4").register_forward_hook(lambda _m, _i, out: views.append(out._is_view()))
    with torch.no_grad():
        network(picture())
    assert views == [True]
    network.close()


def test_a_model_that_rescales_is_fed_what_it_divides():
    inputs = keras.Input((64, 64, 3))
    scaled = keras.layers.Rescaling(1 / 255, name="to_unit")(inputs)
    network = wrap_keras(keras.Model(inputs, keras.layers.AveragePooling2D(8, name="p8")(scaled)), device=CPU)
    images = picture()
    seen, _ = watch(network, images, ["p8"])
    torch.testing.assert_close(seen["p8"], [torch.nn.functional.avg_pool2d(images, 8)])
    assert "fed 0..255, as its Rescaling layer expects" in network.notes
    network.close()


def test_16_bit_floats_reach_every_layer():
    network = KerasNetwork(nested(), device=CPU, dtype=torch.bfloat16)
    images = picture()
    seen, outputs = watch(network, images.bfloat16(), ["backbone.half_", "sum"])
    assert {value.dtype for values in seen.values() for value in values} == {torch.bfloat16}
    torch.testing.assert_close(seen["backbone.half_"][0].float(), means(images, 8), atol=0.02, rtol=0)
    assert outputs.dtype == torch.bfloat16
    assert {parameter.dtype for parameter in network.parameters()} == {torch.bfloat16}
    network.close()


def test_models_that_take_no_picture():
    flat_input = keras.Input((7,))
    with pytest.raises(DetectorError, match=r"takes \(None, 7\); give a model with one colour picture"):
        wrap_keras(keras.Model(flat_input, keras.layers.Dense(2)(flat_input), name="dense"), device=CPU)
    one, two = keras.Input((64, 64, 3)), keras.Input((2,))
    with pytest.raises(DetectorError, match=r"pair takes .*64, 3\), \(None, 2\); give"):
        wrap_keras(keras.Model([one, two], keras.layers.Flatten()(one), name="pair"), device=CPU)
    with pytest.raises(DetectorError, match=r"ndarray is no keras\.Model on the torch backend"):
        wrap_keras(np.zeros(3), device=CPU)
