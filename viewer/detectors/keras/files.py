"""Reading Keras files: `.keras` archives without running what they hold, and a clear line for every other kind."""

import re
import zipfile
from pathlib import Path
from typing import Any

import torch

from viewer.core.errors import DetectorError, UntrustedCheckpointError
from viewer.core.nearby import meant, neighbours
from viewer.core.paths import expanded, path_errors
from viewer.detectors.keras.backend import first_line, load_keras, on_device
from viewer.userfile.no_fault import is_out_of_memory

_UNSAFE = re.compile(r"safe_mode|unsafe|arbitrary code", re.IGNORECASE)
_CLASS = re.compile(r"(?:locate class|deserialize class|locate function|Unknown layer:?) '?([\w.>]+)'?")
_SAVED_MODEL_LAYER = "TFSMLayer"
_TENSORFLOW = re.compile(r"tensorflow|\btf\.", re.IGNORECASE)


def find_model(model: str) -> Path:
    """The `.keras` file a user named.

    Raises:
        DetectorError: If it is not there, or of a kind that only TensorFlow reads.
    """
    path = expanded(model, DetectorError)
    if path.suffix.lower() in (".h5", ".hdf5"):
        raise DetectorError(
            f"{model} is in the old HDF5 format, which can hide code; load it where it was made and save it again with "
            "model.save('model.keras')"
        )
    with path_errors(DetectorError, f"cannot open model {model}"):
        if (path / "saved_model.pb").is_file():
            raise DetectorError(
                f"{model} is a TensorFlow SavedModel, which runs in TensorFlow alone; export it to ONNX"
            )
        if path.is_file():
            return path
        if path.is_dir():
            raise DetectorError(f"model {model!r} is a folder; give the .keras file in it")
        near = meant(path, neighbours(path))
    raise DetectorError(f"no model file {model!r}{near or '; give the path of a .keras file'}")


def load_model(path: Path, device: torch.device, *, trust: bool) -> Any:
    """Read a `.keras` archive.

    Args:
        path: The file.
        device: Where its weights go.
        trust: Let it run code that it holds.

    Returns:
        A `keras.Model`, not compiled.

    Raises:
        UntrustedCheckpointError: If it holds code and `trust` is not given; nothing of it ran.
        DetectorError: If Keras is not there, or the file is damaged or needs what Keras alone does not have.
    """
    keras = load_keras(f"opening {path.name}")
    with path_errors(DetectorError, f"cannot read {path}"):
        if not zipfile.is_zipfile(path):
            raise DetectorError(f"{path} is no Keras 3 model, or is truncated; save it again as .keras")
        try:
            with on_device(keras, device):
                return keras.saving.load_model(path, compile=False, safe_mode=not trust)
        except OSError:
            raise
        except Exception as error:  # whatever Keras meets in a file that anybody may have made
            if is_out_of_memory(error):
                raise
            raise _refusal(path, error, trust=trust) from error


def _refusal(path: Path, error: Exception, *, trust: bool) -> DetectorError:
    text = str(error)
    needs_tensorflow = DetectorError(
        f"{path} needs TensorFlow, and Keras runs on torch here; export it to ONNX instead"
    )
    if _SAVED_MODEL_LAYER in text:
        return needs_tensorflow
    if _UNSAFE.search(text) and not trust:
        return UntrustedCheckpointError(
            f"{path} holds code of its own, such as a Lambda layer; nothing of it ran. "
            "If you trust who made it, say --trust-checkpoint"
        )
    if _TENSORFLOW.search(text):
        return needs_tensorflow
    if named := _CLASS.search(text):
        return DetectorError(
            f"{path} uses {named[1]}, which Keras alone does not have; "
            "open it from a .py file whose build() imports that and loads the model"
        )
    return DetectorError(f"{path} cannot be loaded by Keras: {first_line(error)}; save it again with a newer Keras")
