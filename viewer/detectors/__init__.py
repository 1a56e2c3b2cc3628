"""Detectors: one adapter a framework, each behind `viewer.core.protocols.Detector`.

An adapter loads a network safely, fuses it, lists its stages by a dry run and then drives it part by part: letterbox,
forward, candidates. It never calls a framework's own `predict`, which copies models, loses hooks and talks to the
network. `open_detector` picks the adapter; `choose_device` the device; `discovery` finds tappable outputs in any
`torch.nn.Module`, whoever made it, and `roles` guesses what they are to a detector. `decoding` knows what raw outputs
mean, for formats that do not say. `module_detector` is the detector for all that is a module and some facts about it.

Names are imported when first used, so that this package costs nothing until a model is loaded.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from viewer.detectors.devices import choose_device
    from viewer.detectors.discovery import FoundMap, find_maps
    from viewer.detectors.registry import open_detector

__all__ = ["FoundMap", "choose_device", "find_maps", "open_detector"]

_HOME = {
    "FoundMap": "viewer.detectors.discovery",
    "choose_device": "viewer.detectors.devices",
    "find_maps": "viewer.detectors.discovery",
    "open_detector": "viewer.detectors.registry",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
