"""Frames through a GPU: one upload, one launch, one download each, and one event to wait for.

A frame's way: copied into pinned memory of its own, from there to the device on the upload stream, while the compute
stream still works on the frame before; then moved to where the graph reads, the graph replayed, and the packed result
copied to pinned memory. All of it is enqueued in a few calls; nobody waits until the result is collected.

Each frame under way has a place: pinned memory in and out, a buffer on the device, events. A place is given out again
only once its frame was collected, that is, after everything enqueued for it has run; so no buffer in use is ever
written, however slow whoever collects is.
"""

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from viewer.core.geometry import Letterbox
from viewer.core.packet import Timings
from viewer.core.protocols import Detector
from viewer.core.tapping import Limits
from viewer.inference.entry import DeviceEntry
from viewer.inference.frame_pass import FramePass
from viewer.inference.lane import Result
from viewer.inference.runtime import Runtime, Work
from viewer.taps import Reducer, TapSet

DEPTH = 2
"""Frames under way: one computed, one going up."""

_WARM_UPS = 3
_TIMED = 5


@dataclass(slots=True)
class _Place:
    """What belongs to one frame under way.

    Attributes:
        pixels: (H, W, 3) uint8, pinned.
        raw: The same on the device.
        packed: (bytes,) uint8, pinned.
        uploading: Passed when the upload begins.
        uploaded: Passed when it is done.
        began: Passed when its computation begins.
        computed: Passed when its computation ends.
        done: Passed when its result has come down.
        busy: Whether a frame is here that was not collected yet.
    """

    pixels: Tensor
    raw: Tensor
    packed: Tensor
    uploading: Any
    uploaded: Any
    began: Any
    computed: Any
    done: Any
    busy: bool = False


