"""What is shown of an address: never a password, and whatever else stands there as it was typed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from viewer.sources import without_credentials


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("rtsp://me:p@ss@host:554/x?a=1", "rtsp://host:554/x?a=1"),
        ("http://host/x?user=me&password=k%20k", "http://host/x?user=me&password=***"),
        ("srt://host:9000?mode=caller&passphrase=hunter2#key=2", "srt://host:9000?mode=caller&passphrase=***#key=***"),
        ("rtsp://me:hun/ter2@host/x", "rtsp://host/x"),
        ("rtsp://me:hun#ter2@host/x?token=3", "rtsp://host/x?token=***"),
        ("http://me:hunter2@[::1/x", "http://[::1/x"),
        ("http://[::1/x", "http://[::1/x"),
        ("udp://@239.0.0.1:1234", "udp://239.0.0.1:1234"),
        ("http://Host/@street/a%20b", "http://Host/@street/a%20b"),
        ("clips/me@home?token=1.mp4", "clips/me@home?token=1.mp4"),
        ("C:\\clips\\a.mp4", "C:\\clips\\a.mp4"),
        ("0", "0"),
    ],
)
def test_what_is_shown(address: str, shown: str):
    assert without_credentials(address) == shown


def test_asking_loads_no_video_library():
    code = "import sys; from viewer.sources import without_credentials as f; f('http://a:b@c/');"
    code += "sys.exit(bool({'av', 'cv2', 'torch'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
