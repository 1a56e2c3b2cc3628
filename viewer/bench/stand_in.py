"""A camera that stands in for a real one: MJPEG over HTTP on this machine, fifteen pictures a second."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from time import perf_counter
from typing import Any

import cv2

from viewer.core.frame import Frame

FPS = 15
_BOUNDARY = b"picture"


@contextmanager
def camera(frames: Sequence[Frame]) -> Iterator[str]:
    """Serve frames in a loop until left.

    Yields:
        The address.
    """
    pictures = [cv2.imencode(".jpg", frame.rgb[..., ::-1])[1].tobytes() for frame in frames]
    stopping = Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={_BOUNDARY.decode()}")
            self.end_headers()
            due_s, number = perf_counter(), 0
            try:
                while not stopping.wait(max(0.0, due_s - perf_counter())):
                    picture = pictures[number % len(pictures)]
                    head = b"--%s\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % (_BOUNDARY, len(picture))
                    self.wfile.write(head + picture + b"\r\n")
                    due_s, number = due_s + 1 / FPS, number + 1
            except OSError:
                pass  # the viewer went away

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's names
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, name="featscope-stand-in-camera", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()
