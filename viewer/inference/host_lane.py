"""Frames through a CPU: one at a time, done when the call returns."""

from collections.abc import Callable
from time import perf_counter

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from viewer.core.geometry import Letterbox
from viewer.core.packet import Timings
from viewer.core.protocols import Detector
from viewer.core.tapping import Limits
from viewer.inference.entry import HostEntry
from viewer.inference.frame_pass import FramePass
from viewer.inference.lane import Result
from viewer.taps import Reducer, TapSet


class HostLane:
    """Runs the pass where it is called.

    Args:
        detector: Loaded detector.
        taps: Hooks on its module; closed with this lane.
        letterbox: Where pictures go in its input.
    """

    execution = "eager"
    depth = 1

    def __init__(self, detector: Detector, taps: TapSet, letterbox: Letterbox) -> None:
        self._entry = HostEntry(letterbox, detector.dtype)
        self.frame_pass = FramePass(detector, taps, self._entry)
        self._marks_s = [0.0] * 4
        self._result: Result | None = None

    @torch.inference_mode()
    def submit(self, rgb: NDArray[np.uint8], *, with_taps: bool = True) -> int:
        """Run the whole pass, or all of it but the taps."""
        marks_s = self._marks_s
        began_s = perf_counter()
        self._entry.load(rgb)
        self.frame_pass.run(self._mark, with_taps=with_taps)
        computed_s = perf_counter()
        taps, arena = self.frame_pass.taps, self.frame_pass.arena
        if not taps.is_skipping and not taps.is_standing:
            arena.settle()
        packed = arena.packed.numpy().copy()
        packed.setflags(write=False)
        tap_ms = None if taps.is_skipping else tuple(taps.tap_ms)
        hooks_ms = sum(tap_ms or ())
        timings = Timings(
            letterbox=(marks_s[1] - began_s) * 1000,
            forward=(marks_s[2] - marks_s[1]) * 1000 - hooks_ms + (computed_s - marks_s[3]) * 1000,
            reduce=(marks_s[3] - marks_s[2]) * 1000 + hooks_ms,
            download=(perf_counter() - computed_s) * 1000,
        )
        self._result = Result(packed, timings, tap_ms)
        return 0

    def collect(self, place: int) -> Result:  # noqa: ARG002 - there is one
        """Take what the last picture came to."""
        result, self._result = self._result, None
        if result is None:
            raise RuntimeError("nothing is under way")
        return result

    @torch.inference_mode()
    def aside(self, rgb: NDArray[np.uint8], work: Callable[[Tensor], Tensor]) -> NDArray[np.float32]:
        """Do something with a picture that is no frame's."""
        self._entry.load(rgb)
        self.frame_pass.taps.ignore()
        return work(self._entry.images()).float().numpy().copy()

    def time_launch_ms(self) -> float:
        """Run the pass once more over the last picture."""
        began_s = perf_counter()
        self.frame_pass.run()
        return (perf_counter() - began_s) * 1000

    def set_limits(self, limits: Limits) -> None:
        """Change the value range of the codes from the next frame on."""
        self.frame_pass.taps.set_limits(limits)

    def start_over(self) -> None:
        """Let the next frame be the first for running limits and for reducers that compare frames."""
        self.frame_pass.taps.start_over()

    def stand(self, *, on: bool) -> None:
        """Take the frames submitted next for the last one run again, or for those that follow it."""
        self.frame_pass.taps.stand(on=on)

    def adopt(self, reducer: Reducer) -> None:
        """Reduce another way from the next frame on."""
        self.frame_pass.taps.adopt(reducer)

    def inherit(self, taps: TapSet) -> None:
        """Go on with what other taps held."""
        self.frame_pass.taps.inherit(taps)

    def close(self) -> None:
        """Remove every hook."""
        self.frame_pass.taps.close()

    def _mark(self, point: int) -> None:
        self._marks_s[point] = perf_counter()
