"""One flat array for the maps of all taps, and one packed buffer that brings what became of them down.

Operations are what taps cost, on a GPU as launches and on a CPU as dispatches; so everything after the reducers works
on all maps at once: cells of one tap lie together, and `finish_device` or `finish_host` does the arithmetic. Settings
that change while frames run (how fast limits follow) are buffers it reads, so a captured graph needs no new capture.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from viewer.core.tapping import Limits, LimitsMode
from viewer.taps.compiled import host_kernels
from viewer.taps.finish_device import DeviceFinish

if TYPE_CHECKING:
    from viewer.taps.finish_host import HostFinish
    from viewer.taps.host_kernels import HostMap

RUNNING_WEIGHT = 0.06
"""Share of a new frame in running limits: a step is followed to 80 % within 26 frames, about a second of video."""

_FIGURES = 5  # low, high, mean, max, nonfinite
_ALIGNMENT = 16  # bytes; views of other types into the packed buffer need it


@dataclass(frozen=True, slots=True, eq=False)
class TapFigures:
    """What came down for one tap.

    Attributes:
        codes: (h, w) or, of a map in colour, (h, w, 3) uint8 as in `viewer.core.packet.TapMap`.
        limits: Values of code 1 and 255; of a map in colour, the lowest and the highest of its three.
        mean: Mean of the finite cells; nan if there is none. Of a map in colour that of the first colour.
        max: Largest finite cell; nan if there is none. Likewise.
        nonfinite: Number of cells that are not finite.
        bands: Limits of each colour; empty where there are none.
        legend: What travelled along with the map; empty where nothing did.
    """

    codes: NDArray[np.uint8]
    limits: tuple[float, float]
    mean: float
    max: float
    nonfinite: int
    bands: tuple[tuple[float, float], ...] = ()
    legend: tuple[int, ...] = ()


class Arena:
    """Storage and arithmetic for maps of these shapes.

    A map in colour is three planes, each with limits of its own, and to the arithmetic three maps.

    Args:
        shapes: Rows and columns of each tap's map, (h, w) or in colour (3, h, w); at least one tap.
        extra_floats: Float32 numbers to keep room for in the same packed buffer (the candidates).
        device: The model's device.
        fresh_frames: Frames that set running limits rather than moving them.
        legends: For each tap, how many float32 numbers travel along with its map; empty stands for none.
    """

    def __init__(
        self,
        shapes: Sequence[tuple[int, ...]],
        *,
        extra_floats: int,
        device: torch.device,
        fresh_frames: int = 1,
        legends: Sequence[int] = (),
    ) -> None:
        self.shapes = tuple(shapes)
        self._planes = [1 if len(shape) == 2 else shape[0] for shape in shapes]
        self._legends = list(legends) or [0] * len(shapes)
        cells_of_tap = [math.prod(shape) for shape in shapes]
        sizes = [
            math.prod(shape[-2:]) for shape, planes in zip(shapes, self._planes, strict=True) for _ in range(planes)
        ]
        cells, maps = sum(sizes), len(sizes)
        values = torch.zeros(cells, dtype=torch.float32, device=device)
        self.slots = tuple(part.view(hw) for part, hw in zip(values.split(cells_of_tap), shapes, strict=True))
        # One buffer comes down a frame: codes, then figures, then legends, then whatever else travels along.
        self._figures_at = _aligned(cells)
        self._legends_at = self._figures_at + _aligned(maps * _FIGURES * 4)
        self._extra_at = self._legends_at + _aligned(sum(self._legends) * 4)
        self.packed = torch.zeros(self._extra_at + extra_floats * 4, dtype=torch.uint8, device=device)
        self.extra = self.packed[self._extra_at :].view(torch.float32)
        figures = self.packed[self._figures_at : self._figures_at + maps * _FIGURES * 4].view(torch.float32)
        words = self.packed[self._legends_at : self._legends_at + sum(self._legends) * 4].view(torch.float32)
        self.legends = words.split(self._legends)
        finish = _finish_for(device)
        self._finish = finish(sizes, values, self.packed[:cells], figures.view(maps, _FIGURES)) if sizes else None
        self._mode: Limits | None = None
        self._fresh_frames = self._fresh_left = fresh_frames

    @torch.inference_mode()
    def set_limits(self, limits: Limits) -> None:
        """Change how limits follow, from the next frame on, without touching the arithmetic."""
        if limits == self._mode or self._finish is None:
            return
        self._mode = limits
        self._fresh_left = self._fresh_frames
        fixed = limits.mode is LimitsMode.FIXED
        if fixed:
            self._finish.set_limits(limits.low, limits.high)
        self._finish.set_weight(0.0 if fixed else 1.0)

    @property
    def host_maps(self) -> "tuple[HostMap, ...]":
        """One map a plane for compiled kernels; none where there are no kernels."""
        return () if self._finish is None else self._finish.maps

    def finish(self, finished: Sequence[bool] = ()) -> None:
        """Compute limits, figures and codes of the maps in the slots into `packed`; waits for nothing.

        Args:
            finished: Whether each tap's `host_maps` did that already; empty stands for none.
        """
        if self._finish is None:
            return
        taps = finished or (False,) * len(self.slots)
        self._finish.run([done for done, planes in zip(taps, self._planes, strict=True) for _ in range(planes)])

    @torch.inference_mode()
    def settle(self) -> None:
        """Let running limits follow slowly once the first frames have set them; after each frame, in the same queue."""
        if not self._fresh_left or self._finish is None or self._mode is None:
            return
        self._fresh_left -= 1
        if not self._fresh_left and self._mode.mode is LimitsMode.RUNNING:
            self._finish.set_weight(RUNNING_WEIGHT)

    @torch.inference_mode()
    def hold_limits(self, *, on: bool) -> None:
        """Keep running limits where they are, for frames that are the last one run again; or let them follow again.

        A picture that stands would else change its colours with every question that is asked about it.
        """
        is_running = self._mode is not None and self._mode.mode is LimitsMode.RUNNING
        if is_running and not self._fresh_left and self._finish is not None:
            self._finish.set_weight(0.0 if on else RUNNING_WEIGHT)

    @torch.inference_mode()
    def forget_limits(self) -> None:
        """Let the next frame set the limits, as the first did; fixed ones stay."""
        mode, self._mode = self._mode, None
        if mode is not None:
            self.set_limits(mode)

    def read(self, packed: NDArray[np.uint8]) -> tuple[list[TapFigures], NDArray[np.float32]]:
        """Take a downloaded copy of `packed` apart.

        Args:
            packed: (bytes,) uint8 on the host, owned by the caller; the results are views of it.

        Returns:
            Figures of every tap and the (extra_floats,) numbers that travelled along.
        """
        figures = packed[self._figures_at : self._legends_at].view(np.float32)[: sum(self._planes) * _FIGURES]
        legends = packed[self._legends_at : self._extra_at].view(np.float32)
        read: list[TapFigures] = []
        cell = plane = word = 0
        for shape, planes, words in zip(self.shapes, self._planes, self._legends, strict=True):
            codes = packed[cell : cell + math.prod(shape)].reshape(shape)
            rows = figures.reshape(-1, _FIGURES)[plane : plane + planes].tolist()
            legend = tuple(round(number) for number in legends[word : word + words].tolist())
            read.append(_of_one(codes, rows[0], legend) if len(shape) == 2 else _of_colours(codes, rows))
            cell, plane, word = cell + math.prod(shape), plane + planes, word + words
        return read, packed[self._extra_at :].view(np.float32)


def _of_one(codes: NDArray[np.uint8], row: list[float], legend: tuple[int, ...]) -> TapFigures:
    low, high, mean, largest, nonfinite = row
    broken = nonfinite >= codes.size
    return TapFigures(codes, (low, high), mean, float("nan") if broken else largest, round(nonfinite), legend=legend)


def _of_colours(planes: NDArray[np.uint8], rows: list[list[float]]) -> TapFigures:
    """Figures of a map in colour, whose colours lie side by side for each cell from here on."""
    codes = np.ascontiguousarray(planes.transpose(1, 2, 0))
    codes.setflags(write=False)
    first = _of_one(planes[0], rows[0], ())
    bands = tuple((row[0], row[1]) for row in rows)
    limits = min(low for low, _ in bands), max(high for _, high in bands)
    nonfinite = max(round(row[4]) for row in rows)
    return TapFigures(codes, limits, first.mean, first.max, nonfinite, bands)


def _finish_for(device: torch.device) -> "type[DeviceFinish | HostFinish]":
    if device.type != "cpu" or host_kernels() is None:
        return DeviceFinish
    from viewer.taps.finish_host import HostFinish

    return HostFinish


def _aligned(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT
