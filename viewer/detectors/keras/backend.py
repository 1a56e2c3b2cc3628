"""The one door to Keras: on the torch backend, or not at all.

Keras chooses its backend once, when it is imported, from the environment and a file in the user's home; it writes that
file if there is none. Here it is torch, and the file lies in our own cache folder.
"""

import os
import re
import sys
from contextlib import AbstractContextManager
from typing import Any

import torch
from platformdirs import user_cache_path

from viewer.core.errors import DetectorError
from viewer.detectors.extras import require

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_PREAMBLE = "Exception encountered when calling"
_LONGEST = 200


def prefer_torch() -> None:
    """Make torch the backend of a Keras that is imported from now on, whoever imports it."""
    if "keras" not in sys.modules:
        os.environ["KERAS_BACKEND"] = "torch"
        os.environ.setdefault("KERAS_HOME", str(user_cache_path("featscope") / "keras"))


def load_keras(why: str) -> Any:
    """Import Keras.

    Args:
        why: What needs it, as a message begins: `opening model.keras`.

    Returns:
        The package.

    Raises:
        DetectorError: If it is not installed, is older than 3, or was imported before with another backend.
    """
    prefer_torch()
    keras = require("keras", "keras", why)
    if not str(keras.__version__).startswith("3."):
        raise DetectorError(f"{why} needs Keras 3, here is {keras.__version__}; run pip install 'featscope[keras]'")
    backend = keras.backend.backend()
    if backend != "torch":
        raise DetectorError(
            f"{why} needs Keras on the torch backend, but it was imported on {backend} before; "
            "set KERAS_BACKEND=torch before anything imports Keras"
        )
    return keras


def is_keras_model(thing: object) -> bool:
    """Whether something is a Keras layer or model of any backend, told without importing Keras."""
    return any(cls.__module__.startswith("keras.") for cls in type(thing).__mro__)


def first_line(error: BaseException) -> str:
    """What an error out of Keras says, in one line without its colours and without the stack it tells in words."""
    text = _COLOURS.sub("", str(error))
    lines = [line.strip(" .") for line in text.splitlines() if line.strip() and not line.startswith(_PREAMBLE)]
    return lines[0][:_LONGEST] if lines else type(error).__name__


def on_device(keras: Any, device: torch.device) -> AbstractContextManager[Any]:
    """Context in which Keras makes its tensors on a device."""
    return keras.device(str(device))
