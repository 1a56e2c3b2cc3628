"""Which cameras there are, found without opening any of them where the system can tell."""

import re
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from viewer.sources.v4l import CameraMode, camera_modes

_V4L_FOLDER = Path("/sys/class/video4linux")


@dataclass(frozen=True, slots=True)
class CameraName:
    """A camera that is there.

    Attributes:
        index: Number to open it by.
        path: Device file; empty where the system has none.
        name: What the camera calls itself; empty where unknown.
        modes: Sizes it offers, the largest first; empty where it does not say.
    """

    index: int
    path: str
    name: str
    modes: tuple[CameraMode, ...] = ()

    def __str__(self) -> str:
        return f"{self.index} ({' '.join(filter(None, (self.path, self.name)))})" if self.path else str(self.index)


def list_cameras() -> list[CameraName]:
    """Cameras found: by their device files on Linux, elsewhere by trying the first four numbers."""
    if sys.platform.startswith("linux"):
        return _list_v4l(_V4L_FOLDER)
    from viewer.sources.camera import open_capture

    found: list[CameraName] = []
    for index in range(4):
        capture = open_capture(index)
        if capture.isOpened():
            found.append(CameraName(index, "", ""))
        capture.release()
    return found


def _list_v4l(folder: Path) -> list[CameraName]:
    found: list[CameraName] = []
    for entry in sorted(folder.glob("video*"), key=lambda path: int(re.sub(r"\D", "", path.name) or 0)):
        name = ""
        with suppress(OSError, ValueError):
            if int((entry / "index").read_text()) != 0:  # the metadata node of a camera already listed
                continue
        with suppress(OSError):
            name = (entry / "name").read_text().strip()
        path = f"/dev/{entry.name}"
        found.append(CameraName(int(entry.name[5:]), path, name, camera_modes(path)))
    return found
