"""A forward with taps that stand on the network only while it runs, so that it can take turns with bare ones."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Self

import torch
from torch import Tensor

from viewer.bench.measure import timed_ms
from viewer.core.geometry import Letterbox
from viewer.core.protocols import Detector
from viewer.core.stage import Stage
from viewer.core.tapping import Limits
from viewer.detectors.devices import wait_for
from viewer.taps import TapSet, parse_reducer


class TappedForward:
    """Forwards of one network with one set of taps; a context manager that owns their hooks.

    Args:
        detector: Whose forward.
        stages: What is tapped.
        reducer: How channels collapse, as the option spells it.
        letterbox: Where pictures lie in the input, for reducers that look at a place.
    """

    def __init__(
        self, detector: Detector, stages: Sequence[Stage], reducer: str = "absmean", letterbox: Letterbox | None = None
    ) -> None:
        self._detector = detector
        self._taps = TapSet(detector.module, stages, parse_reducer(reducer), limits=Limits(), device=detector.device)
        if letterbox is not None:
            self._taps.aim(letterbox)
        self._taps.remove_hooks()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._taps.close()

    @property
    def in_place_ms(self) -> float:
        """What was spent in the hooks of the last forward, and on finishing its maps."""
        return sum(self._taps.tap_ms) + self._taps.finish_ms

    def warm_up(self, images: Tensor, frames: int = 1) -> None:
        """Lay the storage out, and let what remembers frames find its feet."""
        for _ in range(frames):
            self.time_ms(images)

    def time_ms(self, images: Tensor) -> float:
        """Milliseconds of one forward, from the input on the device to its maps there.

        Args:
            images: (1, 3, h, w) as the network takes them.
        """
        with self.hooked():
            return timed_ms(lambda: self.run(images))

    @contextmanager
    def hooked(self) -> Iterator[None]:
        """A context in which the taps stand on the network."""
        self._taps.restore_hooks()
        try:
            yield
        finally:
            self._taps.remove_hooks()

    @torch.inference_mode()
    def run(self, images: Tensor) -> None:
        """The forward itself, felt by its taps inside of `hooked` alone."""
        self._taps.begin()
        self._detector.forward(images)
        self._taps.finish(0).settle()
        wait_for(self._detector.device)
