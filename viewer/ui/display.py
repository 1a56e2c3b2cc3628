"""Whether a window can be opened here, asked before Qt is: Qt itself ends the process where it cannot."""

import ctypes
import os
import socket
import sys
from pathlib import Path

from viewer.core.errors import DisplayError

_OPENCV_VARIABLES = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")
_FEW_CORES = 4
_REMEDY = (
    "`featscope render SOURCE --out OUT.mp4` needs no display, and `featscope view SOURCE --screenshot OUT.png` "
    "draws the window without one"
)


def leave_opencv_paths() -> None:
    """Forget where OpenCV keeps its own, older Qt: its plugins cannot be loaded into this one."""
    for name in _OPENCV_VARIABLES:
        if "cv2" in os.environ.get(name, ""):
            del os.environ[name]


def settle() -> None:
    """Settle what Qt reads from the environment before there is an application."""
    leave_opencv_paths()
    paint_in_one_thread()


def paint_in_one_thread() -> None:
    """On few cores, keep Qt from splitting each large copy over threads of its own; what the user set stays.

    With the network on both of two cores, waking those threads and waiting for them took more than half of the time
    that painting did, and a fifth of what the window's process took of the machine.
    """
    if (os.cpu_count() or 1) <= _FEW_CORES:
        os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")


def use_offscreen() -> None:
    """Draw windows into memory instead of on a screen."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"


def require_display() -> None:
    """Make sure that a window can be opened.

    Raises:
        DisplayError: If there is no display, or it does not answer; the message names what works without one.
    """
    if not sys.platform.startswith("linux"):
        return
    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if platform and not platform.startswith(("xcb", "wayland")):
        return
    wayland, x11 = os.environ.get("WAYLAND_DISPLAY"), os.environ.get("DISPLAY")
    if not wayland and not x11:
        raise DisplayError(f"no display: neither WAYLAND_DISPLAY nor DISPLAY is set; {_REMEDY}")
    if wayland and not platform.startswith("xcb") and _wayland_answers(wayland):
        return
    if not x11 or platform.startswith("wayland"):
        raise DisplayError(f"no display: WAYLAND_DISPLAY={wayland!r} does not answer; {_REMEDY}")
    _require_x11(x11)


def _wayland_answers(name: str) -> bool:
    path = Path(os.environ.get("XDG_RUNTIME_DIR", "/run/user/0"), name)
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(path))
        except OSError:
            return False
    return True


def _require_x11(display: str) -> None:
    """Connect as Qt's plugin will, with its library: that finds a dead server and a refused cookie alike."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
        # The plugin of Qt needs more libraries than come with every desktop; loading it says which is missing.
        ctypes.CDLL(str(_xcb_plugin()))
    except OSError as error:
        missing = str(error).partition(":")[0]
        raise DisplayError(
            f"no window: the system library {missing} is missing; install it "
            f"(Debian, Ubuntu: apt install libxcb-cursor0 libxkbcommon-x11-0), or {_REMEDY}"
        ) from error
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    refused = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    if refused:
        raise DisplayError(f"no display: DISPLAY={display!r} does not answer; {_REMEDY}")


def _xcb_plugin() -> Path:
    from PySide6.QtCore import QLibraryInfo

    plugins = QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)
    return Path(plugins, "platforms", "libqxcb.so")
