"""What changed at a stage: against the frame before, or against a frame that is held.

Both compare whole activations and reduce afterwards: two activations can have the same mean and nothing in common.
"""

import torch
from torch import Tensor

from viewer.taps.reducers import WithMemory, may_look


class _Change(WithMemory):
    """Mean magnitude over channels of the difference to an activation that is kept on the device."""

    warm_up_frames = 1
    """The first frame has nothing to be compared with; the limits begin with the second."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: Tensor | None = None  # (C, H, W), as the activation
        self.legend: Tensor | None = None

    def _magnitude(self, activation: Tensor, out: Tensor) -> Tensor:
        """Write the difference to what is kept, 0 where nothing is; returns the switch that says which."""
        if self._kept is None or self._switch is None or self._kept.shape != activation.shape:
            self._kept = activation.clone()
            self._switch = torch.zeros((), dtype=torch.float32, device=activation.device)
            self.legend = torch.zeros(1, dtype=torch.float32, device=activation.device)
            self._take_what_is_left()
        if self.legend is not None:
            self.legend.copy_(self._switch)
        changed = torch.sub(activation, self._kept).abs_()
        torch.mean(changed, 0, dtype=torch.float32, out=out)
        # Not a product: 0 times something that is not finite is not 0.
        out.copy_(torch.where(self._switch > 0, out, 0.0))
        return self._switch


class Difference(_Change):
    """Against the frame before, of those that maps are made of: motion, and whatever else the network sees anew."""

    name = "difference"
    nothing_yet = "no frame before this one yet \N{MIDDLE DOT} step or play"

    def reduce(self, activation: Tensor, out: Tensor) -> None:
        """Write mean over channels of |activation - that of the frame before|; 0 in the first frame."""
        has_kept = self._magnitude(activation, out)
        if self._kept is not None:
            self._kept.copy_(activation)
        has_kept.fill_(1.0)


class FromReference(_Change):
    """Against the first frame since it was chosen, since its stage was, or since pictures have another size.

    Cells that are not finite there are held from the first frame in which they are.
    """

    name = "reference"
    nothing_yet = "this frame is the reference \N{MIDDLE DOT} step or play"

    @property
    def memory(self) -> tuple[Tensor, ...]:
        """The frame that is held, for it is to stay the same whatever else is chosen or asked."""
        return () if self._kept is None or self._switch is None else (self._kept, self._switch)

    def reduce(self, activation: Tensor, out: Tensor) -> None:
        """Write mean over channels of |activation - that of the held frame|; 0 in that frame itself."""
        has_kept = self._magnitude(activation, out)
        if may_look(activation) and has_kept > 0 and out.isfinite().all():
            return  # every cell is held
        if self._kept is not None:
            self._kept.copy_(torch.where((has_kept > 0) & self._kept.isfinite(), self._kept, activation))
        has_kept.fill_(1.0)
