"""Where frames come from: video files, images, cameras and network streams behind one port, `viewer.core` `Source`.

`open_source` decides by what the user typed. There are two families, each with one idea:

* What can be counted (`indexed`): video files and images. A cursor says which frame is next; seeking moves it and
  costs nothing; reading goes there. For video (`packets`, `decoder`, `video`) the packets are read through once on
  opening, and from then on a frame is known by the packet it came from, so that frame n is the same picture whether
  it was reached by playing, by seeking or by stepping back, in any container.
* What comes by itself (`live`): cameras and streams. A grabber thread takes every picture as it arrives, keeps the
  newest, counts what nobody read, and connects again when the other end goes away.

OpenCV and PyAV are imported when a source that needs them is opened.
"""

from viewer.sources.addresses import STREAM_SCHEMES, live_address
from viewer.sources.camera_list import CameraName, list_cameras
from viewer.sources.credentials import without_credentials
from viewer.sources.opening import check_source, open_source
from viewer.sources.suffixes import IMAGE_SUFFIXES
from viewer.sources.v4l import CameraMode

__all__ = [
    "IMAGE_SUFFIXES",
    "STREAM_SCHEMES",
    "CameraMode",
    "CameraName",
    "check_source",
    "list_cameras",
    "live_address",
    "open_source",
    "without_credentials",
]
