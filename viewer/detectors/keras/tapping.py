"""The three ways in which Keras shows what a layer returns, behind one interface.

`LayerHooks` asks nothing of a model: hooks on layers, which are torch modules on this backend, fire in nested and
subclassed models too, at the moment the layer is done. `MoreOutputs` builds a second model over the same graph whose
further outputs are the tapped layers; `TapLayers` clones the graph with a layer that hands on after each of its own.
Those two need a functional model. All run the same layers with the same weights and bring the same tensors.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Protocol

from torch import Tensor

from viewer.core.errors import DetectorError
from viewer.detectors.keras.backend import load_keras
from viewer.detectors.keras.layers import graph_of, nodes_of


class Way(StrEnum):
    """How layers are reached."""

    HOOKS = "hooks"
    OUTPUTS = "outputs"
    LAYERS = "layers"


SAID = {
    Way.HOOKS: "layers tapped by hooks",
    Way.OUTPUTS: "layers tapped as further outputs of the graph",
    Way.LAYERS: "layers tapped by pass-through layers",
}
"""Each way in words, for notes."""


class Watcher(Protocol):
    """Whoever wants a layer's output."""

    @property
    def is_watched(self) -> bool:
        """Whether anybody wants it now."""
        ...

    def __call__(self, output: Tensor) -> Tensor:
        """Take it, and hand on what hooks make of it, channels first."""
        ...

    def back(self, shown: Tensor) -> Tensor:
        """What was handed on, in the layout of the model again."""
        ...


class Tapping(Protocol):
    """A way of running a model so that watchers see what layers return."""

    def run(self, images: Any) -> Any:
        """Run the model and return its outputs."""
        ...

    def close(self) -> None:
        """Leave the model as it was; twice is harmless."""
        ...


class LayerHooks:
    """Forward hooks on layers.

    Args:
        model: Any `keras.Model`.
        layers: Its layers by path.
        watchers: Who sees each layer, by path.
    """

    def __init__(self, model: Any, layers: Mapping[str, Any], watchers: Mapping[str, Watcher]) -> None:
        self._model = model
        self._handles = [layer.register_forward_hook(_bring_to(watchers[path])) for path, layer in layers.items()]

    def run(self, images: Any) -> Any:
        """Run the model and return its outputs."""
        return self._model(images, training=False)

    def close(self) -> None:
        """Remove the hooks."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()


class MoreOutputs:
    """A second model over the same graph, made anew when others are watched. Layers in nested models stay unseen.

    Args:
        model: A functional `keras.Model`.
        layers: Its layers by path.
        watchers: Who sees each layer, by path.

    Raises:
        DetectorError: If the model is subclassed.
    """

    def __init__(self, model: Any, layers: Mapping[str, Any], watchers: Mapping[str, Watcher]) -> None:
        self._keras = load_keras("tapping a Keras model")
        self._graph = _require_graph(model, Way.OUTPUTS)
        paths = {id(layer): path for path, layer in layers.items()}
        self._watchers = watchers
        self._calls = [
            (paths[id(node.operation)], node.output_tensors[0])
            for node in nodes_of(self._graph)
            if id(node.operation) in paths and len(node.output_tensors) == 1
        ]
        self._watched: tuple[str, ...] | None = None
        self._wide: Any = None

    def run(self, images: Any) -> Any:
        """Run the model and return its outputs."""
        watched = tuple(path for path, _ in self._calls if self._watchers[path].is_watched)
        if watched != self._watched:
            tapped = [tensor for path, tensor in self._calls if path in watched]
            self._wide = self._keras.Model(self._graph.inputs, [self._graph.output, tapped])
            self._watched = watched
        outputs, activations = self._wide(images, training=False)
        for path, activation in zip(watched, activations, strict=True):
            self._watchers[path](activation)
        return outputs

    def close(self) -> None:
        """Drop the second model."""
        self._wide = self._watched = None


class TapLayers:
    """The same layers called again with a layer after each that hands its output on; nested models are cloned, too.

    Args:
        model: A functional `keras.Model`.
        layers: Its layers by path.
        watchers: Who sees each layer, by path.

    Raises:
        DetectorError: If the model is subclassed.
    """

    def __init__(self, model: Any, layers: Mapping[str, Any], watchers: Mapping[str, Watcher]) -> None:
        keras = load_keras("tapping a Keras model")
        _require_graph(model, Way.LAYERS)
        paths = {id(layer): path for path, layer in layers.items()}
        tap_layer = _tap_layer_class(keras)

        def call(layer: Any, *arguments: Any, **options: Any) -> Any:
            outputs = layer(*arguments, **options)
            watcher = watchers.get(paths.get(id(layer), ""))
            is_map = watcher is not None and getattr(outputs, "ndim", 0) == 4
            return tap_layer(watcher)(outputs) if is_map else outputs

        self._clone: Any = keras.models.clone_model(
            model, clone_function=lambda layer: layer, call_function=call, recursive=True
        )

    def run(self, images: Any) -> Any:
        """Run the model and return its outputs."""
        return self._clone(images, training=False)

    def close(self) -> None:
        """Drop the clone."""
        self._clone = None


WAYS: dict[Way, Callable[[Any, Mapping[str, Any], Mapping[str, Watcher]], Tapping]] = {
    Way.HOOKS: LayerHooks,
    Way.OUTPUTS: MoreOutputs,
    Way.LAYERS: TapLayers,
}
"""What makes each."""


def _bring_to(watcher: Watcher) -> Callable[[Any, Any, Any], Tensor | None]:
    """A hook that shows a layer's output, and lets the model go on with what hooks put in its place, if any did."""

    def fire(_layer: Any, _inputs: Any, output: Any) -> Tensor | None:
        if not (watcher.is_watched and isinstance(output, Tensor) and output.ndim == 4):
            return None
        shown = watcher(output)
        return None if shown.data_ptr() == output.data_ptr() else watcher.back(shown)

    return fire


def _require_graph(model: Any, way: Way) -> Any:
    graph = graph_of(model)
    if graph is None:
        raise DetectorError(f"{type(model).__name__} is a subclassed model, which cannot be {SAID[way]}; use hooks")
    return graph


def _tap_layer_class(keras: Any) -> Any:
    class TapLayer(keras.layers.Layer):
        """Hands its input on, and shows it to who watches, who may change it."""

        def __init__(self, watcher: Watcher) -> None:
            super().__init__()
            self._show = _bring_to(watcher)

        def call(self, inputs: Any) -> Any:
            shown = self._show(None, None, inputs)
            return inputs if shown is None else shown

        def compute_output_shape(self, input_shape: Any) -> Any:
            return input_shape

    return TapLayer
