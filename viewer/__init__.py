"""Featscope shows what a detection network sees while it sees it.

A video, camera or stream runs through a detector; forward hooks on its stages feed small activation maps, reduced on
the model's device; a window or a video file shows them beside the detections. `import viewer` loads no torch, OpenCV
or Qt: what needs them is loaded when it is asked for by name.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_PUBLIC = {"Reducer": ("viewer.taps.own", "OwnReducer")}
"""Public names that are loaded when they are first used: the module each lies in, and what it is called there."""


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, symbol = _PUBLIC[name]
    return getattr(import_module(module), symbol)


def __dir__() -> list[str]:
    return sorted((*globals(), *_PUBLIC))
