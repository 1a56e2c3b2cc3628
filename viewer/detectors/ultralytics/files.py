"""Finding the model a user named: on disk, in the library, in our cache, or among the published checkpoints."""

import re
from collections.abc import Callable
from pathlib import Path, PurePath

from viewer.core.errors import DetectorError
from viewer.core.nearby import meant, mentions, neighbours
from viewer.core.paths import expanded, path_errors
from viewer.detectors.download import download, models_folder
from viewer.detectors.ultralytics.quiet import load_library

_RELEASE = "https://github.com/ultralytics/assets/releases/download/v8.4.0"
_LOOKS_LIKE_ONE = mentions(r"^(head|backbone)\s*:")
_SCALE = re.compile(r"(\d+)([nslmx])(?=-|\.|$)")


def find_checkpoint(model: str, progress: Callable[[str, float | None], None]) -> Path:
    """Find a `.pt` file, downloading it if the user gave the bare name of a published one.

    Raises:
        DetectorError: If it is nowhere; nothing half-downloaded is left.
    """
    path = expanded(model, DetectorError)
    bare = PurePath(model).name == model
    cached = models_folder() / model
    with path_errors(DetectorError, f"cannot open model {model}"):
        if path.is_file():
            return path
        if path.is_dir():
            raise DetectorError(f"model {model!r} is a folder; give the .pt file in it")
        if bare and cached.is_file():
            return cached
        beside = neighbours(path)
    published = _published()
    if not bare or model not in published:
        near = meant(path, beside | (published if bare else set[str]()))
        raise DetectorError(f"no model file {model!r}{near or '; give the path of a .pt checkpoint'}")
    try:
        download(f"{_RELEASE}/{model}", cached, title=f"downloading {model}", progress=progress)
    except OSError as error:
        why = getattr(error, "reason", error)
        raise DetectorError(
            f"{model} is not here and cannot be downloaded ({why}); put it into {Path.cwd()} or {models_folder()}"
        ) from error
    return cached


def find_description(model: str) -> Path:
    """Find a model description: a file on disk, or one of the library's own by name.

    Returns:
        A path that ultralytics resolves, its scale letter kept: `.../yolo11n.yaml` stands for the file `yolo11.yaml`.

    Raises:
        DetectorError: If there is none.
    """
    path = expanded(model, DetectorError)
    with path_errors(DetectorError, f"cannot open model {model}"):
        if path.is_file() or path.with_name(_SCALE.sub(r"\1", path.name)).is_file():
            return path
        beside = neighbours(path, _LOOKS_LIKE_ONE)
    own = _descriptions()
    if PurePath(model).name == model:
        for name in (model, _SCALE.sub(r"\1", model)):
            if name in own:
                return own[name].with_name(model)
    scaled = {_SCALE.sub(r"\1", name): name for name in own}
    known = {*own, *beside, *(re.sub(r"(\d+)", r"\1n", n, count=1) for n in scaled)}
    raise DetectorError(f"no model description {model!r}{meant(path, known) or '; give a .yaml file'}")


def _published() -> set[str]:
    load_library()
    from ultralytics.utils.downloads import GITHUB_ASSETS_NAMES

    return {name for name in GITHUB_ASSETS_NAMES if name.endswith(".pt")}


def _descriptions() -> dict[str, Path]:
    root = Path(load_library().__file__).parent / "cfg" / "models"
    return {path.name: path for path in root.rglob("*.yaml")}
