"""Opens an ONNX file as a detector."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from viewer.core.errors import DetectorError
from viewer.core.geometry import Letterbox
from viewer.core.stage import Stage
from viewer.detectors.custom.definition import Definition
from viewer.detectors.custom.reading import Reading, choose_reading, load_reader
from viewer.detectors.devices import choose_device, memory_guarded, wait_for
from viewer.detectors.extras import require
from viewer.detectors.module_detector import InputFit, ModuleDetector, Wiring
from viewer.detectors.onnx.files import find_file, read_model
from viewer.detectors.onnx.metadata import Metadata, read_metadata
from viewer.detectors.precision import DTYPES, check_precision, laid_out
from viewer.detectors.request import LoadRequest
from viewer.userfile.no_fault import is_out_of_memory

if TYPE_CHECKING:
    from viewer.detectors.onnx.network import OnnxNetwork

_LEAST_STRIDE = 32
_USUAL_SIDES = (640, 320, 416, 512, 224, 256, 384, 448, 608, 768, 800, 1024, 1280, 128, 64)
_STRETCHED = frozenset({"detr", "detr-sigmoid", "rtdetr"})
"""Decoders of models that are trained on pictures stretched to a square."""


def open_onnx(request: LoadRequest) -> ModuleDetector:
    """Read an ONNX file and turn it into a detector.

    Raises:
        DetectorError: If the file cannot be read or run in torch, or its outputs cannot be decoded.
        DeviceError: If the device is not there, or its memory is not enough.
    """
    request.check_imgsz()
    device = choose_device(request.device)
    check_precision(request.precision, device)
    path = find_file(request.model)
    require("onnx2torch", "onnx", f"opening {path.name}")
    definition = load_reader(request.decode)
    request.progress(f"loading {path.name}", None)
    with memory_guarded(device):
        proto = read_model(path)
        metadata = read_metadata(proto)
        network, fixed_hw = _convert(proto, path, request, device)
        size_hw = fixed_hw or _free_size(request.imgsz, metadata)
        preprocess = _preprocess(definition)
        outputs = _first_run(network, preprocess, size_hw, path, is_free=fixed_hw is None)
        reading, is_stretched = _choose(outputs, size_hw, request, definition, metadata)
        stride = _stride(metadata) if fixed_hw is None and request.rectangular else None
        if stride is not None and not _runs_at_half_height(network, preprocess, size_hw, path, stride):
            stride = None
        fit = InputFit(size_hw, is_stretched, stride, is_fixed=fixed_hw is not None)
        request.progress("finding stages", None)
        return ModuleDetector(
            network,
            Wiring(
                fit=fit,
                choose_reading=lambda _outputs, _letterbox: reading,
                preprocess=preprocess,
                guard=partial(_blaming, network, path),
            ),
            name=path.stem,
            device=device,
            dtype=network.dtype,
            names=(definition.names if definition else ()) or metadata.names,
            notes=_notes(network, metadata, fit.note()),
            stages=dict(definition.stages) if definition and definition.stages else None,
            find_stages=partial(_find_stages, network),
            architecture=_architecture(proto, metadata),
        )


def _find_stages(network: "OnnxNetwork", run: Callable[[], object], input_hw: tuple[int, int]) -> tuple[Stage, ...]:
    from viewer.detectors.onnx.stages import list_stages

    return list_stages(network, input_hw, run, partial(wait_for, network.device))


def _preprocess(definition: Definition | None) -> Callable[[Tensor], Any]:
    return definition.prepare if definition is not None else lambda images: images


def _convert(
    proto: Any, path: Path, request: LoadRequest, device: torch.device
) -> tuple["OnnxNetwork", tuple[int, int] | None]:
    """The network, and the height and width of its input if the graph fixes them."""
    from viewer.detectors.onnx.graph import picture_input, tidied
    from viewer.detectors.onnx.network import OnnxNetwork

    picture = picture_input(proto, path.name)
    network = OnnxNetwork(
        tidied(proto, path.name),
        title=path.name,
        picture=picture.name,
        device=device,
        dtype=DTYPES[request.precision],
    )
    return laid_out(network, request, by_default=device.type == "cpu"), picture.input_hw


def _stride(metadata: Metadata) -> int:
    return metadata.stride or _LEAST_STRIDE


def _free_size(imgsz: int, metadata: Metadata) -> tuple[int, int]:
    side = -(-imgsz // _stride(metadata)) * _stride(metadata)
    return side, side


def _first_run(
    network: "OnnxNetwork", preprocess: Callable[[Tensor], Any], size_hw: tuple[int, int], path: Path, *, is_free: bool
) -> tuple[Tensor, ...]:
    """Outputs of a dry run; where it fails though the file leaves its size free, the error names one that runs.

    Raises:
        DetectorError: If a node fails.
    """
    try:
        return _dry_run(network, preprocess, size_hw, path)
    except DetectorError as error:
        side = _side_that_runs(network, preprocess, path) if is_free else None
        if side is None:
            raise
        raise DetectorError(f"{error}, or give --imgsz {side}, at which it runs") from error


def _side_that_runs(network: "OnnxNetwork", preprocess: Callable[[Tensor], Any], path: Path) -> int | None:
    """The size it was traced at, among the usual ones: exporters leave sides open and write numbers of one size in."""
    for side in _USUAL_SIDES:
        try:
            _dry_run(network, preprocess, (side, side), path)
        except DetectorError:
            continue
        return side
    return None


def _runs_at_half_height(
    network: "OnnxNetwork", preprocess: Callable[[Tensor], Any], size_hw: tuple[int, int], path: Path, stride: int
) -> bool:
    """Whether sides that the file leaves open are so: one that was traced may run at a single size all the same."""
    height, width = size_hw
    try:
        _dry_run(network, preprocess, (max(stride, height // 2 // stride * stride), width), path)
    except DetectorError:
        return False
    return True


@torch.inference_mode()
def _dry_run(
    network: "OnnxNetwork", preprocess: Callable[[Tensor], Any], size_hw: tuple[int, int], path: Path
) -> tuple[Tensor, ...]:
    images = preprocess(torch.zeros((1, 3, *size_hw), dtype=network.dtype, device=network.device))
    with _blaming(network, path):
        return network(images)


def _choose(
    outputs: tuple[Tensor, ...],
    size_hw: tuple[int, int],
    request: LoadRequest,
    definition: Definition | None,
    metadata: Metadata,
) -> tuple[Reading, bool]:
    """How outputs are read, tried on those of a dry run, and whether pictures are stretched."""
    letterbox = Letterbox.stretch(size_hw, size_hw)
    if definition is not None:
        reading = choose_reading(outputs, letterbox, decode=request.decode, definition=definition)
        return replace(reading, note=f"decoded by decode() of {definition.path.name}"), definition.stretch
    cut = partial(_without_extras, classes=len(metadata.names)) if metadata.task else tuple
    reading = choose_reading(cut(outputs), letterbox, decode=request.decode)

    def pack(outputs: Any, letterbox: Letterbox) -> Tensor:
        return reading.pack(cut(outputs), letterbox)

    whole = reading.dense
    dense = None if whole is None else lambda outputs, letterbox: whole(cut(outputs), letterbox)
    return replace(reading, pack=pack, dense=dense), reading.preset in _STRETCHED


def _without_extras(outputs: Sequence[Tensor], *, classes: int) -> tuple[Tensor, ...]:
    """The first output of an ultralytics export, cut to boxes and class scores.

    What follows them are keypoints, mask coefficients or a rotation.
    """
    first = outputs[0]
    if classes and first.ndim == 3 and 4 + classes < first.shape[1] < first.shape[2]:
        return (first.narrow(1, 0, 4 + classes),)
    return tuple(outputs)


@contextmanager
def _blaming(network: "OnnxNetwork", path: Path) -> Iterator[None]:
    """Context for a forward, which names the node that fails.

    Raises:
        DetectorError: In place of what torch says, unless memory ran out.
    """
    try:
        yield
    except (RuntimeError, ValueError, IndexError, TypeError, NotImplementedError, ZeroDivisionError) as error:
        if is_out_of_memory(error) or network.at is None:
            raise
        said = next((line.rstrip(" .") for line in str(error).splitlines() if line.strip()), type(error).__name__)
        raise DetectorError(
            f"{path.name} fails at node {network.at.path} ({network.at.kind}): {said}; "
            "export it again for one picture of this size"
        ) from error


def _architecture(proto: Any, metadata: Metadata) -> str:
    version = max((opset.version for opset in proto.opset_import if opset.domain in ("", "ai.onnx")), default=0)
    made_by = f" by {metadata.producer}" if metadata.producer else ""
    return f"ONNX opset {version}{made_by}"


def _notes(network: "OnnxNetwork", metadata: Metadata, size: str) -> tuple[str, ...]:
    notes = [f"{len(network.steps)} nodes in torch", "stages guessed from the graph", size]
    if not metadata.names:
        notes.append("no class names in the file")
    if metadata.task == "obb":
        notes.append("oriented boxes are drawn upright")
    for node, warning in network.warnings.items():
        notes.append(f"{node} may differ from the file: {warning.splitlines()[0]}")
    return tuple(notes)
