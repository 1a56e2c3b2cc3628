"""The words of the trade as values: frames, boxes, stages, packets, geometry, errors and the ports between packages.

It needs the standard library and numpy and nothing else, so every other package may lean on it, the window's
process included. Arrays inside its values are read-only; its dataclasses are frozen.
"""

from viewer.core.boxes import Boxes
from viewer.core.detector import DetectorInfo
from viewer.core.frame import Frame, Link, SourceInfo, SourceKind, SourceStatus
from viewer.core.geometry import Letterbox, Rect
from viewer.core.packet import NOT_FINITE, Counters, FramePacket, TapMap, Timings
from viewer.core.shapes import MaskOutlines, Shapes
from viewer.core.stage import Role, Stage, find_stages
from viewer.core.suppression import Suppression, Thresholds, kept_rows, suppress
from viewer.core.tapping import Limits, LimitsMode, Shed, TapSettings

__all__ = [
    "NOT_FINITE",
    "Boxes",
    "Counters",
    "DetectorInfo",
    "Frame",
    "FramePacket",
    "Letterbox",
    "Limits",
    "LimitsMode",
    "Link",
    "MaskOutlines",
    "Rect",
    "Role",
    "Shapes",
    "Shed",
    "SourceInfo",
    "SourceKind",
    "SourceStatus",
    "Stage",
    "Suppression",
    "TapMap",
    "TapSettings",
    "Thresholds",
    "Timings",
    "find_stages",
    "kept_rows",
    "suppress",
]