class DeviceLane:
    """Drives a pass on a GPU, from a graph where it can be captured.

    Args:
        runtime: The device's queues.
        detector: Loaded detector.
        taps: Hooks on its module; closed with this lane.
        letterbox: Where pictures go in its input.
        capture: Whether to try a graph.
    """

    depth = DEPTH

    def __init__(
        self, runtime: Runtime, detector: Detector, taps: TapSet, letterbox: Letterbox, *, capture: bool = True
    ) -> None:
        self._runtime = runtime
        self._entry = DeviceEntry(letterbox, detector.dtype, detector.device)
        self.frame_pass = FramePass(detector, taps, self._entry)
        self._uploads, self._computing = runtime.stream(), runtime.stream()
        self._launch: Work = self.frame_pass.run
        self._taps_ms = 0.0
        self._stands = False
        self.execution = "eager"
        self._warm_up()
        if capture:
            self._capture()
        self.start_over()  # with the first frame, not with what the warm-up saw
        self._places = [self._place(self.frame_pass.arena.packed) for _ in range(DEPTH)]
        self._next = 0

    def submit(self, rgb: NDArray[np.uint8], *, with_taps: bool = True) -> int:  # noqa: ARG002 - as documented
        """Enqueue everything for a picture.

        Args:
            rgb: (H, W, 3) uint8 of the size this lane is for; free to be overwritten when this returns.
            with_taps: Ignored: a graph holds its taps, and they cost it next to nothing.
        """
        number, runtime = self._next, self._runtime
        place = self._places[number]
        if place.busy:
            raise RuntimeError(f"{DEPTH} frames are under way; collect one first")
        self._next = (number + 1) % DEPTH
        place.busy = True
        np.copyto(place.pixels.numpy(), rgb)
        runtime.record(place.uploading, self._uploads)
        runtime.enqueue(self._uploads, lambda: place.raw.copy_(place.pixels, non_blocking=True))
        runtime.record(place.uploaded, self._uploads)
        runtime.wait(self._computing, place.uploaded)
        runtime.record(place.began, self._computing)
        runtime.enqueue(self._computing, lambda: self._compute(place))
        runtime.record(place.computed, self._computing)
        arena = self.frame_pass.arena
        runtime.enqueue(self._computing, lambda: place.packed.copy_(arena.packed, non_blocking=True))
        runtime.record(place.done, self._computing)
        return number

    def collect(self, place: int) -> Result:
        """Wait for one event, then copy the result out of pinned memory."""
        runtime, here = self._runtime, self._places[place]
        if not here.busy:
            raise RuntimeError("nothing is under way in this place")
        runtime.synchronize(here.done)
        packed = here.packed.numpy().copy()
        packed.setflags(write=False)
        here.busy = False
        tap_ms = tuple(self.frame_pass.taps.tap_ms)
        reduce_ms = self._taps_ms or sum(tap_ms)
        timings = Timings(
            letterbox=runtime.elapsed_ms(here.uploading, here.uploaded),
            forward=max(0.0, runtime.elapsed_ms(here.began, here.computed) - reduce_ms),
            reduce=reduce_ms,
            download=runtime.elapsed_ms(here.computed, here.done),
        )
        return Result(packed, timings, tap_ms)

    def aside(self, rgb: NDArray[np.uint8], work: Callable[[Tensor], Tensor]) -> NDArray[np.float32]:
        """Do something with a picture that is no frame's, and wait for it."""
        runtime, place = self._runtime, self._places[self._next]
        if any(other.busy for other in self._places):
            raise RuntimeError("frames are under way; collect them first")
        np.copyto(place.pixels.numpy(), rgb)
        found: list[Tensor] = []

        @torch.inference_mode()
        def run() -> None:
            self._entry.raw.copy_(place.pixels, non_blocking=True)
            self.frame_pass.taps.ignore()
            made = work(self._entry.images()).float()
            found.append(runtime.pinned(made).copy_(made, non_blocking=True))

        runtime.enqueue(self._computing, run)
        self._drain()
        return found[0].numpy().copy()

    def time_launch_ms(self) -> float:
        """Launch once more over what lies there, and wait for it; no frame may be under way."""
        return self._time(self._launch)

    def set_limits(self, limits: Limits) -> None:
        """Change the value range of the codes from the next submitted frame on; a graph reads it from the device."""
        self._runtime.enqueue(self._computing, lambda: self.frame_pass.taps.set_limits(limits))

    def start_over(self) -> None:
        """Let the next submitted frame be the first for running limits and for reducers that compare frames."""
        self._runtime.enqueue(self._computing, self.frame_pass.taps.start_over)

    def stand(self, *, on: bool) -> None:
        """Take the frames submitted next for the last one run again, or for those that follow it."""
        if on != self._stands:
            self._stands = on
            self._runtime.enqueue(self._computing, lambda: self.frame_pass.taps.stand(on=on))

    def adopt(self, reducer: Reducer) -> None:
        """Reduce another way from the next submitted frame on; a graph reads from the device which."""
        self._runtime.enqueue(self._computing, lambda: self.frame_pass.taps.adopt(reducer))

    def inherit(self, taps: TapSet) -> None:
        """Go on with what other taps held, which was computed long before these were warmed up."""
        self._runtime.enqueue(self._computing, lambda: self.frame_pass.taps.inherit(taps))

    def close(self) -> None:
        """Remove every hook."""
        self.frame_pass.taps.remove_hooks()

    @torch.inference_mode()
    def _compute(self, place: _Place) -> None:
        self._entry.raw.copy_(place.raw)
        self._launch()
        if not self.frame_pass.taps.is_standing:
            self.frame_pass.arena.settle()

    def _warm_up(self) -> None:
        """Run a few times: storage is laid out, libraries choose their kernels, taps show what they cost."""
        for _ in range(_WARM_UPS):
            self._runtime.enqueue(self._computing, self.frame_pass.run)
        self._drain()

    def _capture(self) -> None:
        """Replace the pass by a graph of it, or say why there is none."""
        taps = self.frame_pass.taps
        try:
            with taps.unmetered():
                graph = self._runtime.capture(self._computing, self.frame_pass.run)
        except RuntimeError as error:
            self.execution = f"eager: {_first_line(error)}"
            return
        taps.remove_hooks()  # what they enqueued is in the graph
        self._launch = graph
        self.execution = "graph"
        self._taps_ms = self._cost_of_taps(graph)

    def _cost_of_taps(self, graph: Work) -> float:
        """Milliseconds by which the graph is longer than one without taps; 0.0 where it is lost in noise."""
        bare = self._runtime.capture(self._computing, self.frame_pass.run_untapped)
        tapped_ms, bare_ms = (statistics.median(self._time(work) for _ in range(_TIMED)) for work in (graph, bare))
        return max(0.0, tapped_ms - bare_ms)

    def _time(self, work: Work) -> float:
        start, end = self._runtime.event(), self._runtime.event()
        self._runtime.record(start, self._computing)
        self._runtime.enqueue(self._computing, work)
        self._runtime.record(end, self._computing)
        self._runtime.synchronize(end)
        return self._runtime.elapsed_ms(start, end)

    def _drain(self) -> None:
        event = self._runtime.event()
        self._runtime.record(event, self._computing)
        self._runtime.synchronize(event)

    def _place(self, packed: Tensor) -> _Place:
        raw, event = self._entry.raw, self._runtime.event
        pixels, below = self._runtime.pinned(raw), self._runtime.pinned(packed)
        return _Place(pixels, torch.empty_like(raw), below, event(), event(), event(), event(), event())


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
