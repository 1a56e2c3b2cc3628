"""`featscope doctor`: what this machine has, what is missing and how to get it."""

import argparse
import json
import os
import platform
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from viewer import __version__
from viewer.commands.command import Command
from viewer.core.errors import ViewerError
from viewer.core.resources import resource

if TYPE_CHECKING:
    from viewer.sources import CameraName

_LIBRARIES = (
    "torch",
    "torchvision",
    "ultralytics",
    "opencv-python",
    "av",
    "numpy",
    "PySide6-Essentials",
    "pyqtgraph",
    "pydantic",
)
_DECODERS = {"H.264": "h264", "HEVC": "hevc", "MPEG-4": "mpeg4", "MJPEG": "mjpeg", "VP9": "vp9", "AV1": "av1"}
_ENCODERS = {"H.264": "libx264"}


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that is not there.

    Attributes:
        what: The thing and what it is needed for.
        how: How to get it.
    """

    what: str
    how: str


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--cameras", action="store_true", help="look at the cameras alone")


def _run(parsed: argparse.Namespace) -> int:
    if parsed.cameras:
        return _list_cameras(as_json=parsed.json)
    findings, missing = _examine()
    if parsed.json:
        json.dump({**findings, "missing": [asdict(item) for item in missing]}, sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        _show(findings, missing)
    return 0


def _list_cameras(*, as_json: bool) -> int:
    """Cameras with their sizes; the window asks this way too, for a driver that hangs must not hang the window."""
    from viewer.sources import list_cameras

    cameras = list_cameras()
    if as_json:
        json.dump([asdict(camera) for camera in cameras], sys.stdout)
        sys.stdout.write("\n")
        return 0
    for camera in cameras:
        sys.stdout.write("\n  ".join([str(camera), *map(str, camera.modes)]) + "\n")
    if not cameras:
        sys.stdout.write("no camera found; on Linux your user must be in the group 'video'\n")
    return 0


def _examine() -> tuple[dict[str, object], list[Missing]]:
    missing: list[Missing] = []
    libraries = {name: _version(name) for name in _LIBRARIES}
    missing += [
        Missing(f"{name}, which Featscope needs", f"pip install {name}") for name, v in libraries.items() if not v
    ]
    findings: dict[str, object] = {
        "featscope": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "libraries": libraries,
        "devices": _devices(missing) if libraries["torch"] else [],
        "qt_platform": _qt_platform(missing),
        "codecs": _codecs(missing) if libraries["av"] else {},
        "cameras": _cameras(missing) if libraries["opencv-python"] else [],
        "demo": _demo(missing),
    }
    return findings, missing


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _devices(missing: list[Missing]) -> list[str]:
    from viewer.detectors.devices import list_devices

    devices = list_devices()
    if devices == ["cpu"]:
        missing.append(
            Missing(
                "a CUDA device, for frame rates above a few dozen",
                "an NVIDIA card with its driver, and a torch built for CUDA (pip install torch)",
            )
        )
    return devices


def _qt_platform(missing: list[Missing]) -> str:
    if os.environ.get("QT_QPA_PLATFORM"):
        return os.environ["QT_QPA_PLATFORM"]
    if sys.platform in ("win32", "darwin"):
        return "windows" if sys.platform == "win32" else "cocoa"
    if os.environ.get("WAYLAND_DISPLAY"):
        return "wayland"
    if os.environ.get("DISPLAY"):
        return f"xcb on {os.environ['DISPLAY']}"
    missing.append(
        Missing("a display, for the window", "run on a desktop or under xvfb-run; `featscope render` needs none")
    )
    return "none"


def _codecs(missing: list[Missing]) -> dict[str, str]:
    from viewer.sources.codecs import has_codec

    codecs = {title: "decodes" for title, name in _DECODERS.items() if has_codec(name, "decode")}
    for title, name in _ENCODERS.items():
        if has_codec(name, "encode"):
            codecs[title] = "decodes and encodes"
    missing += [
        Missing(f"a decoder for {title}", "pip install --force-reinstall av")
        for title in _DECODERS
        if title not in codecs
    ]
    return codecs


def _cameras(missing: list[Missing]) -> list[str]:
    from viewer.sources import list_cameras

    cameras = [_in_words(camera) for camera in list_cameras()]
    if not cameras:
        missing.append(Missing("a camera", "plug one in; on Linux your user must be in the group 'video'"))
    return cameras


def _in_words(camera: "CameraName") -> str:
    largest = f", up to {camera.modes[0]}" if camera.modes else ""
    return f"{camera}{largest}"


def _demo(missing: list[Missing]) -> bool:
    try:
        resource("assets/demo.mp4")
        resource("assets/demo.pt")
    except ViewerError as error:
        missing.append(Missing("the demo", str(error)))
        return False
    return True


def _show(findings: dict[str, object], missing: list[Missing]) -> None:
    console = Console(highlight=False)
    table = Table(box=None, show_header=False, pad_edge=False)
    for key, value in findings.items():
        table.add_row(key.replace("_", " "), _text(value))
    console.print(table)
    console.print()
    for item in missing:
        console.print(f"missing: {item.what}\n         {item.how}")
    if not missing:
        console.print("nothing is missing")


def _text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {text or 'missing'}" for name, text in value.items())
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or "none"
    if isinstance(value, bool):
        return "complete" if value else "incomplete"
    return str(value)


DOCTOR = Command("tell what this machine has and what is missing", _declare, _run)
