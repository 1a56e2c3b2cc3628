"""Where results go: video, JSON lines and single pictures, each complete under its name or not there at all.

`OutputFile` holds that one promise: work goes to a hidden file beside the target, which takes the target's name when
it is closed and disappears when anything goes wrong, a full disk included; `save_inspection` keeps it for a folder. The
sinks on top of it only know their format. `packet_record` says what of a packet is written down, `save_still` keeps a
picture with it. Names are looked up when they are asked for: the window writes stills and must not load the libraries
that write video.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from viewer.sinks.inspection import save_inspection
    from viewer.sinks.jsonl import JsonlSink
    from viewer.sinks.naming import free_path
    from viewer.sinks.record import packet_record
    from viewer.sinks.snapshot import save_png
    from viewer.sinks.still import save_still
    from viewer.sinks.video import VIDEO_SUFFIXES, VideoSink

__all__ = [
    "VIDEO_SUFFIXES",
    "JsonlSink",
    "VideoSink",
    "free_path",
    "packet_record",
    "save_inspection",
    "save_png",
    "save_still",
]

_HOMES = {
    "JsonlSink": "jsonl",
    "VIDEO_SUFFIXES": "video",
    "VideoSink": "video",
    "free_path": "naming",
    "packet_record": "record",
    "save_inspection": "inspection",
    "save_png": "snapshot",
    "save_still": "still",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
