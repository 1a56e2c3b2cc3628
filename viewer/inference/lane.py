"""What every lane promises: frames go in and come out in order, and none is overwritten before it was collected."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from viewer.core.packet import Timings
from viewer.core.tapping import Limits
from viewer.inference.frame_pass import FramePass
from viewer.taps import Reducer, TapSet


@dataclass(frozen=True, slots=True)
class Result:
    """What came down for one frame.

    Attributes:
        packed: (bytes,) uint8, owned by whoever collected it, to be read by the arena.
        timings: `letterbox`, `forward`, `reduce` and `download` filled in.
        tap_ms: Milliseconds each tap cost, in the order of the taps; None where the frame ran without taps, and what
            lies in their place is of an earlier frame.
    """

    packed: NDArray[np.uint8]
    timings: Timings
    tap_ms: tuple[float, ...] | None


class Lane(Protocol):
    """A way through a device for frames of one size with one set of taps. One thread uses it."""

    frame_pass: FramePass
    execution: str
    """How the network runs: `eager`, `graph`, or `eager: ` and why no graph."""
    depth: int
    """How many frames may be under way."""

    def submit(self, rgb: NDArray[np.uint8], *, with_taps: bool = True) -> int:
        """Send a picture on its way.

        Args:
            rgb: (H, W, 3) uint8 of the size this lane is for.
            with_taps: Whether to make maps. A lane that cannot leave them out makes them all the same.

        Returns:
            Its place, to be given to `collect`.

        Raises:
            RuntimeError: If `depth` frames are under way already.
        """
        ...

    def collect(self, place: int) -> Result:
        """Wait for a picture and take what came of it."""
        ...

    def aside(self, rgb: NDArray[np.uint8], work: Callable[[Tensor], Tensor]) -> NDArray[np.float32]:
        """Do something with a picture that is none of the frames under way, of which there may be none, and wait.

        The hooks of the taps do nothing meanwhile.

        Args:
            rgb: (H, W, 3) uint8 of the size this lane is for.
            work: Given the model's input, returns numbers on the device.

        Returns:
            Those numbers on the host.
        """
        ...

    def time_launch_ms(self) -> float:
        """Run the pass once more over what lies there, and tell what the device took."""
        ...

    def set_limits(self, limits: Limits) -> None:
        """Change the value range of the codes from the next submitted frame on."""
        ...

    def start_over(self) -> None:
        """Let the next submitted frame be the first for running limits and for reducers that compare frames."""
        ...

    def stand(self, *, on: bool) -> None:
        """Take the frames submitted next for the last one run again, or for those that follow it."""
        ...

    def adopt(self, reducer: Reducer) -> None:
        """Reduce another way from the next submitted frame on, where `TapSet.could_adopt` said so."""
        ...

    def inherit(self, taps: TapSet) -> None:
        """Go on with what other taps held; before the first submitted frame."""
        ...

    def close(self) -> None:
        """Remove every hook; twice is harmless. Frames under way may still be collected."""
        ...
