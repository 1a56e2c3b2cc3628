"""How the channels of an activation collapse to one map.

A reducer is a small object with a name and a `reduce` that writes into storage it is given, so that a tap allocates
as little as it can while frames run. Most give one number a cell; some give three, which are drawn as a colour, and one
gives a mosaic of channels, with a legend that says which.
"""

from enum import IntEnum
from typing import Protocol, Self

import torch
from torch import Tensor

from viewer.core.errors import ReducerError
from viewer.core.geometry import Letterbox
from viewer.core.stage import Stage

MAX_MAP_WIDTH = 160
"""Maps wider than this are averaged down: finer ones show no more on a screen and cost bytes."""


class Total(IntEnum):
    """What a reducer averages over channels, for those that do nothing else: one compiled pass serves them on a CPU."""

    MAGNITUDES = 0
    VALUES = 1
    SQUARES = 2


class Reducer(Protocol):
    """Collapses channels."""

    @property
    def total(self) -> Total | None:
        """What it averages, so that `host_kernels` can stand in for `reduce`; None where it does something else."""
        ...

    @property
    def name(self) -> str:
        """What the user calls it; `parse_reducer(name)` makes the same again."""
        ...

    def check(self, stage: Stage) -> None:
        """Refuse a stage it cannot reduce.

        Raises:
            ReducerError: If the stage does not suit.
        """
        ...

    @property
    def is_live(self) -> bool:
        """Whether all that sets it apart from others of its class are live parameters.

        Those are buffers on the device, so that a captured graph need not be captured again.
        """
        ...

    def take_over(self, other: "Reducer") -> None:
        """Do from the next frame on what another of its class does; called in the queue of the frames."""
        ...

    @property
    def warm_up_frames(self) -> int:
        """Frames whose maps say nothing yet, so that running limits begin after them; most need none."""
        ...

    def for_stage(self, stage: Stage) -> "Reducer":
        """The object that reduces one stage: itself, or one of its own where something is kept between frames."""
        ...

    def forget(self) -> None:
        """Let the next frame be the first, where frames are compared with each other."""
        ...

    def stand(self, *, on: bool) -> None:
        """Be told whether the frames to come are the last one run again, where frames are compared with each other.

        Called in the queue of the frames.
        """
        ...

    @property
    def bands(self) -> tuple[str, ...]:
        """Names of the three numbers a cell that are drawn red, green and blue; empty where it gives one."""
        ...

    @property
    def legend(self) -> Tensor | None:
        """(K,) float32 on the device that come down with the map; None where nothing does.

        Of a mosaic its channels row by row.
        """
        ...

    @property
    def nothing_yet(self) -> str:
        """Why a map is empty while there is no frame to compare with; empty where frames are not compared.

        Whether that is so in a frame is its `legend` then: (1,), 1 where there was something to compare with, else 0.
        """
        ...

    @property
    def most_cells(self) -> int:
        """Rows and columns that its map may have; larger ones are averaged down."""
        ...

    def map_shape(self, activation: Tensor) -> tuple[int, ...]:
        """What `reduce` writes for an activation (C, H, W): (h, w), or (3, h, w) where there are `bands`.

        Asked right before the first `reduce` of an activation of another shape, so that it may look at it.
        """
        ...

    def rehearse(self, stage: Stage, device: torch.device, dtype: torch.dtype) -> None:
        """Refuse what can only be known by trying, before the taps that stand are given up.

        Raises:
            ReducerError: If it fails on an activation of this stage.
        """
        ...

    def aim(self, letterbox: Letterbox) -> None:
        """Be told where pictures lie in the model's input, before the first frame of a size."""
        ...

    def inherit(self, other: "Reducer") -> None:
        """Go on with what another of the same name held of the same stage, where holding is the point of it."""
        ...

    def reduce(self, activation: Tensor, out: Tensor) -> None:
        """Collapse an activation.

        Args:
            activation: (C, H, W) float, any memory format, on the model's device. It must not be written to.
            out: `map_shape(activation)` float32 on the same device, overwritten. In activation units.
        """
        ...


class _OneNumber:
    """What holds for most: one number a cell, which needs neither trial nor place."""

    bands: tuple[str, ...] = ()
    legend: Tensor | None = None
    nothing_yet = ""
    most_cells = MAX_MAP_WIDTH
    is_live = False

    def take_over(self, other: Reducer) -> None:
        """Has nothing to change while it runs."""

    def stand(self, *, on: bool) -> None:
        """Compares no frames."""

    def map_shape(self, activation: Tensor) -> tuple[int, ...]:
        """As many cells as the activation."""
        return tuple(activation.shape[1:])

    def rehearse(self, stage: Stage, device: torch.device, dtype: torch.dtype) -> None:
        """Nothing to try."""

    def aim(self, letterbox: Letterbox) -> None:
        """Looks everywhere alike."""

    def inherit(self, other: Reducer) -> None:
        """Holds nothing that would be missed."""


class _WithoutMemory(_OneNumber):
    """Reducers that look at each frame alone."""

    warm_up_frames = 0

    def for_stage(self, stage: Stage) -> Self:  # noqa: ARG002 - one serves all stages
        """Serves every stage."""
        return self

    def forget(self) -> None:
        """Remembers nothing."""


