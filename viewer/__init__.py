"""Featscope shows what a detection network sees while it sees it.

A video, camera or stream runs through a detector; forward hooks on its stages feed small activation maps, reduced on
the model's device; a window or a video file shows them beside the detections. Scripts and notebooks use the names
below. `import viewer` loads no torch, OpenCV or Qt: what needs them is loaded when it is asked for by name.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from viewer.core.boxes import Boxes
    from viewer.core.errors import ViewerError
    from viewer.core.frame import Frame
    from viewer.core.inquiry import Inquiry
    from viewer.core.packet import FramePacket, TapMap
    from viewer.core.stage import Stage
    from viewer.scripting.run import Run
    from viewer.scripting.run import open_run as open  # noqa: A004 - `viewer.open` is what it is called
    from viewer.sinks.inspection import tap_values
    from viewer.taps.own import OwnReducer as Reducer

__version__ = "0.1.0"

__all__ = [
    "Boxes",
    "Frame",
    "FramePacket",
    "Inquiry",
    "Reducer",
    "Run",
    "Stage",
    "TapMap",
    "ViewerError",
    "open",
    "tap_values",
]

_PUBLIC = {
    "Boxes": ("viewer.core.boxes", "Boxes"),
    "Frame": ("viewer.core.frame", "Frame"),
    "FramePacket": ("viewer.core.packet", "FramePacket"),
    "Inquiry": ("viewer.core.inquiry", "Inquiry"),
    "Reducer": ("viewer.taps.own", "OwnReducer"),
    "Run": ("viewer.scripting.run", "Run"),
    "Stage": ("viewer.core.stage", "Stage"),
    "TapMap": ("viewer.core.packet", "TapMap"),
    "ViewerError": ("viewer.core.errors", "ViewerError"),
    "open": ("viewer.scripting.run", "open_run"),
    "tap_values": ("viewer.sinks.inspection", "tap_values"),
}
"""Public names that are loaded when they are first used: the module each lies in, and what it is called there."""


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, symbol = _PUBLIC[name]
    return getattr(import_module(module), symbol)


def __dir__() -> list[str]:
    return sorted((*globals(), *_PUBLIC))
