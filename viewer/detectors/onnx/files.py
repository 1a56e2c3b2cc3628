"""Reading an ONNX file without reading anything its author had no business pointing at.

A graph may keep its weights in files beside it, named by paths in the graph. Those names come from whoever made the
file, so each is checked before one byte behind it is read: it must lead to a plain file in the model's own folder.
"""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from viewer.core.errors import DetectorError
from viewer.core.nearby import meant, neighbours
from viewer.core.paths import expanded, path_errors
from viewer.detectors.extras import require


def find_file(model: str) -> Path:
    """The file a user named.

    Raises:
        DetectorError: If it is not there.
    """
    path = expanded(model, DetectorError)
    with path_errors(DetectorError, f"cannot open model {model}"):
        if path.is_file():
            return path
        if path.is_dir():
            raise DetectorError(f"model {model!r} is a folder; give the .onnx file in it")
        near = meant(path, neighbours(path))
    raise DetectorError(f"no model file {model!r}{near or '; give the path of an .onnx file'}")


def read_model(path: Path) -> Any:
    """Read and check a file, weights that lie beside it included.

    Returns:
        An `onnx.ModelProto` that refers to no other file.

    Raises:
        DetectorError: If onnx is not installed, the file is none, is damaged, or keeps weights outside its folder; in
            the last case none of them was read.
    """
    onnx = require("onnx", "onnx", f"opening {path.name}")
    from google.protobuf.message import DecodeError

    with path_errors(DetectorError, f"cannot read {path}"):
        try:
            proto = onnx.load(str(path), load_external_data=False)
        except DecodeError as error:
            raise DetectorError(f"{path} is no ONNX model, or is truncated; export it again") from error
    if not proto.graph.node:
        raise DetectorError(f"{path} is no ONNX model, or has an empty graph; export it again")
    outside = [tensor for tensor in _tensors(proto) if tensor.data_location == onnx.TensorProto.EXTERNAL]
    for tensor in outside:
        _check_neighbour(path, tensor)
    try:
        for tensor in outside:
            onnx.external_data_helper.load_external_data_for_tensor(tensor, str(path.parent))
            tensor.data_location = onnx.TensorProto.DEFAULT
            del tensor.external_data[:]
    except (OSError, ValueError, onnx.checker.ValidationError) as error:
        raise DetectorError(f"{path} keeps weights in another file, which cannot be read: {_line(error)}") from error
    return proto


def _tensors(message: Any) -> Iterator[Any]:
    """Every tensor anywhere in a model: in graphs, subgraphs, functions and attributes."""
    for field, value in message.ListFields():
        if field.type != field.TYPE_MESSAGE:
            continue
        for part in value if field.is_repeated else [value]:
            if part.DESCRIPTOR.full_name == "onnx.TensorProto":
                yield part
            else:
                yield from _tensors(part)


def _check_neighbour(path: Path, tensor: Any) -> None:
    """Refuse a tensor whose file is not a plain one in the model's folder.

    Raises:
        DetectorError: If it leads out of the folder, by its path or by a link, or is not there.
    """
    location = next((entry.value for entry in tensor.external_data if entry.key == "location"), "")
    parts = {*PurePosixPath(location).parts, *PureWindowsPath(location).parts}
    absolute = PurePosixPath(location).is_absolute() or bool(PureWindowsPath(location).anchor)
    refusal = f"{path} keeps weights in {location!r}, outside its folder; nothing of it was read, export it again"
    if not location or "\0" in location or absolute or ".." in parts:
        raise DetectorError(refusal)
    with path_errors(DetectorError, f"cannot read weights of {path}"):
        target = path.parent / location
        if not target.resolve().is_relative_to(path.parent.resolve()):
            raise DetectorError(refusal)
        if not target.is_file():
            raise DetectorError(f"{path} keeps weights in {location!r}, which is not there; put it into its folder")


def _line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
