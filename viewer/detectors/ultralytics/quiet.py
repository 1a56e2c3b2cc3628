"""The one door to the ultralytics library, which by itself reports usage, installs packages and fetches files.

`load_library` imports it with all of that switched off. Its settings file goes to our own cache folder, so that a
user's own ultralytics settings are neither read nor written. What it does on import to the rest of the process
(`OMP_NUM_THREADS=1`, numpy's print options) is undone.
"""

import logging
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch  # noqa: F401 - before ultralytics, which would leave torch a single thread
from platformdirs import user_cache_path

_ENVIRONMENT = {
    "YOLO_AUTOINSTALL": "false",
    "YOLO_OFFLINE": "true",
    "YOLO_VERBOSE": "false",
    "ULTRALYTICS_SAFE_LOAD": "true",
}
_sealing = threading.Lock()


def load_library() -> Any:
    """Import ultralytics, offline and silent.

    Returns:
        The package, `Any` because most of it is untyped.
    """
    os.environ.update(_ENVIRONMENT)
    os.environ.setdefault("YOLO_CONFIG_DIR", str(user_cache_path("featscope") / "ultralytics"))
    threads, printing = os.environ.get("OMP_NUM_THREADS"), np.get_printoptions()
    import ultralytics

    np.set_printoptions(**printing)
    if threads is None:
        os.environ.pop("OMP_NUM_THREADS", None)
    dict.__setitem__(ultralytics.settings, "sync", False)  # in memory only: the usual way would write the file
    return ultralytics


@contextmanager
def sealed() -> Iterator[None]:
    """Keep ultralytics from fetching, installing or printing while it reads a file.

    Its loader renames some files (`yolov5n.pt` to `yolov5nu.pt`, quotes dropped), looks for them online, and installs
    packages that a checkpoint names. In here it opens the path it was given and nothing else.
    """
    load_library()
    from ultralytics.nn import tasks
    from ultralytics.utils import LOGGER, downloads

    replacements = [(downloads, "attempt_download_asset", _as_given), (tasks, "check_requirements", _refuse_install)]
    with _sealing, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        originals = [getattr(module, name) for module, name, _ in replacements]
        level = LOGGER.level
        LOGGER.setLevel(logging.CRITICAL)
        try:
            for module, name, stand_in in replacements:
                setattr(module, name, stand_in)
            yield
        finally:
            for (module, name, _), original in zip(replacements, originals, strict=True):
                setattr(module, name, original)
            LOGGER.setLevel(level)


def _as_given(file: object, *_: Any, **__: Any) -> str:
    return str(file)


def _refuse_install(*_: Any, **__: Any) -> bool:
    return False