class _WithoutParameters(_WithoutMemory):
    """Reducers that have nothing to change while they run."""

    def check(self, stage: Stage) -> None:
        """Suits every stage."""


class WithMemory(_OneNumber):
    """Reducers that keep something of the frames before: an object for each stage, and a switch that says it is there.

    The switch is read and written on the device, so that a graph that was captured once can be told to begin anew.
    """

    total = None

    def __init__(self) -> None:
        self._switch: Tensor | None = None  # 0 or 1
        self._left: tuple[Tensor, ...] = ()  # by another, until there is storage to copy it into

    def for_stage(self, stage: Stage) -> Self:  # noqa: ARG002 - every stage is followed by an object of its own
        """Follow one stage."""
        return type(self)()

    def check(self, stage: Stage) -> None:
        """Suits every stage."""

    @torch.inference_mode()
    def forget(self) -> None:
        """Let the next frame be the first."""
        self._left = ()
        if self._switch is not None:
            self._switch.zero_()

    @property
    def memory(self) -> tuple[Tensor, ...]:
        """What another is to go on with, the switch included; empty before the first frame, or if it should not."""
        return ()

    @torch.inference_mode()
    def inherit(self, other: Reducer) -> None:
        """Go on with what another one of the same class has in its memory, unless it is of another shape."""
        if isinstance(other, type(self)):
            self._left = other.memory
            self._take_what_is_left()

    def _take_what_is_left(self) -> None:
        """Copy what was inherited, as soon as there is storage; to be called when it was made."""
        mine = self.memory
        if not mine:
            return
        if [one.shape for one in mine] == [one.shape for one in self._left]:
            for present, theirs in zip(mine, self._left, strict=True):
                present.copy_(theirs)
        self._left = ()


def may_look(activation: Tensor) -> bool:
    """Whether a value may be asked for while the network runs: on a device that would hold up its queue."""
    return activation.device.type == "cpu"


class AbsMean(_WithoutParameters):
    """Mean magnitude over channels: how strongly a cell responds, whatever the sign. The default."""

    name = "absmean"
    total = Total.MAGNITUDES

    def reduce(self, activation: Tensor, out: Tensor) -> None:
        """Write mean over channels of |activation|, >= 0."""
        if activation.device.type == "cpu":
            # Absolute value then mean beats a 1-norm, which is five to nine times slower there.
            torch.mean(activation.abs(), 0, dtype=torch.float32, out=out)
        else:
            torch.linalg.vector_norm(activation, 1, 0, dtype=torch.float32, out=out)
            out.mul_(1 / activation.shape[0])


class Mean(_WithoutParameters):
    """Signed mean over channels."""

    name = "mean"
    total = Total.VALUES

    def reduce(self, activation: Tensor, out: Tensor) -> None:
        """Write the mean over channels, summed in fp32 whatever the activation's type."""
        torch.mean(activation, 0, dtype=torch.float32, out=out)


class Max(_WithoutParameters):
    """Strongest channel of each cell."""

    name = "max"
    total = None

    def reduce(self, activation: Tensor, out: Tensor) -> None:
        """Write the largest value over channels."""
        if activation.dtype == out.dtype:
            torch.amax(activation, 0, out=out)
        else:
            out.copy_(torch.amax(activation, 0))


class Rms(_WithoutParameters):
    """Root mean square over channels: like `absmean`, with more weight on single strong channels."""

    name = "rms"
    total = Total.SQUARES

    def reduce(self, activation: Tensor, out: Tensor) -> None:
        """Write sqrt(mean over channels of activation squared), >= 0."""
        torch.linalg.vector_norm(activation, 2, 0, dtype=torch.float32, out=out)
        out.mul_(activation.shape[0] ** -0.5)


class Channel(_WithoutMemory):
    """One channel as it is.

    Args:
        number: 0-based channel.
    """

    total = None
    is_live = True

    def __init__(self, number: int) -> None:
        self.number = number
        self.name = f"channel:{number}"
        self._index: Tensor | None = None  # the number where a graph can read it

    def check(self, stage: Stage) -> None:
        """Refuse stages that have no such channel.

        Raises:
            ReducerError: If `number` is not below the stage's channels.
        """
        if self.number >= stage.channels:
            raise ReducerError(
                f"stage {stage.node} has channels 0 to {stage.channels - 1}, not {self.number}; "
                f"choose one of them or tap other stages"
            )

    def reduce(self, activation: Tensor, out: Tensor) -> None:
        """Write the channel's values."""
        if activation.device.type == "cpu":
            out.copy_(activation[self.number])
            return
        if self._index is None:
            self._index = torch.tensor([self.number], device=activation.device)
        out.copy_(activation.index_select(0, self._index)[0])

    @torch.inference_mode()
    def take_over(self, other: Reducer) -> None:
        """Another channel is another number in the same buffer."""
        if isinstance(other, Channel):
            self.number, self.name = other.number, other.name
            if self._index is not None:
                self._index.fill_(self.number)
