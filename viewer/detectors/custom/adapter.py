"""Opens a team's own file as a detector."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from viewer.core.errors import DetectorError
from viewer.detectors.custom.definition import Definition, load_definition
from viewer.detectors.custom.reading import choose_reading, load_reader
from viewer.detectors.devices import choose_device, memory_guarded
from viewer.detectors.keras.backend import is_keras_model, prefer_torch
from viewer.detectors.keras.network import KerasNetwork
from viewer.detectors.module_detector import InputFit, ModuleDetector, Wiring
from viewer.detectors.precision import DTYPES, check_precision, laid_out
from viewer.detectors.request import LoadRequest
from viewer.detectors.weights import RANDOM, load_weights
from viewer.userfile.blame import blamed


def open_custom(request: LoadRequest) -> ModuleDetector:
    """Run a user's file and open the network it builds.

    Raises:
        DetectorError: If the file does not keep the contract or its code fails, with the place in it.
        UntrustedCheckpointError: If `request.weights` needs `trust_checkpoint`.
        DeviceError: If the device is not there, or its memory is not enough.
    """
    device = choose_device(request.device)
    check_precision(request.precision, device)
    request.progress(f"running {Path(request.model).name}", None)
    prefer_torch()  # the file may import Keras, which chooses its backend then
    definition = load_definition(request.model)
    definition.require("build")
    reader = load_reader(request.decode)
    with memory_guarded(device):
        request.progress("building the network", None)
        network = _prepare(definition, request, device)
        definition = _sized(definition, network)
        reader = definition if reader is None else reader
        request.progress("finding stages", None)
        in_rows = request.channels_last is False
        try:
            return _assemble(network, definition, reader, request, device, in_rows=in_rows)
        except DetectorError as error:
            if request.channels_last is not None or not _is_about_views(error):
                raise
        network = network.to(memory_format=torch.contiguous_format)
        return _assemble(network, definition, reader, request, device, in_rows=True)


def _assemble(
    network: nn.Module,
    definition: Definition,
    reader: Definition,
    request: LoadRequest,
    device: torch.device,
    *,
    in_rows: bool,
) -> ModuleDetector:
    is_reordered = in_rows and request.channels_last is None
    return ModuleDetector(
        network,
        wiring_of(definition, request, reader=reader, in_rows=in_rows),
        name=definition.path.stem,
        device=device,
        dtype=DTYPES[request.precision],
        names=definition.names,
        notes=(
            *definition.notes,
            definition.input_note,
            _fusing(definition, request),
            *(["memory: channel after channel, since the code uses view()"] if is_reordered else []),
            *getattr(network, "notes", ()),
        ),
        stages=None if definition.stages is None else dict(definition.stages),
        find_stages=getattr(network, "find_stages", None),
    )


def _is_about_views(error: DetectorError) -> bool:
    """Whether code of the file counted on activations that lie in memory channel after channel."""
    return "view size is not compatible" in str(error.__cause__)


def wiring_of(
    definition: Definition, request: LoadRequest, *, reader: Definition | None = None, in_rows: bool = False
) -> Wiring:
    """What a user's file puts around a network.

    Args:
        definition: The file.
        request: Says the input's size where the file does not, and how outputs are read where it overrules the file.
        reader: File whose `decode` reads the outputs, if it is another one.
        in_rows: Whether the network gets images whose memory is channel after channel, rather than pixel after pixel
            as they come.
    """
    size_hw = definition.input_hw or (request.imgsz, request.imgsz)
    return Wiring(
        fit=InputFit(
            size_hw,
            stretch=definition.stretch,
            stride=definition.stride if request.rectangular else None,
            is_fixed=definition.input_hw is not None,
        ),
        choose_reading=lambda outputs, letterbox: choose_reading(
            outputs, letterbox, decode=request.decode, definition=reader or definition
        ),
        preprocess=_preprocess(definition, in_rows=in_rows),
        guard=lambda: blamed(
            definition.path, "the network", error=DetectorError, definition=definition.functions.get("build")
        ),
    )


def _preprocess(definition: Definition, *, in_rows: bool) -> Callable[[Tensor], Any]:
    def prepare(images: Tensor) -> Any:
        return definition.prepare(images.contiguous() if in_rows else images)

    return prepare


def _prepare(definition: Definition, request: LoadRequest, device: torch.device) -> nn.Module:
    network = definition.call("build", device)
    if is_keras_model(network):
        return _prepare_keras(network, definition, request, device)
    if not isinstance(network, nn.Module):
        kind = type(network).__name__
        raise DetectorError(f"{definition.place_of('build')}: build() returned {kind}; return a torch.nn.Module")
    if request.weights is not None:
        if request.weights == RANDOM:
            raise DetectorError(f"{definition.path.name}: build() decides on weights; leave out --weights {RANDOM}")
        name = f"the network of {definition.path.name}"
        load_weights(network, request.weights, name=name, trust=request.trust_checkpoint)
    network = network.eval().requires_grad_(requires_grad=False)
    if request.fuse and "fuse" in definition.functions:
        network = definition.call("fuse", network)
        if not isinstance(network, nn.Module):
            kind = type(network).__name__
            raise DetectorError(f"{definition.place_of('fuse')}: fuse() returned {kind}; return the network")
    network = network.eval().requires_grad_(requires_grad=False).to(device=device, dtype=DTYPES[request.precision])
    return laid_out(network, request, by_default=device.type == "cpu")


def _prepare_keras(model: Any, definition: Definition, request: LoadRequest, device: torch.device) -> nn.Module:
    from viewer.detectors.keras.adapter import wrap_keras

    if request.weights is not None:
        raise DetectorError(
            f"{definition.path.name}: build() returned a Keras model; load {request.weights} in build()"
        )
    with blamed(definition.path, "the network", error=DetectorError, definition=definition.functions["build"]):
        return wrap_keras(model, device=device, dtype=DTYPES[request.precision], size_hw=definition.input_hw)


def _sized(definition: Definition, network: nn.Module) -> Definition:
    """The file with the size that its network takes, where the network knows it and the file does not say it."""
    if definition.input_hw is not None or not isinstance(network, KerasNetwork):
        return definition
    return replace(definition, input_hw=network.input_hw)


def _fusing(definition: Definition, request: LoadRequest) -> str:
    return "fused by its fuse()" if request.fuse and "fuse" in definition.functions else "not fused"
