"""Real servers on loopback that send numbered pictures: MJPEG over HTTP, MPEG-TS over TCP and UDP, RTSP."""

from __future__ import annotations

import io
import re
import socket
import struct
import threading
from contextlib import suppress
from fractions import Fraction
from functools import cache
from typing import Self

import av
import cv2

from tests.sources.clips import HEIGHT, WIDTH, numbered, x264

_FRAMES = 250
_PAUSE_S = 0.02


@cache
def ts_frames() -> tuple[bytes, ...]:
    """MPEG-TS, one piece a frame."""
    buffer = io.BytesIO()
    pieces = []
    with av.open(buffer, "w", format="mpegts", options={"flush_packets": "1"}) as container:
        options = x264("keyint=5:bframes=0:scenecut=0") | {"tune": "zerolatency"}
        stream = container.add_stream("libx264", rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        sent = 0
        for number in range(_FRAMES):
            frame = av.VideoFrame.from_ndarray(numbered(number))
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
            pieces.append(buffer.getvalue()[sent:])
            sent = len(buffer.getvalue())
    return tuple(piece for piece in pieces if piece)


@cache
def jpegs() -> tuple[bytes, ...]:
    return tuple(cv2.imencode(".jpg", numbered(number)[..., ::-1])[1].tobytes() for number in range(_FRAMES))


class Server:
    """Listens on a free port and serves every connection in a thread of its own, until the block is left."""

    scheme = "tcp"
    path = ""

    def __init__(self, *, frames: int = _FRAMES, silent: bool = False, hangs: bool = False) -> None:
        """Frames sent on one connection before it is closed (or, with `hangs`, left open and silent)."""
        self.frames = frames
        self.silent = silent
        self.hangs = hangs
        self.connections = 0
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}{self.path}"

    def __enter__(self) -> Self:
        self._listener.settimeout(0.05)
        self._run(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
            assert not thread.is_alive()
        for connection in self._open:
            connection.close()
        self._listener.close()

    def _run(self, target, *args: object) -> None:
        thread = threading.Thread(target=target, args=args, name=f"test server {self.scheme}")
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stop.is_set():
            with suppress(TimeoutError):
                connection, _ = self._listener.accept()
                connection.settimeout(5)
                self._open.append(connection)
                self.connections += 1
                self._run(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError):
            if self.silent:
                self._stop.wait()
            self.talk(connection)
            if self.hangs:
                self._stop.wait()
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)

    def talk(self, connection: socket.socket) -> None:
        for piece in self.paced(ts_frames()):
            connection.sendall(piece)

    def paced(self, pieces: tuple[bytes, ...]):
        for piece in pieces[: self.frames]:
            if self._stop.wait(_PAUSE_S):
                return
            yield piece


class HttpServer(Server):
    scheme = "http"
    path = "/video.mjpg"

    def talk(self, connection: socket.socket) -> None:
        _request(connection)
        connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n")
        for jpeg in self.paced(jpegs()):
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            connection.sendall(head.encode() + jpeg + b"\r\n")


class RtspServer(Server):
    """Just enough of RFC 2326: MPEG-TS in RTP (payload type 33, RFC 2250) interleaved on the control connection."""

    scheme = "rtsp"
    path = "/street"

    def talk(self, connection: socket.socket) -> None:
        sdp = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=test\r\nt=0 0\r\nm=video 0 RTP/AVP 33\r\na=control:track0\r\n"
        while True:
            request = _request(connection)
            method = request.split(" ", 1)[0]
            sequence = re.search(r"CSeq: *(\d+)", request)
            lines = ["RTSP/1.0 200 OK", f"CSeq: {sequence[1] if sequence else 0}"]
            body = ""
            if method == "OPTIONS":
                lines.append("Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN")
            elif method == "DESCRIBE":
                body = sdp
                lines += [f"Content-Base: {self.url}/", "Content-Type: application/sdp", f"Content-Length: {len(sdp)}"]
            elif method == "SETUP":
                lines += ["Transport: RTP/AVP/TCP;unicast;interleaved=0-1", "Session: 1"]
            else:
                lines.append("Session: 1")
            connection.sendall(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
            if method == "PLAY":
                break
        sequence_number = 0
        for number, piece in enumerate(self.paced(ts_frames())):
            for start in range(0, len(piece), 7 * 188):
                payload = piece[start : start + 7 * 188]
                header = struct.pack(">BBHII", 0x80, 33, sequence_number & 0xFFFF, number * 3600, 1)
                packet = header + payload
                connection.sendall(b"$\0" + struct.pack(">H", len(packet)) + packet)
                sequence_number += 1


class UdpSender(Server):
    """Sends to a port whether anybody listens or not, as a multicast encoder does."""

    scheme = "udp"

    def __enter__(self) -> Self:
        self._listener.close()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._run(self._send)
        return self

    def _send(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            while not self._stop.is_set():
                for piece in self.paced(ts_frames()):
                    for start in range(0, len(piece), 7 * 188):
                        with suppress(ConnectionRefusedError):
                            sender.sendto(piece[start : start + 7 * 188], ("127.0.0.1", self.port))


def _request(connection: socket.socket) -> str:
    """Read one request head; interleaved packets from the client are skipped."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte:
            raise ConnectionResetError
        if not head and byte == b"$":
            length = struct.unpack(">xH", connection.recv(3))[0]
            connection.recv(length)
            continue
        head += byte
    return head.decode()
