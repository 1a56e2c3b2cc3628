"""What a source hands on: one picture and when it happened."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of a source.

    Attributes:
        rgb: (H, W, 3) uint8, RGB, read-only; C-contiguous where there are no `levels`, else a view of the first.
        index: 0-based number of the frame in the order of presentation. A live source counts every frame that
            arrived, also those dropped, so a gap shows a drop.
        pts_s: Media time in seconds; 0.0 is the first frame of the source.
        arrived_s: `time.perf_counter()` when the frame arrived from the camera or network or left the decoder.
            That clock is the same in every process of one machine.
        decode_ms: Time spent on reading and decoding this frame, in milliseconds.
        live: Whether it comes from a live source, so that frames may be missing before it.
        levels: The same picture as a window wants it, see `viewer.core.screen`: (H, W, 4) uint8 and read-only, then
            halves of it. A frame that never went to a window has none.
    """

    rgb: NDArray[np.uint8]
    index: int
    pts_s: float
    arrived_s: float
    decode_ms: float = 0.0
    live: bool = False
    levels: tuple[NDArray[np.uint8], ...] = ()

    @property
    def image_hw(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.rgb.shape[0], self.rgb.shape[1]


class SourceKind(StrEnum):
    """What stands behind a source, in a user's words."""

    VIDEO = "video"
    CAMERA = "camera"
    STREAM = "stream"
    IMAGES = "images"


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What is known of a source once it is open.

    Attributes:
        uri: The source as the user named it, credentials removed.
        name: Short name for titles: file name, `camera 0`, host.
        kind: What stands behind it.
        image_hw: Height and width of its frames in pixels, rotation applied.
        fps: Nominal frames per second; None where it is not known.
        frame_count: Number of frames; None for live sources.
        duration_s: Length in seconds; None for live sources.
        codec: Codec and container, `h264 in mp4`; empty where it does not apply.
        pixel_format: As stored, `yuv420p`; empty where unknown.
        rotation: Degrees by which the container says to turn its pictures, 0, 90, 180 or 270; the frames are turned.
    """

    uri: str
    name: str
    kind: SourceKind
    image_hw: tuple[int, int]
    fps: Fraction | None = None
    frame_count: int | None = None
    duration_s: float | None = None
    codec: str = ""
    pixel_format: str = ""
    rotation: int = 0

    @property
    def is_live(self) -> bool:
        """Whether frames come by themselves: no seek, newest frame wins."""
        return self.kind in (SourceKind.CAMERA, SourceKind.STREAM)


class Link(StrEnum):
    """How a live source stands with its camera or server."""

    UP = "up"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """A source's own account of itself, readable from any thread.

    Attributes:
        link: Whether frames come; files are always up.
        text: One line for the user; empty when all is well.
        dropped: Frames that arrived and were replaced by a newer one before anybody read them.
        reconnects: How often the connection was made again.
    """

    link: Link = Link.UP
    text: str = ""
    dropped: int = 0
    reconnects: int = 0
