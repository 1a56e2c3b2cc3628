"""A camera made of numbers, behind the interface of `cv2.VideoCapture`."""

from __future__ import annotations

import threading
import time

import cv2
import numpy as np

from tests.sources.clips import numbered


class FakeCamera:
    """A device: captures opened on it see the same stream of numbers, and can be unplugged under their hands."""

    def __init__(self, *, pause_s: float = 0.01) -> None:
        self.pause_s = pause_s
        self.plugged = threading.Event()
        self.plugged.set()
        self.number = 0
        self.opened = 0
        self.released = 0
        self.asked: list[tuple[int, float]] = []

    def __call__(self, _: int) -> FakeCapture:
        self.opened += 1
        return FakeCapture(self)


class FakeCapture:
    def __init__(self, camera: FakeCamera) -> None:
        self._camera = camera
        self._opened = camera.plugged.is_set()

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return self._opened

    def read(self) -> tuple[bool, np.ndarray | None]:
        time.sleep(self._camera.pause_s)
        if not self._camera.plugged.is_set():
            return False, None
        self._camera.number += 1
        return True, numbered(self._camera.number % 256)[..., ::-1]

    def get(self, prop: int) -> float:
        return 30.0 if prop == cv2.CAP_PROP_FPS else 0.0

    def set(self, prop: int, value: float) -> bool:
        self._camera.asked.append((prop, value))
        return True

    def release(self) -> None:
        self._camera.released += 1
