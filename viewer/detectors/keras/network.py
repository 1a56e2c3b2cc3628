"""A Keras model as one torch module, whose children stand for its layers."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from viewer.core.stage import Stage
from viewer.detectors.devices import wait_for
from viewer.detectors.keras.backend import load_keras, on_device
from viewer.detectors.keras.layers import layers_by_path
from viewer.detectors.keras.tapping import WAYS, Way


class Passage(nn.Module):
    """Stands for a layer: is given what the layer returns, and hands on its (N, C, H, W) view to hooks on itself."""

    def __init__(self, *, is_channels_last: bool, hands_on: bool) -> None:
        super().__init__()
        self._is_channels_last = is_channels_last
        self.hands_on = hands_on
        """Whether what a hook on it returns takes the place of what the layer returned."""

    @property
    def is_watched(self) -> bool:
        """Whether a hook stands on it."""
        return bool(self._forward_hooks)

    def forward(self, output: Tensor) -> Tensor:
        """The layer's output, channels first; a view."""
        return output.permute(0, 3, 1, 2) if self._is_channels_last else output

    def back(self, shown: Tensor) -> Tensor:
        """What hooks put in the place of that view, as the layer would have returned it."""
        return shown.permute(0, 2, 3, 1) if self._is_channels_last else shown


class KerasNetwork(nn.Module):
    """Runs a Keras model on torch tensors. One thread uses it at a time.

    Attributes:
        layers: The model's layers by path; the child of the same path stands for it.
        way: How layers are reached.
        device: Where it runs.
        dtype: Type of its input and activations.
        notes: Things worth knowing about it, one line each.
    """

    def __init__(
        self,
        model: Any,
        *,
        device: torch.device,
        dtype: torch.dtype = torch.float32,
        way: Way = Way.HOOKS,
        scale: float = 1.0,
    ) -> None:
        """Take over a model.

        Args:
            model: A `keras.Model` on the torch backend; its weights are moved to `device` and cast.
            device: Where it will run.
            dtype: Type of its weights and activations.
            way: How layers are reached.
            scale: What images, 0..1, are multiplied by.

        Raises:
            DetectorError: If this model's layers cannot be reached in that way.
        """
        super().__init__()
        self._keras = load_keras("running a Keras model")
        self.device, self.dtype, self.way = device, dtype, way
        self.notes: tuple[str, ...] = ()
        self._scale = scale
        self._held = (model,)  # not a child: Keras' own bookkeeping would stand among the layers
        self.is_channels_last = is_channels_last(model, self._keras)
        _set_precision(model, self._keras, dtype)
        for parameter in model.parameters():
            parameter.requires_grad_(requires_grad=False)
            kept = parameter.dtype if not parameter.is_floating_point() else dtype
            parameter.data = parameter.data.to(device, kept)
        self.weights = nn.ParameterList(model.parameters())
        reserved = {*dir(self), "layers", "_tapping"}
        self.layers = layers_by_path(model, reserved=reserved)
        passages = {
            path: _passage_for(layer, is_channels_last=self.is_channels_last, hands_on=way is not Way.OUTPUTS)
            for path, layer in self.layers.items()
        }
        _insert(self, passages)
        with on_device(self._keras, device):
            self._tapping = WAYS[way](model, self.layers, passages)
        self.eval()

    @property
    def model(self) -> Any:
        """The Keras model."""
        return self._held[0]

    @property
    def input_hw(self) -> tuple[int, int] | None:
        """Height and width in pixels that the model takes; None where it leaves them free."""
        shape = input_shape(self.model)
        if shape is None:
            return None
        height, width = shape[1:3] if self.is_channels_last else shape[2:4]
        return None if height is None or width is None else (height, width)

    def forward(self, images: Tensor) -> Any:
        """Run the model.

        Args:
            images: (1, 3, H, W) on `device`, RGB, 0..1.

        Returns:
            Whatever the model returns, its maps in the model's own layout.
        """
        given = images if self._scale == 1.0 else images * self._scale
        if self.is_channels_last:
            given = given.permute(0, 2, 3, 1)
        with on_device(self._keras, self.device):
            return self._tapping.run(given)

    @torch.inference_mode()
    def shows_layers(self, images: Tensor) -> bool:
        """Whether anything a layer returns is seen while the model runs on these images."""
        seen: list[str] = []
        handles = [
            self.get_submodule(path).register_forward_hook(lambda *_, path=path: seen.append(path))
            for path in self.layers
        ]
        try:
            self(images)
        finally:
            for handle in handles:
                handle.remove()
        return bool(seen)

    def close(self) -> None:
        """Leave the model without hooks; twice is harmless."""
        self._tapping.close()

    def find_stages(self, run: Any, input_hw: tuple[int, int]) -> tuple[Stage, ...]:
        """List the layers that give maps; see `viewer.detectors.module_detector.StageFinder`."""
        from viewer.detectors.keras.stages import list_stages

        return list_stages(self, input_hw, run, lambda: wait_for(self.device))


def is_channels_last(model: Any, keras: Any) -> bool:
    """Whether a model takes (N, H, W, C); told by its input, or by Keras' setting where it has none yet."""
    shape = input_shape(model)
    if shape is None or (shape[1] == 3) == (shape[3] == 3):
        return keras.config.image_data_format() == "channels_last"
    return shape[3] == 3


def input_shape(model: Any) -> tuple[int | None, ...] | None:
    """Shape of a model's only input, batch included; None where it is not known before the first call."""
    inputs = getattr(model, "inputs", None)
    if not inputs or len(inputs) != 1 or len(inputs[0].shape) != 4:
        return None
    return tuple(inputs[0].shape)


def _set_precision(model: Any, keras: Any, dtype: torch.dtype) -> None:
    if dtype is torch.float32:
        return
    policy = keras.DTypePolicy(str(dtype).removeprefix("torch."))
    for layer in model._flatten_layers():  # noqa: SLF001 - nothing public reaches layers in nested ones
        layer.dtype_policy = policy


def _passage_for(layer: Any, *, is_channels_last: bool, hands_on: bool) -> Passage:
    """A passage whose class bears the layer's name, so that whoever lists modules sees what they stand for."""
    return type(type(layer).__name__, (Passage,), {})(is_channels_last=is_channels_last, hands_on=hands_on)


def _insert(network: nn.Module, passages: Mapping[str, Passage]) -> None:
    """Put each passage under its path: paths of nested layers begin with that of the layer around them."""
    for path, passage in passages.items():
        folder, _, leaf = path.rpartition(".")
        (network.get_submodule(folder) if folder else network).add_module(leaf, passage)
