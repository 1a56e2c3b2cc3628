"""Opens an exported program as a detector."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.export import ExportedProgram
from torch.export.passes import move_to_device_pass

from viewer.core.errors import DetectorError, ViewerError, did_you_mean
from viewer.core.paths import expanded, path_errors
from viewer.detectors.custom.definition import Definition
from viewer.detectors.custom.reading import choose_reading, load_reader
from viewer.detectors.devices import choose_device, memory_guarded
from viewer.detectors.exported.archive import load_archive
from viewer.detectors.exported.passages import open_passages, root_kind
from viewer.detectors.module_detector import InputFit, ModuleDetector, Wiring
from viewer.detectors.precision import DTYPES, check_precision, laid_out
from viewer.detectors.request import LoadRequest, Precision
from viewer.userfile.no_fault import is_capturing, is_out_of_memory

_SIDE = 32  # input sides of a free size are multiples of it


def open_exported(request: LoadRequest) -> ModuleDetector:
    """Load a `.pt2` file; outputs are read by `--decode`, or as they look like.

    Raises:
        UntrustedCheckpointError: If the file holds what could run code and `trust_checkpoint` is not set.
        DetectorError: If it cannot be read, takes something else than one image, or its outputs mean nothing known.
        DeviceError: If the device is not there, or its memory is not enough.
    """
    device = choose_device(request.device)
    check_precision(request.precision, device)
    path = _find(request.model)
    if request.weights is not None:
        raise DetectorError(f"{path} has its weights in it; leave out --weights {request.weights}")
    reader = load_reader(request.decode)
    with memory_guarded(device):
        request.progress(f"loading {path.name}", None)
        program = load_archive(path, trust=request.trust_checkpoint)
        fit = _fit(program, path, request, reader)
        with _explained(path, request):
            network = _prepare(program, request, device)
        request.progress("finding stages", None)
        return ModuleDetector(
            network,
            _wiring(fit, path, request, reader),
            name=path.stem,
            architecture=root_kind(program.graph),
            device=device,
            dtype=DTYPES[request.precision],
            names=reader.names if reader is not None else (),
            notes=(
                "exported program",
                "not fused",
                fit.note(),
                *(reader.notes if reader is not None else ()),
            ),
            stages=dict(reader.stages) if reader is not None and reader.stages is not None else None,
        )


def _find(name: str) -> Path:
    path = expanded(name, DetectorError)
    with path_errors(DetectorError, f"cannot open model {name}"):
        if path.is_file():
            return path
        folder = path.parent
        others = [entry.name for entry in folder.iterdir() if entry.suffix == ".pt2"] if folder.is_dir() else []
    raise DetectorError(f"no model file {name!r}{did_you_mean(path.name, others) or '; give the path of a .pt2 file'}")


def _fit(program: ExportedProgram, path: Path, request: LoadRequest, reader: Definition | None) -> InputFit:
    """The size the program was exported for, or the one asked for where it takes any.

    Raises:
        DetectorError: If it takes anything else than one batch of one RGB image.
    """
    names = program.graph_signature.user_inputs
    shapes = [node.meta["val"].shape for node in program.graph.nodes if node.op == "placeholder" and node.name in names]
    if len(shapes) != 1 or len(shapes[0]) != 4:
        takes = ", ".join(str(tuple(shape)) for shape in shapes) or "nothing"
        raise DetectorError(f"{path} takes {takes}; export a network that takes one (1, 3, H, W) tensor of images")
    batch, channels, *size_hw = (side if isinstance(side, int) else None for side in shapes[0])
    if batch not in (None, 1) or channels not in (None, 3):
        takes = tuple(shapes[0])
        raise DetectorError(
            f"{path} takes {takes}; export it for a batch of one RGB image, (1, 3, {takes[2]}, {takes[3]})"
        )
    wanted = reader.input_hw if reader is not None and reader.input_hw else (request.imgsz, request.imgsz)
    free = [max(_SIDE, round(side / _SIDE) * _SIDE) for side in wanted]
    height, width = (fixed or side for fixed, side in zip(size_hw, free, strict=True))
    stride = reader.stride if reader is not None and size_hw == [None, None] and request.rectangular else None
    is_free = None in size_hw and (reader is None or reader.input_hw is None)
    return InputFit((height, width), stretch=reader is not None and reader.stretch, stride=stride, is_fixed=not is_free)


def _prepare(program: ExportedProgram, request: LoadRequest, device: torch.device) -> nn.Module:
    if device.type != "cpu":
        program = move_to_device_pass(program, device)
    unlifted = program.module(check_guards=False)
    for hooks in (unlifted._forward_pre_hooks, unlifted._forward_hooks):  # noqa: SLF001
        hooks.clear()  # torch's own: they check the input's shape, which never differs here, and remove themselves
    network = open_passages(unlifted)
    for module in network.modules():
        module.training = False  # eval() itself is refused: whether norms train was fixed when it was exported
    network = network.requires_grad_(requires_grad=False).to(device=device, dtype=DTYPES[request.precision])
    return laid_out(network, request, by_default=False)


def _wiring(fit: InputFit, path: Path, request: LoadRequest, reader: Definition | None) -> Wiring:
    return Wiring(
        fit=fit,
        choose_reading=lambda outputs, letterbox: choose_reading(
            outputs, letterbox, decode=request.decode, definition=reader
        ),
        preprocess=_preprocess(request, reader),
        guard=lambda: _explained(path, request),
        timed=False,
    )


def _preprocess(request: LoadRequest, reader: Definition | None) -> Callable[[Tensor], Tensor]:
    """What stands before the program: the user's own preparation, and the memory format it was exported with.

    Its views were worked out for rows that lie one after the other; channels-last memory breaks some of them.
    """

    def prepare(images: Tensor) -> Tensor:
        prepared = reader.prepare(images) if reader is not None else images
        return prepared if request.channels_last else prepared.contiguous()

    return prepare


@contextmanager
def _explained(path: Path, request: LoadRequest) -> Iterator[None]:
    """Say what an error inside a program most likely comes from; while a graph is captured it is left as it is."""
    captured = is_capturing()
    try:
        yield
    except (ViewerError, MemoryError):
        raise
    except (RuntimeError, TypeError, ValueError, AssertionError, AttributeError, LookupError) as error:
        if captured or is_out_of_memory(error):
            raise
        advice = "export it again with the torch in use here"
        if request.precision != Precision.FP32:
            advice = f"it may only run in the type it was exported in; leave out --{_flag(request.precision)}"
        elif request.channels_last:
            advice = "leave out --channels-last"
        said = str(error).strip().splitlines() or [type(error).__name__]
        raise DetectorError(f"{path} does not run ({said[0]}); {advice}") from error


def _flag(precision: Precision) -> str:
    return "half" if precision == Precision.FP16 else "bf16"
