"""Formats that people name as a model and that cannot be one here: one line each, with what to give instead.

Maps are taken out of a network while torch runs it, so whatever is compiled for another engine, or is weights without
a network, is of no use, however well it detects.
"""

import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import NoReturn

from viewer.core.errors import DetectorError
from viewer.detectors.request import LoadRequest

_WEIGHTS = (
    "holds weights without a network; give the network as the model, torchvision:NAME or a .py file whose build() "
    "returns it, and this file with --weights"
)
_BARE_WEIGHTS = "holds weights without a network; load them in the build() of a .py file, and give that as the model"
_COMPILED = "whose inside cannot be tapped; give what it was made from, a checkpoint (.pt) or an ONNX file"
_CONVERTED = "which runs in its own engine alone; export the model it was made from to ONNX"

_KINDS: Mapping[str, str] = {
    ".pth": _WEIGHTS,
    ".pth.tar": _WEIGHTS,
    ".ckpt": _WEIGHTS,
    ".safetensors": _BARE_WEIGHTS,
    ".npz": _BARE_WEIGHTS,
    ".weights.h5": _BARE_WEIGHTS,
    ".onnx.data": "holds the weights of an ONNX file; give the .onnx file that lies beside it",
    ".onnx_data": "holds the weights of an ONNX file; give the .onnx file that lies beside it",
    ".engine": f"is a TensorRT engine, {_COMPILED}",
    ".plan": f"is a TensorRT engine, {_COMPILED}",
    ".trt": f"is a TensorRT engine, {_COMPILED}",
    ".tflite": f"is a TensorFlow Lite model, {_CONVERTED}",
    ".pb": f"is a TensorFlow graph, {_CONVERTED}",
    ".mlmodel": f"is a Core ML model, {_CONVERTED}",
    ".mlpackage": f"is a Core ML model, {_CONVERTED}",
    ".xml": f"is an OpenVINO model, {_CONVERTED}",
}
"""What is to be said of a file by how its name ends."""


def is_foreign(model: str) -> bool:
    """Whether a model, as the user named it, is of such a format."""
    return _ending(model) is not None


def as_weights(file: str) -> str:
    """What a file is that was given as weights and that PyTorch cannot read, by how its name ends.

    Returns:
        `is a TensorRT engine`; empty for endings of PyTorch's own and for those that are not listed.
    """
    kind = _KINDS.get(_ending(file) or "", _WEIGHTS)
    if kind == _BARE_WEIGHTS:
        return "holds weights in another format than PyTorch's"
    return "" if kind == _WEIGHTS else re.split("[,;]", kind)[0]


def refuse_foreign(request: LoadRequest) -> NoReturn:
    """Opener of such files.

    Raises:
        DetectorError: Always.
    """
    raise DetectorError(f"{request.model} {_KINDS[_ending(request.model) or '']}")


def _ending(model: str) -> str | None:
    """The longest ending that is listed; None where there is none."""
    name = PurePath(model).name.lower()
    return max((ending for ending in _KINDS if name.endswith(ending)), key=len, default=None)
