"""Which adapter opens a model: decided here, by what the user named, and nowhere else."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path, PurePath
from typing import Any

from viewer.core.errors import DetectorError, did_you_mean
from viewer.core.nearby import neighbours
from viewer.core.protocols import Detector
from viewer.detectors.foreign import is_foreign
from viewer.detectors.request import LoadRequest


@dataclass(frozen=True, slots=True)
class Adapter:
    """One framework's way in.

    Attributes:
        offers: What it opens, for the message when nothing does: `an ultralytics checkpoint (.pt)`; empty if it only
            says why it cannot.
        takes: Whether a model, as the user named it, is this adapter's.
        module: Module that holds `opener`; imported only when the adapter is asked.
        opener: Name of the function from a `LoadRequest` to a `Detector`.
        heeds: Which of `weights` and `decode` it answers itself; the others are refused rather than ignored.
    """

    offers: str
    takes: Callable[[str], bool]
    module: str
    opener: str
    heeds: frozenset[str] = frozenset()

    def open(self, request: LoadRequest) -> Detector:
        """Load the model."""
        return getattr(import_module(self.module), self.opener)(request)


_BUILDERS = "torchvision:"
_SUFFIXES = (".pt", ".py", ".pt2", ".onnx", ".keras", ".yaml", ".yml")


def _has_suffix(*suffixes: str) -> Callable[[str], bool]:
    return lambda model: PurePath(model).suffix.lower() in suffixes


def _is_saved_model(model: str) -> bool:
    """Whether it is a folder as TensorFlow writes them, which the Keras adapter can say more about."""
    with suppress(OSError):  # a name that can be no path
        return (Path(model) / "saved_model.pb").is_file()
    return False


def _has_prefix(prefix: str) -> Callable[[str], bool]:
    return lambda model: model.lower().startswith(prefix)


ADAPTERS = (
    Adapter(
        offers="",
        takes=is_foreign,
        module="viewer.detectors.foreign",
        opener="refuse_foreign",
        heeds=frozenset({"weights", "decode"}),
    ),
    Adapter(
        offers="an ultralytics checkpoint (.pt) or model description (.yaml)",
        takes=_has_suffix(".pt", ".yaml", ".yml"),
        module="viewer.detectors.ultralytics.adapter",
        opener="open_ultralytics",
    ),
    Adapter(
        offers="a Python file of your own (.py)",
        takes=_has_suffix(".py"),
        module="viewer.detectors.custom.adapter",
        opener="open_custom",
        heeds=frozenset({"weights", "decode"}),
    ),
    Adapter(
        offers="an exported program (.pt2)",
        takes=_has_suffix(".pt2"),
        module="viewer.detectors.exported.adapter",
        opener="open_exported",
        heeds=frozenset({"weights", "decode"}),  # it says itself that a program has its weights in it
    ),
    Adapter(
        offers="",
        takes=_has_suffix(".torchscript", ".ts", ".ptl"),
        module="viewer.detectors.exported.torchscript",
        opener="refuse_torchscript",
        heeds=frozenset({"weights", "decode"}),
    ),
    Adapter(
        offers="an ONNX file (.onnx)",
        takes=_has_suffix(".onnx"),
        module="viewer.detectors.onnx.adapter",
        opener="open_onnx",
        heeds=frozenset({"decode"}),
    ),
    Adapter(
        offers="a Keras 3 model (.keras)",
        takes=lambda model: _has_suffix(".keras", ".h5", ".hdf5")(model) or _is_saved_model(model),
        module="viewer.detectors.keras.adapter",
        opener="open_keras",
        heeds=frozenset({"decode"}),
    ),
    Adapter(
        offers="a builder of torchvision's (torchvision:fasterrcnn_resnet50_fpn)",
        takes=_has_prefix(_BUILDERS),
        module="viewer.detectors.torchvision.adapter",
        opener="open_torchvision",
        heeds=frozenset({"weights"}),
    ),
)
"""Every adapter, the first that takes a model opens it."""


def open_detector(model: str, **options: Any) -> Detector:
    """Load a detection network, ready to be driven.

    Args:
        model: Checkpoint (`best.pt`), model description (`yolo11n.yaml`: random weights), or the bare name of a
            published checkpoint (`yolo11n.pt`), which is downloaded if it is not on disk; a builder of torchvision's
            (`torchvision:fasterrcnn_resnet50_fpn`); an exported, ONNX or Keras file; or a Python file of the user's own
            (`my_detector.py`), which is run.
        options: Fields of `LoadRequest`.

    Raises:
        DetectorError: If the model cannot be found, read or driven.
        UntrustedCheckpointError: If the checkpoint needs `trust_checkpoint`.
        DeviceError: If the device is not there, or has too little memory.
    """
    for adapter in ADAPTERS:
        if adapter.takes(model):
            request = LoadRequest(model, **options)
            for name in {"weights", "decode"} - adapter.heeds:
                if getattr(request, name) is not None:
                    raise DetectorError(f"--{name} means nothing to {model}{_why(name, model)}")
            return adapter.open(request)
    offered = "; or ".join(adapter.offers for adapter in ADAPTERS if adapter.offers)
    raise DetectorError(f"cannot open model {model!r}{_completed(model) or f': give {offered}'}")


def _completed(model: str) -> str:
    """Suggest what a name stands for that lacks its prefix or suffix, or has a misspelt one; empty if nothing.

    What lies there comes before what a library has: a network of one's own may be named after what it was made from.
    """
    if beside := _beside(Path(model)):
        return f"; did you mean {' or '.join(map(repr, beside))}?"
    from viewer.detectors.torchvision.builders import builder_names

    return did_you_mean(_BUILDERS + model, [_BUILDERS + name for name in builder_names()], prefix=_BUILDERS)


def _beside(path: Path) -> list[str]:
    """Files of models that are named as a path is, which lacks its suffix or has a misspelt one."""
    for stem in dict.fromkeys((path.name, path.stem)):  # what looks like a suffix may be a version
        named = partial(_has_stem, stem)
        with suppress(OSError, ValueError):  # a name that can be no path
            if stem and (names := neighbours(path, named, suffixes=_SUFFIXES)):
                return sorted(names)
    return []


def _has_stem(stem: str, path: Path) -> bool:
    return path.stem == stem


def _why(option: str, model: str) -> str:
    if option == "weights" and PurePath(model).suffix.lower() in (".yaml", ".yml"):
        return ", a description that is built with random weights; give the trained checkpoint (.pt) as the model"
    return ", which brings its own; leave it out"
