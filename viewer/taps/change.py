"""What changed at a stage: against the frame before, or against a frame that is held.

Both compare whole activations and reduce afterwards: two activations can have the same mean and nothing in common.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from viewer.taps.reducers import WithMemory, may_look


@dataclass(slots=True)
class _Room:
    """Storage for activations of one shape, on their device.

    Attributes:
        kept: (C, H, W), what frames are compared with.
        switch: () 1 once a frame has been seen, else 0.
        is_new: () 1 where a frame is not the last one run again, else 0.
        legend: (1,) 1 where the frame has something to be compared with, else 0.
    """

    kept: Tensor
    switch: Tensor
    is_new: Tensor
    legend: Tensor


class _Change(WithMemory):
    """Mean magnitude over channels of the difference to an activation that is kept on the device.

    A frame that is run again, as one that stands is for another question, is compared with what it was compared with
    the first time.
    """

    warm_up_frames = 1
    """The first frame has nothing to be compared with; the limits begin with the second."""

    def __init__(self) -> None:
        super().__init__()
        self._room: _Room | None = None
        self._stands = False

    @torch.inference_mode()
    def stand(self, *, on: bool) -> None:
        """Take the frames to come for the last one run again, or for those that follow it."""
        self._stands = on
        if self._room is not None:
            self._room.is_new.fill_(0.0 if on else 1.0)

    @torch.inference_mode()
    def forget(self) -> None:
        """Let the next frame be the first."""
        super().forget()
        if self._room is not None:
            self._room.legend.zero_()

    def _room_for(self, activation: Tensor) -> _Room:
        room = self._room
        if room is None or room.kept.shape != activation.shape:
            switch = torch.zeros((), dtype=torch.float32, device=activation.device)
            is_new = torch.full_like(switch, 0.0 if self._stands else 1.0)
            room = self._room = _Room(activation.clone(), switch, is_new, switch.view(1).clone())
            self._switch, self.legend = room.switch, room.legend
            self._take_what_is_left()
        room.legend.copy_(torch.where(room.is_new > 0, room.switch, room.legend))
        return room


class Difference(_Change):
    """Against the frame before, of those that maps are made of: motion, and whatever else the network sees anew."""

    name = "difference"
    nothing_yet = "no frame before \N{MIDDLE DOT} step or play to compare"

    def __init__(self) -> None:
        super().__init__()
        self._present: Tensor | None = None  # (C, H, W) of the last frame, which the next one is compared with

    def reduce(self, activation: Tensor, out: Tensor) -> None:
        """Write mean over channels of |activation - that of the frame before|; 0 in the first frame."""
        room, present = self._room_for(activation), self._present
        if present is None or present.shape != activation.shape:
            present = activation.clone()
        if not may_look(activation):
            room.kept.copy_(torch.where(room.is_new > 0, present, room.kept))
        elif not self._stands:
            room.kept, present = present, room.kept
        _magnitude(activation, room, out)
        self._present = present.copy_(activation)
        room.switch.fill_(1.0)


class FromReference(_Change):
    """Against the first frame since it was chosen, since its stage was, or since pictures have another size.

    Cells that are not finite there are held from the first frame in which they are.
    """

    name = "reference"
    nothing_yet = "the reference itself \N{MIDDLE DOT} step or play to compare"

    @property
    def memory(self) -> tuple[Tensor, ...]:
        """The frame that is held, for it is to stay the same whatever else is chosen or asked."""
        room = self._room
        return () if room is None else (room.kept, room.switch, room.legend)

    def reduce(self, activation: Tensor, out: Tensor) -> None:
        """Write mean over channels of |activation - that of the held frame|; 0 in that frame itself."""
        room = self._room_for(activation)
        _magnitude(activation, room, out)
        if may_look(activation) and room.switch > 0 and out.isfinite().all():
            return  # every cell is held
        room.kept.copy_(torch.where((room.switch > 0) & room.kept.isfinite(), room.kept, activation))
        room.switch.fill_(1.0)


def _magnitude(activation: Tensor, room: _Room, out: Tensor) -> None:
    """Write the difference to what is kept; 0 where the legend says that nothing is."""
    changed = torch.sub(activation, room.kept).abs_()
    torch.mean(changed, 0, dtype=torch.float32, out=out)
    # Not a product: 0 times something that is not finite is not 0.
    out.copy_(torch.where(room.legend > 0, out, 0.0))
