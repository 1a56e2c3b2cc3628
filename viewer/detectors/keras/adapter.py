"""Opens a Keras 3 model as a detector, from a `.keras` file or as a user's own `build()` returns it."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from viewer.core.errors import DetectorError, ViewerError
from viewer.detectors.custom.definition import Definition
from viewer.detectors.custom.reading import choose_reading, load_reader
from viewer.detectors.devices import choose_device, memory_guarded
from viewer.detectors.keras.backend import first_line, load_keras
from viewer.detectors.keras.files import find_model, load_model
from viewer.detectors.keras.layers import graph_of
from viewer.detectors.keras.network import KerasNetwork, input_shape, is_channels_last
from viewer.detectors.keras.tapping import SAID, Way
from viewer.detectors.module_detector import InputFit, ModuleDetector, Wiring
from viewer.detectors.precision import DTYPES, check_precision
from viewer.detectors.request import LoadRequest
from viewer.userfile.no_fault import is_out_of_memory

_STRIDE = 32


def open_keras(request: LoadRequest) -> ModuleDetector:
    """Load a `.keras` file and open it as a detector.

    Raises:
        DetectorError: If the file cannot be read or run, or its outputs cannot be decoded.
        UntrustedCheckpointError: If it holds code and `request.trust_checkpoint` is not given.
        DeviceError: If the device is not there, or its memory is not enough.
    """
    request.check_imgsz()
    device = choose_device(request.device)
    check_precision(request.precision, device)
    path = find_model(request.model)
    load_keras(f"opening {path.name}")
    definition = load_reader(request.decode)
    request.progress(f"loading {path.name}", None)
    with memory_guarded(device):
        model = load_model(path, device, trust=request.trust_checkpoint)
        size_hw, is_free = _size(model, request.imgsz)
        preprocess = _preprocess(definition)
        with _blaming(path.name):
            network = wrap_keras(model, device=device, dtype=DTYPES[request.precision], size_hw=size_hw)
        request.progress("finding stages", None)
        stretch = definition is not None and definition.stretch
        stride = _STRIDE if is_free and request.rectangular else None
        fit = InputFit(size_hw, stretch, stride, is_fixed=not is_free)
        return ModuleDetector(
            network,
            Wiring(
                fit=fit,
                choose_reading=lambda outputs, letterbox: choose_reading(
                    outputs, letterbox, decode=request.decode, definition=definition
                ),
                preprocess=preprocess,
                guard=partial(_blaming, path.name),
            ),
            name=path.stem,
            architecture=f"Keras {model.name}",
            device=device,
            dtype=network.dtype,
            names=definition.names if definition else (),
            notes=(*network.notes, fit.note()),
            stages=dict(definition.stages) if definition and definition.stages else None,
            find_stages=network.find_stages,
        )


def wrap_keras(
    model: Any,
    *,
    device: torch.device,
    dtype: torch.dtype = torch.float32,
    size_hw: tuple[int, int] | None = None,
) -> KerasNetwork:
    """Make a torch module of a Keras model, its layers to be tapped in the way that works for it.

    Hooks work for every model whose layers are called in the ordinary way, nested and subclassed ones too. Where none
    of them fires, the graph of a functional model is given further outputs instead.

    Args:
        model: A `keras.Model` on the torch backend.
        device: Where it will run; its weights are moved there.
        dtype: Type of its weights and activations.
        size_hw: Height and width of a picture to try it with; None takes its own input size, or 640.

    Returns:
        The network; its `notes` say how layers are tapped.

    Raises:
        DetectorError: If the model is of another backend, takes no picture, or no way shows its layers.
    """
    keras = load_keras("running a Keras model")
    if not isinstance(model, nn.Module) or not isinstance(model, keras.Model):
        kind = type(model).__name__
        raise DetectorError(f"{kind} is no keras.Model on the torch backend; build it with KERAS_BACKEND=torch")
    _require_picture_input(model)
    scale = 255.0 if _rescales(model, keras) else 1.0
    images = torch.zeros((1, 3, *(size_hw or _size(model, 640)[0])), dtype=dtype, device=device)
    for way in (Way.HOOKS, Way.OUTPUTS):
        if way is Way.OUTPUTS and graph_of(model) is None:
            break
        network = KerasNetwork(model, device=device, dtype=dtype, way=way, scale=scale)
        if network.shows_layers(images):
            layout = "channels last" if is_channels_last(model, keras) else "channels first"
            fed = ["fed 0..255, as its Rescaling layer expects"] if scale != 1.0 else []
            graph = (
                "stages guessed from the graph" if graph_of(model) is not None else "stages guessed by path and stride"
            )
            network.notes = (SAID[way], layout, *fed, graph)
            return network
        network.close()
    raise DetectorError(f"no layer of {model.name} can be seen while it runs; call its layers instead of their call()")


def _size(model: Any, imgsz: int) -> tuple[tuple[int, int], bool]:
    """Height and width of the input, and whether the model leaves them free."""
    shape = input_shape(model)
    height, width = (shape[1:3] if shape[3] == 3 else shape[2:4]) if shape is not None else (None, None)
    if height is not None and width is not None:
        return (height, width), False
    side = math.ceil(imgsz / _STRIDE) * _STRIDE
    return (side, side), True


def _require_picture_input(model: Any) -> None:
    inputs = getattr(model, "inputs", None)
    if not inputs:
        return
    shape = input_shape(model)
    if shape is None or 3 not in (shape[1], shape[3]):
        shapes = ", ".join(str(tuple(one.shape)) for one in inputs)
        raise DetectorError(f"{model.name} takes {shapes}; give a model with one colour picture as its input")
    if shape[0] not in (None, 1):
        raise DetectorError(f"{model.name} takes batches of {shape[0]} pictures; build it with a free batch size")


def _rescales(model: Any, keras: Any) -> bool:
    """Whether a model divides by 255 itself."""
    rescaling = [layer for layer in getattr(model, "layers", [])[:4] if isinstance(layer, keras.layers.Rescaling)]
    return any(isinstance(one.scale, float) and math.isclose(one.scale * 255, 1, rel_tol=0.02) for one in rescaling)


def _preprocess(definition: Definition | None) -> Callable[[Tensor], Any]:
    return definition.prepare if definition is not None else lambda images: images


@contextmanager
def _blaming(title: str) -> Iterator[None]:
    """Context for a forward, which says in one line what Keras says in many.

    Raises:
        DetectorError: In place of it, unless memory ran out.
    """
    try:
        yield
    except ViewerError:
        raise
    except Exception as error:  # layers of anybody's may run in it
        if is_out_of_memory(error):
            raise
        advice = (
            "it needs TensorFlow, export it to ONNX" if "tensorflow" in str(error).lower() else "try another --imgsz"
        )
        raise DetectorError(f"{title} fails on a picture: {first_line(error)}; {advice}") from error
