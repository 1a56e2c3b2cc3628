"""Cameras and streams that are refused, fall silent, die and come back."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import cv2
import pytest

from tests.sources.cameras import FakeCamera
from tests.sources.servers import HttpServer, RtspServer, Server
from viewer.core.errors import SourceError
from viewer.core.frame import Link
from viewer.sources import live
from viewer.sources.camera import open_camera
from viewer.sources.camera_list import _list_v4l
from viewer.sources.live import LiveSource, _MediaClock
from viewer.sources.stream import open_stream

QUICK = (0.05, 0.2)


def read_until(source: LiveSource, true: Callable[[], bool], within_s: float = 10) -> list[tuple[int, float]]:
    """Read frames in this thread until something is true; a timer ends a wait that is too long."""
    alarm = threading.Timer(within_s, source.interrupt)
    alarm.start()
    seen = []
    try:
        while not true():
            frame = next(source)
            seen.append((frame.index, frame.pts_s))
    finally:
        alarm.cancel()
        alarm.join()
    return seen


def wait_until(true: Callable[[], bool], within_s: float = 10) -> None:
    until = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.parametrize("hangs", [False, True], ids=["dies", "falls silent"])
@pytest.mark.parametrize("server", [HttpServer, Server, RtspServer])
def test_a_stream_that_is_lost_comes_back(server: type[Server], hangs: bool):
    with (
        server(frames=25, hangs=hangs) as sender,
        open_stream(sender.url, read_timeout_s=0.5, backoff_s=QUICK) as source,
    ):
        seen = read_until(source, lambda: source.status.reconnects >= 1)
        assert sender.connections >= 2
        assert source.status.link is Link.UP
        indices, times = zip(*seen, strict=True)
        assert all(a < b for a, b in pairwise(indices))
        assert all(a < b for a, b in pairwise(times))
        assert times[-1] < 12


def test_a_lost_stream_says_so_and_backs_off():
    with Server(frames=20) as sender:
        source = open_stream(sender.url, backoff_s=(0.05, 0.1))
    texts = set()
    with source:
        until = time.monotonic() + 10
        while not any("in 0.1 s" in text for text in texts) and time.monotonic() < until:
            texts.add(source.status.text)
            time.sleep(0.005)
        assert source.status.link is Link.LOST
    assert any("reconnecting in 0.05 s" in text for text in texts)
    assert any("Connection refused" in text and "reconnecting in 0.1 s" in text for text in texts)


def test_silence_is_told_with_its_length():
    with (
        Server(frames=20, hangs=True) as sender,
        open_stream(sender.url, read_timeout_s=0.3, backoff_s=(5, 5)) as source,
    ):
        wait_until(lambda: source.status.link is Link.LOST)
        assert source.status.text == f"{sender.url}: no data for 0.3 s; reconnecting in 5 s"


@pytest.mark.parametrize("server", [HttpServer, Server, RtspServer])
def test_a_stream_that_never_answers_is_refused_in_time(server: type[Server]):
    with server(silent=True) as sender, pytest.raises(SourceError, match=r"does not answer within 0\.4 s"):
        open_stream(sender.url, open_timeout_s=0.4)


@pytest.mark.parametrize("server", [HttpServer, RtspServer])
def test_close_ends_an_attempt_to_connect(server: type[Server]):
    with server(frames=20) as sender:
        source = open_stream(sender.url, open_timeout_s=30, read_timeout_s=0.3, backoff_s=QUICK)
        sender.silent = True
        wait_until(lambda: sender.connections == 2)
        closer = threading.Thread(target=source.close)
        closer.start()
        closer.join(1)
        assert not closer.is_alive()


@pytest.mark.parametrize("scheme", ["http", "tcp", "rtsp"])
def test_refused(scheme: str):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(SourceError, match="Connection refused"):
        open_stream(f"{scheme}://127.0.0.1:{port}/x")


def test_something_else_than_video_is_refused():
    class Chatter(Server):
        scheme = "http"

        def talk(self, connection: socket.socket) -> None:
            connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<html>hello</html>")

    with Chatter() as sender, pytest.raises(SourceError, match=r"cannot open http://"):
        open_stream(sender.url)


def test_credentials_are_never_shown():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(SourceError) as caught:
        open_stream(f"rtsp://me:hunter2@127.0.0.1:{port}/x")
    assert "hunter2" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_credentials_are_used_but_not_in_the_info():
    with HttpServer() as sender:
        url = sender.url.replace("http://", "http://me:hunter2@")
        with open_stream(url) as source:
            assert source.info.uri == sender.url
            assert source.info.name == "127.0.0.1"


def test_a_camera_is_asked_for_size_and_rate():
    camera = FakeCamera()
    with open_camera(2, uri="/dev/video2", device=camera, size=(1280, 720), fps=60) as source:
        assert source.info.name == "camera 2"
        assert source.info.uri == "/dev/video2"
        assert source.info.fps == Fraction(30)
    asked = dict(camera.asked)
    assert (asked[cv2.CAP_PROP_FRAME_WIDTH], asked[cv2.CAP_PROP_FRAME_HEIGHT]) == (1280, 720)
    assert asked[cv2.CAP_PROP_FPS] == 60
    assert asked[cv2.CAP_PROP_FOURCC] == cv2.VideoWriter.fourcc(*"MJPG")


def test_a_camera_that_is_pulled_out_and_put_back():
    camera = FakeCamera()
    with open_camera(0, device=camera, silence_s=0.1, backoff_s=QUICK) as source:
        next(source)
        camera.plugged.clear()
        wait_until(lambda: source.status.link is Link.LOST)
        assert "camera 0" in source.status.text
        assert "reconnecting" in source.status.text
        camera.plugged.set()
        read_until(source, lambda: source.status.link is Link.UP)
        assert source.status.reconnects == 1
    assert camera.opened == camera.released


def test_a_camera_that_sends_nothing_is_given_back():
    camera = FakeCamera()
    camera.plugged.clear()
    with pytest.raises(SourceError, match=r"no camera 7|camera 7 cannot be opened"):
        open_camera(7, device=camera)
    assert camera.opened == camera.released


def test_cameras_are_listed_with_their_names(tmp_path: Path):
    for node, index, name in (("video0", 0, "HD Webcam"), ("video1", 1, "HD Webcam"), ("video10", 0, "Capture")):
        (tmp_path / node).mkdir()
        (tmp_path / node / "index").write_text(f"{index}\n")
        (tmp_path / node / "name").write_text(f"{name}\n")
    found = _list_v4l(tmp_path)
    assert [(camera.index, camera.path, camera.name) for camera in found] == [
        (0, "/dev/video0", "HD Webcam"),
        (10, "/dev/video10", "Capture"),
    ]
    assert str(found[0]) == "0 (/dev/video0 HD Webcam)"


@pytest.mark.parametrize("times", [(5, 5.04, 5.08), (5, 4, 4.04), (5, 9000, 9000.04), (None, None, None), (5, 5, 5)])
def test_media_time_starts_at_zero_and_grows(times: tuple[float | None, ...]):
    clock = _MediaClock()
    stamps = [clock.stamp(pts_s, 100 + i / 25, rebase=False) for i, pts_s in enumerate(times)]
    assert stamps == pytest.approx([0, 0.04, 0.08], abs=1e-6)
    assert clock.stamp(1.0, 200.0, rebase=True) == pytest.approx(100.0)


@pytest.mark.parametrize("place", ["connecting again", "reading"])
def test_a_bug_in_the_grabber_reaches_the_reader(place: str, monkeypatch: pytest.MonkeyPatch):
    camera = FakeCamera()

    def fail(*_: object) -> None:
        raise ZeroDivisionError(place)

    with open_camera(0, device=camera, silence_s=0.1, backoff_s=QUICK) as source:
        next(source)
        if place == "reading":
            monkeypatch.setattr("tests.sources.cameras.FakeCapture.read", fail)
        else:
            monkeypatch.setattr(camera, "opened", None)  # the next capture fails to count itself
            camera.plugged.clear()
        error = ZeroDivisionError if place == "reading" else TypeError
        for _ in range(2):
            with pytest.raises(error):
                read_until(source, lambda: False)
    assert camera.released == 1


def test_close_does_not_wait_for_a_driver_that_hangs(monkeypatch: pytest.MonkeyPatch):
    camera, entered, answer = FakeCamera(), threading.Event(), threading.Event()

    def hang(_: object) -> tuple[bool, None]:
        entered.set()
        return not answer.wait(10), None

    source = open_camera(0, device=camera)
    next(source)
    monkeypatch.setattr("tests.sources.cameras.FakeCapture.read", hang)
    monkeypatch.setattr(live, "JOIN_S", 0.1)
    assert entered.wait(10)
    closer = threading.Thread(target=source.close)
    closer.start()
    closer.join(5)
    assert not closer.is_alive()
    assert camera.released == 0
    answer.set()
    wait_until(lambda: camera.released == 1)
